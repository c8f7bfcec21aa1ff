// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/count_database.h"

#include "core/metrics/store/count_slices.h"
#include "core/metrics/store/rolled_batch.h"
#include "core/metrics/store/sender_rows.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <fmt/format.h>

namespace cm::metrics {
namespace {

// Rows of one transaction of forget(): other writers wait for it.
constexpr std::int64_t forgottenAtOnce = 2'000;
// Slices of a tier that one call makes or drops: what moved in with another engine's rows finds its place little by little.
constexpr int slicesAtOnce = 8;

Result<std::int64_t> number(sql::Connection &connection, std::string_view text, std::initializer_list<sql::Param> params,
                            std::int64_t otherwise)
{
    CM_TRY_ASSIGN(const auto rows, connection.query(text, params));
    CM_TRY_ASSIGN(const bool found, rows->next());
    return found && !rows->isNull(0) ? rows->integer(0) : otherwise;
}

Result<std::int64_t> positionOf(sql::Connection &connection, const std::string &source)
{
    return number(connection, "SELECT position FROM download_sources WHERE source = $1", {source}, 0);
}

Result<void> setPosition(sql::Connection &connection, std::string_view source, std::int64_t position, Time now)
{
    CM_TRY(connection.execute("INSERT INTO download_sources (source, position, updated) VALUES ($1, $2, $3)"
                              " ON CONFLICT (source) DO UPDATE SET position = excluded.position, updated = excluded.updated",
                              {source, position, now.time_since_epoch().count()}));
    return {};
}

Result<void> check(const Batch &batch)
{
    const auto isTime = [](Minute minute) { return minute >= 0 && minute <= lastMinute; };
    const bool times = std::ranges::all_of(batch.cells, isTime, &Cell::minute) &&
                       std::ranges::all_of(batch.tallies, isTime, &Tally::minute) &&
                       std::ranges::all_of(batch.reasons, isTime, &ReasonTally::minute) &&
                       std::ranges::all_of(batch.senders, isTime, &SenderTally::hour) &&
                       std::ranges::all_of(batch.reports, [&](const SenderReport &report) { return report.seconds >= 0 && isTime(report.seconds / 60); });
    if (!times)
        return fail(ErrorCode::InvalidInput, "a batch has a minute that cannot be");
    if (!std::ranges::all_of(batch.cells, [](const Cell &cell) { return cell.count > 0; }))
        return fail(ErrorCode::InvalidInput, "a batch has a cell that counts nothing");
    if (batch.source.empty() || batch.from < 0 || batch.until < batch.from)
        return fail(ErrorCode::InvalidInput, "a batch says not where it comes from");
    return {};
}

// Some rows of what is oldest and past its time; how many, or 0 when there is nothing left.
Result<std::int64_t> forgetCounts(sql::Connection &connection, Tier tier, Minute now)
{
    CM_TRY_ASSIGN(const Minute kept, rowsKeptFrom(connection, tier, now));
    const int level = static_cast<int>(tier);
    CM_TRY_ASSIGN(const std::int64_t bucket,
                  number(connection, "SELECT bucket FROM download_counts WHERE tier = $1 AND bucket < $2 ORDER BY bucket LIMIT 1",
                         {level, kept}, -1));
    if (bucket < 0)
        return 0;
    CM_TRY_ASSIGN(const std::int64_t until,
                  number(connection, "SELECT subject FROM download_counts WHERE tier = $1 AND bucket = $2"
                                     " ORDER BY subject LIMIT 1 OFFSET $3",
                         {level, bucket, forgottenAtOnce}, -1));
    if (until < 0)
        return connection.execute("DELETE FROM download_counts WHERE tier = $1 AND bucket = $2", {level, bucket});
    return connection.execute("DELETE FROM download_counts WHERE tier = $1 AND bucket = $2 AND subject <= $3",
                              {level, bucket, until});
}

Result<std::int64_t> forgetRanks(sql::Connection &connection, Minute keptHour)
{
    std::int64_t gone = 0;
    for (const Request request : {Request::Download, Request::Simple}) {
        CM_TRY_ASSIGN(const std::int64_t bucket,
                      number(connection, "SELECT bucket FROM download_ranks WHERE tier = $1 AND request = $2 AND bucket < $3"
                                         " ORDER BY bucket LIMIT 1",
                             {static_cast<int>(Tier::Hour), static_cast<int>(request), keptHour}, -1));
        if (bucket < 0)
            continue;
        CM_TRY_ASSIGN(const std::int64_t rows,
                      connection.execute("DELETE FROM download_ranks WHERE tier = $1 AND request = $2 AND bucket = $3",
                                         {static_cast<int>(Tier::Hour), static_cast<int>(request), bucket}));
        gone += rows;
    }
    return gone;
}

Result<std::int64_t> forgetTallies(sql::Connection &connection, Minute keptMinute)
{
    CM_TRY_ASSIGN(const std::int64_t until,
                  number(connection, "SELECT bucket FROM download_tallies WHERE tier = $1 AND bucket < $2"
                                     " ORDER BY bucket LIMIT 1 OFFSET $3",
                         {static_cast<int>(Tier::Minute), keptMinute, forgottenAtOnce}, keptMinute));
    std::int64_t gone = 0;
    for (const std::string_view text : {"DELETE FROM download_tallies WHERE tier = $1 AND bucket < $2",
                                        "DELETE FROM download_reasons WHERE tier = $1 AND bucket < $2"}) {
        CM_TRY_ASSIGN(const std::int64_t rows, connection.execute(text, {static_cast<int>(Tier::Minute), until}));
        gone += rows;
    }
    return gone;
}

// Hours go with those of counts. A sender that said nothing for as long as minutes are kept begins anew when it does.
Result<std::int64_t> forgetSenders(sql::Connection &connection, Minute now)
{
    CM_TRY_ASSIGN(const std::int64_t until,
                  number(connection, "SELECT bucket FROM download_sender_hours WHERE bucket < $1 ORDER BY bucket LIMIT 1 OFFSET $2",
                         {keptFrom(Tier::Hour, now), forgottenAtOnce}, keptFrom(Tier::Hour, now)));
    CM_TRY_ASSIGN(const std::int64_t hours, connection.execute("DELETE FROM download_sender_hours WHERE bucket < $1", {until}));
    CM_TRY_ASSIGN(const std::int64_t senders,
                  connection.execute("DELETE FROM download_senders WHERE seconds < $1", {keptFrom(Tier::Minute, now) * 60}));
    return hours + senders;
}

}  // namespace

Result<std::int64_t> CountDatabase::position(const std::string &source)
{
    // Of the writer: a reader may be a standby, which is behind.
    std::int64_t position = 0;
    CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(position, positionOf(connection, source));
        return {};
    }));
    return position;
}

Result<void> CountDatabase::add(const Batch &batch)
{
    CM_TRY(check(batch));
    const Time now = m_clock.now();
    CM_TRY_ASSIGN(const RolledBatch rolled, RolledBatch::of(batch, m_database, m_names, minuteOf(now)));
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const std::int64_t position, positionOf(connection, batch.source));
        if (position != batch.from)
            return fail(ErrorCode::Conflict, fmt::format("the counts have {} bytes of {}, not {}", position, batch.source, batch.from));
        CM_TRY(rolled.write(connection));
        CM_TRY(writeSenders(connection, batch));
        return setPosition(connection, batch.source, batch.until, now);
    });
}

Result<void> CountDatabase::readIn(Mode mode)
{
    const auto wanted = static_cast<std::int64_t>(mode);
    const Time now = m_clock.now();
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const std::int64_t before, number(connection, "SELECT position FROM download_sources WHERE source = $1", {modeSource}, -1));
        if (before == wanted)
            return {};
        CM_TRY(setPosition(connection, modeSource, wanted, now));
        if (before < 0)
            return {};
        CM_TRY(connection.execute("INSERT INTO download_annotations (kind, project, begins, text, author, created) VALUES ('definition', '', $1, $2, $3, $4)",
                                  {now.time_since_epoch().count(), wordsOfChange(mode), modeAuthor, now.time_since_epoch().count()}));
        return {};
    });
}

Result<void> CountDatabase::arrange()
{
    CM_TRY(tendSlices(m_database, minuteOf(m_clock.now()), std::numeric_limits<int>::max()));
    return {};
}

Result<std::int64_t> CountDatabase::forget()
{
    const Minute now = minuteOf(m_clock.now());
    const std::array<std::function<Result<std::int64_t>(sql::Connection &)>, 5> kinds{
        [&](sql::Connection &connection) { return forgetCounts(connection, Tier::Minute, now); },
        [&](sql::Connection &connection) { return forgetCounts(connection, Tier::Hour, now); },
        [&](sql::Connection &connection) { return forgetRanks(connection, ranksKeptFrom(Tier::Hour, now)); },
        [&](sql::Connection &connection) { return forgetTallies(connection, keptFrom(Tier::Minute, now)); },
        [&](sql::Connection &connection) { return forgetSenders(connection, now); }};
    std::int64_t gone = 0;
    // What is held up, by a long reader for one, holds up nothing else.
    std::optional<Error> error;
    if (const auto slices = tendSlices(m_database, now, slicesAtOnce); slices)
        gone += *slices;
    else
        error = slices.error();
    for (const auto &kind : kinds) {
        std::int64_t rows = 0;
        do {
            const auto done = m_database.write([&](sql::Connection &connection) -> Result<void> {
                CM_TRY_ASSIGN(rows, kind(connection));
                return {};
            });
            if (!done) {
                error = error.value_or(done.error());
                break;
            }
            gone += rows;
        } while (rows > 0);
    }
    if (error)
        return fail(*error);
    return gone;
}

}  // namespace cm::metrics
