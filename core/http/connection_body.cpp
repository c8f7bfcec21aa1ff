// SPDX-License-Identifier: GPL-3.0-or-later
// Request bodies: collected for a Deferred handler or streamed into a BodySink.
#include "core/http/connection.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <fmt/format.h>

namespace cm::http {
namespace {

constexpr std::size_t firstGrowth = 64 * 1024;
// After so much from one client the others of the thread have their turn.
constexpr std::size_t turnBytes = 2 * 1024 * 1024;

}  // namespace

void Connection::beginDeferred(Deferred deferred)
{
    m_deferred = std::move(deferred);
    if (m_deferred.maxBody == 0 && m_head.hasBody()) {
        refuseBody(413, "This address takes no request body");
        return;
    }
    const auto collect = [this] { beginBody(m_deferred.maxBody, {}); };
    if (m_deferred.admit && m_head.hasBody())
        beginAdmission(*m_deferred.executor, std::move(m_deferred.admit), collect);
    else
        collect();
}

void Connection::beginUpload(Upload upload)
{
    if (!upload.admit || !m_head.hasBody()) {
        collectUpload(std::move(upload));
        return;
    }
    Executor &executor = *upload.executor;
    Admission admit = std::move(upload.admit);
    beginAdmission(executor, std::move(admit), [this, upload = std::move(upload)] { collectUpload(upload); });
}

// Nothing of the connection is touched while its head is judged on the executor.
void Connection::beginAdmission(Executor &executor, Admission admit, std::function<void()> go)
{
    m_state = State::Working;
    const bool posted =
        executor.post([self = shared_from_this(), admit = std::move(admit), go = std::move(go)]() mutable {
            std::optional<Reply> refusal;
            try {
                refusal = admit(self->m_head);
            } catch (const std::exception &error) {
                self->m_worker->shared->log.error("http.admission_failed",
                                                  {{"request", std::string_view(self->m_requestId)},
                                                   {"reason", std::string_view(error.what())}});
                refusal = self->refusal(500, "Internal error");
            }
            Worker &worker = *self->m_worker;
            worker.post([self = std::move(self), refusal = std::move(refusal), go = std::move(go)]() mutable {
                if (self->m_state == State::Working)
                    self->endAdmission(std::move(refusal), go);
            });
        });
    if (!posted)
        refuseBusy();
}

void Connection::endAdmission(std::optional<Reply> refusal, const std::function<void()> &go)
{
    if (refusal) {
        m_deferred = {};
        settleBody();
        reply(std::move(*refusal));
    } else {
        go();
    }
    resume();
}

void Connection::collectUpload(Upload upload)
{
    m_feed = std::make_shared<UploadFeed>(std::move(upload.sink), *upload.executor, weak_from_this(), resumer());
    m_givenUp = std::move(upload.givenUp);
    beginBody(upload.maxBody, upload.tooLarge);
}

// False when the body was refused.
bool Connection::beginBody(std::uint64_t limit, std::string_view tooLarge)
{
    m_state = State::Body;
    m_bodyReceived = 0;
    m_bodyFilled = 0;
    m_bodyLimit = limit;
    m_tooLarge = tooLarge.empty() ? fmt::format("The request body is larger than the {} bytes allowed here", limit)
                                  : std::string(tooLarge);
    m_bodySinceMs = m_worker->nowMs();
    m_pausedMs = 0;
    if (limit > 0 && m_bodyLeft > limit) {
        refuseBody(413, m_tooLarge);
        return false;
    }
    if (!m_head.contentLength())
        m_chunked = std::make_unique<ChunkedReader>();
    const std::size_t buffered = m_end - m_begin - m_requestBytes;
    if (m_head.expectsContinue() && m_head.hasBody() && buffered == 0) {
        static constexpr std::string_view go = "HTTP/1.1 100 Continue\r\n\r\n";
        const iovec buffer{const_cast<char *>(go.data()), go.size()};
        // The client waits for it, so its socket buffer is empty and takes these bytes whole.
        if (m_transport.write({&buffer, 1}, false).bytes != go.size()) {
            close();
            return false;
        }
    }
    setDeadline(m_limits.bodyTimeout);
    m_bodyTaken = true;
    const std::size_t mine = m_chunked ? buffered : std::min<std::uint64_t>(buffered, m_bodyLeft);
    const std::string_view bytes(m_in.data() + m_begin + m_requestBytes, mine);
    m_requestBytes += mine;
    return takeBytes(bytes);
}

// Bytes that were read along with the head, or of a chunked body.
bool Connection::takeBytes(std::string_view bytes)
{
    m_worker->counters.received.add(bytes.size());
    if (!m_chunked) {
        m_bodyLeft -= bytes.size();
        return takeDecoded(bytes);
    }
    m_decoded.clear();
    if (const auto fed = m_chunked->feed(bytes, m_decoded); !fed) {
        refuseBody(400, fed.error().detail);
        return false;
    }
    if (m_chunked->isDone())
        m_carry = m_chunked->rest();
    return takeDecoded(m_decoded);
}

bool Connection::takeDecoded(std::string_view bytes)
{
    m_bodyReceived += bytes.size();
    if (m_bodyLimit > 0 && m_bodyReceived > m_bodyLimit) {
        refuseBody(413, m_tooLarge);
        return false;
    }
    if (!m_feed) {
        m_body.resize(m_bodyFilled);
        m_body.append(bytes);
        m_bodyFilled = m_body.size();
        return true;
    }
    while (!bytes.empty() && m_state == State::Body) {
        if (!m_chunk.bytes)
            m_chunk = m_feed->chunk(m_chunked ? UploadFeed::chunkBytes : bytes.size() + m_bodyLeft);
        const auto count = std::min(bytes.size(), m_chunk.capacity - m_chunk.size);
        std::memcpy(m_chunk.bytes.get() + m_chunk.size, bytes.data(), count);
        m_chunk.size += count;
        bytes.remove_prefix(count);
        if (m_chunk.size == m_chunk.capacity && !(bytes.empty() && bodyIsComplete()))
            flushChunk(false);
    }
    return m_state == State::Body;
}

void Connection::flushChunk(bool last)
{
    if (m_feed->push(std::exchange(m_chunk, {}), last))
        return;
    // Nothing was begun and nothing stays behind: the client may send the same again.
    m_feed.reset();
    refuseBusy();
}

bool Connection::stepBody()
{
    if (m_feed) {
        Response response;
        if (m_feed->takeResponse(response)) {
            m_feed.reset();
            m_chunk = {};
            settleBody();
            sendResponse(std::move(response));
            return true;
        }
    }
    if (m_state == State::Working)
        return false;
    std::size_t turn = 0;
    for (const std::uint64_t before = m_bodyReceived; !bodyIsComplete(); turn = m_bodyReceived - before) {
        if (m_feed && m_feed->isFull()) {
            // The sink is behind, which is no fault of the client's.
            m_pausedMs = m_worker->nowMs();
            m_deadlineMs = 0;
            return false;
        }
        if (m_pausedMs != 0) {
            m_bodySinceMs += m_worker->nowMs() - std::exchange(m_pausedMs, 0);
            setDeadline(m_limits.bodyTimeout);
        }
        if (turn > turnBytes) {
            resumeSoon();
            return false;
        }
        if (!(m_chunked ? readChunked() : readDirect()))
            return m_state != State::Body && m_state != State::Closed;
    }
    endBody();
    return true;
}

// False to leave the loop: nothing more to read now, or the state has changed.
bool Connection::afterRead(const IoResult &result)
{
    switch (result.state) {
    case IoState::Done:
        setDeadline(m_limits.bodyTimeout);
        return true;
    case IoState::WantRead: waitRead(); return false;
    case IoState::WantWrite: waitWrite(); return false;
    default: close(); return false;
    }
}

bool Connection::readChunked()
{
    std::vector<std::byte> &scratch = m_worker->scratch;
    const IoResult result = m_transport.read(scratch.data(), scratch.size());
    return afterRead(result) && takeBytes({reinterpret_cast<const char *>(scratch.data()), result.bytes});
}

void Connection::growBody()
{
    if (m_body.size() > m_bodyFilled)
        return;
    const auto growth = std::max(firstGrowth, m_body.size());
    m_body.resize(m_bodyFilled + std::min<std::uint64_t>(growth, m_bodyLeft));
}

// Of a body of known length: into its destination, without a copy.
bool Connection::readDirect()
{
    void *target = nullptr;
    std::size_t room = 0;
    if (m_feed) {
        if (!m_chunk.bytes)
            m_chunk = m_feed->chunk(m_bodyLeft);
        target = m_chunk.bytes.get() + m_chunk.size;
        room = m_chunk.capacity - m_chunk.size;
    } else {
        growBody();
        target = m_body.data() + m_bodyFilled;
        room = m_body.size() - m_bodyFilled;
    }
    const IoResult result = m_transport.read(target, std::min<std::uint64_t>(room, m_bodyLeft));
    if (!afterRead(result))
        return false;
    m_worker->counters.received.add(result.bytes);
    m_bodyLeft -= result.bytes;
    m_bodyReceived += result.bytes;
    if (!m_feed) {
        m_bodyFilled += result.bytes;
        return true;
    }
    m_chunk.size += result.bytes;
    if (m_chunk.size == m_chunk.capacity && m_bodyLeft > 0)
        flushChunk(false);
    return m_state == State::Body;
}

void Connection::endBody()
{
    m_deadlineMs = 0;
    m_state = State::Working;
    if (m_feed) {
        flushChunk(true);
        return;
    }
    m_body.resize(m_bodyFilled);
    if (m_deferred.executor->post([self = shared_from_this()] { self->runDeferred(); }))
        return;
    refuseBusy();
}

// On the executor. The connection does not touch head, body and handler while it is Working.
void Connection::runDeferred()
{
    try {
        m_reply = m_deferred.handler(m_head, std::move(m_body));
    } catch (const std::exception &error) {
        m_worker->shared->log.error("http.handler_failed", {{"request", std::string_view(m_requestId)},
                                                            {"reason", std::string_view(error.what())}});
        m_reply = refusal(500, "Internal error");
    }
    m_worker->post([self = shared_from_this()] {
        if (self->m_state != State::Working)
            return;
        self->m_deferred = {};
        self->m_body = {};
        self->settleBody();
        self->reply(std::exchange(self->m_reply, Response{}));
        self->resume();
    });
}

Response Connection::refusal(int status, std::string_view words)
{
    return m_worker->shared->application.refusal(m_head, status, words);
}

void Connection::refuseBusy()
{
    m_deferred = {};
    m_body = {};
    Response busy = refusal(503, "The server is busy, try again in a moment");
    busy.set("Retry-After", "1");
    settleBody();
    sendResponse(std::move(busy));
}

void Connection::giveUpSink()
{
    const std::string words = m_givenUp && (m_state == State::Body || m_state == State::Working) ? m_givenUp() : std::string();
    if (words.empty())
        return;
    // The sink may still read the head: there is no further request on this connection.
    refuseBody(503, words);
    resume();
}

void Connection::refuseBody(int status, std::string_view words)
{
    if (m_feed)
        std::exchange(m_feed, nullptr)->abort();
    m_chunk = {};
    m_deferred = {};
    m_body = {};
    settleBody();
    // A slow client is not waited for once more.
    if (status == 408)
        m_lingerBytes = 0;
    m_closeAfter = true;
    Response refused = refusal(status, words);
    if (status == 503)
        refused.set("Retry-After", "10");
    sendResponse(std::move(refused));
}

}  // namespace cm::http
