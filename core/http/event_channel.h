// SPDX-License-Identifier: GPL-3.0-or-later
// The sending end of an answer that stays open (text/event-stream, WHATWG HTML section 9.2). Made by
// the application and handed to the server inside an EventStream; every function is callable from
// any thread, before and after the client has gone. What a slow client has not taken is bounded in
// bytes; beyond that the stream is closed and the client is expected to resume.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace cm::http {

class EventChannel {
public:
    explicit EventChannel(std::size_t maxQueuedBytes = 256 * 1024) : m_maxQueuedBytes(maxQueuedBytes) {}
    EventChannel(const EventChannel &) = delete;
    EventChannel &operator=(const EventChannel &) = delete;

    // Bytes for the wire: whole events with their empty line. False when the stream is over.
    bool send(std::string_view bytes);
    // What is queued still leaves, then the connection ends.
    void close();
    [[nodiscard]] bool isClosed() const;
    // Runs once when the stream is over for whatever reason, on the thread that ended it (often an
    // I/O thread: do not block); at once when it is over already.
    void onClosed(std::function<void()> callback);

private:
    friend class Connection;

    // The connection's side. `wake` is called from any thread, once until take() was called.
    void attach(std::function<void()> wake);
    // Everything queued; `ended` when nothing will follow.
    std::string take(bool &ended);
    void detach();

    const std::size_t m_maxQueuedBytes;
    mutable std::mutex m_mutex;
    std::string m_queue;
    std::function<void()> m_wake;
    std::function<void()> m_onClosed;
    bool m_wakePending = false;
    bool m_closing = false;  // no more send()
    bool m_over = false;     // the client is gone or everything was taken
};

// One event of the stream: lines of `data` are split as the format asks; empty id or type is left out.
[[nodiscard]] std::string formatEvent(std::string_view id, std::string_view type, std::string_view data);

}  // namespace cm::http
