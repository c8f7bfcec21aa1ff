// SPDX-License-Identifier: GPL-3.0-or-later
// Lines into a store that keeps each. See LineLedger.
#pragma once

#include "core/metrics/event_collector.h"
#include "core/metrics/gathering_ledger.h"

namespace cm::metrics {

class EventLedger final : public GatheringLedger<EventCollector> {
public:
    // The store outlives it.
    EventLedger(EventStore &store, Mode mode, TimeLimits limits = {}) : GatheringLedger(mode, limits), m_store(store) {}

    Result<Resume> resume(const std::string &source) override { return m_store.resume(source); }
    [[nodiscard]] std::size_t size() const override { return m_gatherer.size(); }
    Result<void> store() override
    {
        CM_TRY(m_store.add(m_closed));
        // The next batch gathers meanwhile, and one is large.
        m_closed.events = {};
        return {};
    }

private:
    EventStore &m_store;
};

}  // namespace cm::metrics
