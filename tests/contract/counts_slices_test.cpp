// SPDX-License-Identifier: GPL-3.0-or-later
// Counts lie in slices of time where the engine has them, and nobody who reads or writes needs to know.
#include "core/catalog/migrations.h"
#include "core/sql/migration.h"
#include "tests/contract/counts_fixture.h"

#include <fmt/format.h>
#include <map>
#include <vector>

using namespace cm;
using namespace cm::metrics;
using namespace cm::test;

namespace {

using Numbers = std::vector<std::int64_t>;

Numbers numbers(sql::Database &database, const std::string &text)
{
    Numbers out;
    must(database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, connection.query(text));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                return {};
            out.push_back(rows->integer(0));
        }
    }));
    return out;
}

struct Sliced : CountsFixture {
    Numbers slices(Tier tier)
    {
        std::string text;
        must(database().read([&](sql::Connection &connection) -> Result<void> {
            text = connection.dialect().slices(fmt::format("download_counts_{}", static_cast<int>(tier)));
            return {};
        }));
        return numbers(database(), text);
    }
    std::int64_t outside(Tier tier) { return numbers(database(), fmt::format("SELECT count(*) FROM download_counts_{}_rest", static_cast<int>(tier))).at(0); }
};

}  // namespace

TEST_CASE_FIXTURE(Sliced, "slices are made before they are needed, take in what lies outside, and go as a whole")
{
    if (!onPostgres())
        return;  // SQLite has no slices: its rows lie by time as they are
    // Before anybody has looked after it, and of times at which nobody expects anything.
    add({cell(now, "brie", 3), cell(now - 5 * minutesOfDay, "brie", 2), cell(5, "brie"), cell(lastMinute, "brie")});
    CHECK(outside(Tier::Minute) > 0);
    CHECK(must(counts.forget()) == 0);
    CHECK(slices(Tier::Minute).size() == 2);
    CHECK(slices(Tier::Minute).back() > now);
    // Outside lie the rows that have an odd time alone, which are of the whole registry, a project and a version each.
    CHECK(outside(Tier::Minute) == 2);
    CHECK(outside(Tier::Hour) == 2);
    CHECK(outside(Tier::Day) == 6);
    // That of 1970 is no beginning of what is asked for.
    CHECK(downloads("brie") == 5);
    add({cell(now, "brie", 10)});
    CHECK(downloads("brie") == 15);

    const Numbers before = slices(Tier::Minute);
    countsClock.set(timeOf(now + 4 * minutesOfDay));
    CHECK(must(counts.forget()) > 0);
    const Numbers after = slices(Tier::Minute);
    CHECK(after.front() > before.front());
    CHECK(after.back() > now + 4 * minutesOfDay);
    CHECK(downloads("brie") == 15);
    CHECK(numbers(database(), "SELECT count(*) FROM download_counts WHERE tier = 0").at(0) == 2);  // of the year 9999
    CHECK(must(counts.forget()) == 0);
}

TEST_CASE_FIXTURE(Sliced, "who reads for long holds up no writer")
{
    if (!onPostgres())
        return;  // SQLite has no slices
    add({cell(now, "brie", 3)});
    must(counts.forget());
    countsClock.set(timeOf(now + 4 * minutesOfDay));
    must(openDatabase()->read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT count(*) FROM download_counts"));
        CHECK(numbers(database(), "SELECT count(*) FROM download_tallies WHERE tier = 0").at(0) == 1);
        CHECK(codeOf(counts.forget()) == ErrorCode::Unavailable);
        // What lies in no slice went all the same.
        CHECK(numbers(database(), "SELECT count(*) FROM download_tallies WHERE tier = 0").at(0) == 0);
        add({cell(now + 4 * minutesOfDay, "brie", 1)});
        return {};
    }));
    CHECK(must(counts.forget()) > 0);
    CHECK(downloads("brie") == 4);
}

TEST_CASE_FIXTURE(CatalogFixture, "an installation keeps every row when its counts are sliced")
{
    const std::span<const sql::Migration> all = catalog::migrations();
    const auto sliced = std::ranges::find(all, 9, &sql::Migration::number);
    REQUIRE(sliced != all.end());
    TempFolder folder;
    const auto old = onPostgres() ? must(sql::PostgresDatabase::open({.url = sharedPostgres().url(sharedPostgres().makeDatabase())}))
                                  : std::unique_ptr<sql::Database>(must(sql::SqliteDatabase::open(folder.path() + "/old.sqlite")));
    must(old->write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(sql::migrate(connection, all.first(static_cast<std::size_t>(sliced - all.begin())), 0));
        for (const std::int64_t tier : {0, 1, 2}) {
            for (const std::int64_t bucket : std::initializer_list<std::int64_t>{0, 1'440, 16'830'719, 16'830'720, 29'800'000, 29'806'561, 31'000'000, 4'223'371'679})
                CM_TRY(connection.execute("INSERT INTO download_counts (tier, bucket, subject, data) VALUES ($1, $2, 3, $3)",
                                          {tier, bucket + tier, sql::Bytes{std::as_bytes(std::span("x", 1))}}));
        }
        return {};
    }));
    const std::string text = "SELECT bucket FROM download_counts ORDER BY tier, bucket";
    const Numbers before = numbers(*old, text);
    REQUIRE(before.size() == 24);
    must(catalog::Catalog::open(*old, clock()));
    CHECK(numbers(*old, text) == before);
    ManualClock later{epoch};
    CountDatabase counts(*old, later);
    must(counts.arrange());
    if (onPostgres())
        CHECK(numbers(*old, "SELECT count(*) FROM download_counts WHERE tier = 2").at(0) == 8);
}
