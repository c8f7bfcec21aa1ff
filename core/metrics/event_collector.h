// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a CDN's log to events, for a store that keeps each: what Aggregator is for one that keeps counts. Knows each
// user agent once, within bounds. Owned by whoever reads a stream, used by one thread.
#pragma once

#include "core/base/clock.h"
#include "core/metrics/event_store.h"
#include "core/metrics/line.h"
#include "core/metrics/log_time.h"
#include "core/metrics/sender_watch.h"
#include "core/metrics/user_agent_memo.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace cm::metrics {

class EventCollector {
public:
    explicit EventCollector(Mode mode, TimeLimits limits = {}) : m_limits(limits), m_reader(mode), m_clients(mode, randomSeed()) {}

    // As Aggregator's.
    void add(std::string_view line, Time arrival);
    void refuse(std::string_view reason, Time arrival);
    // Events and rows of tallies since the last take(); more where they are larger in memory than lines are.
    [[nodiscard]] std::size_t size() const { return std::max(m_events.size(), m_bytes / usualBytes) + m_tallies.size() + m_reasons.size(); }
    void startOver();
    // Source and offsets are left to the caller.
    EventBatch take();

private:
    static constexpr std::size_t usualBytes = 640;  // of an event

    void pass(Outcome outcome, std::string_view reason, std::int64_t minute);
    Tally &tallyOf(std::int64_t minute);

    const TimeLimits m_limits;
    LineReader m_reader;
    UserAgentMemo<Client> m_clients;
    SenderWatch m_senders;
    std::vector<Event> m_events;
    std::size_t m_bytes = 0;  // of them
    std::map<std::int64_t, Tally> m_tallies;
    std::map<std::pair<std::int64_t, std::string>, std::int64_t> m_reasons;
};

}  // namespace cm::metrics
