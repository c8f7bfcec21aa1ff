// SPDX-License-Identifier: GPL-3.0-or-later
// An ingester: dead streams on open connections, losses, lines that wait, a spool that fills.
#include "core/monitor/verdicts/ingests.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;
using std::chrono::seconds;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
const Time stillFresh = noon - seconds(5);

IngestFacts soundFacts()
{
    IngestFacts facts;
    facts.runsFor = 5000;
    facts.connections = 1;
    facts.received = 1000;
    facts.silentSeconds = 2;
    facts.newestAge = 3;
    facts.spoolLimit = 1e9;
    return facts;
}

std::vector<EdgeInput> busyEdge(double requests)
{
    EdgeRates rates;
    rates.requests = requests;
    EdgeInput edge{"cdn", "cdn-host", {}, {rates, noon, Outcome::Answered, noon, {}, 0, {}}, {}};
    return {edge};
}

RawFindings judged(const IngestFacts &facts, double requests = 50)
{
    return judgeIngests({{"metrics", "metrics-host", {facts, noon, Outcome::Answered, noon, {}, 0, {}}}}, busyEdge(requests), stillFresh);
}

const RawFinding *find(const RawFindings &findings, std::string_view wanted)
{
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const RawFinding &finding) { return finding.code == wanted; });
    return found == findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("an ingester whose lines come and are counted is well")
{
    CHECK(judged(soundFacts()).empty());
}

TEST_CASE("an open connection without a line for a minute is dead while clients are served, and quiet while none is")
{
    IngestFacts facts = soundFacts();
    facts.silentSeconds = 61;
    REQUIRE(find(judged(facts), code::streamDead));
    CHECK(find(judged(facts), code::streamDead)->verdict == Verdict::Critical);
    CHECK(find(judged(facts), code::streamDead)->statement.find("on an open connection") != std::string::npos);
    CHECK(judged(facts, 0).empty());
}

TEST_CASE("an ingester that has never had a line is judged by how long it has run")
{
    IngestFacts facts = soundFacts();
    facts.silentSeconds.reset();
    CHECK(find(judged(facts), code::streamDead));
    facts.runsFor = 20;
    CHECK(judged(facts).empty());
}

TEST_CASE("what a cache counted long ago does not make a stream dead")
{
    IngestFacts facts = soundFacts();
    facts.silentSeconds = 600;
    std::vector<EdgeInput> edges = busyEdge(50);
    edges[0].rates.taken = noon - seconds(60);
    CHECK(judgeIngests({{"metrics", "metrics-host", {facts, noon, Outcome::Answered, noon, {}, 0, {}}}}, edges, stillFresh).empty());
}

TEST_CASE("lines that were lost on their way are told as a share")
{
    IngestFacts facts = soundFacts();
    facts.arrivedShare = 0.95;
    CHECK(find(judged(facts), code::streamLoss)->verdict == Verdict::Warning);
    facts.arrivedShare = 0.5;
    CHECK(find(judged(facts), code::streamLoss)->verdict == Verdict::Critical);
    facts.arrivedShare = 0.99;
    CHECK(judged(facts).empty());
}

TEST_CASE("lines that wait to be counted are late, with the reason")
{
    IngestFacts facts = soundFacts();
    facts.waitingSeconds = 301;
    facts.problem = "the database does not answer";
    const auto found = judged(facts);
    REQUIRE(find(found, code::countsLate));
    CHECK(find(found, code::countsLate)->verdict == Verdict::Warning);
    CHECK(find(found, code::countsLate)->statement.find("the database does not answer") != std::string::npos);
    facts.waitingSeconds = 901;
    CHECK(find(judged(facts), code::countsLate)->verdict == Verdict::Critical);
    facts.waitingSeconds = 200;
    CHECK(judged(facts).empty());
}

TEST_CASE("a spool is a warning before it is full")
{
    IngestFacts facts = soundFacts();
    facts.waitingBytes = 0.8e9;
    CHECK(find(judged(facts), code::spoolFull)->verdict == Verdict::Warning);
    facts.waitingBytes = 0.96e9;
    CHECK(find(judged(facts), code::spoolFull)->verdict == Verdict::Critical);
    facts.spoolLimit = 0;  // it has none
    CHECK(judged(facts).empty());
}

TEST_CASE("an ingester that takes no connections is down, and its old facts say nothing")
{
    IngestFacts facts = soundFacts();
    facts.silentSeconds = 900;
    const IngestInput gone{"metrics", "metrics-host", {facts, noon - seconds(60), Outcome::Refused, noon, "connection refused", 3, {}}};
    const auto found = judgeIngests({gone}, busyEdge(50), stillFresh);
    CHECK(find(found, code::down)->verdict == Verdict::Critical);
    CHECK_FALSE(find(found, code::streamDead));
}
