// SPDX-License-Identifier: GPL-3.0-or-later
// Writing answers, event streams, and the end of an exchange.
#include "core/http/connection.h"

#include <algorithm>
#include <unistd.h>

namespace cm::http {
namespace {

// After so much of a file the other connections of the thread have their turn.
constexpr std::uint64_t turnBytes = 4 * 1024 * 1024;
constexpr std::uint64_t pieceBytes = 256 * 1024;

}  // namespace

Connection::Flush Connection::flush()
{
    std::uint64_t turn = 0;
    while (m_out.first < m_out.count || m_out.left > 0) {
        IoResult result;
        const bool fromFile = m_out.first == m_out.count;
        if (fromFile && m_out.reader)
            return readPiece();
        if (fromFile && turn > turnBytes) {
            resumeSoon();
            return Flush::Blocked;
        }
        if (fromFile)
            result = m_transport.sendFile(m_out.file->fd, m_out.offset, m_out.left);
        else
            result = m_transport.write(std::span(m_out.buffers).subspan(m_out.first, m_out.count - m_out.first),
                                       m_out.left > 0);
        switch (result.state) {
        case IoState::Done: break;
        case IoState::WantWrite:
            setDeadline(m_limits.sendTimeout);
            waitWrite();
            return Flush::Blocked;
        case IoState::WantRead:
            setDeadline(m_limits.sendTimeout);
            waitRead();
            return Flush::Blocked;
        default: return Flush::Broken;
        }
        m_sent += result.bytes;
        turn += result.bytes;
        if (fromFile) {
            m_out.offset += result.bytes;
            m_out.left -= result.bytes;
        } else {
            m_out.advance(result.bytes);
        }
    }
    m_deadlineMs = 0;
    m_out.first = m_out.count = 0;
    m_out.keep.reset();
    m_out.file.reset();
    m_out.reader = nullptr;
    return Flush::Done;
}

// For as long as that takes the client is not to blame: it has no deadline.
Connection::Flush Connection::readPiece()
{
    m_deadlineMs = 0;
    if (m_out.reading)
        return Flush::Blocked;
    m_out.reading = m_out.reader->post([self = shared_from_this(), file = m_out.file, offset = m_out.offset,
                                        size = std::min(m_out.left, pieceBytes), buffer = std::move(m_out.body)]() mutable {
        buffer.resize(size);
        std::size_t filled = 0;
        while (filled < size) {
            const ssize_t count = ::pread(file->fd, buffer.data() + filled, size - filled, static_cast<off_t>(offset + filled));
            if (count <= 0)
                break;
            filled += static_cast<std::size_t>(count);
        }
        buffer.resize(filled);
        self->m_worker->post([self, piece = std::move(buffer)]() mutable { self->takePiece(std::move(piece)); });
    });
    return m_out.reading ? Flush::Blocked : Flush::Broken;
}

void Connection::takePiece(std::string piece)
{
    if (m_state != State::Sending)
        return;
    m_out.reading = false;
    if (piece.empty()) {  // shorter than it was, or unreadable: the client sees a body that ends too early
        close();
        return;
    }
    m_out.first = m_out.count = 0;
    m_out.offset += piece.size();
    m_out.left -= piece.size();
    m_out.body = std::move(piece);
    m_out.add(m_out.body);
    resume();
}

bool Connection::stepSend()
{
    switch (flush()) {
    case Flush::Blocked: return false;
    case Flush::Broken: close(); return false;
    case Flush::Done: break;
    }
    finishExchange();
    return true;
}

bool Connection::stepEvents()
{
    // Whatever the client still says is of no interest, that it has gone is. One read a turn: the wait
    // comes back at once when there is more, after the others of the thread.
    if (!m_readArmed) {
        std::vector<std::byte> &scratch = m_worker->scratch;
        const IoResult result = m_transport.read(scratch.data(), scratch.size());
        if (result.state != IoState::WantRead && result.state != IoState::Done) {
            close();
            return false;
        }
        waitRead();
    }
    for (;;) {
        switch (flush()) {
        case Flush::Blocked: return false;
        case Flush::Broken: close(); return false;
        case Flush::Done: break;
        }
        if (m_eventsEnded) {
            m_worker->counters.streams.subtract();
            std::exchange(m_channel, nullptr)->detach();
            finishExchange();
            return true;
        }
        m_out.body = m_channel->take(m_eventsEnded);
        if (m_out.body.empty() && !m_eventsEnded)
            return false;
        m_lastEventMs = m_worker->nowMs();
        m_out.add(m_out.body);
    }
}

void Connection::reportExchange(bool complete)
{
    Counters &counters = m_worker->counters;
    counters.sent.add(m_sent);
    if (m_status >= 100 && m_status < 600)
        counters.classes[static_cast<std::size_t>(m_status / 100)].add();
    if (!m_inExchange)
        return;
    m_inExchange = false;
    Exchange exchange;
    exchange.status = m_status;
    exchange.bytesSent = m_sent;
    exchange.bytesReceived = m_bodyReceived;
    exchange.elapsed = std::chrono::steady_clock::now() - m_started;
    exchange.complete = complete;
    m_worker->shared->application.finished(m_head, exchange);
}

void Connection::finishExchange()
{
    reportExchange(true);
    if (!m_closeAfter) {
        nextRequest();
        return;
    }
    if (m_lingerBytes > 0) {
        enterLinger();
        return;
    }
    m_transport.shutdownWrite();
    close();
}

void Connection::nextRequest()
{
    m_begin += m_requestBytes;
    m_requestBytes = 0;
    m_status = 0;
    m_sent = 0;
    m_bodyReceived = 0;
    m_chunked.reset();
    if (m_begin == m_end)
        m_begin = m_end = 0;
    if (!m_carry.empty()) {
        // A chunked body was read to its end, so nothing else is unread.
        if (m_in.size() < m_carry.size())
            m_in.resize(m_carry.size());
        std::copy(m_carry.begin(), m_carry.end(), m_in.begin());
        m_begin = 0;
        m_end = m_carry.size();
        m_carry.clear();
    }
    m_state = State::Head;
    m_headBegun = m_begin != m_end;
    setDeadline(m_headBegun ? m_limits.headerTimeout : m_limits.idleTimeout);
}

void Connection::enterLinger()
{
    m_transport.shutdownWrite();
    setDeadline(m_lingerTime);
    m_state = State::Linger;
}

bool Connection::stepLinger()
{
    constexpr std::size_t most = 1024 * 1024;
    std::uint64_t turn = 0;
    for (;;) {
        if (m_lingerBytes == 0) {
            close();
            return false;
        }
        if (turn > turnBytes) {
            resumeSoon();
            return false;
        }
        const IoResult result = m_transport.discard(std::min<std::uint64_t>(m_lingerBytes, most));
        if (result.state == IoState::WantRead) {
            waitRead();
            return false;
        }
        if (result.state != IoState::Done) {
            close();
            return false;
        }
        m_lingerBytes -= result.bytes;
        turn += result.bytes;
        m_worker->counters.received.add(result.bytes);
    }
}

}  // namespace cm::http
