// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/datagrams.h"

#include "core/http/listen.h"
#include "core/metrics/intake/frame.h"

#include <array>
#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

namespace cm::metrics::intake {
namespace {

using boost::asio::ip::udp;

constexpr std::size_t atOnce = 64;
constexpr std::size_t slot = longestLine + 1;  // one byte more than is read tells what is too long
constexpr int kernelBuffer = 16 << 20;         // as much of it as the system allows
constexpr int lastReads = 256;

Result<udp::endpoint> endpointOf(const std::string &text)
{
    CM_TRY_ASSIGN(const http::SocketAddress address, http::resolveAddress(text, SOCK_DGRAM));
    udp::endpoint endpoint;
    std::memcpy(endpoint.data(), &address.storage, address.length);
    endpoint.resize(address.length);
    return endpoint;
}

}  // namespace

Datagrams::Datagrams(boost::asio::io_context &context, Spool &spool, FeedFigures &feed, BlockBuilder &block, const Clock &clock)
    : m_socket(context), m_spool(spool), m_feed(feed), m_block(block), m_clock(clock), m_buffers(atOnce * slot)
{}

Result<std::unique_ptr<Datagrams>> Datagrams::open(boost::asio::io_context &context, const std::string &address, Spool &spool, FeedFigures &feed,
                                                   BlockBuilder &block, const Clock &clock)
{
    CM_TRY_ASSIGN(const udp::endpoint endpoint, endpointOf(address));
    std::unique_ptr<Datagrams> datagrams(new Datagrams(context, spool, feed, block, clock));
    udp::socket &socket = datagrams->m_socket;
    boost::system::error_code error;
    socket.open(endpoint.protocol(), error);
    if (!error && endpoint.address().is_v6())
        socket.set_option(boost::asio::ip::v6_only(true), error);
    if (!error)
        socket.bind(endpoint, error);
    if (error == boost::asio::error::address_in_use)
        return fail(ErrorCode::Conflict, fmt::format("cannot listen on {}: {}", address, error.message()));
    if (error == boost::asio::error::access_denied)
        return fail(ErrorCode::Forbidden, fmt::format("cannot listen on {}: {}", address, error.message()));
    if (error)
        return fail(ErrorCode::InvalidInput, fmt::format("cannot listen on {}: {}", address, error.message()));
    // The system's own bound may be lower; with rights over it, ours counts.
    if (::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVBUFFORCE, &kernelBuffer, sizeof kernelBuffer) != 0)
        ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVBUF, &kernelBuffer, sizeof kernelBuffer);
    const auto real = socket.local_endpoint(error);
    const std::string host = real.address().to_string();
    feed.address = fmt::format("{}:{}", real.address().is_v6() ? "[" + host + "]" : host, real.port());
    datagrams->m_stream = spool.openStream(feed.address, false);
    return datagrams;
}

void Datagrams::waitToRead()
{
    if (!m_socket.is_open())
        return;
    if (!m_spool.takes()) {
        m_parked = true;
        return;
    }
    m_socket.async_wait(udp::socket::wait_read, [this](const boost::system::error_code &error) {
        if (error)
            return;
        if (m_spool.takes())
            readSome();
        waitToRead();
    });
}

void Datagrams::resume()
{
    if (std::exchange(m_parked, false))
        waitToRead();
}

bool Datagrams::readSome()
{
    std::array<iovec, atOnce> pieces{};
    std::array<mmsghdr, atOnce> messages{};
    for (std::size_t i = 0; i < atOnce; ++i) {
        pieces[i] = {m_buffers.data() + i * slot, slot};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = ::recvmmsg(m_socket.native_handle(), messages.data(), atOnce, MSG_DONTWAIT | MSG_TRUNC, nullptr);
    if (count <= 0)
        return false;
    m_block.clear();
    m_block.keepDigests(false);
    for (int i = 0; i < count; ++i) {
        // With MSG_TRUNC its real length, however much of it was read.
        const std::size_t length = messages[static_cast<std::size_t>(i)].msg_len;
        m_feed.bytes += length;
        if (length > longestLine) {
            m_block.refuse(tooLong, length);
            ++m_feed.tooLong;
        } else {
            m_block.add(withoutLineEnd({m_buffers.data() + static_cast<std::size_t>(i) * slot, length}));
        }
    }
    m_spool.append(m_stream, m_block);
    m_feed.received += static_cast<std::uint64_t>(count);
    m_feed.lastLine = m_clock.now();
    return true;
}

void Datagrams::tick()
{
    std::array<std::uint32_t, SK_MEMINFO_VARS> figures{};
    socklen_t size = sizeof figures;
    if (!m_socket.is_open() || ::getsockopt(m_socket.native_handle(), SOL_SOCKET, SO_MEMINFO, figures.data(), &size) != 0)
        return;
    const std::uint32_t lost = figures[SK_MEMINFO_DROPS] - m_dropped;
    if (lost == 0)
        return;
    m_spool.noteLost(m_stream, lost);
    m_feed.lost += lost;
    m_dropped = figures[SK_MEMINFO_DROPS];
}

void Datagrams::drain()
{
    for (int reads = 0; m_socket.is_open() && reads < lastReads && m_spool.takes() && readSome();)
        ++reads;
    tick();
    close();
}

void Datagrams::close()
{
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

}  // namespace cm::metrics::intake
