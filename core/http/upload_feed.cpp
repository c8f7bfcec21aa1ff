// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/upload_feed.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace cm::http {

UploadFeed::UploadFeed(std::shared_ptr<BodySink> sink, Executor &executor, std::weak_ptr<const void> owner,
                       std::function<void()> notify)
    : m_sink(std::move(sink)), m_executor(executor), m_owner(std::move(owner)), m_notify(std::move(notify))
{
}

BodyChunk UploadFeed::chunk(std::size_t size)
{
    const auto capacity = std::min(std::max<std::size_t>(size, 1), chunkBytes);
    {
        const std::lock_guard lock(m_mutex);
        m_freeIsUsed = true;
        if (!m_free.empty() && m_free.back().capacity >= capacity) {
            BodyChunk reused = std::move(m_free.back());
            m_free.pop_back();
            reused.size = 0;
            return reused;
        }
    }
    return {std::make_unique_for_overwrite<std::byte[]>(capacity), 0, capacity};
}

bool UploadFeed::push(BodyChunk chunk, bool last)
{
    const std::lock_guard lock(m_mutex);
    if (m_over)
        return true;
    ++m_outstanding;
    m_chunks.push_back(std::move(chunk));
    m_last = last;
    if (m_running || postLocked())
        return true;
    if (m_begun)
        return true;  // kick() tries again
    m_over = true;
    m_sink->abort();
    return false;
}

// The job holds the feed alive, and the connection with the head that the sink reads: the client may go
// while the sink works. The lock is held.
bool UploadFeed::postLocked()
{
    m_running = m_executor.post([owner = m_owner.lock(), self = shared_from_this()] { self->run(); });
    m_begun = m_begun || m_running;
    return m_running;
}

bool UploadFeed::isFull() const
{
    const std::lock_guard lock(m_mutex);
    return m_outstanding >= maxOutstanding;
}

void UploadFeed::kick()
{
    const std::lock_guard lock(m_mutex);
    if (!std::exchange(m_freeIsUsed, false))
        m_free.clear();
    if (!m_running && !m_over && !m_chunks.empty())
        postLocked();
}

void UploadFeed::abort()
{
    const std::lock_guard lock(m_mutex);
    if (m_over || m_aborted)
        return;
    m_aborted = true;
    if (m_running || postLocked())
        return;
    m_over = true;
    m_sink->abort();
}

bool UploadFeed::takeResponse(Response &response)
{
    const std::lock_guard lock(m_mutex);
    if (!m_answered)
        return false;
    m_answered = false;
    response = std::move(m_response);
    return true;
}

void UploadFeed::run()
{
    std::unique_lock lock(m_mutex);
    try {
        while (step(lock)) {
        }
    } catch (const std::exception &) {
        // A job's boundary: a sink that throws is a defect, answered as one.
        if (!lock.owns_lock())
            lock.lock();
        m_over = true;
        m_answered = true;
        m_response = Response::refusal(500, "Internal error while receiving the upload");
    }
    m_running = false;
    const bool answered = m_answered;
    lock.unlock();
    if (answered)
        m_notify();
}

// One piece of work with the lock released meanwhile; false when there is none left.
bool UploadFeed::step(std::unique_lock<std::mutex> &lock)
{
    if (m_over)
        return false;
    if (m_aborted) {
        m_over = true;
        m_chunks.clear();
        lock.unlock();
        m_sink->abort();
        lock.lock();
        return false;
    }
    if (m_chunks.empty())
        return false;
    BodyChunk chunk = std::move(m_chunks.front());
    m_chunks.pop_front();
    const bool last = m_last && m_chunks.empty();
    lock.unlock();
    const bool written = chunk.size == 0 || m_sink->write(std::span(chunk.bytes.get(), chunk.size)).has_value();
    Response response;
    if (last || !written)
        response = m_sink->finish();
    lock.lock();
    const bool wasFull = m_outstanding >= maxOutstanding;
    --m_outstanding;
    if (m_free.size() < maxOutstanding)
        m_free.push_back(std::move(chunk));
    if (last || !written) {
        m_over = true;
        m_chunks.clear();
        m_response = std::move(response);
        m_answered = true;
        return false;
    }
    if (wasFull) {
        lock.unlock();
        m_notify();
        lock.lock();
    }
    return true;
}

}  // namespace cm::http
