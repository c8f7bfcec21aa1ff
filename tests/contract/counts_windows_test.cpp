// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a stretch of time, and what its figure is then: one rule for every answer (core/api/downloads.h).
#include "tests/contract/counts_fixture.h"

using namespace cm;
using namespace cm::metrics;
using namespace cm::test;

namespace {

struct Windows : CountsFixture {
    void gap(Minute from, Minute to)
    {
        must(catalog().write([&](catalog::Writer &writer) {
            catalog::DownloadAnnotationRow row{0, "gap", "", timeOf(from), timeOf(to), "lost", "ada", epoch};
            return writer.addDownloadAnnotation(row);
        }));
    }
    // Lines of each minute of [from, until) but one.
    std::vector<Cell> watched(Minute from, Minute until, Minute but = -1)
    {
        std::vector<Cell> cells;
        for (Minute minute = from; minute < until; ++minute) {
            if (minute != but)
                cells.push_back(cell(minute, "brie"));
        }
        return cells;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Windows, "a window of which a part is a gap has one total, however it is asked for, and one of a gap alone has none")
{
    const Minute today = floorTo(Tier::Day, now);
    add({cell(today - 2 * minutesOfDay + 5, "brie", 100), cell(today - minutesOfDay + 5, "brie", 8'000), cell(today + 5, "brie", 20)});
    gap(today - minutesOfDay, today);
    const Time from = timeOf(today - 2 * minutesOfDay);
    for (const auto step : {api::DownloadStep::Hour, api::DownloadStep::Day, api::DownloadStep::Month}) {
        api::DownloadSeriesQuery query;
        query.projects = "brie";
        query.split = api::DownloadSplit::None;
        query.step = step;
        query.from = from;
        const auto series = must(reader.series(query));
        CHECK(series.lines.at(0).total == 8'120);
        CHECK(series.known > 0);
        CHECK(series.known < series.minutes);
        for (std::size_t i = 0; i < series.buckets.size(); ++i)
            CHECK((series.buckets[i].known > 0 || series.lines[0].counts[i] == 0));
    }
    api::DownloadShareQuery shares;
    shares.project = "brie";
    shares.split = api::DownloadSplit::None;
    shares.from = from;
    const auto share = must(reader.shares(shares));
    CHECK(share.count == 8'120);
    CHECK(share.known < share.minutes);
    api::EvidenceQuery evidence;
    evidence.project = "brie";
    evidence.from = from;
    CHECK(must(reader.evidence(evidence)).count == 8'120);
    const auto trends = must(reader.trends({"brie", api::DownloadRequest::Download, {}, 3}));
    CHECK(trends.items[0].total == 8'120);
    CHECK(trends.items[0].counts == std::vector<std::optional<std::int64_t>>{100, std::nullopt, 20});
    CHECK(trends.items[0].known == share.known);
    CHECK(trends.minutes == share.minutes);

    // The gap alone.
    api::DownloadSeriesQuery query;
    query.split = api::DownloadSplit::Class;
    query.from = shares.from = evidence.from = timeOf(today - minutesOfDay);
    query.to = shares.to = evidence.to = timeOf(today);
    const auto series = must(reader.series(query));
    CHECK(series.known == 0);
    for (const api::DownloadLine &line : series.lines) {
        CHECK_FALSE(line.total);
        CHECK(std::ranges::all_of(line.counts, [](std::int64_t count) { return count == 0; }));
    }
    const auto none = must(reader.shares(shares));
    CHECK_FALSE(none.count);
    CHECK_FALSE(none.classes);
    CHECK(none.items.empty());
    CHECK(none.minutes == minutesOfDay);
    CHECK_FALSE(must(reader.evidence(evidence)).count);
}

TEST_CASE_FIXTURE(Windows, "minutes that lie ahead stand for none that is missing")
{
    const Minute hour = floorTo(Tier::Hour, now);
    REQUIRE(now - hour < 50);
    const Minute from = hour - 2 * minutesOfHour;
    std::vector<Cell> cells = watched(from, now + 1, from + 20);
    cells.push_back(cell(hour + 57, "brie"));
    cells.push_back(cell(hour + 58, "brie"));
    cells.push_back(cell(hour + 20 * minutesOfHour, "brie"));
    add(std::move(cells));
    for (const auto step : {api::DownloadStep::Minute, api::DownloadStep::Hour, api::DownloadStep::Day}) {
        api::CompletenessQuery query;
        query.step = step;
        query.from = timeOf(from);
        const auto told = must(reader.completeness(query));
        // Of a whole day more are missing.
        if (step != api::DownloadStep::Day) {
            CHECK(told.minutes == now + 1 - from);
            CHECK(told.known == told.minutes - 1);
        }
        CHECK(told.known == now - from);
        CHECK(told.newest == timeOf(now));
    }
    api::DownloadSeriesQuery query;
    query.step = api::DownloadStep::Hour;
    query.from = timeOf(from);
    const auto series = must(reader.series(query));
    CHECK(series.buckets.at(0).known == 59);
    CHECK(series.buckets.at(1).known == 60);
    CHECK(series.buckets.at(2).known == series.buckets.at(2).minutes);
    CHECK(series.newest == timeOf(now));
}

TEST_CASE_FIXTURE(Windows, "a few lines with a wrong clock are no beginning, and a few lines alone are one")
{
    const auto since = [&] {
        api::DownloadSeriesQuery query;
        query.split = api::DownloadSplit::None;
        return must(reader.series(query)).since;
    };
    CHECK_FALSE(since());
    add({cell(now - 3, "brie")});
    CHECK(since() == timeOf(now - 3));
    // Of a registry that few use, too; but not from before it was there.
    add({cell(now - 700 * minutesOfDay, "edam"), cell(now - 200 * minutesOfDay, "edam")});
    CHECK(since() == timeOf(now - 700 * minutesOfDay));
    add({cell(17'300'000, "edam")});
    CHECK(since() == timeOf(now - 700 * minutesOfDay));
    add(watched(now - 100 * minutesOfDay, now - 100 * minutesOfDay + 70));
    CHECK(since() == timeOf(now - 100 * minutesOfDay));
    // 2003, and 2011.
    add({cell(17'400'000, "brie"), cell(21'600'000, "brie", 3), cell(21'600'900, "brie", 3)});
    CHECK(since() == timeOf(now - 100 * minutesOfDay));
    CHECK(must(reader.completeness({})).from == timeOf(floorTo(Tier::Day, now - 100 * minutesOfDay)));
    // They are counted all the same, for who asks.
    api::DownloadSeriesQuery query;
    query.split = api::DownloadSplit::None;
    query.step = api::DownloadStep::Month;
    query.from = timeOf(17'000'000);
    CHECK(must(reader.series(query)).lines.at(0).total == 81);
}
