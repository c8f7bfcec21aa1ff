// SPDX-License-Identifier: GPL-3.0-or-later
// Live events of a monitor (SSE): what the journal has written goes to every open stream, and a stream
// that resumes gets what it has missed. Owned by the application; any thread.
#pragma once

#include "core/base/log.h"
#include "core/http/event_channel.h"
#include "core/monitor/store/journal.h"

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cm::monitor {

class MonitorFeed {
public:
    MonitorFeed(Journal &journal, Log &log) : m_journal(journal), m_log(log) {}

    // Recorded events, in their order.
    void publish(const std::vector<api::TimelineEvent> &events);
    // `after` is the client's Last-Event-ID. May block on the journal.
    std::shared_ptr<http::EventChannel> subscribe(std::optional<std::int64_t> after);
    // Ends every stream, those asked for later too.
    void stop();

private:
    struct Subscriber {
        std::shared_ptr<http::EventChannel> channel;
        std::int64_t sent = 0;
    };

    Result<void> welcome(Subscriber &subscriber, std::int64_t after);

    Journal &m_journal;
    Log &m_log;
    std::mutex m_mutex;
    bool m_stopped = false;
    std::vector<Subscriber> m_subscribers;
};

}  // namespace cm::monitor
