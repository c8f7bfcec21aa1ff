// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads line by line in ClickHouse, read as counts: the same questions as to counts in SQL, so that charts are the
// same over either. What people say of stretches of time lies in the catalog's database all the same. Owned by the
// composition root; any thread.
#pragma once

#include "core/metrics/clickhouse/clickhouse.h"
#include "core/metrics/store/count_look.h"

namespace cm::metrics {

class EventRows final : public CountSource {
public:
    // Both outlive it. `said`: where annotations are kept.
    EventRows(ClickHouse &clickHouse, CountSource &said) : m_clickHouse(clickHouse), m_said(said) {}
    Result<void> look(const std::function<Result<void>(CountLook &)> &work) override;

private:
    ClickHouse &m_clickHouse;
    CountSource &m_said;
};

}  // namespace cm::metrics
