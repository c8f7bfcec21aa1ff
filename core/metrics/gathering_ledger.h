// SPDX-License-Identifier: GPL-3.0-or-later
// What every ledger does alike: gathers lines with an Aggregator or an EventCollector, and closes what they give as a
// batch. Internal to core/metrics. See LineLedger.
#pragma once

#include "core/metrics/line_ledger.h"
#include "core/metrics/log_time.h"
#include "core/metrics/mode.h"

#include <map>
#include <utility>

namespace cm::metrics {

template <class Gatherer>
class GatheringLedger : public LineLedger {
public:
    GatheringLedger(Mode mode, TimeLimits limits) : m_gatherer(mode, limits) {}

    void add(std::string_view line, Time arrival) override { m_gatherer.add(line, arrival); }
    void refuse(std::string_view reason, Time arrival) override { m_gatherer.refuse(reason, arrival); }
    void lose(std::int64_t lines, Time arrival) override { tell(lostOnTheWay, lines, arrival); }
    void repeat(std::int64_t lines, Time arrival) override { tell(knownAgain, lines, arrival); }
    const std::vector<Tally> &close(const std::string &source, std::int64_t from, std::int64_t until, std::optional<std::int64_t> known) override
    {
        m_closed = m_gatherer.take();
        m_closed.source = source;
        m_closed.from = from;
        m_closed.until = until;
        for (const auto &[place, lines] : std::exchange(m_apart, {}))
            m_closed.reasons.push_back({place.first, std::string(place.second), lines});
        if (known)
            m_closed.tallies.push_back({*known});
        return m_closed.tallies;
    }
    [[nodiscard]] const std::vector<SenderReport> &reports() const override { return m_closed.reports; }
    void drop() override
    {
        m_gatherer.startOver();
        m_apart.clear();
    }

protected:
    Gatherer m_gatherer;
    decltype(m_gatherer.take()) m_closed;

private:
    void tell(std::string_view reason, std::int64_t lines, Time arrival)
    {
        m_apart[{std::chrono::floor<std::chrono::minutes>(arrival).time_since_epoch().count(), reason}] += lines;
    }

    // What is in no count but that of its reason, by minute.
    std::map<std::pair<std::int64_t, std::string_view>, std::int64_t> m_apart;
};

}  // namespace cm::metrics
