// SPDX-License-Identifier: GPL-3.0-or-later
// Has every target looked at in its own time: one thread that knows who is due, and a bounded pool that
// looks. A target whose look has not ended is not looked at again, and delays nobody: the pool has a
// thread for each target, up to a bound. Owned by the monitor; start() and stop() from one thread.
#pragma once

#include "core/base/executor.h"
#include "core/monitor/probes/probe.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cm::monitor {

class Watcher {
public:
    struct Target {
        std::chrono::milliseconds every;
        std::chrono::milliseconds timeout;
        std::function<void(const ProbeTime &)> look;
        std::string role{};  // of what is looked at, for who wants one alone to be looked at now
    };

    explicit Watcher(std::vector<Target> targets);
    ~Watcher() { stop(); }
    Watcher(const Watcher &) = delete;
    Watcher &operator=(const Watcher &) = delete;

    void start();
    void stop();
    // Has every target looked at now, or those of some roles alone, and waits for looks that began after this call: true
    // when all have ended, false when the time is over or the stop came first. Any thread.
    bool lookNow(std::chrono::milliseconds within, const std::stop_token &stop, const std::vector<std::string_view> &roles = {});
    // Looks that were due while the one before still ran.
    [[nodiscard]] std::int64_t overdue() const { return m_overdue.load(); }

private:
    struct Place {
        Target target;
        std::chrono::steady_clock::time_point due;
        bool running = false;
        // A look is wanted that begins from now on.
        bool again = false;
        std::int64_t begun = 0, ended = 0;  // looks
    };

    void run(const std::stop_token &stop);
    void begin(Place &place);

    std::vector<std::unique_ptr<Place>> m_places;
    Executor m_pool;
    std::stop_source m_stop;
    std::atomic<std::int64_t> m_overdue{0};
    std::mutex m_mutex;  // of the places and what follows
    bool m_asked = false;
    std::condition_variable_any m_wake, m_ended;
    std::jthread m_thread;
};

}  // namespace cm::monitor
