// SPDX-License-Identifier: GPL-3.0-or-later
// Where an ingester's lines go: into the counts of the registry's database, or line by line into a ClickHouse where one
// is configured. Either is opened when it can be: lines are taken also while it is away. Made and destroyed by one
// thread; ledger() is used by the one that counts.
#pragma once

#include "app/daemon/clickhouse.h"
#include "app/daemon/count_sink.h"
#include "app/daemon/ingest_options.h"
#include "core/metrics/clickhouse/event_database.h"
#include "core/metrics/intake/backfill.h"
#include "core/metrics/intake/counter.h"

namespace cm::daemon {

// Where the database lies in it a registry has to be there: a mistyped folder is no new one. NotFound, Unavailable.
Result<DataFolder> registryFolder(const IngestSettings &settings);

class IngestStore {
public:
    // All of them outlive it. InvalidInput; Unavailable for a password that cannot be read;
    // Conflict while the folder's database moves.
    static Result<std::unique_ptr<IngestStore>> make(const IngestSettings &settings, const DataFolder &folder, const Clock &clock);
    virtual ~IngestStore() = default;

    // Makes tables where there are none. As often as one likes.
    virtual Result<void> open() = 0;
    virtual metrics::LineLedger &ledger() = 0;
    // How large batches are.
    virtual metrics::intake::CounterOptions counting() const = 0;
    virtual metrics::intake::BackfillOptions filling() const = 0;
    // Each minute: drops what is past its time.
    virtual void minute(Log &log) = 0;
};

}  // namespace cm::daemon
