// SPDX-License-Identifier: GPL-3.0-or-later
// Small charts of many projects say what each project's own chart says, day by day.
#include "core/api/codec.h"
#include "tests/contract/counts_fixture.h"

#include <algorithm>
#include <fmt/format.h>
#include <random>

using namespace cm;
using namespace cm::metrics;
using namespace cm::test;

namespace {

std::string nameOf(std::size_t number)
{
    return fmt::format("project-{}", number);
}

std::string listOfNames(std::size_t first, std::size_t count)
{
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
        list += (i == 0 ? "" : ",") + nameOf(first + i);
    return list;
}

// More projects than lie in one shard, on some of the last sixty days each.
struct Trends : CountsFixture {
    Trends()
    {
        std::mt19937 random(7);
        std::vector<Cell> cells;
        for (std::size_t i = 0; i < projects; ++i) {
            for (int day = 0; day < 60; ++day) {
                if (random() % 4 == 0)
                    cells.push_back(cell(now - day * minutesOfDay, nameOf(i), static_cast<std::int64_t>(1 + random() % 50),
                                         random() % 3 == 0 ? api::ClientClass::Mirror : api::ClientClass::Ci));
            }
        }
        add(std::move(cells));
    }
    static constexpr std::size_t projects = 300;
};

}  // namespace

TEST_CASE_FIXTURE(Trends, "a small chart has the figures of the project's own")
{
    for (const auto &[days, classes] : {std::pair(30, ""), {1, ""}, {70, "mirror"}, {200, ""}}) {
        const auto trends = must(reader.trends({listOfNames(190, 100), api::DownloadRequest::Download, classes, days}));
        REQUIRE(trends.items.size() == 100);
        REQUIRE(trends.buckets.size() == static_cast<std::size_t>(days));
        CHECK(trends.to == timeOf(nextOf(Tier::Day, now)));
        for (std::size_t i = 0; i < trends.items.size(); i += 9) {
            api::DownloadSeriesQuery query;
            query.projects = nameOf(190 + i);
            query.split = api::DownloadSplit::None;
            query.classes = classes;
            query.step = api::DownloadStep::Day;
            query.from = trends.from;
            const auto series = must(reader.series(query));
            CHECK(trends.items[i].project == query.projects);
            CHECK(series.buckets == trends.buckets);
            std::int64_t total = 0;
            for (std::size_t bucket = 0; bucket < series.buckets.size(); ++bucket) {
                const auto figure = series.buckets[bucket].known > 0 ? std::optional(series.lines[0].counts[bucket]) : std::nullopt;
                CHECK(trends.items[i].counts.at(bucket) == figure);
                total += figure.value_or(0);
            }
            CHECK(trends.items[i].total == total);
        }
    }
}

TEST_CASE_FIXTURE(CountsFixture, "a day of which nothing is known has no figure in small charts, and 0 is one")
{
    add({cell(now - 3 * minutesOfDay, "cheddar", 5), cell(now - minutesOfDay, "brie", 7)});
    must(catalog().write([&](catalog::Writer &writer) {
        catalog::DownloadAnnotationRow gap{0, "gap", "brie", timeOf(floorTo(Tier::Day, now - minutesOfDay)), timeOf(floorTo(Tier::Day, now)),
                                           "lost", "ada", epoch};
        return writer.addDownloadAnnotation(gap);
    }));
    const auto trends = must(reader.trends({"cheddar,brie,never-seen", api::DownloadRequest::Download, {}, 5}));
    using Figures = std::vector<std::optional<std::int64_t>>;
    const std::optional<std::int64_t> none;
    CHECK(trends.items[0].counts == Figures{none, 5, none, 0, none});
    // What is known of the registry and said to be lost of one project.
    CHECK(trends.items[1].counts == Figures{none, 0, none, none, none});
    CHECK(trends.items[2].counts == Figures{none, 0, none, 0, none});
    CHECK(trends.items[0].total == 5);
    CHECK(must(reader.trends({"cheddar", api::DownloadRequest::Download, {}, 1})).items[0].total == none);
    // As a client reads it.
    const std::string text = api::toJsonText(trends);
    CHECK(text.find("[null,5,null,0,null]") != std::string::npos);
    CHECK(must(api::fromJsonText<api::DownloadTrends>(text)) == trends);
}

TEST_CASE_FIXTURE(CountsFixture, "small charts are for a hundred names, whatever these are")
{
    add({cell(now, "cheddar", 5)});
    const auto fails = [this](api::DownloadTrendsQuery query, std::string_view field) {
        const auto answer = reader.trends(query);
        REQUIRE(!answer);
        CHECK(answer.error().code == ErrorCode::InvalidInput);
        CHECK(answer.error().fields.at(0).field == field);
    };
    fails({listOfNames(0, 101), {}, {}, 30}, "projects");
    fails({"", {}, {}, 30}, "projects");
    fails({"a,,b", {}, {}, 30}, "projects");
    fails({"a", {}, "humans", 30}, "classes");
    fails({"a", {}, {}, 0}, "days");
    fails({"a", {}, {}, 401}, "days");
    const std::string hostile = std::string("cheddar,a'b\\c,") + std::string(1, '\0') + ",\xff\xfe," + std::string(5000, 'x') + ",100%";
    const auto trends = must(reader.trends({hostile, {}, {}, 2}));
    REQUIRE(trends.items.size() == 6);
    CHECK(trends.items[0].total == 5);
    for (std::size_t i = 1; i < trends.items.size(); ++i)
        CHECK(trends.items[i].total == 0);
}

TEST_CASE_FIXTURE(Trends, "a chart says how finely a window can be cut")
{
    api::DownloadSeriesQuery query;
    query.split = api::DownloadSplit::None;
    const auto whole = must(reader.series(query));
    for (const auto &[step, from] : {std::pair(api::DownloadStep::Minute, whole.minutesFrom), {api::DownloadStep::Hour, whole.hoursFrom}}) {
        REQUIRE(from);
        query.step = step;
        query.from = from;
        query.to = *from + std::chrono::hours(3);
        CHECK(must(reader.series(query)).buckets.size() == (step == api::DownloadStep::Minute ? 180 : 3));
        query.from = *from - std::chrono::minutes(1);
        CHECK(!reader.series(query));
    }
    query = {};
    query.projects = nameOf(0);
    query.version = "1.0";
    query.split = api::DownloadSplit::Installer;
    CHECK(!must(reader.series(query)).hoursFrom);
}
