// SPDX-License-Identifier: GPL-3.0-or-later
// What the server asks of the program: one decision per request head, made on an I/O thread and
// therefore without blocking. Owned by the composition root, outlives the Server; dispatch() is
// called from several I/O threads at once.
#pragma once

#include "core/base/executor.h"
#include "core/http/baked.h"
#include "core/http/event_channel.h"
#include "core/http/request_head.h"
#include "core/http/response.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace cm::http {

// A file sent from disk (sendfile on plain sockets), with HEAD, Range, If-Range, If-None-Match and
// Accept-Ranges done by the server. The file behind a path never changes: descriptors are kept open.
// One that is missing or cannot be read is answered 503, and counted: the application has offered it.
struct FileRange {
    std::string path;
    std::string etag;  // with quotes; empty: no conditional requests
    Headers headers;   // Content-Type, Cache-Control…; not Content-Length
    std::shared_ptr<const void> keeper;  // whatever must live until the file is open; may be null
    // Opens and reads it, where a disk may be silent for seconds, as one across a network: no other connection waits for
    // that. Its queue holds all connections. Null: the I/O thread does, and the kernel sends.
    Executor *reader = nullptr;
};

// An answer that stays open; status 200, text/event-stream, no-store. `headers` are added.
struct EventStream {
    std::shared_ptr<EventChannel> channel;
    Headers headers;
};

using Reply = std::variant<std::shared_ptr<const Baked>, Response, FileRange, EventStream>;

// Who may go on: asked on the executor when a body is to come, before any of it is read or 100 Continue is
// sent. A reply refuses. Not asked for a request without a body: the handler judges again anyway, since
// a body may take its time.
using Admission = std::function<std::optional<Reply>(const RequestHead &head)>;

// The whole body is collected (beyond `maxBody` the answer is a 413, sent so that the client can
// read it), then `handler` runs on `executor`. A full executor is a 503 with Retry-After.
struct Deferred {
    Executor *executor = nullptr;
    std::size_t maxBody = 64 * 1024;
    std::function<Reply(const RequestHead &head, std::string body)> handler;
    Admission admit;  // empty: anybody
};

// Takes a body as it arrives. All calls happen on the Upload's executor, in order, never two at once;
// only abort() may come on an I/O thread when the executor accepts nothing more. The head given to
// dispatch() stays until the last of them has returned, even when the client has gone before.
class BodySink {
public:
    virtual ~BodySink() = default;
    // After a failure nothing more is written: finish() is called at once, its answer is sent, and
    // the rest of the body is read and thrown away within the server's limits.
    virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    // The answer. Called once, after the last write() or after the first one that failed.
    virtual Response finish() = 0;
    // Called instead of finish(): the client went away, was too slow, sent more than `maxBody`
    // (the server answers 413), the upload was given up, or the server stops.
    virtual void abort() = 0;
};

// A body streamed into a sink with back-pressure: at most four buffers of 256 KB are outstanding.
struct Upload {
    Executor *executor = nullptr;
    std::uint64_t maxBody = 0;  // 0: no limit
    // Words of the 413 when the body is larger; empty: a general sentence.
    std::string tooLarge;
    std::shared_ptr<BodySink> sink;
    Admission admit;  // before the first call of the sink, which is dropped when refused; empty: anybody
    // Asked now and then while the sink has not answered, on the I/O thread: other words than none are those of a 503, sent
    // at once. A call of the sink that hangs goes on, and is followed by abort() unless it was finish(). Empty: never.
    std::function<std::string()> givenUp;
};

using Dispatch = std::variant<std::shared_ptr<const Baked>, Response, FileRange, EventStream, Deferred, Upload>;

// What became of a request, for access logs and metrics.
struct Exchange {
    int status = 0;
    std::uint64_t bytesSent = 0;      // head and body
    std::uint64_t bytesReceived = 0;  // body
    std::chrono::steady_clock::duration elapsed{};
    bool complete = true;  // false: the connection broke before the answer was out
};

class Application {
public:
    virtual ~Application() = default;
    [[nodiscard]] virtual Dispatch dispatch(const RequestHead &head) = 0;
    // The words of a refusal that the server makes for a request it has dispatched (a body over its bound,
    // an executor that is full), in the form that its clients read. Any thread; plain text if not overridden.
    [[nodiscard]] virtual Response refusal(const RequestHead &head, int status, std::string_view words);
    // After the answer has left, on the I/O thread; not called for requests that the server itself
    // refused before dispatch().
    virtual void finished(const RequestHead &head, const Exchange &exchange);
};

}  // namespace cm::http
