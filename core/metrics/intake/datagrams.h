// SPDX-License-Identifier: GPL-3.0-or-later
// Syslog over UDP: one datagram, one line. What the kernel had to drop because nobody read it in time is counted; what
// was lost before it came here nobody knows. Owned by the intake; on the I/O thread alone.
#pragma once

#include "core/base/result.h"
#include "core/metrics/intake/figures.h"
#include "core/metrics/intake/spool.h"

#include <boost/asio/ip/udp.hpp>
#include <span>

namespace cm::metrics::intake {

class Datagrams {
public:
    // Binds; errors as http::bindListener().
    static Result<std::unique_ptr<Datagrams>> open(boost::asio::io_context &context, const std::string &address, Spool &spool, FeedFigures &feed,
                                                   BlockBuilder &block, const Clock &clock);

    void start() { waitToRead(); }
    // The spool has room again.
    void resume();
    // Looks how many were dropped.
    void tick();
    // Reads what is there, and closes.
    void drain();
    void close();

private:
    Datagrams(boost::asio::io_context &context, Spool &spool, FeedFigures &feed, BlockBuilder &block, const Clock &clock);
    void waitToRead();
    // False when there was nothing.
    bool readSome();

    boost::asio::ip::udp::socket m_socket;
    Spool &m_spool;
    FeedFigures &m_feed;
    BlockBuilder &m_block;
    const Clock &m_clock;
    std::uint32_t m_stream = 0;
    std::uint32_t m_dropped = 0;  // the kernel's count, which wraps
    bool m_parked = false;
    std::vector<char> m_buffers;
};

}  // namespace cm::metrics::intake
