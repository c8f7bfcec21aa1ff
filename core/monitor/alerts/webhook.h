// SPDX-License-Identifier: GPL-3.0-or-later
// Notifications on their way: the body of a webhook in Alertmanager's format (version 4), and the courier
// that sends what waits, in order for each receiver, again and again until it is taken. The courier has a
// thread for each receiver, so that one that hangs delays nobody else; its functions are for any thread.
#pragma once

#include "core/api/alerting.h"
#include "core/base/log.h"
#include "core/http/client/http_client.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cm::monitor {

struct WebhookReceiver {
    std::string name;
    std::string url;
    http::Headers headers;
    std::string caFile;
};

// One alert, firing or closed, with the sentence, its age and the runbook. Pure.
[[nodiscard]] std::string webhookBody(const api::Alert &alert, const std::string &receiver, const std::string &registry,
                                      const std::string &externalUrl, Time now);

struct Letter {
    std::int64_t id = 0;  // of the store
    Time created{};
    std::string body;
};

class Courier {
public:
    // `taken` is called on the receiver's thread with what has arrived.
    Courier(std::vector<WebhookReceiver> receivers, const Clock &clock, Log &log,
            std::function<void(const std::vector<std::int64_t> &)> taken);
    ~Courier() { stop(); }
    Courier(const Courier &) = delete;
    Courier &operator=(const Courier &) = delete;

    void start();
    void stop();
    void send(const std::string &receiver, std::vector<Letter> letters);
    [[nodiscard]] std::vector<api::Receiver> state() const;
    [[nodiscard]] std::vector<std::string> names() const;

private:
    struct Box {
        WebhookReceiver receiver;
        std::deque<Letter> letters;
        api::Receiver state;
        std::condition_variable_any wake;
        std::jthread thread;
    };

    void run(Box &box, const std::stop_token &stop);
    Result<void> post(const Box &box, const std::string &body, const std::stop_token &stop) const;

    const Clock &m_clock;
    Log &m_log;
    std::function<void(const std::vector<std::int64_t> &)> m_taken;
    mutable std::mutex m_mutex;
    std::vector<std::unique_ptr<Box>> m_boxes;
};

}  // namespace cm::monitor
