// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads line by line in ClickHouse. A batch is noted as begun, its inserts are sent with tokens made of its source and
// bounds, then it is noted as done. After a crash or a lost answer the same batch is sent again, and what is there of it
// stays as it is: each table is asked for rows of it first, for tokens are remembered for so many inserts only, and an
// insert that is still under way is known by its token. Owned by the composition root of an ingester; any thread, every call blocks.
#pragma once

#include "core/base/clock.h"
#include "core/metrics/clickhouse/clickhouse.h"
#include "core/metrics/event_store.h"
#include "core/metrics/mode.h"

#include <map>
#include <mutex>

namespace cm::metrics {

class EventDatabase final : public EventStore {
public:
    // It outlives this.
    explicit EventDatabase(ClickHouse &clickHouse) : m_clickHouse(clickHouse) {}

    Result<Resume> resume(const std::string &source) override;
    Result<void> add(const EventBatch &batch) override;
    // Lines are read in this mode from now on: a change of it changes what figures mean, and every chart says so (EventRows).
    // Call it before the first add().
    Result<void> readIn(Mode mode, Time now);

private:
    Result<void> note(const EventBatch &batch, std::string_view step);

    ClickHouse &m_clickHouse;
    std::mutex m_mutex;
    std::map<std::string, std::int64_t> m_begun;  // where the batch ends of which something may be there, by source
};

}  // namespace cm::metrics
