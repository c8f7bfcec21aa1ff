// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a connection, its waits and deadlines, and reading request heads.
#include "core/http/connection.h"

#include "core/http/head_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstring>

namespace cm::http {
namespace {

constexpr std::size_t firstBuffer = 4 * 1024;
constexpr std::size_t maxHead = 16 * 1024;
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
    if (m_feed)
        m_feed->kick();
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
        if (m_state == State::Sending || m_state == State::Handshake)
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
                                 if (self->m_state == State::Head && self->m_begin == self->m_end)
                                     self->setDeadline(self->m_limits.headerTimeout);
                                 self->m_end += bytes;
                                 self->resume();
                             });
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

bool Connection::stepHandshake()
{
    switch (m_transport.handshake().state) {
    case IoState::Done:
        m_state = State::Head;
        setDeadline(m_limits.headerTimeout);
        return true;
    case IoState::WantRead: waitRead(); return false;
    case IoState::WantWrite: waitWrite(); return false;
    default: break;
    }
    m_worker->counters.tlsFailures.add();
    if (m_transport.peerSpokePlainHttp()) {
        static constexpr std::string_view answer = "HTTP/1.1 400 This port speaks HTTPS\r\nContent-Type: text/plain\r\n"
                                                   "Content-Length: 24\r\nConnection: close\r\n\r\nThis port speaks HTTPS.\n";
        // Nothing was sent yet, so the socket takes it whole or the client is gone.
        ::send(m_socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        m_lingerBytes = shortLingerBytes;
        m_lingerTime = shortLingerTime;
        enterLinger();
        return true;
    }
    close();
    return false;
}

bool Connection::stepHead()
{
    if (findHead())
        return true;
    makeRoom();
    if (!m_tls) {
        readHead();
        return false;
    }
    const bool idle = m_begin == m_end;
    const IoResult result = m_transport.read(m_in.data() + m_end, m_in.size() - m_end);
    switch (result.state) {
    case IoState::Done:
        m_end += result.bytes;
        if (idle)
            setDeadline(m_limits.headerTimeout);
        return true;
    case IoState::WantRead: waitRead(); return false;
    case IoState::WantWrite: waitWrite(); return false;
    default: close(); return false;
    }
}

// True when the state has changed: a request was read, or refused.
bool Connection::findHead()
{
    // RFC 9112 section 2.2: empty lines before a request are skipped.
    while (m_begin < m_end && m_scanned == 0 && (m_in[m_begin] == '\r' || m_in[m_begin] == '\n'))
        ++m_begin;
    if (m_begin == m_end) {
        m_begin = m_end = 0;
        return false;
    }
    const std::string_view unread(m_in.data() + m_begin, m_end - m_begin);
    const auto end = unread.find("\r\n\r\n", m_scanned > 3 ? m_scanned - 3 : 0);
    if (end == std::string_view::npos) {
        m_scanned = unread.size();
        if (isHopeless()) {
            refuse(400, "This is not an HTTP/1.1 request", shortLingerBytes, shortLingerTime);
            return true;
        }
        if (unread.size() < maxHead)
            return false;
    }
    if (end == std::string_view::npos || end + 4 > maxHead) {
        refuse(431, "The request head is larger than 16 KiB", shortLingerBytes, shortLingerTime);
        return true;
    }
    beginRequest(end + 4);
    return true;
}

// What cannot become a request any more is answered at once instead of after the timeout.
bool Connection::isHopeless() const
{
    const std::string_view unread(m_in.data() + m_begin, m_end - m_begin);
    const auto c = static_cast<unsigned char>(unread.front());
    if (c <= ' ' || c >= 0x7F)
        return true;
    const auto lineEnd = unread.find('\n');
    if (lineEnd == std::string_view::npos)
        return false;
    const auto line = unread.substr(0, lineEnd);
    return !line.ends_with('\r') || line.find(" HTTP/") == std::string_view::npos;
}

void Connection::makeRoom()
{
    if (m_end < m_in.size() && (m_begin == 0 || m_in.size() - m_end >= firstBuffer / 2))
        return;
    if (m_begin > 0) {
        std::memmove(m_in.data(), m_in.data() + m_begin, m_end - m_begin);
        m_end -= m_begin;
        m_begin = 0;
    }
    if (m_end == m_in.size())
        m_in.resize(m_in.size() * 2);
}

void Connection::beginRequest(std::size_t headBytes)
{
    m_scanned = 0;
    m_requestBytes = headBytes;
    ++m_requests;
    m_worker->counters.requests.add();
    m_worker->counters.received.add(headBytes);
    m_deadlineMs = 0;
    m_worker->makeRequestId(m_requestId);
    m_head.m_requestId = std::string_view(m_requestId, 16);
    const auto read = HeadReader::read({m_in.data() + m_begin, headBytes}, m_head);
    if (!read) {
        int status = 400;
        if (read.error().code == ErrorCode::TooLarge)
            status = 431;
        else if (read.error().code == ErrorCode::Unsupported)
            status = 501;
        refuse(status, read.error().detail, shortLingerBytes, shortLingerTime);
        return;
    }
    m_inExchange = true;
    m_started = std::chrono::steady_clock::now();
    m_bodyLeft = m_head.contentLength().value_or(0);
    dispatchRequest();
}

void Connection::dispatchRequest()
{
    Dispatch dispatch;
    try {
        dispatch = m_worker->shared->application.dispatch(m_head);
    } catch (const std::exception &error) {
        m_worker->shared->log.error("http.dispatch_failed", {{"request", std::string_view(m_requestId)},
                                                             {"reason", std::string_view(error.what())}});
        dispatch = Response::refusal(500, "Internal error");
    }
    if (auto *baked = std::get_if<std::shared_ptr<const Baked>>(&dispatch)) {
        settleBody();
        sendBaked(std::move(*baked));
    } else if (auto *response = std::get_if<Response>(&dispatch)) {
        settleBody();
        sendResponse(std::move(*response));
    } else if (auto *file = std::get_if<FileRange>(&dispatch)) {
        settleBody();
        sendFile(*file);
    } else if (auto *stream = std::get_if<EventStream>(&dispatch)) {
        settleBody();
        sendEvents(std::move(*stream));
    } else if (auto *deferred = std::get_if<Deferred>(&dispatch)) {
        beginDeferred(std::move(*deferred));
    } else {
        beginUpload(std::move(std::get<Upload>(dispatch)));
    }
}

}  // namespace cm::http
