// SPDX-License-Identifier: GPL-3.0-or-later
// What goes in comes out, however it is asked for.
#include "core/metrics/store/figures.h"
#include "tests/contract/counts_fixture.h"

#include <fmt/format.h>
#include <functional>
#include <limits>
#include <map>
#include <random>

using namespace cm;
using namespace cm::metrics;
using namespace cm::test;

namespace {

const std::array<std::string, 4> projects{"cheddar", "brie", "gouda", "feta"};

std::vector<Cell> randomCells(std::mt19937 &random, Minute now, std::size_t count)
{
    const auto pick = [&random](auto... values) {
        const std::array texts{std::string(values)...};
        return texts[random() % texts.size()];
    };
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < count; ++i) {
        Cell cell;
        // Some of a year ago, some of these weeks, most of these hours.
        const Minute spans[] = {400 * minutesOfDay, 30 * minutesOfDay, 5 * minutesOfHour, 50};
        cell.minute = now - static_cast<Minute>(random() % static_cast<std::uint64_t>(spans[random() % 4]));
        cell.request = random() % 4 == 0 ? Request::Simple : Request::Download;
        cell.clientClass = api::EnumNames<api::ClientClass>::values[random() % classCount].first;
        cell.project = projects[random() % projects.size()];
        if (cell.request == Request::Download) {
            cell.version = pick("1.0", "1.1", "2.0a1");
            cell.fileType = pick("sdist", "bdist_wheel");
        }
        cell.country = pick("", "NL", "DE", "FR");
        cell.installer = pick("", "pip", "uv", "bandersnatch");
        cell.python = pick("", "3.9", "3.11", "3.13");
        cell.system = pick("", "Linux", "Darwin");
        cell.count = static_cast<std::int64_t>(1 + random() % 1000);
        cells.push_back(cell);
    }
    return cells;
}

const std::string &valueOf(const Cell &cell, api::DownloadSplit split)
{
    static const std::string none;
    switch (split) {
    case api::DownloadSplit::Installer:
        return cell.installer;
    case api::DownloadSplit::Python:
        return cell.python;
    case api::DownloadSplit::System:
        return cell.system;
    case api::DownloadSplit::Country:
        return cell.country;
    case api::DownloadSplit::FileType:
        return cell.fileType;
    case api::DownloadSplit::Version:
        return cell.version;
    case api::DownloadSplit::Project:
        return cell.project;
    case api::DownloadSplit::None:
    case api::DownloadSplit::Class:
        break;
    }
    return none;
}

std::string keyOf(const Cell &cell, api::DownloadSplit split)
{
    return split == api::DownloadSplit::Class ? std::string(api::nameOf(cell.clientClass)) : valueOf(cell, split);
}

using Wanted = std::function<bool(const Cell &)>;
using Sums = std::map<std::string, std::int64_t>;

Sums sumsOf(const std::vector<Cell> &cells, api::DownloadSplit split, Minute from, Minute until, const Wanted &wanted)
{
    Sums sums;
    for (const Cell &cell : cells) {
        if (cell.minute >= from && cell.minute < until && wanted(cell))
            sums[keyOf(cell, split)] += cell.count;
    }
    return sums;
}

struct Filled : CountsFixture {
    Filled()
    {
        std::mt19937 random(5);
        for (int i = 0; i < 6; ++i) {
            const auto some = randomCells(random, now, 150);
            cells.insert(cells.end(), some.begin(), some.end());
            add(some);
        }
    }
    std::vector<Cell> cells;
};

Sums sumsOf(const api::DownloadSeries &series, std::size_t bucket)
{
    Sums sums;
    for (const api::DownloadLine &line : series.lines) {
        if (line.counts.at(bucket) != 0)
            sums[line.value] += line.counts[bucket];
    }
    return sums;
}

}  // namespace

TEST_CASE_FIXTURE(Filled, "every bucket of every series is the sum of the cells that were added")
{
    using enum api::DownloadSplit;
    using Step = api::DownloadStep;
    const auto check = [&](api::DownloadSeriesQuery query, const Wanted &wanted) {
        for (const auto &[step, days] : {std::pair(Step::Minute, 0), {Step::Hour, 20}, {Step::Day, 400}, {Step::Month, 400}}) {
            const bool byDay = !query.version.empty() && query.split != None && query.split != Class;
            query.step = step;
            query.from = timeOf(now - days * minutesOfDay - (days == 0 ? 300 : 0));
            if (byDay && (step == Step::Minute || step == Step::Hour)) {
                CHECK(codeOf(reader.series(query)) == ErrorCode::InvalidInput);
                continue;
            }
            const auto series = must(reader.series(query));
            REQUIRE(series.buckets.size() > 10);
            Sums all;
            for (std::size_t i = 0; i < series.buckets.size(); ++i) {
                const Minute from = minuteOf(series.buckets[i].start);
                const Minute until = i + 1 < series.buckets.size() ? minuteOf(series.buckets[i + 1].start) : minuteOf(series.to);
                const Sums sums = sumsOf(cells, query.split, from, until, wanted);
                CHECK(sumsOf(series, i) == sums);
                for (const auto &[value, count] : sums)
                    all[value] += count;
            }
            for (const api::DownloadLine &line : series.lines)
                CHECK(line.total == all[line.value]);
        }
    };
    for (const api::DownloadSplit split : {None, Class, Installer, Python, System, Country, FileType}) {
        api::DownloadSeriesQuery query;
        query.split = split;
        check(query, [](const Cell &cell) { return cell.request == Request::Download; });
        query.classes = "interactive,ci,browser,tooling,unknown";
        check(query, [](const Cell &cell) { return cell.request == Request::Download && cell.clientClass != api::ClientClass::Mirror; });
        query.classes = "mirror";
        query.projects = "brie";
        check(query, [](const Cell &cell) {
            return cell.request == Request::Download && cell.clientClass == api::ClientClass::Mirror && cell.project == "brie";
        });
        query.classes.clear();
        query.version = "1.1";
        check(query, [](const Cell &cell) { return cell.request == Request::Download && cell.project == "brie" && cell.version == "1.1"; });
        query.version.clear();
        query.request = api::DownloadRequest::Simple;
        check(query, [](const Cell &cell) { return cell.request == Request::Simple && cell.project == "brie"; });
    }
    api::DownloadSeriesQuery query;
    query.split = Version;
    query.projects = "feta";
    check(query, [](const Cell &cell) { return cell.request == Request::Download && cell.project == "feta"; });
}

TEST_CASE_FIXTURE(Filled, "shares of any window are the sums of the cells, largest first, with and without mirrors")
{
    using enum api::DownloadSplit;
    for (const api::DownloadSplit split : {None, Class, Installer, Python, System, Country, FileType, Version, Project}) {
        for (const Minute span : {Minute(200), 3 * minutesOfDay, 25 * minutesOfDay, 100 * minutesOfDay, 400 * minutesOfDay}) {
            for (const std::string &classes : {std::string(), std::string("interactive,ci,browser,tooling,unknown")}) {
                api::DownloadShareQuery query;
                query.split = split;
                query.classes = classes;
                query.project = split == Version ? "gouda" : "";
                query.from = timeOf(now - span);
                const auto shares = must(reader.shares(query));
                CHECK(shares.from <= *query.from);
                const Sums sums = sumsOf(cells, split, minuteOf(shares.from), minuteOf(shares.to), [&](const Cell &cell) {
                    return cell.request == Request::Download && (query.project.empty() || cell.project == query.project) &&
                           (classes.empty() || cell.clientClass != api::ClientClass::Mirror);
                });
                Sums answered;
                std::int64_t count = 0;
                for (std::size_t i = 0; i < shares.items.size(); ++i) {
                    const api::DownloadShare &item = shares.items[i];
                    if (item.count > 0)
                        answered[item.value] += item.count;
                    count += item.count;
                    CHECK((split == Class || i == 0 || shares.items[i - 1].count >= item.count));
                    const auto &by = item.classes;
                    const std::int64_t notMirrors = by.interactive + by.ci + by.browser + by.tooling + by.unknown;
                    CHECK(item.count == (classes.empty() ? notMirrors + by.mirror : notMirrors));
                }
                CHECK(answered == sums);
                CHECK(shares.count == count);
            }
        }
    }
}

TEST_CASE_FIXTURE(Filled, "lines are reconciled: received, parsed and stored agree, for every bucket")
{
    Batch more;
    more.source = "other";
    more.until = 10;
    more.tallies = {{.minute = now - 5, .received = 9, .ignored = 4, .unprocessed = 3, .refused = 2}};
    more.reasons = {{now - 5, "ValueError", 3}, {now - 5, "TooLong", 2}};
    must(counts.add(more));
    for (const int days : {0, 20, 400}) {
        api::CompletenessQuery query;
        query.from = timeOf(now - days * minutesOfDay - 300);
        const auto answer = must(reader.completeness(query));
        api::LineFigures total;
        for (const api::CompletenessBucket &bucket : answer.buckets) {
            CHECK(bucket.lines.has_value() == (bucket.known > 0));
            if (!bucket.lines)
                continue;
            const api::LineFigures &lines = *bucket.lines;
            CHECK(lines.received == lines.downloads + lines.simple + lines.ignored + lines.unprocessed + lines.refused);
            CHECK(lines.stored == lines.downloads + lines.simple);
            total.received += lines.received;
        }
        CHECK(total.received == answer.total.received);
        CHECK(answer.total.ignored == 4);
        CHECK(answer.reasons == std::vector<api::LineReason>{{"ValueError", 3}, {"TooLong", 2}});
        CHECK_FALSE(answer.sent);
    }
}

TEST_CASE_FIXTURE(Filled, "lines that came again are told by when they did, beside all other figures")
{
    Batch again;
    again.source = "other";
    again.until = 10;
    again.reasons = {{now - 5, "Repeated", 7}, {now - 65, "Repeated", 30}, {now - 5, "Lost", 2}};
    must(counts.add(again));
    for (const auto step : {api::DownloadStep::Minute, api::DownloadStep::Hour, api::DownloadStep::Day}) {
        api::CompletenessQuery query;
        query.step = step;
        query.from = timeOf(now - 300);
        const auto answer = must(reader.completeness(query));
        CHECK(answer.total.repeated == 37);
        CHECK(answer.total.stored == answer.total.downloads + answer.total.simple);
        CHECK(answer.reasons == std::vector<api::LineReason>{{"Lost", 2}});
        for (std::size_t i = 0; i < answer.buckets.size(); ++i) {
            const Time end = i + 1 < answer.buckets.size() ? answer.buckets[i + 1].start : answer.to;
            const auto within = [&](Minute minute) { return timeOf(minute) >= answer.buckets[i].start && timeOf(minute) < end; };
            const std::int64_t expected = (within(now - 5) ? 7 : 0) + (within(now - 65) ? 30 : 0);
            CHECK((answer.buckets[i].lines ? answer.buckets[i].lines->repeated : 0) == expected);
        }
    }
}

TEST_CASE_FIXTURE(CountsFixture, "a bucket of which nothing is known has no figure, and one that was listened to has 0")
{
    Batch listened = batch({cell(now - 30, "brie", 7)});
    listened.tallies.push_back({.minute = now - 20});
    must(counts.add(listened));
    api::DownloadSeriesQuery query;
    query.split = api::DownloadSplit::None;
    query.from = timeOf(now - 60);
    const auto known = [&](const api::DownloadSeries &series) {
        std::map<Minute, std::int64_t> out;
        for (std::size_t i = 0; i < series.buckets.size(); ++i) {
            if (series.buckets[i].known > 0)
                out[minuteOf(series.buckets[i].start) - now] = series.lines.at(0).counts[i];
        }
        return out;
    };
    auto series = must(reader.series(query));
    CHECK(known(series) == std::map<Minute, std::int64_t>{{-30, 7}, {-20, 0}});
    CHECK(series.since == timeOf(now - 30));
    CHECK(series.newest == timeOf(now - 20));
    // A project that was never seen is known to be at 0 where the registry is known.
    query.projects = "never";
    CHECK(known(must(reader.series(query))) == std::map<Minute, std::int64_t>{{-30, 0}, {-20, 0}});

    must(catalog().write([&](catalog::Writer &writer) {
        catalog::DownloadAnnotationRow gap{0, "gap", "", timeOf(now - 35), timeOf(now - 25), "half of the lines were lost", "ada", epoch};
        return writer.addDownloadAnnotation(gap);
    }));
    query.projects.clear();
    series = must(reader.series(query));
    CHECK(known(series) == std::map<Minute, std::int64_t>{{-20, 0}});
    REQUIRE(series.annotations.size() == 1);
    CHECK(series.annotations[0].text == "half of the lines were lost");
}

TEST_CASE_FIXTURE(CountsFixture, "minutes and hours that are past their time go, the days stay, and late lines go to the days")
{
    add({cell(now, "brie", 3), cell(now - 89 * minutesOfDay, "brie", 5)});
    CHECK(must(counts.forget()) == 0);
    countsClock.set(timeOf(now + 3 * minutesOfDay));
    CHECK(must(counts.forget()) > 0);
    api::DownloadSeriesQuery query;
    query.split = api::DownloadSplit::None;
    query.from = timeOf(now - 30);
    query.step = api::DownloadStep::Minute;
    CHECK(codeOf(reader.series(query)) == ErrorCode::InvalidInput);
    query.step = api::DownloadStep::Hour;
    CHECK(must(reader.series(query)).lines.at(0).total == 3);
    query.from = timeOf(now - 89 * minutesOfDay);
    CHECK(codeOf(reader.series(query)) == ErrorCode::InvalidInput);
    add({cell(now - 89 * minutesOfDay, "brie", 2)});
    query.step = api::DownloadStep::Day;
    CHECK(must(reader.series(query)).lines.at(0).total == 10);
    CHECK(must(counts.forget()) == 0);
    CHECK(downloads() == 10);
    api::DownloadShareQuery top;
    const auto shares = must(reader.shares(top));
    CHECK(shares.count == 10);
}

TEST_CASE_FIXTURE(CountsFixture, "whatever a stream calls itself is stored, bounded, and counted once")
{
    std::vector<Cell> cells;
    for (int i = 0; i < 5'000; ++i) {
        Cell one = cell(now - 1, "brie");
        one.installer = fmt::format("tool-{}", i);
        cells.push_back(one);
    }
    for (const std::string &text : {std::string("a\0b", 3), std::string("\xff\xfe"), std::string(5'000, 'x'),
                                    std::string(199, 'y') + "\xc3\xa9", std::string("'; DROP TABLE projects; --")}) {
        Cell one = cell(now - 1, text);
        one.installer = one.country = one.version = one.system = one.python = one.fileType = text;
        cells.push_back(one);
    }
    add(cells);
    CHECK(downloads() == 5'005);
    api::DownloadSeriesQuery query;
    query.split = api::DownloadSplit::Installer;
    query.from = timeOf(now - 10);
    std::int64_t sum = 0;
    for (const api::DownloadLine &line : must(reader.series(query)).lines)
        sum += line.total.value_or(0);
    CHECK(sum == 5'005);
    api::DownloadShareQuery shares;
    shares.split = api::DownloadSplit::Installer;
    CHECK(must(reader.shares(shares)).values <= static_cast<std::int64_t>(mostValues) + 2);
}

TEST_CASE_FIXTURE(CountsFixture, "questions that cannot be answered are refused by field, and odd ones find nothing")
{
    add({cell(now - 1, "brie")});
    const auto refused = [&](auto &&change) {
        api::DownloadSeriesQuery query;
        change(query);
        const auto answer = reader.series(query);
        return !answer && answer.error().code == ErrorCode::InvalidInput ? answer.error().fields.at(0).field : std::string("answered");
    };
    CHECK(refused([](auto &query) { query.version = "1.0"; }) == "version");
    CHECK(refused([](auto &query) { query.split = api::DownloadSplit::Version; }) == "split");
    CHECK(refused([](auto &query) { query.split = api::DownloadSplit::Project; }) == "split");
    CHECK(refused([](auto &query) { query.projects = "a,b"; }) == "split");
    CHECK(refused([](auto &query) { query.projects = "a,,b"; }) == "projects");
    CHECK(refused([](auto &query) { query.classes = "humans"; }) == "classes");
    CHECK(refused([](auto &query) { query.most = 0; }) == "most");
    CHECK(refused([&](auto &query) { query.from = timeOf(now + 10); }) == "from");
    CHECK(refused([&](auto &query) { query.from = query.to = timeOf(now - 10); }) == "to");
    CHECK(refused([&](auto &query) { query.from = timeOf(0); query.step = api::DownloadStep::Day; }) == "step");
    CHECK(refused([&](auto &query) { query.from = timeOf(-10); query.to = Time(std::chrono::hours(100'000'000)); }) == "answered");
    CHECK(refused([](auto &query) { query.projects = std::string("a\0b", 3); }) == "answered");
    CHECK(refused([](auto &query) { query.projects = "\xff"; }) == "answered");
}

TEST_CASE_FIXTURE(CountsFixture, "a list that is asked for far behind its end is empty")
{
    add({cell(now - 1, "brie"), cell(now - 1, "edam")});
    for (const std::int64_t offset : {std::int64_t{2}, std::int64_t{1'000'000}, std::numeric_limits<std::int64_t>::max()}) {
        for (const std::string project : {"", "brie"}) {
            api::DownloadShareQuery query;
            query.project = project;
            query.split = project.empty() ? api::DownloadSplit::Project : api::DownloadSplit::Version;
            query.offset = offset;
            query.limit = 1'000;
            const auto answer = must(reader.shares(query));
            CHECK(answer.items.empty());
            CHECK(answer.values == (project.empty() ? 2 : 1));
        }
    }
}

TEST_CASE_FIXTURE(CountsFixture, "evidence is a count with its interval, and the whole that it is of")
{
    std::vector<Cell> cells{cell(now - 100, "pypissh", 7, api::ClientClass::Browser), cell(now - 90, "pypissh", 7),
                            cell(now - 80, "pypissh", 300, api::ClientClass::Mirror)};
    cells[0].installer = "Browser";
    cells[2].installer = "pep381client";
    add(cells);
    api::EvidenceQuery query;
    query.project = "pypissh";
    query.classes = "interactive,ci,browser";
    query.from = timeOf(now - 14 * minutesOfDay);
    auto found = must(reader.evidence(query));
    CHECK(found.count == 14);
    CHECK(*found.lower == doctest::Approx(7.65).epsilon(0.01));
    CHECK(*found.upper == doctest::Approx(23.49).epsilon(0.01));
    CHECK(found.of == 314);
    CHECK(found.classes->mirror == 0);
    CHECK_FALSE(found.people);
    query.classes.clear();
    query.installer = "pep381client";
    CHECK(must(reader.evidence(query)).classes->mirror == 300);
    query.installer = "nobody";
    found = must(reader.evidence(query));
    CHECK(found.count == 0);
    CHECK(*found.upper == doctest::Approx(3.69).epsilon(0.01));
    query.to = timeOf(now - 10 * minutesOfDay);
    CHECK_FALSE(must(reader.evidence(query)).count);
}

TEST_CASE_FIXTURE(CountsFixture, "another mode of the parser is a change of definition, and the same one is none")
{
    const auto said = [&] { return must(reader.annotations({})).items; };
    must(counts.readIn(Mode::Compatible));
    must(counts.readIn(Mode::Compatible));
    CHECK(said().empty());
    countsClock.advance(std::chrono::hours(1));
    must(counts.readIn(Mode::Strict));
    must(counts.readIn(Mode::Strict));
    const auto items = said();
    REQUIRE(items.size() == 1);
    CHECK(items[0].kind == api::AnnotationKind::Definition);
    CHECK(items[0].project.empty());
    CHECK(items[0].from == countsClock.now());
    CHECK(!items[0].to);
    CHECK(items[0].text.find("strict mode") != std::string::npos);
    must(counts.readIn(Mode::Compatible));
    CHECK(said().size() == 2);
}
