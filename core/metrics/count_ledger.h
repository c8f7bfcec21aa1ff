// SPDX-License-Identifier: GPL-3.0-or-later
// Lines into counts. See LineLedger.
#pragma once

#include "core/metrics/aggregator.h"
#include "core/metrics/count_store.h"
#include "core/metrics/gathering_ledger.h"

namespace cm::metrics {

class CountLedger final : public GatheringLedger<Aggregator> {
public:
    // The store outlives it.
    CountLedger(CountStore &store, Mode mode, TimeLimits limits = {}) : GatheringLedger(mode, limits), m_store(store) {}

    Result<Resume> resume(const std::string &source) override
    {
        CM_TRY_ASSIGN(const std::int64_t offset, m_store.position(source));
        return Resume{offset, std::nullopt};
    }
    [[nodiscard]] std::size_t size() const override { return m_gatherer.cells(); }
    Result<void> store() override { return m_store.add(m_closed); }

private:
    CountStore &m_store;
};

}  // namespace cm::metrics
