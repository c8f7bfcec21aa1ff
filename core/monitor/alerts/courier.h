// SPDX-License-Identifier: GPL-3.0-or-later
// Sends what waits for each receiver, in order, again and again until it is taken. A thread for each receiver, so
// that one that hangs delays nobody else. Owned by the monitor; any thread.
#pragma once

#include "core/base/log.h"
#include "core/monitor/alerts/receiver.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cm::monitor {

struct Letter {
    std::int64_t id = 0;  // of the store
    Time created{};
    std::string body;
};

class Courier {
public:
    // `taken` is called on the receiver's thread with what has arrived.
    Courier(std::vector<std::unique_ptr<Receiver>> receivers, const Clock &clock, Log &log,
            std::function<void(const std::vector<std::int64_t> &)> taken);
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
        std::condition_variable_any wake;
        std::jthread thread;
    };

    void run(Box &box, const std::stop_token &stop);
    void note(Box &box, const Result<std::string> &sent);

    const Clock &m_clock;
    Log &m_log;
    std::function<void(const std::vector<std::int64_t> &)> m_taken;
    mutable std::mutex m_mutex;
    std::vector<std::unique_ptr<Box>> m_boxes;
};

}  // namespace cm::monitor
