// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/count_slices.h"

#include "core/sql/dialect.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cm::metrics {
namespace {

constexpr std::array tiers{Tier::Minute, Tier::Hour, Tier::Day};
// 2002: there was no index before.
constexpr Minute firstDay = 16'830'720;

Minute widthOf(Tier tier)
{
    return tier == Tier::Minute ? minutesOfDay : tier == Tier::Hour ? 7 * minutesOfDay : 366 * minutesOfDay;
}

std::string tableOf(Tier tier)
{
    return fmt::format("download_counts_{}", static_cast<int>(tier));
}

bool isSliced(sql::Connection &connection)
{
    return !connection.dialect().slices(tableOf(Tier::Minute)).empty();
}

Result<std::vector<Minute>> beginningsOf(sql::Connection &connection, Tier tier)
{
    std::vector<Minute> out;
    CM_TRY_ASSIGN(const auto rows, connection.query(connection.dialect().slices(tableOf(tier))));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return out;
        out.push_back(rows->integer(0));
    }
}

Result<void> runAll(sql::Connection &connection, const std::vector<std::string> &statements)
{
    for (const std::string &statement : statements)
        CM_TRY(connection.script(statement));
    return {};
}

// A slice that is wanted and not there: of the present, of what comes next, or of rows that lie outside.
Result<std::optional<Minute>> missing(sql::Connection &connection, Tier tier, const std::vector<Minute> &there, Minute now)
{
    const Minute present = sliceOf(tier, now);
    const Minute next = sliceAfter(tier, present);
    for (const Minute wanted : {present, next}) {
        if (std::ranges::find(there, wanted) == there.end())
            return wanted;
    }
    // Days are kept for ever, those of this century in slices.
    const Minute from = tier == Tier::Day ? sliceOf(tier, firstDay) : sliceOf(tier, keptFrom(tier, now));
    CM_TRY_ASSIGN(const auto rows, connection.query(connection.dialect().outsideSlices(tableOf(tier)), {from}));
    CM_TRY_ASSIGN(const bool found, rows->next());
    if (!found || rows->isNull(0) || rows->integer(0) > now)
        return std::nullopt;
    return sliceOf(tier, rows->integer(0));
}

// One slice a transaction, so that other writers wait for one alone.
Result<std::int64_t> tend(sql::Database &database, Tier tier, Minute now, int most)
{
    std::int64_t gone = 0;
    for (int done = 0, step = 1; step > 0 && done < most; ++done) {
        CM_TRY(database.writeAlone([&](sql::Connection &connection) -> Result<void> {
            step = 0;
            CM_TRY_ASSIGN(const auto there, beginningsOf(connection, tier));
            if (!there.empty() && sliceAfter(tier, there.front()) <= keptFrom(tier, now)) {
                CM_TRY(runAll(connection, connection.dialect().dropSlice(tableOf(tier), there.front())));
                ++gone;
                step = 1;
                return {};
            }
            CM_TRY_ASSIGN(const auto wanted, missing(connection, tier, there, now));
            if (!wanted)
                return {};
            step = 1;
            return runAll(connection, connection.dialect().makeSlice(tableOf(tier), *wanted, sliceAfter(tier, *wanted)));
        }));
    }
    return gone;
}

}  // namespace

Minute sliceOf(Tier tier, Minute bucket)
{
    return bucket / widthOf(tier) * widthOf(tier);
}

Minute sliceAfter(Tier tier, Minute slice)
{
    return slice + widthOf(tier);
}

Result<std::int64_t> tendSlices(sql::Database &database, Minute now, int most)
{
    bool sliced = false;
    CM_TRY(database.read([&](sql::Connection &connection) -> Result<void> {
        sliced = isSliced(connection);
        return {};
    }));
    if (!sliced)
        return 0;
    std::int64_t gone = 0;
    std::optional<Error> error;  // the first one: the other tiers have their turn all the same
    for (const Tier tier : tiers) {
        const auto dropped = tend(database, tier, now, most);
        if (dropped)
            gone += *dropped;
        else
            error = error.value_or(dropped.error());
    }
    if (error)
        return fail(*error);
    return gone;
}

Result<Minute> rowsKeptFrom(sql::Connection &connection, Tier tier, Minute now)
{
    const Minute kept = keptFrom(tier, now);
    return isSliced(connection) ? sliceOf(tier, kept) : kept;
}

}  // namespace cm::metrics
