// SPDX-License-Identifier: GPL-3.0-or-later
// The slices of time in which counts lie where an engine has them (sql::Dialect): made before they are needed, dropped when all
// in them is past its time. Internal to core/metrics/store; blocks, in short transactions.
#pragma once

#include "core/metrics/store/tiers.h"
#include "core/sql/database.h"

namespace cm::metrics {

// Where the slice begins in which a bucket of the tier lies.
[[nodiscard]] Minute sliceOf(Tier tier, Minute bucket);
[[nodiscard]] Minute sliceAfter(Tier tier, Minute slice);

// Makes and drops at most so many of each tier. How many went. Where the engine has none: nothing to do.
Result<std::int64_t> tendSlices(sql::Database &database, Minute now, int most);
// The earliest bucket whose rows are left to a slice: those before it are in none, and go one by one.
Result<Minute> rowsKeptFrom(sql::Connection &connection, Tier tier, Minute now);

}  // namespace cm::metrics
