// SPDX-License-Identifier: GPL-3.0-or-later
// Carries the chunks of one body from the I/O thread to its BodySink on an executor: in order, one
// job at a time, at most four chunks outstanding. Shared by the connection and the running job; the
// connection calls push(), kick() and abort(), the job calls back through `notify` (any thread). A job
// keeps the connection too, whose request head the sink may read until its last call.
#pragma once

#include "core/http/application.h"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace cm::http {

struct BodyChunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
    std::size_t capacity = 0;
};

class UploadFeed : public std::enable_shared_from_this<UploadFeed> {
public:
    static constexpr std::size_t chunkBytes = 256 * 1024;
    static constexpr std::size_t maxOutstanding = 4;

    // `owner` is the connection, alive whenever it calls. `notify` is called after a chunk was taken
    // while the feed was full, and when the answer is there.
    UploadFeed(std::shared_ptr<BodySink> sink, Executor &executor, std::weak_ptr<const void> owner,
               std::function<void()> notify);

    // A chunk to fill, of at least `size` bytes up to chunkBytes; reused ones first.
    [[nodiscard]] BodyChunk chunk(std::size_t size);
    // False when the executor accepts nothing and nothing was begun: the upload is over (aborted).
    [[nodiscard]] bool push(BodyChunk chunk, bool last);
    [[nodiscard]] bool isFull() const;
    // Tries again to hand work to an executor that was full, and lets go of buffers that a client who
    // stalls does not fill. Called now and then.
    void kick();
    void abort();
    // The sink's answer, once it is there.
    [[nodiscard]] bool takeResponse(Response &response);

private:
    bool postLocked();
    void run();
    bool step(std::unique_lock<std::mutex> &lock);

    std::shared_ptr<BodySink> m_sink;
    Executor &m_executor;
    const std::weak_ptr<const void> m_owner;
    std::function<void()> m_notify;
    mutable std::mutex m_mutex;
    std::deque<BodyChunk> m_chunks;
    std::vector<BodyChunk> m_free;
    bool m_freeIsUsed = false;  // since the last kick()
    std::size_t m_outstanding = 0;
    Response m_response;
    bool m_begun = false;
    bool m_running = false;
    bool m_last = false;
    bool m_aborted = false;
    bool m_over = false;      // finish() or abort() was called
    bool m_answered = false;  // m_response is set
};

}  // namespace cm::http
