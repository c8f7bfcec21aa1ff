// SPDX-License-Identifier: GPL-3.0-or-later
// Lines into counts. See LineLedger.
#pragma once

#include "core/metrics/aggregator.h"
#include "core/metrics/count_store.h"
#include "core/metrics/line_ledger.h"

namespace cm::metrics {

class CountLedger final : public LineLedger {
public:
    // The store outlives it.
    CountLedger(CountStore &store, Mode mode) : m_store(store), m_aggregator(mode) {}

    Result<Resume> resume(const std::string &source) override
    {
        CM_TRY_ASSIGN(const std::int64_t offset, m_store.position(source));
        return Resume{offset, std::nullopt};
    }
    void add(std::string_view line, Time arrival) override { m_aggregator.add(line, arrival); }
    void refuse(std::string_view reason, Time arrival) override { m_aggregator.refuse(reason, arrival); }
    [[nodiscard]] std::size_t size() const override { return m_aggregator.cells(); }
    const std::vector<Tally> &close(const std::string &source, std::int64_t from, std::int64_t until, std::optional<std::int64_t> quiet) override
    {
        m_closed = m_aggregator.take();
        m_closed.source = source;
        m_closed.from = from;
        m_closed.until = until;
        if (quiet)
            m_closed.tallies.push_back({*quiet});
        return m_closed.tallies;
    }
    Result<void> store() override { return m_store.add(m_closed); }
    void drop() override { m_aggregator.take(); }

private:
    CountStore &m_store;
    Aggregator m_aggregator;
    Batch m_closed;
};

}  // namespace cm::metrics
