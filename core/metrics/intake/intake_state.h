// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of the intake: its event loop and everything that lives on it. Owned by the Intake. Everything private is
// of the I/O thread alone.
#pragma once

#include "core/metrics/intake/complaints.h"
#include "core/metrics/intake/datagrams.h"
#include "core/metrics/intake/intake.h"
#include "core/metrics/intake/stream_connection.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

namespace cm::metrics::intake {

class Intake::State final : public ConnectionHost {
public:
    State(IntakeOptions options, Spool &spool, const Clock &clock, Log &log);
    ~State() override;

    Result<void> start();
    Result<void> reloadTls();
    void drain(std::chrono::milliseconds limit);
    void stop();
    [[nodiscard]] std::shared_ptr<const IntakeFigures> figures() const;

    std::span<char> scratch() override { return m_scratch; }
    bool takes(bool acknowledged) const override { return acknowledged ? m_spool.takes() : m_spool.takesUnacknowledged(); }
    std::int64_t durablePlace() const override { return m_spool.durable(); }
    Time now() const override { return m_clock.now(); }
    void closed(StreamConnection &connection) override;
    void complain(std::string_view event, const StreamConnection &connection, std::string_view reason) override;

private:
    using Acceptor = boost::asio::ip::tcp::acceptor;
    struct Feed {
        FeedFigures figures;
        std::optional<Acceptor> acceptor;
        std::unique_ptr<Datagrams> datagrams;
        bool accepting = false;
        // Sums of lines a second apart, for the rate.
        std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> past;
    };

    Result<void> listenTcp(const std::string &transport, const std::string &address);
    Result<void> listenUdp(const std::string &address);
    void accept(Feed &feed);
    void acceptSome(Feed &feed);
    void adopt(Feed &feed, int socket, const boost::asio::ip::tcp::endpoint &peer);
    bool makeRoom(Feed &feed, const std::string &peer);
    void succeed(const StreamConnection *by, const std::string &peer, std::uint64_t digest);
    void onDurable();
    void onRoom();
    void armTick();
    void tick();
    void listen();
    void hear(StreamConnection &connection);
    void publish();
    void beginDrain();
    void closeAll();
    template <class Call>
    void forAll(Call call);
    void post(std::function<void()> job);

    const IntakeOptions m_options;
    const ConnectionLimits m_limits;
    Spool &m_spool;
    const Clock &m_clock;
    Log &m_log;
    HeldLines m_held;
    Complaints m_complaints{m_log};
    boost::asio::io_context m_context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work;
    boost::asio::steady_timer m_tick;
    std::vector<char> m_scratch;
    BlockBuilder m_block;
    std::deque<Feed> m_feeds;  // never moved
    std::set<std::shared_ptr<StreamConnection>> m_connections;
    std::map<std::string, std::set<StreamConnection *>> m_addresses;  // the connections of each, as they are bounded
    std::optional<std::chrono::steady_clock::time_point> m_wantedRoom;  // last, and what is told of it
    std::string m_wantOfRoom;
    Heard m_heard;
    std::shared_ptr<SSL_CTX> m_tls;
    bool m_draining = false;
    // Posted and not yet run, so that a busy disk does not fill the loop's queue.
    std::atomic<bool> m_durablePosted = false;
    std::atomic<bool> m_roomPosted = false;

    mutable std::mutex m_mutex;  // of what follows
    std::condition_variable m_changed;
    std::shared_ptr<const IntakeFigures> m_figures = std::make_shared<IntakeFigures>();
    bool m_drained = false;
    bool m_stopped = false;
    std::thread m_thread;
};

}  // namespace cm::metrics::intake
