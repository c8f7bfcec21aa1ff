// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/aggregator.h"

#include "core/metrics/line.h"
#include "core/metrics/parser.h"
#include "tests/unit/metrics/lines.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cm::metrics;
using namespace cm::metrics::test;
using cm::api::ClientClass;

namespace {

constexpr std::int64_t lineMinute = 1532053159 / 60;
const std::int64_t arrivalMinute = std::chrono::floor<std::chrono::minutes>(arrival).time_since_epoch().count();

Tally sumOf(const std::vector<Tally> &tallies)
{
    Tally sum;
    for (const Tally &tally : tallies) {
        sum.received += tally.received;
        sum.downloads += tally.downloads;
        sum.simple += tally.simple;
        sum.ignored += tally.ignored;
        sum.unprocessed += tally.unprocessed;
        sum.refused += tally.refused;
    }
    return sum;
}

std::int64_t countOf(const Batch &batch, Request request)
{
    std::int64_t count = 0;
    for (const Cell &cell : batch.cells)
        count += cell.request == request ? cell.count : 0;
    return count;
}

}  // namespace

TEST_CASE("lines that say the same are one cell, each other one its own")
{
    Aggregator aggregator(Mode::Strict);
    DownloadLine line;
    line.project = "Cfn.Flip";
    line.userAgent = R"(pip/20.1 {"installer":{"name":"pip","version":"20.1"},"python":"3.11.2","system":{"name":"Linux"}})";
    CHECK(aggregator.add(line.text(), arrival) == Outcome::Download);
    line.project = "cfn_flip";
    // Another version of pip is no other cell.
    line.userAgent = R"(pip/20.2 {"installer":{"name":"pip","version":"20.2"},"python":"3.11.9","system":{"name":"Linux"}})";
    line.time = "Fri, 20 Jul 2018 02:19:59 GMT";
    CHECK(aggregator.add(line.text(), arrival) == Outcome::Download);
    CHECK(aggregator.cells() == 2);
    Batch batch = aggregator.take();
    REQUIRE(batch.cells.size() == 1);
    CHECK(batch.cells[0] == Cell{lineMinute, Request::Download, ClientClass::Interactive, "cfn-flip", "1.0.3",
            "sdist", "JP", "pip", "3.11", "Linux", 2});
    REQUIRE(batch.tallies.size() == 1);
    CHECK(batch.tallies[0] == Tally{lineMinute, 2, 2, 0, 0, 0, 0});
    CHECK(batch.reasons.empty());
    // Each of these changes one part of a cell.
    const DownloadLine first = line;
    std::vector<DownloadLine> others(7, first);
    others[0].time = "Fri, 20 Jul 2018 02:20:00 GMT";
    others[1].country = "US";
    others[2].project = "other";
    others[3].version = "1.0.4";
    others[4].type = "bdist_wheel";
    others[5].userAgent = R"(pip/20.1 {"installer":{"name":"pip"},"python":"3.12.1","system":{"name":"Linux"}})";
    others[6].userAgent = R"(pip/20.1 {"installer":{"name":"pip"},"python":"3.11.2","system":{"name":"Linux"},"ci":true})";
    aggregator.add(first.text(), arrival);
    for (const DownloadLine &other : others)
        aggregator.add(other.text(), arrival);
    aggregator.add("simple|" + first.time + "|JP|/simple/Cfn.Flip/|" + first.tls + "||||" + first.userAgent, arrival);
    batch = aggregator.take();
    CHECK(batch.cells.size() == 9);
    CHECK(std::ranges::all_of(batch.cells, [](const Cell &cell) { return cell.count == 1; }));
    const auto simple = std::ranges::find(batch.cells, Request::Simple, &Cell::request);
    REQUIRE(simple != batch.cells.end());
    CHECK(simple->project == "cfn-flip");
    CHECK(simple->version.empty());
    CHECK(simple->fileType.empty());
}

TEST_CASE("every line is in the tallies once, and every reason told")
{
    for (const Mode mode : {Mode::Compatible, Mode::Strict}) {
        Aggregator aggregator(mode);
        std::int64_t sent = 0;
        for (const char *file : {"download-log-cases.jsonl", "download-log-strict.jsonl"}) {
            for (const auto &recorded : casesOf(file)) {
                aggregator.add(std::string_view(recorded.at("line").as_string()), arrival);
                ++sent;
            }
        }
        aggregator.refuse("TooLong", arrival);
        const Batch batch = aggregator.take();
        const Tally sum = sumOf(batch.tallies);
        CHECK(sum.received == sent + 1);
        CHECK(sum.received == sum.downloads + sum.simple + sum.ignored + sum.unprocessed + sum.refused);
        CHECK(countOf(batch, Request::Download) == sum.downloads);
        CHECK(countOf(batch, Request::Simple) == sum.simple);
        std::int64_t reasons = 0;
        for (const ReasonTally &reason : batch.reasons)
            reasons += reason.lines;
        CHECK(reasons == sum.ignored + sum.unprocessed + sum.refused);
        CHECK(aggregator.cells() == 0);
        CHECK(aggregator.take().tallies.empty());
    }
}

TEST_CASE("a line counts in its own minute, else in that of its arrival")
{
    Aggregator aggregator(Mode::Strict);
    DownloadLine line;
    line.userAgent = "Ruby";
    CHECK(aggregator.add(line.text(), arrival) == Outcome::Ignored);
    CHECK(aggregator.add("no line at all", arrival) == Outcome::Unprocessed);
    line.time = "Thu, 01 Jan 1970 00:00:00 GMT";
    CHECK(aggregator.add(line.text(), arrival) == Outcome::Refused);
    aggregator.refuse("TooLong", arrival);
    const Batch batch = aggregator.take();
    REQUIRE(batch.tallies.size() == 2);
    CHECK(batch.tallies[0] == Tally{lineMinute, 1, 0, 0, 1, 0, 0});
    CHECK(batch.tallies[1] == Tally{arrivalMinute, 3, 0, 0, 0, 1, 2});
    const std::vector<ReasonTally> expected{{lineMinute, "Client", 1}, {arrivalMinute, "Format", 1}, {arrivalMinute,
            "TimePast", 1}, {arrivalMinute, "TooLong", 1}};
    CHECK(batch.reasons == expected);
}

TEST_CASE("no text of a cell is longer or stranger than a database can hold")
{
    Aggregator aggregator(Mode::Compatible);
    DownloadLine line;
    line.project = std::string(3000, 'P');
    line.version = std::string(3000, '1');
    line.country = "(null)";
    line.userAgent = R"(pip/20.1 {"installer":{"name":"a\u0000b)" + std::string(3000, 'x') + R"("},"python":"3.1234.5","system":{"name":")" + std::string(63, 's') + "\xC3\xA9\"}}";
    CHECK(aggregator.add(line.text(), arrival) == Outcome::Download);
    const Batch batch = aggregator.take();
    REQUIRE(batch.cells.size() == 1);
    const Cell &cell = batch.cells[0];
    CHECK(cell.project == std::string(255, 'p'));
    CHECK(cell.version == std::string(255, '1'));
    CHECK(cell.country.empty());
    CHECK(cell.installer.starts_with("a?bxx"));
    CHECK(cell.installer.size() == 64);
    CHECK(cell.python.empty());
    CHECK(cell.system == std::string(63, 's'));
}

TEST_CASE("more user agents and projects than are remembered are counted right")
{
    Aggregator aggregator(Mode::Strict);
    constexpr int many = 40'000;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < many; ++i) {
            DownloadLine line;
            line.project = fmt::format("project-{}", i);
            line.userAgent = fmt::format(R"(pip/20.1 {{"installer":{{"name":"pip","version":"{}"}},"python":"3.{}.1"}})", i, i % 5);
            aggregator.add(line.text(), arrival);
        }
    }
    const Batch batch = aggregator.take();
    CHECK(batch.cells.size() == many);
    CHECK(std::ranges::all_of(batch.cells, [](const Cell &cell) {
        const int number = std::stoi(cell.project.substr(8));
        return cell.count == 2 && cell.python == fmt::format("3.{}", number % 5);
    }));
    // What was learned of a user agent before take() is not taken for what it was then.
    DownloadLine line;
    line.userAgent = "bandersnatch/6.1";
    aggregator.add(line.text(), arrival);
    line.userAgent = R"(pip/20.1 {"installer":{"name":"pip","version":"39999"},"python":"3.4.1"})";
    aggregator.add(line.text(), arrival);
    const Batch next = aggregator.take();
    REQUIRE(next.cells.size() == 2);
    CHECK(next.cells[0].installer == "bandersnatch");
    CHECK(next.cells[1].installer == "pip");
    CHECK(next.cells[1].python == "3.4");
}

TEST_CASE("a time before there was a registry, or before what an operator allows, or ahead, is refused in counting")
{
    for (const Mode mode : {Mode::Compatible, Mode::Strict}) {
        for (const auto &[first, limits] : {std::pair(2003, TimeLimits()), {2014, TimeLimits{1'388'534'400}}}) {
            Aggregator aggregator(mode, limits);
            std::int64_t past = 0, ahead = 0, counted = 0;
            for (int year = 1; year < 10000; year += 7) {
                DownloadLine line;
                line.time = fmt::format("Fri, 01 Jan {:04} 00:00:00 GMT", year);
                const bool believed = year >= first && year <= 2026;
                CHECK(aggregator.add(line.text(), arrival) == (believed ? Outcome::Download : Outcome::Refused));
                ++(believed ? counted : year < first ? past : ahead);
                // What a look at the line says stays as PyPI's parser has it.
                if (mode == Mode::Compatible)
                    CHECK(Parser(mode).parse(line.text(), arrival).outcome == Outcome::Download);
            }
            const Batch batch = aggregator.take();
            CHECK(batch.cells.size() == static_cast<std::size_t>(counted));
            CHECK(batch.tallies.size() == static_cast<std::size_t>(counted + 1));
            CHECK(std::ranges::count(batch.tallies, arrivalMinute, &Tally::minute) == 1);
            const std::vector<ReasonTally> expected{{arrivalMinute, "TimePast", past}, {arrivalMinute, "TimeAhead", ahead}};
            CHECK(batch.reasons == expected);
        }
    }
    // A line that is passed over for something else vouches for no minute of such a time either.
    Aggregator aggregator(Mode::Compatible);
    DownloadLine line;
    line.time = "Fri, 01 Jan 1999 00:00:00 GMT";
    line.userAgent = "Datadog Agent/5";
    aggregator.add(line.text(), arrival);
    CHECK(aggregator.take().tallies.front().minute == arrivalMinute);
}
