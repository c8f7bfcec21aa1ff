// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/monitor.h"
#include "core/monitor/store/history.h"
#include "core/monitor/store/journal.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <cmath>
#include <cstdlib>
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <limits>

using namespace cm;
using namespace cm::monitor;

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr float none = std::numeric_limits<float>::quiet_NaN();
const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

struct Store {
    Store()
    {
        std::string name = (std::filesystem::temp_directory_path() / "cm-monitor-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder = name;
        open();
    }
    ~Store()
    {
        database.reset();
        std::filesystem::remove_all(folder);
    }
    Store(const Store &) = delete;

    void open()
    {
        database.reset();
        auto opened = sql::SqliteDatabase::open((folder / "monitor.sqlite").string());
        REQUIRE(opened);
        database = std::move(*opened);
        Journal journal(*database);
        REQUIRE(journal.open(noon));
    }
    std::filesystem::path folder;
    std::unique_ptr<sql::Database> database;
};

// One sample a second, each its own second's number within the hour.
void fill(History &history, Time from, int count)
{
    for (int i = 0; i < count; ++i) {
        const Time time = from + seconds(i);
        history.add(time, {{"db1", "lag", "bytes", static_cast<float>(i)}});
        if (i % 5 == 0)
            REQUIRE(history.flush(time));
    }
}

}  // namespace

TEST_CASE("a bucket has minimum, mean, maximum and percentiles, and passes over gaps")
{
    std::vector<float> samples;
    for (int i = 1; i <= 100; ++i)
        samples.push_back(static_cast<float>(i));
    samples.push_back(none);
    const Bucket bucket = summarise(samples);
    CHECK(bucket.count == 100);
    CHECK(bucket.min == 1);
    CHECK(bucket.max == 100);
    CHECK(bucket.average == doctest::Approx(50.5));
    CHECK(bucket.p95 == 95);
    CHECK(bucket.p99 == 99);
    CHECK(summarise(std::vector<float>{none, none}).count == 0);
}

TEST_CASE("buckets and samples come back from their bytes, and broken bytes are gaps")
{
    const std::vector<Bucket> buckets{summarise(std::vector<float>{1, 2, 3}), {}, summarise(std::vector<float>{7, 7})};
    CHECK(decodeBuckets(encodeBuckets(buckets), 3) == buckets);
    CHECK(encodeBuckets(std::vector<Bucket>(60)).size() == 120);
    const std::vector<float> same(60, 5.0F);
    CHECK(encodeSamples(same).size() == 6);
    CHECK(decodeSamples(encodeSamples(same), 60) == same);
    const auto mixed = decodeSamples(encodeSamples(std::vector<float>{1, none, 3}), 3);
    CHECK(mixed[0] == 1);
    CHECK(std::isnan(mixed[1]));
    for (const char *bytes : {"", "x", "\x03", "\xff\xff\xff"}) {
        CHECK(decodeBuckets(bytes, 3).size() == 3);
        CHECK(decodeSamples(bytes, 3).size() == 3);
    }
}

TEST_CASE("merged percentiles are the highest, not a mean of them")
{
    const std::vector<Bucket> both{summarise(std::vector<float>{1, 1, 1}), summarise(std::vector<float>{9})};
    CHECK(merge(both).p99 == 9);
    CHECK(merge(both).average == 3);
    CHECK(merge(both).count == 4);
}

TEST_CASE("the last hour is there second by second, with gaps as gaps")
{
    Store store;
    History history(*store.database);
    REQUIRE(history.open(noon));
    fill(history, noon, 30);
    history.add(noon + seconds(40), {{"db1", "lag", "bytes", 40}});
    const auto series = history.read({"db1", "lag", noon, noon + seconds(41), 1}, noon + seconds(41));
    REQUIRE(series);
    REQUIRE(series->points.size() == 41);
    CHECK(series->unit == "bytes");
    CHECK(series->points[29].average == 29.0);
    CHECK(series->points[30].count == 0);
    CHECK_FALSE(series->points[30].average);
    CHECK(series->points[40].average == 40.0);
    CHECK(history.read({"db1", "other", noon, {}, 1}, noon).error().code == ErrorCode::NotFound);
    CHECK(history.read({"db1", "lag", noon, noon - seconds(1), 1}, noon).error().code == ErrorCode::InvalidInput);
    CHECK(history.read({"db1", "lag", noon - hours(20), noon, 1}, noon + seconds(41)).has_value() == true);
}

TEST_CASE("a kill takes the last minute of single seconds at the most")
{
    Store store;
    {
        History history(*store.database);
        REQUIRE(history.open(noon));
        fill(history, noon, 200);
    }
    store.open();
    History again(*store.database);
    REQUIRE(again.open(noon + seconds(200)));
    const auto series = again.read({"db1", "lag", noon, noon + seconds(200), 60}, noon + seconds(200));
    REQUIRE(series);
    CHECK(series->points[0].count == 60);
    CHECK(series->points[2].count == 60);
    CHECK(series->points[3].count == 0);
}

TEST_CASE("roll-ups stand behind the hour, and the store stays small")
{
    Store store;
    History history(*store.database);
    REQUIRE(history.open(noon));
    constexpr int span = 3 * 3600;
    fill(history, noon, span);
    const Time now = noon + seconds(span);
    const auto series = history.read({"db1", "lag", noon, now, 600}, now);
    REQUIRE(series);
    REQUIRE(series->points.size() == 18);
    for (std::size_t i = 0; i < 18; ++i) {
        CAPTURE(i);
        CHECK(series->points[i].count == 600);
        CHECK(series->points[i].min == i * 600.0);
        CHECK(series->points[i].max == i * 600.0 + 599);
    }
    REQUIRE(history.dropOld(now));
    std::int64_t rows = 0;
    REQUIRE(store.database->read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto row, connection.query("SELECT count(*) FROM chunks WHERE tier = 0"));
        CM_TRY(row->next());
        rows = row->integer(0);
        return {};
    }));
    CHECK(rows <= 130);
}

TEST_CASE("a day later only what a day keeps is there")
{
    Store store;
    History history(*store.database);
    REQUIRE(history.open(noon));
    fill(history, noon, 2 * 3600 + 10);
    const Time later = noon + hours(20);
    fill(history, later, 4001);
    const auto series = history.read({"db1", "lag", noon, later + seconds(4000), 3600}, later + seconds(4000));
    REQUIRE(series);
    CHECK(series->points[0].count == 3600);
    CHECK(series->points[0].max == 3599.0);
    CHECK(series->points[10].count == 0);
    CHECK(series->points[20].count == 3600);
}

TEST_CASE("a series gives up its place a day after its last figure")
{
    Store store;
    const Time later = noon + hours(26);
    {
        History history(*store.database);
        REQUIRE(history.open(noon));
        history.add(noon, {{"gone", "lag", "bytes", 1}, {"silent", "lag", "bytes", 1}});
        fill(history, noon, 2 * 3600 + 10);
        // Of one that has spoken within the day all is kept, also over a restart.
        history.add(noon + hours(2) + seconds(20), {{"silent", "lag", "bytes", 2}});
        REQUIRE(history.flush(noon + hours(2) + seconds(90)));
        REQUIRE(history.flush(noon + hours(4)));
    }
    History history(*store.database);
    REQUIRE(history.open(noon + hours(24)));
    fill(history, noon + hours(24), 3700);
    REQUIRE(history.dropOld(noon + hours(24) + seconds(3700)));
    CHECK(history.list("gone").empty());
    CHECK(history.list("silent").size() == 1);
    CHECK(history.list("db1").size() == 1);
    fill(history, later, 3700);
    REQUIRE(history.dropOld(later + seconds(3700)));
    CHECK(history.list("silent").empty());
    CHECK_FALSE(history.isFull());
    // It may come back.
    history.add(later + seconds(3700), {{"gone", "lag", "bytes", 3}});
    REQUIRE(history.flush(later + seconds(3800)));
    History again(*store.database);
    REQUIRE(again.open(later + seconds(3800)));
    CHECK(again.list("").size() == 2);
}

TEST_CASE("too many series have no place, which is told")
{
    Store store;
    History history(*store.database);
    REQUIRE(history.open(noon));
    std::vector<FigureSample> samples;
    for (std::size_t i = 0; i < History::maxSeries; ++i)
        samples.push_back({"node" + std::to_string(i), "lag", "bytes", 1});
    samples.pop_back();
    history.add(noon, samples);
    CHECK_FALSE(history.isFull());
    history.add(noon, {{"last", "lag", "bytes", 1}});
    CHECK(history.isFull());
    history.add(noon, {{"one more", "lag", "bytes", 1}});
    CHECK(history.list("one more").empty());
}

TEST_CASE("a clock that was ahead for a while takes no figures, neither then nor by a restart")
{
    const auto known = [](History &from, Time now) {
        std::int64_t count = 0;
        const auto series = from.read({"db1", "lag", noon, now, 60}, now);
        REQUIRE(series);
        for (const api::SeriesPoint &point : series->points)
            count += point.count;
        return count;
    };
    for (const auto ahead : {seconds(3600), seconds(86400 * 400), seconds(90)}) {
        CAPTURE(ahead.count());
        Store store;
        History figures(*store.database);
        REQUIRE(figures.open(noon));
        fill(figures, noon, 100);
        fill(figures, noon + seconds(100) + ahead, 30);
        REQUIRE(figures.flush(noon + seconds(130) + ahead));
        fill(figures, noon + seconds(130), 870);
        const Time now = noon + seconds(1000);
        REQUIRE(figures.flush(now));
        CHECK(known(figures, now) >= 870 + 60);
        CHECK(known(figures, now) <= 1000);
        History again(*store.database);
        REQUIRE(again.open(now));
        CHECK(known(again, now) >= 870);
        // Behind the hour as well.
        fill(again, now, 3700);
        const auto behind = again.read({"db1", "lag", noon, noon + seconds(600), 600}, now + seconds(3700));
        REQUIRE(behind);
        CHECK(behind->points[0].count >= 60 + 470);
    }
}

TEST_CASE("the time that a clock was ahead is no time that was watched")
{
    Store store;
    Journal journal(*store.database);
    REQUIRE(journal.watched(noon, noon + hours(2)));
    REQUIRE(journal.watched(noon + hours(1), noon + hours(1) + minutes(5)));
    const auto watches = *journal.watches(noon, noon + hours(3));
    REQUIRE(watches.size() == 2);
    CHECK(watches[0] == std::pair(noon, noon + hours(1)));
    CHECK(watches[1] == std::pair(noon + hours(1), noon + hours(1) + minutes(5)));
}

TEST_CASE("the audit is a chain, and a changed line breaks it")
{
    Store store;
    Journal journal(*store.database);
    std::vector<api::TimelineEvent> events;
    std::vector<StoredDelivery> letters;
    for (int i = 0; i < 3; ++i) {
        api::AuditEntry entry;
        entry.time = noon + seconds(i);
        entry.actor = "mira";
        entry.action = i == 1 ? "silence.create" : "alert.acknowledge";
        REQUIRE(journal.record(events, {}, {}, letters, {entry}));
    }
    CHECK(journal.verifyAudit()->intact);
    api::ListAudit query;
    query.action = "silence.";
    CHECK(journal.audit(query)->total == 1);
    REQUIRE(store.database->write([](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute("UPDATE audit SET body = replace(body, 'mira', 'eve') WHERE id = 2"));
        return {};
    }));
    const auto proof = journal.verifyAudit();
    CHECK_FALSE(proof->intact);
    CHECK(proof->firstBroken == api::Id{2});
    CHECK(proof->lines == 3);
}

TEST_CASE("tokens are shown once, run out, and are revoked")
{
    Store store;
    Journal journal(*store.database);
    const auto secret = journal.createToken({"mira", api::Role::Operator}, "pager", 1, noon);
    REQUIRE(secret);
    CHECK(journal.authenticate(*secret, noon)->role == api::Role::Operator);
    CHECK(journal.authenticate(*secret, noon)->name == "mira");
    CHECK(journal.authenticate(*secret, noon + hours(25)).error().code == ErrorCode::Unauthorized);
    CHECK(journal.authenticate("cmm-nonsense", noon).error().code == ErrorCode::Unauthorized);
    CHECK(journal.authenticate("", noon).error().code == ErrorCode::Unauthorized);
    REQUIRE(journal.revokeTokens("mira", noon));
    CHECK_FALSE(journal.authenticate(*secret, noon));
    CHECK(journal.revokeTokens("mira", noon).error().code == ErrorCode::NotFound);
}

TEST_CASE("events, alerts and letters are there after a restart")
{
    Store store;
    {
        Journal journal(*store.database);
        api::TimelineEvent event;
        event.time = noon;
        event.kind = "verdict.changed";
        event.node = "db1";
        event.after = api::Verdict::Critical;
        std::vector<api::TimelineEvent> events{event, event};
        events[1].after = api::Verdict::Ok;
        api::Alert alert;
        alert.id = {7};
        std::vector<StoredDelivery> letters{{0, "hook", noon, "{}"}};
        api::Alert untold, old;
        untold.id = {5};
        old.id = {6};
        REQUIRE(journal.record(events, {alert, untold, old}, {}, letters, {}, {{7, "DOWN"}, {5, ""}}));
        CHECK(events[1].id.value == events[0].id.value + 1);
        CHECK(letters[0].id > 0);
    }
    store.open();
    Journal journal(*store.database);
    CHECK(journal.openAlerts()->size() == 3);
    CHECK(*journal.headedAlerts() == std::map<std::int64_t, std::string>{{7, "DOWN"}, {5, ""}});
    CHECK(*journal.newestId() == 7);
    CHECK(journal.waiting()->size() == 1);
    REQUIRE(journal.delivered({journal.waiting()->front().id}));
    CHECK(journal.waiting()->empty());
    REQUIRE(journal.lastVerdicts()->size() == 1);
    CHECK(journal.lastVerdicts()->front().after == api::Verdict::Ok);
    api::ListTimeline query;
    query.kind = "verdict.";
    query.limit = 1;
    CHECK(journal.timeline(query)->total == 2);
    CHECK(journal.timeline(query)->items.size() == 1);
    CHECK(journal.eventsAfter(1, 10)->size() == 1);
    REQUIRE(journal.dropOld(noon + hours(24 * 31)));
    CHECK(journal.timeline(query)->total == 1);  // what db1 was when the 30 days began
}

TEST_CASE("what a node was when the 30 days began is remembered, and a stream that resumes does not take it for all")
{
    Store store;
    Journal journal(*store.database);
    std::vector<StoredDelivery> letters;
    const auto change = [&](int day, const char *node, const char *kind, api::Verdict verdict) {
        api::TimelineEvent event;
        event.time = noon + hours(24 * day);
        event.kind = kind;
        event.node = node;
        event.after = verdict;
        std::vector<api::TimelineEvent> events{event};
        REQUIRE(journal.record(events, {}, {}, letters, {}));
        return events.front().id.value;
    };
    change(0, "db1", "verdict.changed", api::Verdict::Ok);
    const std::int64_t broken = change(1, "db1", "verdict.changed", api::Verdict::Critical);
    change(2, "db1", "alert.opened", api::Verdict::Critical);
    change(3, "web1", "verdict.changed", api::Verdict::Ok);
    change(4, "web1", "alert.opened", api::Verdict::Ok);
    const std::int64_t mended = change(40, "db1", "verdict.changed", api::Verdict::Ok);
    CHECK(*journal.oldestEvent() == 1);
    const Time now = noon + hours(24 * 50);
    REQUIRE(journal.dropOld(now));
    REQUIRE(journal.dropOld(now));
    api::ListTimeline query;
    query.kind = "verdict.changed";
    query.limit = 10;
    auto changes = journal.timeline(query)->items;
    std::reverse(changes.begin(), changes.end());
    REQUIRE(changes.size() == 3);
    CHECK(changes[0].id.value == broken);
    CHECK(*journal.oldestEvent() == mended);
    // It was down for the first 20 of these 30 days.
    const auto shares = availabilityOf({"db1", "postgres", {}, {}}, changes, {{now - hours(24 * 30), now}});
    CHECK(*shares.working == doctest::Approx(1.0 / 3));
    CHECK(shares.outages == 1);
    CHECK(*shares.meanRepairSeconds == 39 * 24 * 3600);
    const auto other = availabilityOf({"web1", "web", {}, {}}, changes, {{now - hours(24 * 30), now}});
    CHECK(*other.working == 1);
    CHECK(other.outages == 0);
}
