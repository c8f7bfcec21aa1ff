// SPDX-License-Identifier: GPL-3.0-or-later
// The way to one cache: its backlog, its driver, its thread, its file. Owned by the Purger.
#pragma once

#include "core/edge/purger.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace cm::edge {

class Lane {
public:
    Lane(std::unique_ptr<PurgeDriver> driver, const Journal &journal, std::filesystem::path file, Log &log,
         const Clock &clock);
    ~Lane() { stop(); }
    Lane(const Lane &) = delete;
    Lane &operator=(const Lane &) = delete;

    // Goes on where the file says, else from now. Unavailable when the file can neither be read nor written.
    Result<void> start();
    void stop();
    void wake();
    Result<void> order(const std::vector<std::string> &keys, bool soft);
    [[nodiscard]] LaneState state() const;

private:
    using Moment = Backlog::Moment;

    void run(const std::stop_token &stop);
    void waitForWork(const std::stop_token &stop);
    void readJournal();
    void send(const std::stop_token &stop);
    bool sendOne(const std::stop_token &stop);
    void failed(const Error &error);
    void keep();
    // With the mutex held:
    void watchSerial(std::int64_t seen);
    void startAgain(std::int64_t seen);
    Result<void> write();

    const std::unique_ptr<PurgeDriver> m_driver;
    const Journal m_journal;
    const std::filesystem::path m_file;
    Log &m_log;
    const Clock &m_clock;

    mutable std::mutex m_mutex;  // of all below
    std::condition_variable_any m_wake;
    bool m_awake = false;
    Backlog m_backlog{0};
    LaneState m_state;
    std::string m_written;  // what the file holds

    // Of the thread alone.
    std::chrono::milliseconds m_pause{0};
    Moment m_retryAt{};
    std::optional<Moment> m_behindSince;  // under the mutex
    bool m_failing = false;
    bool m_journalFailing = false;
    bool m_fileFailing = false;
    std::jthread m_thread;
};

}  // namespace cm::edge
