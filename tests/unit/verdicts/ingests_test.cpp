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

TEST_CASE("what senders say to have sent is held against what came, over every way")
{
    IngestFacts facts = soundFacts();
    facts.sentShare = 0.96;
    CHECK(find(judged(facts), code::streamLoss)->verdict == Verdict::Warning);
    facts.sentShare = 0.9;
    CHECK(find(judged(facts), code::streamLoss)->verdict == Verdict::Critical);
    facts.sentShare = 0.97;
    CHECK(judged(facts).empty());
    facts.sentShare = 1.03;
    CHECK(judged(facts).empty());
    facts.sentShare = 1.04;
    REQUIRE(find(judged(facts), code::streamDoubled));
    CHECK(find(judged(facts), code::streamDoubled)->verdict == Verdict::Warning);
    CHECK(find(judged(facts), code::streamDoubled)->statement == "metrics has had 104.0 % of what the edge sent: lines are counted twice");
    // A loss is not hidden by what came twice.
    facts.arrivedShare = 0.5;
    CHECK(find(judged(facts), code::streamLoss)->verdict == Verdict::Critical);
    facts.arrivedShare = 1;
    facts.sentShare = 0.5;
    CHECK(find(judged(facts), code::streamLoss)->verdict == Verdict::Critical);
    for (const auto found : {code::streamLoss, code::streamDoubled, code::linesLate})
        CHECK_FALSE(runbookOf(found).empty());
}

TEST_CASE("lines that tell of long ago are late when they come, and a registry with little traffic is not")
{
    IngestFacts facts = soundFacts();
    facts.newestAge = 301;
    facts.silentSeconds = 0;
    REQUIRE(find(judged(facts), code::linesLate));
    CHECK(find(judged(facts), code::linesLate)->verdict == Verdict::Warning);
    facts.newestAge = 901;
    CHECK(find(judged(facts), code::linesLate)->verdict == Verdict::Critical);
    // Also where no cache tells of requests.
    CHECK(find(judged(facts, 0), code::linesLate)->verdict == Verdict::Critical);
    // Nobody has asked for anything for four minutes, nor for an hour.
    facts.silentSeconds = 240;
    facts.newestAge = 250;
    CHECK(judged(facts, 0).empty());
    facts.silentSeconds = 3600;
    facts.newestAge = 3650;
    CHECK(judged(facts, 0).empty());
    facts.newestAge = 9000;
    CHECK(judged(facts, 0).empty());
    // What waits here is told as late counts, once.
    facts.silentSeconds = 1;
    facts.newestAge = 1000;
    facts.waitingSeconds = 990;
    CHECK_FALSE(find(judged(facts), code::linesLate));
    CHECK(find(judged(facts), code::countsLate));
    // Nothing is known of one that has stored nothing yet.
    facts = soundFacts();
    facts.newestAge.reset();
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
