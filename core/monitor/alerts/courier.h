// SPDX-License-Identifier: GPL-3.0-or-later
// Sends what waits for each receiver, in order, again and again until it is taken, for a day at most. A thread for each
// receiver, so that one that hangs delays nobody else; a letter that is refused for itself delays none behind it. Owned by
// the monitor; any thread.
#pragma once

#include "core/base/log.h"
#include "core/monitor/alerts/receiver.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace cm::monitor {

struct Letter {
    std::int64_t id = 0;  // of the store
    Time created{};
    std::string body;
    // Of the courier: how often it was tried, and when it is tried again.
    int tries = 0;
    std::chrono::steady_clock::time_point due{};
};

// What did not go well, for the timeline: once for each time that a receiver stops taking letters, once for each letter
// that it refuses for itself, and once for each that is given up.
struct Trouble {
    std::string receiver;
    std::string statement;
    std::optional<std::int64_t> givenUp;  // the letter, that nobody will send any more
};

class Courier {
public:
    // What is tried in vain for longer is given up: what it tells has passed, or has been told again since.
    static constexpr auto longest = std::chrono::hours(24);

    // `taken` is called on the receiver's thread with what has arrived, `failed` with what has not.
    Courier(std::vector<std::unique_ptr<Receiver>> receivers, const Clock &clock, Log &log,
            std::function<void(const std::vector<std::int64_t> &)> taken, std::function<void(const Trouble &)> failed);
    ~Courier() { stop(); }
    Courier(const Courier &) = delete;
    Courier &operator=(const Courier &) = delete;

    void start();
    void stop();
    void send(const std::string &receiver, std::vector<Letter> letters);
    [[nodiscard]] std::vector<api::Receiver> state() const;
    [[nodiscard]] std::vector<const Receiver *> receivers() const;

private:
    struct Box {
        std::unique_ptr<Receiver> receiver;
        std::deque<Letter> letters;
        api::Receiver state;
        bool failing = false;  // it takes nothing at all, and that was told
        std::int64_t passedOver = 0;  // letters that found no room: they stay in the store
        std::condition_variable_any wake;
        std::jthread thread;
    };

    void run(Box &box, const std::stop_token &stop);
    void note(Box &box, const Result<std::string> &sent);
    std::vector<Trouble> settle(Box &box, std::size_t at, const Result<std::string> &sent);

    const Clock &m_clock;
    Log &m_log;
    std::function<void(const std::vector<std::int64_t> &)> m_taken;
    std::function<void(const Trouble &)> m_failed;
    mutable std::mutex m_mutex;
    std::vector<std::unique_ptr<Box>> m_boxes;
};

}  // namespace cm::monitor
