// SPDX-License-Identifier: GPL-3.0-or-later
// A static mirror: dead, old, empty, wrong, held back by order; each row of the table.
#include "core/monitor/verdicts/mirrors.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
const Time stillFresh = noon - seconds(5);

MirrorFacts soundFacts()
{
    MirrorFacts facts;
    facts.health.status = 200;
    facts.page = PageFacts{{200, 0.01, {}}, 41, 3};
    facts.origin = facts.page;
    facts.file = HttpFacts{200, 0.01, {}};
    facts.originSerial = 1000;
    facts.behindSeconds = 0;
    facts.status = MirrorStatus();
    facts.status->lastChecked = noon - seconds(20);
    facts.status->every = 60;
    facts.status->serial = facts.status->syncedThrough = 1000;
    return facts;
}

MirrorInput mirror(const MirrorFacts &facts)
{
    return {"far", "far-host", {facts, noon, Outcome::Answered, noon, {}, 0, {}}, {}};
}

std::vector<AgentInput> agentTelling(const api::AgentMirror &told)
{
    api::AgentState state;
    state.mirror = told;
    return {{"agent-far", "far-host", {AgentFacts{state}, noon, Outcome::Answered, noon, {}, 0, {}}}};
}

RawFindings judged(const MirrorFacts &facts, const std::vector<AgentInput> &agents = {})
{
    return judgeMirrors({mirror(facts)}, agents, stillFresh, noon);
}

const RawFinding *find(const RawFindings &findings, std::string_view wanted)
{
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const RawFinding &finding) { return finding.code == wanted; });
    return found == findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a mirror that follows is well, and so is one that is a little behind")
{
    CHECK(judged(soundFacts()).empty());
    MirrorFacts facts = soundFacts();
    facts.status->lastChecked = noon - seconds(110);
    facts.status->syncedThrough = 990;
    facts.behindSeconds = 100;
    CHECK(judged(facts).empty());
}

TEST_CASE("a mirror that takes no connections is down, one that never ends is no answer")
{
    MirrorInput gone{"far", "far-host", {std::nullopt, {}, Outcome::Refused, noon, "connection refused", 2, {}}, {}};
    CHECK(find(judgeMirrors({gone}, {}, stillFresh, noon), code::down)->verdict == Verdict::Critical);
    gone.watched.outcome = Outcome::Silent;
    CHECK(find(judgeMirrors({gone}, {}, stillFresh, noon), code::noAnswer));
}

TEST_CASE("200 from a copy that nobody has compared for long is stale")
{
    MirrorFacts facts = soundFacts();
    facts.status->lastChecked = noon - seconds(121);
    CHECK(find(judged(facts), code::mirrorStale)->verdict == Verdict::Warning);
    facts.status->lastChecked = noon - seconds(601);
    facts.status->errors = {"demo: its digest is another"};
    const RawFindings found = judged(facts);
    CHECK(find(found, code::mirrorStale)->verdict == Verdict::Critical);
    // What stopped it is part of the sentence.
    CHECK(find(found, code::mirrorStale)->statement.find("demo: its digest is another") != std::string::npos);
    // It is late by its own clock.
    facts.status->every = 3600;
    CHECK(judged(facts).empty());
    facts.status->lastChecked.reset();
    CHECK(find(judged(facts), code::mirrorStale)->verdict == Verdict::Unknown);
}

TEST_CASE("200 from a copy that lacks serials for three cycles is stale, though it compares itself")
{
    MirrorFacts facts = soundFacts();
    facts.status->syncedThrough = 950;
    facts.behindSeconds = 181;
    const RawFindings found = judged(facts);
    REQUIRE(find(found, code::mirrorStale));
    CHECK(find(found, code::mirrorStale)->verdict == Verdict::Warning);
    CHECK(find(found, code::mirrorStale)->statement.find("50 serials behind") != std::string::npos);
    facts.behindSeconds = 700;
    CHECK(find(judged(facts), code::mirrorStale)->verdict == Verdict::Critical);
}

TEST_CASE("of a mirror that says nothing of itself nobody knows how old it is")
{
    MirrorFacts facts = soundFacts();
    facts.status.reset();
    facts.statusProblem = "it answers 404 for its status.json";
    CHECK(find(judged(facts), code::mirrorStale)->verdict == Verdict::Unknown);
}

TEST_CASE("a page without files that has some at the origin is critical, unless it is older")
{
    MirrorFacts facts = soundFacts();
    facts.page->files = 0;
    CHECK(find(judged(facts), code::mirrorEmpty)->verdict == Verdict::Critical);
    facts.page->serial = 40;
    CHECK_FALSE(find(judged(facts), code::mirrorEmpty));
    facts.page->serial = 41;
    facts.origin->files = 0;
    CHECK_FALSE(find(judged(facts), code::mirrorEmpty));
    facts.origin.reset();
    CHECK_FALSE(find(judged(facts), code::mirrorEmpty));
}

TEST_CASE("bytes that are others than the page promises are believed at once, as long as they are")
{
    MirrorInput input = mirror(soundFacts());
    SampleFacts samples;
    samples.checked = 7;
    samples.wrong = {{"demo", "demo-1.whl", noon, "demo-1.whl with other bytes than its page promises", false, true}};
    input.sampled = {samples, noon, Outcome::Answered, noon, {}, 0, {}};
    const RawFindings found = judgeMirrors({input}, {}, stillFresh, noon);
    REQUIRE(find(found, code::digestMismatch));
    CHECK(find(found, code::digestMismatch)->verdict == Verdict::Critical);
    CHECK(find(found, code::digestMismatch)->raiseAfter == 1);
    input.sampled.facts->wrong.front().empty = true;
    CHECK(find(judgeMirrors({input}, {}, stillFresh, noon), code::mirrorEmpty));
    input.sampled.facts->wrong.clear();
    CHECK(judgeMirrors({input}, {}, stillFresh, noon).empty());
}

TEST_CASE("a pause is told with who and until, and explains the age")
{
    MirrorFacts facts = soundFacts();
    facts.status->lastChecked = noon - minutes(30);
    facts.status->paused = api::AgentDrain{noon + minutes(5), "ann", "a deploy"};
    RawFindings found = judged(facts);
    REQUIRE(find(found, code::paused));
    CHECK(find(found, code::paused)->verdict == Verdict::Warning);
    CHECK(find(found, code::paused)->statement == "far is paused until 2026-11-22T12:05:00Z by ann: a deploy");
    CHECK_FALSE(find(found, code::mirrorStale));
    // Over, it explains nothing.
    facts.status->paused->until = noon - seconds(1);
    found = judged(facts);
    CHECK_FALSE(find(found, code::paused));
    CHECK(find(found, code::mirrorStale));
}

TEST_CASE("out of rotation is told with who and why, and is no other trouble")
{
    MirrorFacts facts = soundFacts();
    facts.health.status = 503;
    api::AgentMirror told;
    told.running = true;
    told.out = api::AgentOut{noon - minutes(1), "ann", "a new disk", noon + minutes(9)};
    RawFindings found = judged(facts, agentTelling(told));
    REQUIRE(found.size() == 1);
    CHECK(found.front().code == code::outOfRotation);
    CHECK(found.front().verdict == Verdict::Warning);
    CHECK(found.front().statement == "far is out of rotation until 2026-11-22T12:09:00Z by ann: a new disk");
    told.out->until.reset();
    CHECK(judged(facts, agentTelling(told)).front().statement == "far is out of rotation without an end, since 2026-11-22T11:59:00Z by ann: a new disk");
    // A file that says nothing was put there by hand; who has not been asked since accuses nobody.
    told.out = api::AgentOut();
    CHECK(judged(facts, agentTelling(told)).front().statement == "far is out of rotation, without an end: somebody put the file \"out\" into its folder");
    told.out.reset();
    CHECK(judged(facts, agentTelling(told)).front().statement ==
          "far is out of rotation: who did it, and until when, is not known, as its agent tells of no order");
    CHECK(judged(facts).front().statement == "far is out of rotation: who did it, and until when, is not known, as no agent tells of it");
    facts.health.status = 500;
    CHECK(find(judged(facts), code::channelBroken)->verdict == Verdict::Critical);
}

TEST_CASE("a mirror whose process is gone is told of before its copy is old")
{
    api::AgentMirror told;
    CHECK(find(judged(soundFacts(), agentTelling(told)), code::mirrorStopped)->verdict == Verdict::Warning);
    told.running = true;
    CHECK(judged(soundFacts(), agentTelling(told)).empty());
    // One that somebody else starts has no process between its runs.
    MirrorFacts facts = soundFacts();
    facts.status->every.reset();
    told.running = false;
    CHECK(judged(facts, agentTelling(told)).empty());
}

TEST_CASE("pages and files that are not served")
{
    MirrorFacts facts = soundFacts();
    facts.page->answer = {404, 0.01, {}};
    facts.file = HttpFacts{0, 0, "no answer in time"};
    const RawFindings found = judged(facts);
    REQUIRE(found.size() == 2);
    CHECK(found[0].code == code::channelBroken);
    CHECK(found[0].subject == "simple");
    CHECK(found[1].subject == "file");
}

TEST_CASE("what a mirror holds back and what it cannot copy wait for somebody")
{
    MirrorFacts facts = soundFacts();
    facts.status->lacks = {{"bad", 2, "bad-1.whl has the sha256 1 and not 2"}};
    CHECK(judged(facts).empty());
    facts.status->lacks = {{"bad", 3, "bad-1.whl has the sha256 1 and not 2"}, {"new", 1, "503"}, {"worse", 9, "503"}};
    const RawFindings lacking = judged(facts);
    const RawFinding *lacks = find(lacking, code::mirrorLacks);
    REQUIRE(lacks);
    CHECK(lacks->verdict == Verdict::Warning);
    CHECK(lacks->statement == "far cannot copy what changed of bad and 1 more: bad-1.whl has the sha256 1 and not 2");
    facts = soundFacts();
    facts.status->held = MirrorHeld{"abc", 30, 40, {{"a", true, 1}, {"b", true, 1}, {"c", false, 1}, {"d", true, 1}}};
    const RawFindings holding = judged(facts);
    const RawFinding *holds = find(holding, code::mirrorHolds);
    REQUIRE(holds);
    CHECK(holds->statement == "far holds back what 30 projects would lose: a, b, c and 27 more");
    facts.status->held->projects = 1;
    facts.status->held->first.resize(1);
    CHECK(judged(facts).front().statement == "far holds back what 1 project would lose: a");
}
