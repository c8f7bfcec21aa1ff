// SPDX-License-Identifier: GPL-3.0-or-later
// Turning a decision of the application into bytes on their way out.
#include "core/http/connection.h"

#include "core/base/http_status.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::http {
namespace {

void appendHeaders(std::string &out, const Headers &headers)
{
    for (const Header &header : headers) {
        if (checkHeader(header.name, header.value))
            out.append(header.name).append(": ").append(header.value).append("\r\n");
    }
}

void appendStatusLine(std::string &out, int status)
{
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, httpReason(status));
}

}  // namespace

void Connection::Output::add(std::string_view bytes)
{
    if (!bytes.empty())
        buffers[count++] = {const_cast<char *>(bytes.data()), bytes.size()};
}

void Connection::Output::advance(std::size_t bytes)
{
    while (bytes > 0) {
        iovec &buffer = buffers[first];
        const auto taken = std::min(bytes, buffer.iov_len);
        buffer.iov_base = static_cast<char *>(buffer.iov_base) + taken;
        buffer.iov_len -= taken;
        bytes -= taken;
        if (buffer.iov_len == 0)
            ++first;
    }
}

void Connection::reply(Reply reply)
{
    if (auto *baked = std::get_if<std::shared_ptr<const Baked>>(&reply))
        sendBaked(std::move(*baked));
    else if (auto *response = std::get_if<Response>(&reply))
        sendResponse(std::move(*response));
    else if (auto *file = std::get_if<FileRange>(&reply))
        sendFile(*file);
    else
        sendEvents(std::move(std::get<EventStream>(reply)));
}

// Decides what happens to the part of the request body that nobody wants.
void Connection::settleBody()
{
    if (!m_bodyTaken) {
        m_bodyTaken = true;
        const std::uint64_t buffered = m_end - m_begin - m_requestBytes;
        const auto skipped = std::min(buffered, m_bodyLeft);
        m_requestBytes += skipped;
        m_bodyLeft -= skipped;
    }
    const bool complete = m_head.contentLength() ? m_bodyLeft == 0 : m_chunked && m_chunked->isDone();
    if (complete)
        return;
    // Read and thrown away after the answer: clients that send first and read later would otherwise
    // see a reset connection instead of the reason.
    m_closeAfter = true;
    m_lingerTime = m_limits.drainTime;
    m_lingerBytes = m_limits.drainBytes;
    if (!m_tls && m_head.contentLength())
        m_lingerBytes = std::min(m_lingerBytes, m_bodyLeft);
}

void Connection::makeTail()
{
    const bool keep = !m_closeAfter && m_head.keepAlive() && !m_worker->isDraining();
    m_closeAfter = !keep;
    m_tail.assign(m_worker->commonLines());
    // RFC 6797: only over TLS.
    if (m_tls)
        m_tail.append("Strict-Transport-Security: max-age=31536000\r\n");
    m_tail.append("X-Request-Id: ").append(m_requestId);
    if (!keep)
        m_tail.append("\r\nConnection: close\r\n\r\n");
    else if (m_head.version() == 10)
        m_tail.append("\r\nConnection: keep-alive\r\n\r\n");
    else
        m_tail.append("\r\n\r\n");
}

void Connection::beginSending(int status)
{
    m_status = status;
    m_sent = 0;
    m_state = State::Sending;
}

void Connection::sendBaked(std::shared_ptr<const Baked> baked)
{
    const Baked::Variant *variant = &baked->identity;
    if (baked->gzip && acceptsGzip(m_head.header("Accept-Encoding")))
        variant = &*baked->gzip;
    const bool readOnly = m_head.method() == Method::Get || m_head.method() == Method::Head;
    bool unchanged = false;
    if (readOnly && baked->status == 200 && !variant->etag.empty()) {
        const auto known = m_head.header("If-None-Match");
        unchanged = !known.empty() && etagMatches(known, variant->etag);
    }
    makeTail();
    m_out.add(unchanged ? variant->notModified : variant->head);
    m_out.add(m_tail);
    if (!unchanged && m_head.method() != Method::Head)
        m_out.add(variant->body);
    beginSending(unchanged ? 304 : baked->status);
    m_out.keep = std::move(baked);
}

void Connection::sendResponse(Response response)
{
    m_closeAfter = m_closeAfter || response.close;
    makeTail();
    m_out.head.clear();
    appendHead(m_out.head, response);
    m_out.body = std::move(response.body);
    m_out.add(m_out.head);
    m_out.add(m_tail);
    if (m_head.method() != Method::Head && response.status != 204 && response.status != 304)
        m_out.add(m_out.body);
    beginSending(response.status);
}

void Connection::sendFile(const FileRange &range)
{
    if (auto known = m_worker->files.find(range.path, m_worker->nowMs())) {
        sendOpened(range, std::move(known));
    } else if (range.reader) {
        openElsewhere(range);
    } else {
        auto file = openFile(range.path);
        if (file)
            m_worker->files.put(range.path, *file, m_worker->nowMs());
        sendOpened(range, std::move(file));
    }
}

void Connection::openElsewhere(const FileRange &range)
{
    m_deadlineMs = 0;
    m_state = State::Opening;
    const bool taken = range.reader->post([self = shared_from_this(), range] {
        self->m_worker->post([self, range, file = openFile(range.path)]() mutable {
            if (self->m_state != State::Opening)
                return;
            if (file)
                self->m_worker->files.put(range.path, *file, self->m_worker->nowMs());
            self->sendOpened(range, std::move(file));
            self->resume();
        });
    });
    if (!taken)
        refuseBusy();
}

void Connection::sendOpened(const FileRange &range, Result<std::shared_ptr<const OpenFile>> file)
{
    if (!file) {
        m_worker->counters.filesMissing.add();
        m_worker->shared->log.error("http.file_unreadable", {{"request", std::string_view(m_requestId)},
                                                             {"reason", std::string_view(file.error().detail)}});
        // Whoever decided to send it knows of it: another server may have what is not here.
        Response refused = Response::refusal(503, "The file cannot be read now; try again in a minute");
        refused.set("Retry-After", "10");
        refused.set("Cache-Control", "no-store");
        sendResponse(std::move(refused));
        return;
    }
    const std::uint64_t size = (*file)->size;
    int status = 200;
    ByteRange part{0, size};
    if (etagMatches(m_head.header("If-None-Match"), range.etag)) {
        status = 304;
    } else if (m_head.method() == Method::Get && m_head.hasHeader("Range")) {
        const auto condition = m_head.header("If-Range");
        if (condition.empty() || (condition == range.etag && !condition.starts_with("W/"))) {
            const auto verdict = parseRange(m_head.header("Range"), size, part);
            if (verdict != RangeVerdict::Whole)
                status = verdict == RangeVerdict::Part ? 206 : 416;
        }
    }
    if (status == 416) {
        Response refused = Response::refusal(416, "The file is shorter than the range asked for");
        refused.set("Content-Range", fmt::format("bytes */{}", size));
        sendResponse(std::move(refused));
        return;
    }
    makeTail();
    std::string &head = m_out.head;
    head.clear();
    appendStatusLine(head, status);
    appendHeaders(head, range.headers);
    if (!range.etag.empty())
        appendHeaders(head, {{"ETag", range.etag}});
    if (status != 304)
        fmt::format_to(std::back_inserter(head), "Accept-Ranges: bytes\r\nContent-Length: {}\r\n", part.length);
    if (status == 206)
        fmt::format_to(std::back_inserter(head), "Content-Range: bytes {}-{}/{}\r\n", part.first,
                       part.first + part.length - 1, size);
    head.append(m_tail);
    m_out.add(head);
    if (status != 304 && m_head.method() != Method::Head) {
        m_out.file = std::move(*file);
        m_out.offset = part.first;
        m_out.left = part.length;
        m_out.reader = range.reader;
    }
    beginSending(status);
}

void Connection::sendEvents(EventStream stream)
{
    m_closeAfter = true;  // the end of the connection is the end of the stream
    makeTail();
    std::string &head = m_out.head;
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
           "X-Accel-Buffering: no\r\n";
    appendHeaders(head, stream.headers);
    head.append(m_tail);
    m_out.add(head);
    beginSending(200);
    if (m_head.method() == Method::Head || m_worker->isDraining()) {
        stream.channel->detach();
        return;
    }
    m_worker->counters.streams.add();
    m_eventsEnded = false;
    m_lastEventMs = m_worker->nowMs();
    m_channel = std::move(stream.channel);
    m_channel->attach(resumer());
    m_state = State::Events;
}

// An answer of the server itself; the request was not or not wholly understood.
void Connection::refuse(int status, std::string_view words, std::uint64_t lingerBytes,
                        std::chrono::milliseconds lingerTime)
{
    m_closeAfter = true;
    m_lingerBytes = lingerBytes;
    m_lingerTime = lingerTime;
    if (m_requestId[0] == '\0' || m_requestBytes == 0)
        m_worker->makeRequestId(m_requestId);
    // What is left of the request before must not decide how this answer looks.
    m_head.m_method = Method::Other;
    m_deadlineMs = 0;
    sendResponse(Response::refusal(status, words));
}

}  // namespace cm::http
