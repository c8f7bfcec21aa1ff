// SPDX-License-Identifier: GPL-3.0-or-later
// Whoever may download may make names up: they take no place from those that everybody knows, and none for ever.
#include "core/metrics/store/figures.h"
#include "core/metrics/store/known_values.h"
#include "core/metrics/store/subject.h"
#include "core/metrics/user_agent.h"
#include "tests/contract/counts_fixture.h"

#include <algorithm>
#include <fmt/format.h>

using namespace cm;
using namespace cm::metrics;
using namespace cm::test;

namespace {

struct MadeUp : CountsFixture {
    // So many names, each in one line.
    std::vector<Cell> strangersAt(Minute minute, const std::string &name, int count, const std::string &project = "brie")
    {
        std::vector<Cell> cells;
        for (int i = 0; i < count; ++i) {
            Cell one = cell(minute, project);
            one.installer = fmt::format("{}-{}", name, i);
            one.system = fmt::format("system-{}-{}", name, i);
            cells.push_back(one);
        }
        return cells;
    }
    api::DownloadEvidence evidenceOf(const std::string &installer, Minute from, const std::string &project = {})
    {
        api::EvidenceQuery query;
        query.installer = installer;
        query.project = project;
        query.from = timeOf(from);
        return must(reader.evidence(query));
    }
};

std::int64_t totalOf(const api::DownloadSeries &series, const std::string &value)
{
    const auto line = std::ranges::find(series.lines, value, &api::DownloadLine::value);
    return line == series.lines.end() ? 0 : line->total.value_or(0);
}

}  // namespace

TEST_CASE_FIXTURE(MadeUp, "names that somebody makes up take no place from a known one, and whose place may be gone is no 0")
{
    add(strangersAt(now - 60, "made-up", 4'100));
    add({cell(now - 30, "brie", 20'000)});
    Cell late = cell(now - 20, "brie", 50);
    late.installer = "honest";
    add({late});
    const Minute day = floorTo(Tier::Day, now);
    for (const Minute from : {day, now - 61, now - 40 * minutesOfDay}) {
        for (const std::string project : {"", "brie"}) {
            const auto pip = evidenceOf("pip", from, project);
            CHECK(pip.count == 20'000);
            CHECK(pip.folded == 0);
            CHECK(pip.of == 24'150);
            const auto honest = evidenceOf("honest", from, project);
            CHECK(honest.count == 0);
            CHECK(honest.folded == 54);
            CHECK(*honest.upper > 54);
        }
    }
    // No step says something else than another.
    for (const auto step : {api::DownloadStep::Minute, api::DownloadStep::Hour, api::DownloadStep::Day}) {
        for (const auto split : {api::DownloadSplit::Installer, api::DownloadSplit::System}) {
            api::DownloadSeriesQuery query;
            query.step = step;
            query.split = split;
            query.most = 50;
            query.from = timeOf(now - 120);
            const auto series = must(reader.series(query));
            CHECK(series.folded == (split == api::DownloadSplit::Installer ? 54 : 4));
            CHECK(totalOf(series, split == api::DownloadSplit::Installer ? "pip" : "Linux") == (split == api::DownloadSplit::Installer ? 20'000 : 20'050));
            std::int64_t sum = 0;
            for (const api::DownloadLine &line : series.lines)
                sum += line.total.value_or(0);
            CHECK(sum == 24'150);
        }
    }
    api::DownloadShareQuery shares;
    shares.split = api::DownloadSplit::Installer;
    const auto told = must(reader.shares(shares));
    CHECK(told.folded == 54);
    CHECK(told.count == 24'150);
    CHECK(std::ranges::count(told.items, api::DownloadLineKind::Other, &api::DownloadShare::kind) == 1);
    // The next day has room again.
    countsClock.advance(std::chrono::hours(24));
    late.minute = now + minutesOfDay - 20;
    add({late});
    CHECK(evidenceOf("honest", floorTo(Tier::Day, now + minutesOfDay)).count == 50);
}

TEST_CASE_FIXTURE(MadeUp, "a text that nobody can ask for is not kept")
{
    for (int round = 0; round < 4; ++round)
        add(strangersAt(now - 60, fmt::format("round-{}", round), 3'000));
    // Installers and systems that have a place today, and what the fixture's cells have besides.
    CHECK(rowsOf("download_texts") <= 2 * static_cast<std::int64_t>(mostValues) + 6);
    CHECK(downloads() == 12'000);
    // The most frequent of those that come together.
    add({cell(now - minutesOfDay, "brie")});
    std::vector<Cell> many = strangersAt(now - minutesOfDay, "yesterday", 5'000);
    many.back().count = 7;
    const std::string frequent = many.back().installer;
    add(std::move(many));
    CHECK(evidenceOf(frequent, floorTo(Tier::Day, now - minutesOfDay)).count == 7);
}

TEST_CASE_FIXTURE(MadeUp, "where a known value was folded once, evidence says so")
{
    add({cell(now - 30, "brie", 5)});
    // As rows were before known values had places of their own.
    must(database().write([&](sql::Connection &connection) -> Result<void> {
        Figures figures;
        for (std::size_t i = 0; i < dimensionCount; ++i)
            addTo(figures.of(static_cast<Dimension>(i)), i == static_cast<std::size_t>(Dimension::Installer) ? others : notTold, ClassCounts{40});
        const std::string data = encodeFigures(figures);
        CM_TRY(connection.execute("INSERT INTO download_counts (tier, bucket, subject, data) VALUES ($1, $2, $3, $4)",
                                  {static_cast<int>(Tier::Day), floorTo(Tier::Day, now - 100 * minutesOfDay), registrySubject(Request::Download),
                                   sql::Bytes{std::as_bytes(std::span(data.data(), data.size()))}}));
        return {};
    }));
    const auto pip = evidenceOf("pip", now - 200 * minutesOfDay);
    CHECK(pip.count == 5);
    CHECK(pip.folded == 40);
    CHECK(*pip.upper > 45);
    CHECK(evidenceOf("pip", now - 60).folded == 0);
}

TEST_CASE("known values are those that lines of real clients have, and bounded")
{
    for (const std::string_view name : installerNames()) {
        CHECK(classOfInstaller(name, false) != api::ClientClass::Unknown);
        CHECK(isKnownValue(Dimension::Installer, name));
    }
    for (const auto &[dimension, value] : {std::pair(Dimension::Python, "2.7"), {Dimension::Python, "3.13"}, {Dimension::Country, "NL"},
                                           {Dimension::FileType, "bdist_wheel"}, {Dimension::System, "Windows"}})
        CHECK(isKnownValue(dimension, value));
    for (const auto &[dimension, value] : {std::pair(Dimension::Python, "3.113"), {Dimension::Python, "7.1"}, {Dimension::Python, "3.01"}, {Dimension::Country, "nl"},
                                           {Dimension::FileType, "sdist2"}, {Dimension::System, "linux"}, {Dimension::Installer, "PIP"}, {Dimension::Version, "1.0"}})
        CHECK_FALSE(isKnownValue(dimension, value));
}

TEST_CASE("a list has places for known values however many strangers there are")
{
    CountList list;
    for (Code code = 10; code < 20; ++code)
        addTo(list, code, ClassCounts{1}, {5, nullptr});
    CHECK(list.size() == 6);
    CHECK(list.back() == std::pair(strangers, ClassCounts{5}));
    const std::unordered_set<Code> known{15, 16};
    addTo(list, CountList{{15, ClassCounts{3}}, {17, ClassCounts{2}}}, {5, &known});
    CHECK(list.size() == 7);
    CHECK(list.back() == std::pair(strangers, ClassCounts{7}));
    Figures figures;
    figures.of(Dimension::Installer) = list;
    const std::string data = encodeFigures(figures);
    CHECK(must(decodeFigures(std::as_bytes(std::span(data.data(), data.size())))) == figures);
}
