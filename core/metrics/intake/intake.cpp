// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/intake.h"

#include "core/http/listen.h"
#include "core/http/tls_context.h"
#include "core/metrics/intake/frame.h"
#include "core/metrics/intake/intake_state.h"
#include "core/metrics/intake/relp_session.h"
#include "core/metrics/intake/syslog_session.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cm::metrics::intake {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

constexpr std::size_t scratchBytes = 512 << 10;
constexpr auto tickEvery = std::chrono::milliseconds(250);
constexpr auto rateOver = std::chrono::seconds(10);
constexpr std::size_t mostPeersTold = 200;
constexpr int acceptsAtOnce = 32;
// A peer that is gone without a farewell is noticed within a minute, whether it owes us an answer or not.
constexpr int keepAliveAfter = 20, keepAliveEvery = 10, keepAliveTries = 3;
constexpr auto problemFor = std::chrono::minutes(1);
constexpr int goneAfter = 1000 * (keepAliveAfter + keepAliveTries * keepAliveEvery);  // milliseconds

void setOption(int socket, int level, int name, int value)
{
    ::setsockopt(socket, level, name, &value, sizeof value);
}

// Whom one bound is for: who has one address of IPv6 has all of its network's.
std::string boundedAddress(const std::string &peer)
{
    boost::system::error_code error;
    const auto address = asio::ip::make_address(peer, error);
    if (error || !address.is_v6())
        return peer;
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), static_cast<unsigned char>(0));
    return asio::ip::address_v6(bytes).to_string() + "/64";
}

std::string plainAddress(asio::ip::address address)
{
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address.to_string();
}

}  // namespace

Intake::State::State(IntakeOptions options, Spool &spool, const Clock &clock, Log &log)
    : m_options(std::move(options)),
      m_limits{m_options.idle},
      m_spool(spool),
      m_clock(clock),
      m_log(log),
      m_work(m_context.get_executor()),
      m_tick(m_context),
      m_scratch(scratchBytes)
{}

Intake::State::~State()
{
    stop();
}

Result<void> Intake::State::start()
{
    if (!m_options.tls.empty())
        CM_TRY(reloadTls());
    if (!m_options.relp.empty())
        CM_TRY(listenTcp("relp", m_options.relp));
    if (!m_options.tcp.empty())
        CM_TRY(listenTcp("tcp", m_options.tcp));
    if (!m_options.tls.empty())
        CM_TRY(listenTcp("tls", m_options.tls));
    if (!m_options.udp.empty())
        CM_TRY(listenUdp(m_options.udp));
    m_spool.listen({[this] {
                        if (!m_durablePosted.exchange(true))
                            post([this] { onDurable(); });
                    },
                    [this] {
                        if (!m_roomPosted.exchange(true))
                            post([this] { onRoom(); });
                    },
                    [] {}});
    for (Feed &feed : m_feeds) {
        if (feed.acceptor)
            accept(feed);
        else
            feed.datagrams->start();
    }
    publish();
    armTick();
    m_thread = std::thread([this] {
        // Signals are the main thread's.
        sigset_t all;
        sigfillset(&all);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP})
            sigdelset(&all, fault);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        m_context.run();
    });
    pthread_setname_np(m_thread.native_handle(), "intake");
    return {};
}

Result<void> Intake::State::reloadTls()
{
    if (m_options.tls.empty())
        return {};
    CM_TRY_ASSIGN(auto context, http::loadTlsContext(m_options.certificateFile, m_options.keyFile, m_options.clientCaFile));
    const std::lock_guard lock(m_mutex);
    m_tls = std::move(context);
    return {};
}

Result<void> Intake::State::listenTcp(const std::string &transport, const std::string &address)
{
    CM_TRY_ASSIGN(const http::BoundSockets bound, http::bindListener(address, 1));
    Feed &feed = m_feeds.emplace_back();
    feed.figures.transport = transport;
    feed.figures.address = bound.address;
    feed.acceptor.emplace(m_context);
    feed.acceptor->assign(bound.isV6 ? tcp::v6() : tcp::v4(), bound.sockets.front());
    m_log.info("ingest.listening", {{"transport", std::string_view(transport)}, {"address", std::string_view(bound.address)}});
    return {};
}

Result<void> Intake::State::listenUdp(const std::string &address)
{
    Feed &feed = m_feeds.emplace_back();
    feed.figures.transport = "udp";
    CM_TRY_ASSIGN(feed.datagrams, Datagrams::open(m_context, address, m_spool, feed.figures, m_block, m_clock));
    m_log.info("ingest.listening", {{"transport", "udp"}, {"address", std::string_view(feed.figures.address)}});
    return {};
}

void Intake::State::accept(Feed &feed)
{
    if (m_draining || std::exchange(feed.accepting, true))
        return;
    feed.acceptor->async_wait(Acceptor::wait_read, [this, &feed](const boost::system::error_code &error) {
        feed.accepting = false;
        if (!error && !m_draining)
            acceptSome(feed);
    });
}

void Intake::State::acceptSome(Feed &feed)
{
    for (int i = 0; i < acceptsAtOnce; ++i) {
        tcp::endpoint peer;
        auto length = static_cast<socklen_t>(peer.capacity());
        const int socket = ::accept4(feed.acceptor->native_handle(), peer.data(), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            peer.resize(length);
            adopt(feed, socket, peer);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            // Out of descriptors or memory: the next tick tries again.
            m_log.warning("ingest.accept_failed", {{"reason", std::string_view(std::strerror(errno))}});
            return;
        }
        break;
    }
    accept(feed);
}

void Intake::State::adopt(Feed &feed, int socket, const tcp::endpoint &peer)
{
    const std::string name = plainAddress(peer.address());
    if (!makeRoom(feed, name)) {
        ++feed.figures.turnedAway;
        ::close(socket);
        return;
    }
    setOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    setOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, keepAliveAfter);
    setOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, keepAliveEvery);
    setOption(socket, IPPROTO_TCP, TCP_KEEPCNT, keepAliveTries);
    setOption(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, goneAfter);
    setOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    ++feed.figures.accepted;
    StreamConnection::Socket stream(m_context);
    stream.assign(peer.protocol(), socket);
    const bool isTls = feed.figures.transport == "tls";
    std::shared_ptr<SSL_CTX> tls;
    if (isTls) {
        const std::lock_guard lock(m_mutex);
        tls = m_tls;
    }
    const auto connection = std::make_shared<StreamConnection>(*this, std::move(stream), tls, feed.figures, m_limits, name);
    m_connections.insert(connection);
    m_addresses[boundedAddress(name)].insert(connection.get());
    SessionSurroundings with{m_spool, feed.figures, m_block, m_held, name,
                             [this, name, by = connection.get()](std::uint64_t digest) { succeed(by, name, digest); }};
    if (feed.figures.transport == "relp")
        connection->start(std::make_unique<RelpSession>(std::move(with)));
    else
        connection->start(std::make_unique<SyslogSession>(std::move(with)));
}

template <class Call>
void Intake::State::forAll(Call call)
{
    const std::vector<std::shared_ptr<StreamConnection>> all(m_connections.begin(), m_connections.end());
    for (const auto &connection : all) {
        if (m_connections.contains(connection))
            call(*connection);
    }
}

// False when there is none: all of them have brought lines.
bool Intake::State::makeRoom(Feed &feed, const std::string &peer)
{
    const std::string bounded = boundedAddress(peer);
    const auto ofAddress = m_addresses.find(bounded);
    const bool tooManyOfOne = ofAddress != m_addresses.end() && ofAddress->second.size() >= m_options.maxConnectionsOfAddress;
    if (!tooManyOfOne && m_connections.size() < m_options.maxConnections)
        return true;
    StreamConnection *oldest = nullptr;
    const auto consider = [&oldest](StreamConnection &connection) {
        if (!connection.hasBroughtLines() && (!oldest || connection.connected() < oldest->connected()))
            oldest = &connection;
    };
    if (tooManyOfOne) {
        for (StreamConnection *connection : ofAddress->second)
            consider(*connection);
    } else {
        for (const auto &connection : m_connections)
            consider(*connection);
    }
    const auto now = steady_clock::now();
    m_wantedRoom = now;
    m_wantOfRoom = tooManyOfOne ? fmt::format("there are {} connections from {}, as many as max_connections_of_address allows",
                                              ofAddress->second.size(), bounded)
                                : fmt::format("there are {} connections, as many as max_connections allows", m_connections.size());
    if (!oldest) {
        m_complaints.tell("ingest.turned_away", feed.figures.transport, peer, m_wantOfRoom, now);
        m_wantOfRoom += ": new senders are turned away, the last of them " + peer;
        return false;
    }
    m_complaints.tell("ingest.gave_way", oldest->transport(), oldest->peer(), "it has brought no line, and " + m_wantOfRoom, now);
    m_wantOfRoom += ": such as have brought no line give way to new ones, the last of them from " + oldest->peer();
    const auto kept = oldest->shared_from_this();
    kept->turnAway();
    return true;
}

void Intake::State::succeed(const StreamConnection *by, const std::string &peer, std::uint64_t digest)
{
    forAll([&](StreamConnection &connection) {
        if (&connection != by && connection.peer() == peer)
            connection.succeed(digest);
    });
}

void Intake::State::complain(std::string_view event, const StreamConnection &connection, std::string_view reason)
{
    m_complaints.tell(event, connection.transport(), connection.peer(), reason, steady_clock::now());
}

void Intake::State::closed(StreamConnection &connection)
{
    m_connections.erase(connection.shared_from_this());
    if (const auto address = m_addresses.find(boundedAddress(connection.peer())); address != m_addresses.end()) {
        address->second.erase(&connection);
        if (address->second.empty())
            m_addresses.erase(address);
    }
    hear(connection);
    if (m_draining && m_connections.empty()) {
        publish();
        const std::lock_guard lock(m_mutex);
        m_drained = true;
        m_changed.notify_all();
    }
}

void Intake::State::onDurable()
{
    m_durablePosted = false;
    forAll([](StreamConnection &connection) { connection.durable(); });
}

void Intake::State::onRoom()
{
    m_roomPosted = false;
    forAll([](StreamConnection &connection) { connection.resume(); });
    for (Feed &feed : m_feeds) {
        if (feed.datagrams)
            feed.datagrams->resume();
    }
}

void Intake::State::armTick()
{
    m_tick.expires_after(tickEvery);
    m_tick.async_wait([this](const boost::system::error_code &error) {
        if (!error && !m_draining)
            tick();
    });
}

void Intake::State::tick()
{
    const auto now = steady_clock::now();
    forAll([now](StreamConnection &connection) { connection.tick(now); });
    for (Feed &feed : m_feeds) {
        if (feed.datagrams)
            feed.datagrams->tick();
        else
            accept(feed);
        feed.past.emplace_back(now, feed.figures.received);
        while (feed.past.size() > 1 && now - feed.past[1].first >= rateOver)
            feed.past.pop_front();
        const std::chrono::duration<double> span = now - feed.past.front().first;
        feed.figures.perSecond = span.count() > 0 ? static_cast<double>(feed.figures.received - feed.past.front().second) / span.count() : 0;
    }
    // Whoever was parked after the news of room went by.
    if (m_spool.takes())
        onRoom();
    m_complaints.tick(now);
    listen();
    publish();
    armTick();
}

void Intake::State::listen()
{
    const Time now = m_clock.now();
    if (!m_spool.takes())
        return m_heard.interrupt(now);
    for (const auto &connection : m_connections)
        hear(*connection);
}

void Intake::State::hear(StreamConnection &connection)
{
    if (const auto span = connection.heard(m_clock.now()))
        m_heard.add(*span);
}

void Intake::State::publish()
{
    auto figures = std::make_shared<IntakeFigures>();
    figures->sampled = m_clock.now();
    figures->paused = !m_spool.takes();
    figures->heard = m_heard.span();
    figures->held = m_held.bytes();
    if (m_wantedRoom && steady_clock::now() - *m_wantedRoom < problemFor)
        figures->problem = m_wantOfRoom;
    for (const Feed &feed : m_feeds)
        figures->feeds.push_back(feed.figures);
    for (const auto &connection : m_connections) {
        if (figures->peers.size() < mostPeersTold)
            figures->peers.push_back(connection->figures());
    }
    const std::lock_guard lock(m_mutex);
    m_figures = std::move(figures);
}

std::shared_ptr<const IntakeFigures> Intake::State::figures() const
{
    const std::lock_guard lock(m_mutex);
    return m_figures;
}

void Intake::State::post(std::function<void()> job)
{
    const std::lock_guard lock(m_mutex);
    if (!m_stopped)
        asio::post(m_context, std::move(job));
}

void Intake::State::beginDrain()
{
    m_draining = true;
    m_tick.cancel();
    for (Feed &feed : m_feeds) {
        boost::system::error_code ignored;
        if (feed.acceptor)
            feed.acceptor->close(ignored);
        else
            feed.datagrams->drain();
    }
    forAll([](StreamConnection &connection) { connection.drain(); });
    publish();
    if (m_connections.empty()) {
        const std::lock_guard lock(m_mutex);
        m_drained = true;
        m_changed.notify_all();
    }
}

void Intake::State::drain(std::chrono::milliseconds limit)
{
    if (!m_thread.joinable())
        return;
    post([this] { beginDrain(); });
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, limit, [this] { return m_drained; });
    }
    stop();
}

void Intake::State::closeAll()
{
    m_draining = true;
    m_tick.cancel();
    for (Feed &feed : m_feeds) {
        boost::system::error_code ignored;
        if (feed.acceptor)
            feed.acceptor->close(ignored);
        else
            feed.datagrams->close();
    }
    forAll([](StreamConnection &connection) { connection.close(); });
    {
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
    }
    m_work.reset();
}

void Intake::State::stop()
{
    if (!m_thread.joinable())
        return;
    post([this] { closeAll(); });
    m_thread.join();
}

Intake::Intake(IntakeOptions options, Spool &spool, const Clock &clock, Log &log)
    : m_state(std::make_unique<State>(std::move(options), spool, clock, log))
{}

Intake::~Intake() = default;

Result<void> Intake::start()
{
    return m_state->start();
}

Result<void> Intake::reloadTls()
{
    return m_state->reloadTls();
}

void Intake::drain(std::chrono::milliseconds limit)
{
    m_state->drain(limit);
}

std::shared_ptr<const IntakeFigures> Intake::figures() const
{
    return m_state->figures();
}

}  // namespace cm::metrics::intake
