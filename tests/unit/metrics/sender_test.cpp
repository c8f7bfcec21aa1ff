// SPDX-License-Identifier: GPL-3.0-or-later
// Who sends lines, and what senders say of themselves.
#include "core/metrics/aggregator.h"
#include "core/metrics/sender_report.h"
#include "core/metrics/sender_sums.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cm;
using namespace cm::metrics;

namespace {

const Time noon = parseRfc3339("2026-03-01T12:00:30Z").value();
constexpr std::int64_t secondsOfNoon = 1'772'366'430, hourOfNoon = 1'772'366'400 / 60;

std::string report(std::string_view sender, std::int64_t enqueued, std::string_view time = "2026-03-01T11:59:00.123456+00:00")
{
    return fmt::format(R"(<46>1 {} {} rsyslogd-pstats - - - {{ "name": "downloads", "origin": "core.queue", "size": 1, "enqueued": {} }})", time, sender,
                       enqueued);
}

std::string lineOf(std::string_view sender)
{
    return fmt::format("<134>1 2026-03-01T11:59:00Z {} cdn - - - nonsense", sender);
}

}  // namespace

TEST_CASE("of what rsyslog says of itself the queue of the log is read, and nothing else")
{
    CHECK(linesHandedOver(R"({ "name": "downloads", "origin": "core.queue", "size": 6, "enqueued": 129 })") == 129);
    CHECK(linesHandedOver(R"( @cee: {"origin":"core.queue","enqueued":0,"name":"downloads"})") == 0);
    for (const std::string_view text :
         {R"({"name":"downloads[DA]","origin":"core.queue","enqueued":1})", R"({"name":"downloads","origin":"core.action","processed":1})",
          R"({"name":"downloads","origin":"core.queue"})", R"({"name":"downloads","origin":"core.queue","enqueued":-1})",
          R"({"name":"downloads","origin":"core.queue","enqueued":1.5})", R"({"name":"downloads","origin":"core.queue","enqueued":"1"})",
          R"({"name":"downloads","origin":"core.queue","enqueued":18446744073709551615})", R"({"name":"downloads","origin":"core.queue","enqueued":1)",
          "[]", "null", "", "downloads 5", "{}"})
        CHECK_MESSAGE(!linesHandedOver(text), text);
    CHECK(!linesHandedOver(std::string(16'000, '[')));
}

TEST_CASE("a report is of the lines before it, and is no download")
{
    for (const Mode mode : {Mode::Strict, Mode::Compatible}) {
        Aggregator aggregator(mode);
        aggregator.add(lineOf("cdn1"), noon);
        CHECK(aggregator.add(report("cdn1", 900), noon) == Outcome::Ignored);
        aggregator.add(lineOf("cdn1"), noon);
        aggregator.add("nonsense without a header", noon);
        aggregator.add(lineOf("cdn2"), noon);
        Batch batch = aggregator.take();
        CHECK(batch.reports == std::vector<SenderReport>{{"cdn1", 1'772'366'340, 900, {}, secondsOfNoon}});
        CHECK(batch.senders == std::vector<SenderTally>{{hourOfNoon, "", 1, secondsOfNoon, secondsOfNoon},
                                                                 {hourOfNoon, "cdn1", 3, secondsOfNoon, secondsOfNoon},
                                                                 {hourOfNoon, "cdn2", 1, secondsOfNoon, secondsOfNoon}});
        CHECK(std::ranges::count(batch.reasons, senderReport, &ReasonTally::reason) == 1);
        CHECK(batch.cells.empty());
        // The report itself is the first line of the next stretch, whichever batch that ends in.
        aggregator.add(lineOf("cdn1"), noon);
        aggregator.add(report("cdn1", 903), noon);
        CHECK(aggregator.take().reports.at(0).heard == 3);
        // What is given once more is not heard twice.
        aggregator.add(lineOf("cdn1"), noon);
        aggregator.startOver();
        aggregator.add(lineOf("cdn1"), noon);
        aggregator.add(report("cdn1", 905), noon);
        batch = aggregator.take();
        CHECK(!batch.reports.at(0).heard);
        CHECK(batch.senders == std::vector<SenderTally>{{hourOfNoon, "cdn1", 2, secondsOfNoon, secondsOfNoon}});
    }
}

TEST_CASE("a report of the future, of no time and of nobody is taken for what it is")
{
    Aggregator aggregator(Mode::Strict);
    aggregator.add(report("cdn1", 1, "2100-01-01T00:00:00Z"), noon);
    aggregator.add(report("cdn1", 2, "yesterday"), noon);
    aggregator.add(report("-", 3, "-"), noon);
    aggregator.add("rsyslogd-pstats - - - {}", noon);
    const Batch batch = aggregator.take();
    REQUIRE(batch.reports.size() == 3);
    for (const SenderReport &each : batch.reports)
        CHECK(each.seconds == 1'772'366'430);
}

TEST_CASE("senders that make up names cost some names and no more")
{
    Aggregator aggregator(Mode::Strict);
    for (int i = 0; i < 5'000; ++i)
        aggregator.add(lineOf(fmt::format("host-{}", i)), noon);
    const Batch batch = aggregator.take();
    CHECK(batch.senders.size() == 257);
    std::int64_t lines = 0;
    for (const SenderTally &tally : batch.senders)
        lines += tally.lines;
    CHECK(lines == 5'000);
    aggregator.add(lineOf("cdn1"), noon);
    CHECK(aggregator.take().senders == std::vector<SenderTally>{{hourOfNoon, "cdn1", 1, secondsOfNoon, secondsOfNoon}});
}

TEST_CASE("what senders sent and what came is summed up, without stretches of which an ingester cannot know all")
{
    const auto sums = [](std::vector<SenderReport> reports) {
        SenderSums all;
        // However they are cut into batches.
        for (const SenderReport &each : reports)
            all.add({&each, 1});
        return std::pair(all.sums().sent, all.sums().told);
    };
    CHECK(sums({}) == std::pair<std::int64_t, std::int64_t>(0, 0));
    // The first says where it begins, the second how long a stretch is.
    CHECK(sums({{"cdn", 0, 500, {}}, {"cdn", 60, 600, 100}, {"cdn", 120, 700, 90}, {"cdn", 180, 800, 100}}) == std::pair<std::int64_t, std::int64_t>(200, 190));
    // A report that was lost with its lines is a loss, a time with another ingester is none.
    CHECK(sums({{"cdn", 0, 0, {}}, {"cdn", 60, 100, 100}, {"cdn", 180, 300, 110}}) == std::pair<std::int64_t, std::int64_t>(200, 110));
    CHECK(sums({{"cdn", 0, 0, {}}, {"cdn", 60, 100, 100}, {"cdn", 120, 200, 100}, {"cdn", 900, 1500, 20}, {"cdn", 960, 1600, 100}}) ==
          std::pair<std::int64_t, std::int64_t>(200, 200));
    // What was sent again to who has it already.
    CHECK(sums({{"cdn", 0, 0, {}}, {"cdn", 60, 100, 100}, {"cdn", 120, 200, 128}}) == std::pair<std::int64_t, std::int64_t>(100, 128));
    // It has started anew; and it lies.
    CHECK(sums({{"cdn", 0, 900, {}}, {"cdn", 60, 1000, 100}, {"cdn", 120, 30, 50}}) == std::pair<std::int64_t, std::int64_t>(50, 50));
    CHECK(sums({{"cdn", 0, 0, {}}, {"cdn", 60, 100, 100}, {"cdn", 120, std::int64_t(1) << 60, 100}}) == std::pair<std::int64_t, std::int64_t>(0, 0));
}
