// SPDX-License-Identifier: GPL-3.0-or-later
// Lines into a store that keeps each. See LineLedger.
#pragma once

#include "core/metrics/event_collector.h"
#include "core/metrics/line_ledger.h"

namespace cm::metrics {

class EventLedger final : public LineLedger {
public:
    // The store outlives it.
    EventLedger(EventStore &store, Mode mode) : m_store(store), m_collector(mode) {}

    Result<Resume> resume(const std::string &source) override { return m_store.resume(source); }
    void add(std::string_view line, Time arrival) override { m_collector.add(line, arrival); }
    void refuse(std::string_view reason, Time arrival) override { m_collector.refuse(reason, arrival); }
    [[nodiscard]] std::size_t size() const override { return m_collector.size(); }
    const std::vector<Tally> &close(const std::string &source, std::int64_t from, std::int64_t until, std::optional<std::int64_t> quiet) override
    {
        m_closed = m_collector.take();
        m_closed.source = source;
        m_closed.from = from;
        m_closed.until = until;
        if (quiet)
            m_closed.tallies.push_back({*quiet});
        return m_closed.tallies;
    }
    Result<void> store() override
    {
        CM_TRY(m_store.add(m_closed));
        // The next batch gathers meanwhile, and one is large.
        m_closed.events = {};
        return {};
    }
    void drop() override { m_collector.take(); }

private:
    EventStore &m_store;
    EventCollector m_collector;
    EventBatch m_closed;
};

}  // namespace cm::metrics
