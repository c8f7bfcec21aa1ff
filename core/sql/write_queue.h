// SPDX-License-Identifier: GPL-3.0-or-later
// Group commit: one thread that owns the writing connection and runs what waits, each piece in a
// savepoint of its own, inside one transaction with one commit. Owned by a driver's Database;
// run() from any thread but its own. The destructor finishes what was accepted and joins.
#pragma once

#include "core/sql/database.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cm::sql {

class WriteQueue {
public:
    explicit WriteQueue(std::unique_ptr<Connection> connection);
    ~WriteQueue();
    WriteQueue(const WriteQueue &) = delete;
    WriteQueue &operator=(const WriteQueue &) = delete;

    // Blocks until the work is committed or undone. `alone`: shares its transaction with nobody.
    Result<void> run(const Work &work, bool alone);

private:
    struct Job {
        const Work &work;
        bool alone;
        bool done = false;
        Result<void> outcome;
        std::condition_variable answered;
    };

    void loop();
    Job *next(bool first);
    void runBatch(Job &first);
    Result<void> runInSavepoint(Job &job, Result<void> &shared);
    void answer(const std::vector<Job *> &batch);

    std::unique_ptr<Connection> m_connection;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Job *> m_jobs;
    bool m_stopping = false;
    std::thread m_thread;
};

}  // namespace cm::sql
