// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a connection, its waits and deadlines.
#include "core/http/connection.h"

#include <boost/asio/buffer.hpp>

namespace cm::http {
namespace {

constexpr std::size_t firstBuffer = 4 * 1024;
constexpr std::uint64_t shortLingerBytes = 1024 * 1024;
constexpr std::chrono::milliseconds shortLingerTime{2'000};
// A client that connected just before a drain gets this long to send its request.
constexpr std::chrono::milliseconds drainGrace{1'000};

}  // namespace

Connection::Connection(std::shared_ptr<Worker> worker, Socket socket, std::shared_ptr<SSL_CTX> tls, std::string address,
                       bool isLoopback)
    : m_worker(std::move(worker)),
      m_socket(std::move(socket)),
      m_tls(std::move(tls)),
      m_transport(m_socket.native_handle(), m_tls.get(), m_worker->scratch),
      m_address(std::move(address)),
      m_isLoopback(isLoopback),
      m_limits(m_worker->shared->options.limits),
      m_in(firstBuffer)
{
    m_head.m_remoteAddress = m_address;
    m_head.m_isLoopback = m_isLoopback;
    m_head.m_isTls = m_tls != nullptr;
}

Connection::~Connection() = default;

void Connection::start()
{
    m_worker->add(shared_from_this());
    boost::system::error_code ignored;
    m_socket.native_non_blocking(true, ignored);
    m_state = m_tls ? State::Handshake : State::Head;
    setDeadline(m_worker->isDraining() ? drainGrace : m_limits.headerTimeout);
    resume();
}

void Connection::close()
{
    if (m_state == State::Closed)
        return;
    const auto self = shared_from_this();
    const bool broken = m_inExchange;
    m_state = State::Closed;
    if (m_feed)
        m_feed->abort();
    if (m_channel) {
        m_worker->counters.streams.subtract();
        std::exchange(m_channel, nullptr)->detach();
    }
    if (broken)
        reportExchange(false);
    boost::system::error_code ignored;
    m_socket.close(ignored);
    m_out = {};
    m_worker->shared->release(m_address, m_isLoopback);
    m_worker->remove(self);
}

void Connection::drain()
{
    m_closeAfter = true;
    switch (m_state) {
    case State::Handshake: setDeadline(drainGrace); break;
    case State::Head:
        if (m_begin == m_end && m_requests > 0)
            close();
        else
            setDeadline(drainGrace);
        break;
    case State::Events:
        m_channel->close();
        resume();
        break;
    default: break;
    }
}

void Connection::setDeadline(std::chrono::milliseconds after)
{
    m_deadlineMs = m_worker->nowMs() + after.count();
}

void Connection::tick(std::int64_t nowMs)
{
    if (m_feed) {
        m_feed->kick();
        giveUpSink();
    }
    if (m_state == State::Events && m_deadlineMs == 0 && nowMs - m_lastEventMs >= m_limits.eventKeepAlive.count())
        m_channel->send(":\n\n");
    if (m_state == State::Body && m_pausedMs == 0) {
        const auto elapsed = nowMs - m_bodySinceMs;
        if (elapsed > m_limits.bodyTimeout.count() &&
            m_bodyReceived < m_limits.minBodyRate * static_cast<std::uint64_t>(elapsed) / 1000)
            m_deadlineMs = nowMs;
    }
    if (m_deadlineMs != 0 && nowMs >= m_deadlineMs)
        timeOut();
}

void Connection::timeOut()
{
    m_deadlineMs = 0;
    if (m_state == State::Body) {
        m_worker->counters.timeouts.add();
        refuseBody(408, "The request body did not arrive in time");
    } else if (m_state == State::Head && m_begin != m_end) {
        m_worker->counters.timeouts.add();
        refuse(408, "The request head did not arrive in time", shortLingerBytes, shortLingerTime);
    } else {
        if (m_state == State::Sending || m_state == State::Handshake || (m_state == State::Head && m_headBegun))
            m_worker->counters.timeouts.add();
        close();
        return;
    }
    resume();
}

void Connection::resume()
{
    for (bool more = true; more;) {
        switch (m_state) {
        case State::Handshake: more = stepHandshake(); break;
        case State::Head: more = stepHead(); break;
        case State::Body:
        case State::Working: more = stepBody(); break;
        case State::Opening: more = false; break;
        case State::Sending: more = stepSend(); break;
        case State::Events: more = stepEvents(); break;
        case State::Linger: more = stepLinger(); break;
        case State::Closed: more = false; break;
        }
    }
}

void Connection::waitRead()
{
    if (std::exchange(m_readArmed, true))
        return;
    m_socket.async_wait(Socket::wait_read, [self = shared_from_this()](const boost::system::error_code &error) {
        self->m_readArmed = false;
        if (!error)
            self->resume();
    });
}

void Connection::waitWrite()
{
    if (std::exchange(m_writeArmed, true))
        return;
    m_socket.async_wait(Socket::wait_write, [self = shared_from_this()](const boost::system::error_code &error) {
        self->m_writeArmed = false;
        if (!error)
            self->resume();
    });
}

// Straight into the buffer: one system call less for each request than a wait and a read.
void Connection::readHead()
{
    if (std::exchange(m_readArmed, true))
        return;
    m_socket.async_read_some(asio::buffer(m_in.data() + m_end, m_in.size() - m_end),
                             [self = shared_from_this()](const boost::system::error_code &error, std::size_t bytes) {
                                 self->m_readArmed = false;
                                 if (self->m_state == State::Closed)
                                     return;
                                 if (error) {
                                     self->close();
                                     return;
                                 }
                                 self->noteHeadBytes();
                                 self->m_end += bytes;
                                 self->resume();
                             });
}

// The whole head is due from its first byte on. Empty lines before it are such bytes: what starts the clock
// anew each time could be dripped for ever.
void Connection::noteHeadBytes()
{
    if (m_state == State::Head && !std::exchange(m_headBegun, true))
        setDeadline(m_limits.headerTimeout);
}

void Connection::resumeSoon()
{
    m_worker->post([self = shared_from_this()] { self->resume(); });
}

std::function<void()> Connection::resumer()
{
    return [weak = weak_from_this(), worker = m_worker] {
        worker->post([weak] {
            if (const auto self = weak.lock())
                self->resume();
        });
    };
}

}  // namespace cm::http
