// SPDX-License-Identifier: GPL-3.0-or-later
// Reading request heads, and the handshake before the first one.
#include "core/http/connection.h"

#include "core/http/head_reader.h"

#include <cstring>
#include <exception>
#include <sys/socket.h>

namespace cm::http {
namespace {

constexpr std::size_t leastRoom = 2 * 1024;
constexpr std::size_t maxHead = 16 * 1024;
// One empty line is what clients of former days send after a body.
constexpr std::size_t maxEmptyBytes = 64;
constexpr std::uint64_t shortLingerBytes = 1024 * 1024;
constexpr std::chrono::milliseconds shortLingerTime{2'000};

}  // namespace

bool Connection::stepHandshake()
{
    switch (m_transport.handshake().state) {
    case IoState::Done:
        m_head.m_peer = m_transport.peerSubject();
        m_state = State::Head;
        setDeadline(m_limits.headerTimeout);
        return true;
    case IoState::WantRead: waitRead(); return false;
    case IoState::WantWrite: waitWrite(); return false;
    default: break;
    }
    m_worker->counters.tlsFailures.add();
    if (m_transport.peerSpokePlainHttp()) {
        static constexpr std::string_view answer = "HTTP/1.1 400 This port speaks HTTPS\r\n"
                                                   "Content-Type: text/plain\r\nContent-Length: 24\r\n"
                                                   "Connection: close\r\n\r\nThis port speaks HTTPS.\n";
        // Nothing was sent yet, so the socket takes it whole or the client is gone.
        ::send(m_socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        m_lingerBytes = shortLingerBytes;
        m_lingerTime = shortLingerTime;
        enterLinger();
        return true;
    }
    // What the peer has sent meanwhile, unread, would make the end of the connection overtake the alert.
    m_lingerBytes = shortLingerBytes;
    m_lingerTime = shortLingerTime;
    enterLinger();
    return true;
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
    const IoResult result = m_transport.read(m_in.data() + m_end, m_in.size() - m_end);
    switch (result.state) {
    case IoState::Done:
        noteHeadBytes();
        m_end += result.bytes;
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
    while (m_begin < m_end && m_scanned == 0 && (m_in[m_begin] == '\r' || m_in[m_begin] == '\n')) {
        ++m_begin;
        ++m_emptyBytes;
    }
    if (m_emptyBytes > maxEmptyBytes) {
        refuse(400, "This is not an HTTP/1.1 request", shortLingerBytes, shortLingerTime);
        return true;
    }
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
    if (m_end < m_in.size() && (m_begin == 0 || m_in.size() - m_end >= leastRoom))
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
    m_headBegun = false;
    m_emptyBytes = 0;
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
    m_bodyTaken = false;
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
        dispatch = refusal(500, "Internal error");
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
