// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/stream_connection.h"

#include <boost/asio/post.hpp>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace cm::metrics::intake {
namespace {

using std::chrono::steady_clock;

// Of what we say, until the peer takes some of it; nothing more is read meanwhile.
constexpr std::size_t mostOut = 1 << 20;
constexpr auto quietAfter = std::chrono::seconds(1);
// A peer that does not take its answers.
constexpr auto sendLimit = std::chrono::seconds(60);
// Of one connection when we leave.
constexpr int lastReads = 64;
// A connection that its sender has given up for another one.
constexpr auto givenUpAfter = std::chrono::milliseconds(250);

std::optional<tcp_info> connectionInfo(int socket)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? std::optional(info) : std::nullopt;
}

}  // namespace

StreamConnection::StreamConnection(ConnectionHost &host, Socket socket, const std::shared_ptr<SSL_CTX> &tls, FeedFigures &feed,
                                   const ConnectionLimits &limits, std::string peer)
    : m_host(host),
      m_socket(std::move(socket)),
      m_tls(tls),
      m_noScratch(tls ? 16 << 10 : 0),
      m_transport(m_socket.native_handle(), tls.get(), m_noScratch),
      m_feed(feed),
      m_limits(limits),
      m_peer(std::move(peer)),
      m_since(host.now()),
      m_connected(steady_clock::now()),
      m_lastByte(m_connected),
      m_lastTaken(m_connected)
{
    ++m_feed.connections;
}

StreamConnection::~StreamConnection() = default;

void StreamConnection::start(std::unique_ptr<Session> session)
{
    m_session = std::move(session);
    shakeHands();
}

void StreamConnection::shakeHands()
{
    const http::IoResult result = m_transport.handshake();
    if (result.state == http::IoState::Done) {
        m_phase = Phase::Going;
        // With the end of the handshake its first lines may have been read.
        m_bufferedByTls = m_transport.isTls();
        waitToRead();
        return;
    }
    if (result.state != http::IoState::WantRead && result.state != http::IoState::WantWrite)
        return fail(m_feed.protocolErrors, "ingest.tls_failed", m_transport.failure());
    const auto what = result.state == http::IoState::WantRead ? Socket::wait_read : Socket::wait_write;
    m_socket.async_wait(what, [self = shared_from_this()](const boost::system::error_code &error) {
        if (!error && self->m_phase == Phase::Handshake)
            self->shakeHands();
    });
}

void StreamConnection::waitToRead()
{
    if (m_phase != Phase::Going || m_waitingToRead || m_out.size() > mostOut)
        return;
    if (!hasRoom()) {
        m_parked = true;
        return;
    }
    m_waitingToRead = true;
    const auto go = [self = shared_from_this()](const boost::system::error_code &error) {
        self->m_waitingToRead = false;
        if (!error && self->m_phase == Phase::Going)
            self->readOnce();
    };
    if (m_bufferedByTls)
        boost::asio::post(m_socket.get_executor(), [go] { go({}); });
    else
        m_socket.async_wait(Socket::wait_read, go);
}

void StreamConnection::readOnce()
{
    // It may have been a while.
    if (hasRoom())
        readPiece();
    waitToRead();
}

// False when there was nothing, or nothing more comes.
bool StreamConnection::readPiece()
{
    const std::span<char> scratch = m_host.scratch();
    std::copy(m_left.begin(), m_left.end(), scratch.begin());
    const http::IoResult result = m_transport.read(scratch.data() + m_left.size(), scratch.size() - m_left.size());
    switch (result.state) {
    case http::IoState::Done:
        break;
    case http::IoState::WantRead:
    case http::IoState::WantWrite:
        m_bufferedByTls = false;
        return false;
    case http::IoState::End:
        endOfStream();
        return false;
    case http::IoState::Broken:
        // Without TLS's farewell nobody can tell that its last line was the last one that was sent.
        if (m_transport.isTls())
            m_host.complain("ingest.tls_cut", *this, m_transport.failure());
        close();
        return false;
    }
    m_bufferedByTls = m_transport.isTls();
    m_lastByte = steady_clock::now();
    m_feed.bytes += result.bytes;
    std::string_view bytes(scratch.data(), m_left.size() + result.bytes);
    const std::uint64_t before = m_session->received(), linesBefore = m_session->lines();
    const bool wasOpen = m_session->isOpen();
    const Session::State state = m_session->take(bytes);
    m_left.assign(bytes);
    const Time now = m_host.now();
    if (m_session->received() > before)
        m_lastLine = m_feed.lastLine = now;
    if (!m_open && m_session->isOpen())
        m_open = now;
    if (m_session->lines() > linesBefore || (wasOpen && !m_session->isOpen()))
        m_lastSign = now;
    took(state);
    return m_phase != Phase::Closed;
}

void StreamConnection::took(Session::State state)
{
    if (state == Session::State::Broken)
        return fail(m_feed.protocolErrors, "ingest.not_understood", m_session->complaint());
    if (state == Session::State::Succeeded)
        return close();
    // Answers to other commands do not wait for the disk.
    tellDurable();
}

void StreamConnection::tellDurable()
{
    const std::size_t before = m_out.size();
    const std::uint64_t answered = m_session->answered();
    if (m_session->durable(m_host.durablePlace(), m_out) == Session::State::Leave && m_phase == Phase::Going)
        m_phase = Phase::Leaving;
    m_answers.said(m_out.size() - before, m_session->answered() - answered);
    send();
    finishIfDone();
}

void StreamConnection::durable()
{
    if (m_phase == Phase::Handshake || m_phase == Phase::Closed)
        return;
    const bool wasFull = m_out.size() > mostOut;
    tellDurable();
    if (m_parked)
        resume();
    else if (wasFull)
        waitToRead();
}

void StreamConnection::resume()
{
    if (!std::exchange(m_parked, false))
        return;
    m_lastByte = steady_clock::now();
    waitToRead();
}

void StreamConnection::send()
{
    while (!m_out.empty() && !m_waitingToWrite && m_phase != Phase::Closed) {
        const iovec piece{m_out.data(), m_out.size()};
        const http::IoResult result = m_transport.write({&piece, 1}, false);
        if (result.state == http::IoState::Done) {
            m_out.erase(0, result.bytes);
            m_lastTaken = steady_clock::now();
            continue;
        }
        if (result.state != http::IoState::WantRead && result.state != http::IoState::WantWrite) {
            // What the peer has sent before it left is still there to be read.
            m_out.clear();
            if (m_phase != Phase::Going)
                close();
            return;
        }
        m_waitingToWrite = true;
        const auto what = result.state == http::IoState::WantRead ? Socket::wait_read : Socket::wait_write;
        m_socket.async_wait(what, [self = shared_from_this()](const boost::system::error_code &error) {
            self->m_waitingToWrite = false;
            if (error || self->m_phase == Phase::Closed)
                return;
            self->send();
            self->finishIfDone();
            self->waitToRead();
        });
    }
}

void StreamConnection::finishIfDone()
{
    if (m_phase == Phase::Draining && m_session->unacknowledged() == 0 && !m_waitingToWrite) {
        m_phase = Phase::Leaving;
        const std::size_t before = m_out.size();
        m_session->leaving(m_out);
        m_answers.said(m_out.size() - before, 0);
        send();
    }
    if (m_phase == Phase::Leaving && m_out.empty()) {
        m_transport.shutdownWrite();
        close();
    }
}

void StreamConnection::succeed(std::uint64_t digest)
{
    if (!m_session->acknowledges())
        return;
    const bool isSilent = m_phase == Phase::Going && steady_clock::now() - m_lastByte >= givenUpAfter;
    if (isDeserted() || (isSilent && m_session->isSucceededBy(digest)))
        close();
}

void StreamConnection::turnAway()
{
    ++m_feed.turnedAway;
    close();
}

void StreamConnection::drain()
{
    if (m_phase == Phase::Handshake)
        return close();
    if (m_phase != Phase::Going)
        return;
    // Nobody sends these again. A session that acknowledges leaves them to its sender.
    for (int reads = 0; !m_session->acknowledges() && reads < lastReads && m_host.takes(true) && readPiece();)
        ++reads;
    if (m_phase != Phase::Going)
        return;
    m_phase = Phase::Draining;
    m_session->stopped();
    finishIfDone();
}

void StreamConnection::tick(steady_clock::time_point now)
{
    const auto silent = now - m_lastByte;
    if (m_phase == Phase::Closed)
        return;
    if (!m_out.empty() && now - m_lastTaken > sendLimit)
        return fail(m_feed.timeouts, "ingest.timeout", "it does not take its answers");
    if (m_phase == Phase::Handshake) {
        if (now - m_connected > m_limits.handshake)
            fail(m_feed.timeouts, "ingest.timeout", "it does not finish its handshake");
        return;
    }
    if (m_phase != Phase::Going || m_parked)
        return;
    if (silent >= quietAfter) {
        m_session->quiet();
        tellDurable();
        if (m_phase != Phase::Going)
            return;
    }
    const bool tooQuiet = m_limits.idle.count() > 0 && silent > m_limits.idle;
    // However it spreads what it says instead: who does not begin keeps nobody else out.
    const bool begun = m_session->lines() > 0 || (m_session->acknowledges() && m_session->isOpen());
    if (!begun && now - m_connected > m_limits.unfinished)
        fail(m_feed.timeouts, "ingest.timeout", "it has brought no line");
    else if (m_session->within(m_left) && silent > m_limits.unfinished)
        fail(m_feed.timeouts, "ingest.timeout", "it has stopped within a line");
    else if (tooQuiet)
        fail(m_feed.timeouts, "ingest.timeout", "it has said nothing for the time of the setting idle");
}

bool StreamConnection::isDeserted()
{
    const auto info = connectionInfo(m_socket.native_handle());
    return !info || info->tcpi_state != TCP_ESTABLISHED ||
           // What we have said is not acknowledged: the way to it broke without a word, and it has come back by another.
           info->tcpi_retransmits > 0;
}

std::optional<HeardSpan> StreamConnection::heard(Time now)
{
    if (!m_open || !m_lastSign || m_session->lines() == 0)
        return std::nullopt;
    // It may have lain here a while before we read it.
    const auto info = connectionInfo(m_socket.native_handle());
    const Time came = info ? now - std::chrono::milliseconds(info->tcpi_last_data_recv) : *m_lastSign;
    return HeardSpan{*m_open, std::min(*m_lastSign, came)};
}

void StreamConnection::fail(std::uint64_t &counter, std::string_view event, std::string_view reason)
{
    ++counter;
    m_host.complain(event, *this, reason);
    close();
}

// The peer says nothing more, and may still listen.
void StreamConnection::endOfStream()
{
    m_session->stopped();
    if (m_phase != Phase::Going || m_session->unacknowledged() == 0)
        return close();
    m_phase = Phase::Draining;
    finishIfDone();
}

void StreamConnection::close()
{
    if (m_phase == Phase::Closed)
        return;
    m_phase = Phase::Closed;
    m_feed.unanswered += unanswered();
    m_session->ended(m_left);
    --m_feed.connections;
    // As long as the socket can be asked when its last bytes came.
    m_host.closed(*this);
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

// Whose answers wait for the disk, lie here, or were not taken by the other machine.
std::uint64_t StreamConnection::unanswered()
{
    if (!m_session->acknowledges() || m_session->isDone())
        return 0;
    int queued = 0;
    if (::ioctl(m_socket.native_handle(), SIOCOUTQ, &queued) != 0)
        queued = 0;
    return m_session->unacknowledged() + m_answers.linesWithin(m_out.size() + static_cast<std::size_t>(queued));
}

PeerFigures StreamConnection::figures() const
{
    return {m_feed.transport, m_peer, m_since, m_session->received(), m_session->unacknowledged(), m_lastLine};
}

}  // namespace cm::metrics::intake
