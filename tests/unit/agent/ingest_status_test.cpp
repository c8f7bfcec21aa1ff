// SPDX-License-Identifier: GPL-3.0-or-later
// What an ingester says of itself, read; and what is no such thing.
#include "core/monitor/probes/ingest_probe.h"

#include <doctest/doctest.h>

using namespace cm;

TEST_CASE("the status of an ingester is read with ages by its own clock")
{
    const auto facts = monitor::readIngestStatus(R"({
        "now": "2026-11-22T12:00:00Z", "started": "2026-11-22T11:00:00Z", "connections": 2, "received": 10, "refused": 1, "repeated": 3, "lost": 4,
        "lines_per_second": 2.5, "last_line": "2026-11-22T11:59:58Z", "newest_line_time": "2026-11-22T11:59:50Z",
        "spool": {"bytes": 5000, "limit": 100000, "oldest": "2026-11-22T11:58:00Z"}, "senders": {"sent": 9, "came": 8}, "problem": "no database", "more": [1]})");
    REQUIRE(facts);
    CHECK(facts->runsFor == 3600);
    CHECK(facts->connections == 2);
    CHECK(facts->received == 10);
    CHECK(facts->refused == 1);
    CHECK(facts->repeated == 3);
    CHECK(facts->lost == 4);
    CHECK(facts->sent == 9);
    CHECK(facts->came == 8);
    CHECK(facts->rate == 2.5);
    CHECK(facts->silentSeconds == 2);
    CHECK(facts->newestAge == 10);
    CHECK(facts->waitingBytes == 5000);
    CHECK(facts->spoolLimit == 100000);
    CHECK(facts->waitingSeconds == 120);
    CHECK(facts->problem == "no database");
}

TEST_CASE("what an ingester does not know is absent and never 0")
{
    const auto facts = monitor::readIngestStatus(R"({"now": "2026-11-22T12:00:00Z", "started": "2026-11-22T11:59:59Z", "lines_per_second": null,
        "last_line": null, "spool": {"bytes": 0, "limit": 10, "oldest": null}})");
    REQUIRE(facts);
    CHECK_FALSE(facts->rate);
    CHECK_FALSE(facts->silentSeconds);
    CHECK_FALSE(facts->newestAge);
    CHECK_FALSE(facts->waitingSeconds);
}

TEST_CASE("what is no status is told as such")
{
    for (const auto *text : {"", "<html>", "[]", "{}", R"({"now": 5, "started": true})", R"({"now": "2026-11-22T12:00:00Z"})"})
        CHECK(monitor::readIngestStatus(text).error().code == ErrorCode::Corrupt);
}

TEST_CASE("a share is that of the last while, of enough to be one, and begins anew with the counters")
{
    const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
    const auto at = [&](int second) { return noon + std::chrono::seconds(second); };
    monitor::ShareOver share(std::chrono::seconds(60));
    CHECK_FALSE(share.add(at(0), 1'000'000, 10));
    CHECK_FALSE(share.add(at(10), 1'000'099, 109));
    CHECK(share.add(at(20), 1'000'200, 110) == 0.5);
    CHECK(share.add(at(80), 1'000'400, 310) == 1);
    CHECK_FALSE(share.add(at(90), 50, 50));
    CHECK(share.add(at(100), 150, 160) == 1.1);
}
