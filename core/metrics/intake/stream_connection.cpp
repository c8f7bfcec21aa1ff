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
constexpr std::size_t shortestAcknowledgement = std::string_view("1 rsp 6 200 OK\n").size();

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
      m_lastByte(steady_clock::now()),
      m_lastTaken(m_lastByte)
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
        return fail(m_feed.protocolErrors);
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
        close();
        return false;
    }
    m_bufferedByTls = m_transport.isTls();
    m_lastByte = steady_clock::now();
    m_heard = true;
    m_feed.bytes += result.bytes;
    std::string_view bytes(scratch.data(), m_left.size() + result.bytes);
    const std::uint64_t before = m_session->received();
    const Session::State state = m_session->take(bytes);
    m_left.assign(bytes);
    if (m_session->received() > before)
        m_lastLine = m_feed.lastLine = m_host.now();
    if (!m_open && m_session->isOpen())
        m_open = m_host.now();
    took(state);
    return m_phase != Phase::Closed;
}

void StreamConnection::took(Session::State state)
{
    if (state == Session::State::Broken)
        return fail(m_feed.protocolErrors);
    // Answers to other commands do not wait for the disk.
    tellDurable();
}

void StreamConnection::tellDurable()
{
    if (m_session->durable(m_host.durablePlace(), m_out) == Session::State::Leave && m_phase == Phase::Going)
        m_phase = Phase::Leaving;
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
        m_session->leaving(m_out);
        send();
    }
    if (m_phase == Phase::Leaving && m_out.empty()) {
        m_transport.shutdownWrite();
        close();
    }
}

void StreamConnection::closeForSuccessor()
{
    if (m_session->acknowledges())
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
    finishIfDone();
}

void StreamConnection::tick(steady_clock::time_point now)
{
    const auto silent = now - m_lastByte;
    if (m_phase == Phase::Closed)
        return;
    if (!m_out.empty() && now - m_lastTaken > sendLimit)
        return fail(m_feed.timeouts);
    if (m_phase == Phase::Handshake) {
        if (silent > m_limits.unfinished)
            fail(m_feed.timeouts);
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
    if (tooQuiet || ((!m_heard || m_session->within(m_left)) && silent > m_limits.unfinished))
        fail(m_feed.timeouts);
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
    if (m_phase != Phase::Going || !m_open || !m_session->isOpen())
        return std::nullopt;
    const auto info = connectionInfo(m_socket.native_handle());
    if (!info || info->tcpi_state != TCP_ESTABLISHED)
        return std::nullopt;
    // Answers to a keep-alive are acknowledgements as well.
    return HeardSpan{*m_open, now - std::chrono::milliseconds(std::min(info->tcpi_last_ack_recv, info->tcpi_last_data_recv))};
}

void StreamConnection::fail(std::uint64_t &counter)
{
    ++counter;
    close();
}

// The peer says nothing more, and may still listen.
void StreamConnection::endOfStream()
{
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
    boost::system::error_code ignored;
    m_socket.close(ignored);
    m_host.closed(*this);
}

// Whose answers wait for the disk, lie here, or were not taken by the other machine.
std::uint64_t StreamConnection::unanswered()
{
    if (!m_session->acknowledges())
        return 0;
    int queued = 0;
    if (::ioctl(m_socket.native_handle(), SIOCOUTQ, &queued) != 0)
        queued = 0;
    return m_session->unacknowledged() + (m_out.size() + static_cast<std::size_t>(queued)) / shortestAcknowledgement;
}

PeerFigures StreamConnection::figures() const
{
    return {m_feed.transport, m_peer, m_since, m_session->received(), m_session->unacknowledged(), m_lastLine};
}

}  // namespace cm::metrics::intake
