// SPDX-License-Identifier: GPL-3.0-or-later
// The counts of downloads in the catalog's database, whose schema is up to date (Catalog::open). Owned by the
// composition root of whoever counts; any thread, every call blocks. Several may add to one database, also from
// several machines: each batch is one transaction of the database's single writer, prepared before it begins.
// Errors besides CountStore's: InvalidInput for a batch that cannot be (a time, a count or offsets below 0).
#pragma once

#include "core/base/clock.h"
#include "core/metrics/count_store.h"
#include "core/metrics/mode.h"
#include "core/metrics/store/names.h"

namespace cm::metrics {

class CountDatabase final : public CountStore {
public:
    // Both outlive it. The clock says which minutes and hours are no longer kept.
    CountDatabase(sql::Database &database, const Clock &clock) : m_database(database), m_clock(clock), m_names(database)
    {}

    Result<std::int64_t> position(const std::string &source) override;
    Result<void> add(const Batch &batch) override;
    // Drops minutes and hours that are past their time, and sees to it that what comes next has its place (see
    // count_slices.h), in many short transactions: call it each minute. The number of rows and slices that went;
    // where some could not, the rest went all the same and the first error is told.
    Result<std::int64_t> forget();
    // Lines are read in this mode from now on: a change of it changes what figures mean, and every chart says so. Call it
    // before the first add().
    Result<void> readIn(Mode mode);
    // Where rows came from elsewhere: puts all of them in their place at once.
    Result<void> arrange();

private:
    sql::Database &m_database;
    const Clock &m_clock;
    Names m_names;
};

}  // namespace cm::metrics
