// SPDX-License-Identifier: GPL-3.0-or-later
// Watches the store and tells: pages that are out of date (through registry::Changes, other processes
// included) and live events to every open stream. One thread of its own between start() and stop().
// Owned by the application; subscribe() and wake() from any thread.
#pragma once

#include "core/base/log.h"
#include "core/http/event_channel.h"
#include "core/registry/changes.h"
#include "core/registry/event_log.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cm::server {

class LiveFeed {
public:
    LiveFeed(registry::Changes &changes, registry::EventLog &events, Log &log)
        : m_changes(changes), m_events(events), m_log(log)
    {}
    ~LiveFeed() { stop(); }
    LiveFeed(const LiveFeed &) = delete;
    LiveFeed &operator=(const LiveFeed &) = delete;

    Result<void> start();
    // Closes every stream, those asked for later too.
    void stop();
    // Something was committed.
    void wake();

    // `stillMay` is asked on the feed's thread, each 15 s and whenever people or tokens have changed; the
    // stream ends when it says no. `after` is the Last-Event-ID of the client; none: only what happens from now on. One
    // older than what is kept, or not ours, gets `event: reset` first. `publicOnly`: events of the public journal.
    std::shared_ptr<http::EventChannel> subscribe(std::optional<std::int64_t> after, bool publicOnly,
                                                  std::function<bool()> stillMay);

private:
    struct Subscriber {
        std::shared_ptr<http::EventChannel> channel;
        std::optional<std::int64_t> after;
        bool publicOnly = false;
        std::function<bool()> stillMay;
        std::int64_t sent = 0;
    };

    void run(std::stop_token stop);
    void welcome(Subscriber &subscriber);
    void pump();
    void send(Subscriber &subscriber, const std::vector<catalog::EventRow> &rows);
    void endWithdrawn();
    void report(std::string_view what, const Error &error);

    registry::Changes &m_changes;
    registry::EventLog &m_events;
    Log &m_log;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_pending = false;
    bool m_stopped = false;
    std::vector<Subscriber> m_newcomers;
    std::vector<Subscriber> m_subscribers;          // of the thread alone
    std::int64_t m_newest = 0;                      // of the thread alone
    std::chrono::steady_clock::time_point m_asked;  // of the thread alone: when stillMay() was last asked
    bool m_failing = false;                         // of the thread alone: one line a failure, not ten a second
    std::jthread m_thread;
};

}  // namespace cm::server
