// SPDX-License-Identifier: GPL-3.0-or-later
// A named pool of threads with a bounded queue, for work that may block: database, disk, archives,
// password hashes. Owned by the composition root; post() from any thread. The destructor runs
// what was accepted and joins.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cm {

class Executor {
public:
    Executor(std::string name, std::size_t threads, std::size_t maxQueued);
    ~Executor();
    Executor(const Executor &) = delete;
    Executor &operator=(const Executor &) = delete;

    // False when the queue is full or the pool is stopping; the job is then not run, and the caller
    // answers Unavailable.
    [[nodiscard]] bool post(std::function<void()> job);
    // Accepts nothing more, runs what is queued, joins. Idempotent.
    void stop();
    [[nodiscard]] std::size_t queued() const;
    [[nodiscard]] const std::string &name() const { return m_name; }

private:
    void run();

    std::string m_name;
    std::size_t m_maxQueued;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_jobs;
    bool m_stopping = false;
    std::vector<std::thread> m_threads;
};

}  // namespace cm
