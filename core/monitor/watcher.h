// SPDX-License-Identifier: GPL-3.0-or-later
// Has every target looked at in its own time: one thread that knows who is due, and a bounded pool that
// looks. A target whose look has not ended is not looked at again, and delays nobody: the pool has a
// thread for each target, up to a bound. Owned by the monitor; start() and stop() from one thread.
#pragma once

#include "core/base/executor.h"
#include "core/monitor/probes/probe.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cm::monitor {

class Watcher {
public:
    struct Target {
        std::chrono::milliseconds every;
        std::chrono::milliseconds timeout;
        std::function<void(const ProbeTime &)> look;
    };

    explicit Watcher(std::vector<Target> targets);
    ~Watcher() { stop(); }
    Watcher(const Watcher &) = delete;
    Watcher &operator=(const Watcher &) = delete;

    void start();
    void stop();
    // Looks that were due while the one before still ran.
    [[nodiscard]] std::int64_t overdue() const { return m_overdue.load(); }

private:
    struct Place {
        Target target;
        std::chrono::steady_clock::time_point due;
        std::atomic<bool> running{false};
    };

    void run(const std::stop_token &stop);

    std::vector<std::unique_ptr<Place>> m_places;
    Executor m_pool;
    std::stop_source m_stop;
    std::atomic<std::int64_t> m_overdue{0};
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::jthread m_thread;
};

}  // namespace cm::monitor
