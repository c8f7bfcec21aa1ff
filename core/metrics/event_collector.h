// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a CDN's log to events, for a store that keeps each: what Aggregator is for one that keeps counts. Knows each
// user agent once, within bounds. Owned by whoever reads a stream, used by one thread.
#pragma once

#include "core/base/clock.h"
#include "core/metrics/event_store.h"
#include "core/metrics/line.h"
#include "core/metrics/user_agent.h"

#include <map>
#include <string_view>
#include <unordered_map>

namespace cm::metrics {

class EventCollector {
public:
    explicit EventCollector(Mode mode) : m_mode(mode), m_reader(mode) {}

    // As Aggregator's.
    void add(std::string_view line, Time arrival);
    void refuse(std::string_view reason, Time arrival);
    // Events and rows of tallies since the last take().
    [[nodiscard]] std::size_t size() const { return m_events.size() + m_tallies.size() + m_reasons.size(); }
    // Source and offsets are left to the caller.
    EventBatch take();

private:
    const Client &clientOf(std::string_view userAgent);
    void pass(Outcome outcome, std::string_view reason, std::int64_t minute);
    Tally &tallyOf(std::int64_t minute);

    const Mode m_mode;
    LineReader m_reader;
    std::unordered_map<std::string, Client> m_clients;
    std::string m_key;
    std::size_t m_keyBytes = 0;  // of all that are kept
    std::vector<Event> m_events;
    std::map<std::int64_t, Tally> m_tallies;
    std::map<std::pair<std::int64_t, std::string>, std::int64_t> m_reasons;
};

}  // namespace cm::metrics
