// SPDX-License-Identifier: GPL-3.0-or-later
// What agents tell: unclean stops, and what an operator has done and not undone.
#include "core/monitor/verdicts/agents.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
using std::chrono::minutes;
using std::chrono::seconds;

const Landscape landscape{{{"web1", "web", "h1", "here"},
                           {"pg1", "postgres", "h2", "here"},
                           {"pg2", "postgres", "h3", "here"},
                           {"data1", "disk", "h2", "here"},
                           {"agent-h1", "agent", "h1", "here"},
                           {"agent-h2", "agent", "h2", "here"}},
                          {}};

AgentInput agent(const char *host, api::AgentState state = {})
{
    return {std::string("agent-") + host, host, {AgentFacts{std::move(state)}, noon, Outcome::Answered, noon, {}, 0, {}}};
}

RawFindings judge(const std::vector<AgentInput> &agents, Time now = noon)
{
    return judgeAgents(agents, landscape, noon - seconds(5), now);
}

const RawFinding *find(const RawFindings &findings, std::string_view wanted, const std::string &node)
{
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [&](const RawFinding &finding) { return finding.code == wanted && finding.node == node; });
    return found == findings.end() ? nullptr : &*found;
}

RawFinding raw(const char *node, std::string_view found, Verdict verdict = Verdict::Critical, std::string subject = {})
{
    return {node, std::string(found), verdict, "x", noon, 2, 2, {}, std::move(subject)};
}

}  // namespace

TEST_CASE("an agent that does not answer is told like any other node, and what it told is not believed any longer")
{
    api::AgentState state;
    state.drain = api::AgentDrain{noon + minutes(5), "ann", "a new disk"};
    AgentInput silent = agent("h1", state);
    CHECK(find(judge({silent}), code::drained, "web1"));
    silent.watched.outcome = Outcome::Refused;
    const RawFindings found = judge({silent});
    CHECK(find(found, code::down, "agent-h1"));
    CHECK_FALSE(find(found, code::drained, "web1"));
    silent.watched.outcome = Outcome::Denied;
    CHECK(find(judge({silent}), code::refused, "agent-h1")->verdict == Verdict::Unknown);
    AgentInput old = agent("h1", state);
    old.watched.taken = noon - minutes(1);
    CHECK(judge({old}).empty());
    CHECK(judge({agent("h1")}).empty());
}

TEST_CASE("a drain is a warning of the web node of its host until it ends, instead of what follows from it")
{
    api::AgentState state;
    state.drain = api::AgentDrain{noon + minutes(5), "ann", "a new disk"};
    RawFindings found = judge({agent("h1", state)});
    const RawFinding *drained = find(found, code::drained, "web1");
    REQUIRE(drained);
    CHECK(drained->verdict == Verdict::Warning);
    CHECK(drained->raiseAfter == 1);
    CHECK(drained->statement == "web1 is drained until 2026-11-22T12:05:00Z by ann: a new disk");
    CHECK(judge({agent("h1", state)}, noon + minutes(5)).empty());
    found.push_back(raw("web1", code::channelBroken));
    found.push_back(raw("web1", code::channelBroken, Verdict::Critical, "simple"));
    // What its own word of its health makes of it; not what a write through it showed.
    found.push_back(raw("web1", code::readOnlyDatabase, Verdict::Critical, "health"));
    found.push_back(raw("web1", code::readOnlyDatabase));
    found.push_back(raw("web1", code::down));
    found.push_back(raw("web2", code::down));
    found = explainByAgents(std::move(found), landscape);
    CHECK(found.size() == 5);
    CHECK(find(found, code::channelBroken, "web1")->subject == "simple");
    CHECK(find(found, code::readOnlyDatabase, "web1")->subject.empty());
    // It is down as well, which is a reason to look at it and none to wake anybody.
    CHECK(find(found, code::down, "web1")->verdict == Verdict::Warning);
    CHECK(find(found, code::down, "web2")->verdict == Verdict::Critical);
}

TEST_CASE("a fence explains that its server is down, and nothing else")
{
    api::AgentState state;
    state.database = api::AgentDatabase();
    state.database->state = "stopped";
    state.database->fenced = true;
    state.database->fencedBy = "ann";
    RawFindings found = judge({agent("h2", state)});
    REQUIRE(find(found, code::fenced, "pg1"));
    CHECK(find(found, code::fenced, "pg1")->statement == "pg1 is fenced by ann: it stays stopped");
    CHECK(found.size() == 1);
    found.push_back(raw("pg1", code::down));
    found.push_back(raw("pg1", code::noPrimary));
    found.push_back(raw("pg2", code::down));
    found = explainByAgents(std::move(found), landscape);
    CHECK_FALSE(find(found, code::down, "pg1"));
    CHECK(find(found, code::noPrimary, "pg1"));
    CHECK(find(found, code::down, "pg2"));
}

TEST_CASE("what a keeper waits for is told of its server, and what it keeps of its host")
{
    api::AgentState state;
    state.database = api::AgentDatabase();
    state.database->state = "stopped, waiting";
    state.database->problem = "it has stepped down for pg2: start that one";
    state.database->kept = {"/data.kept-1"};
    const RawFindings found = judge({agent("h2", state)});
    CHECK(found.size() == 2);
    REQUIRE(find(found, code::noPrimary, "pg1"));
    CHECK(find(found, code::noPrimary, "pg1")->statement == "pg1 takes no writes: it has stepped down for pg2: start that one");
    const auto kept = std::find_if(found.begin(), found.end(), [](const RawFinding &one) { return one.code == code::diverged; });
    REQUIRE(kept != found.end());
    CHECK(kept->statement.find("/data.kept-1") != std::string::npos);
}

TEST_CASE("what is stopped by order is told of a node whatever else is")
{
    const auto stop = [](std::vector<Believed> found) -> std::string {
        const auto nodes = nodeStates(std::move(found), landscape);
        const auto node = std::find_if(nodes.begin(), nodes.end(), [](const api::Node &one) { return one.name == "pg1"; });
        REQUIRE(node != nodes.end());
        const api::NodeFinding *of = stopOf(*node);
        return of ? of->code : "";
    };
    const Believed stopped{raw("pg1", code::fenced, Verdict::Warning), noon + minutes(1)}, older{raw("pg1", code::uncleanStop, Verdict::Warning), noon};
    CHECK(stop({older, stopped}) == code::fenced);
    CHECK(stop({{raw("pg1", code::drained, Verdict::Warning), noon}, {raw("pg1", code::down, Verdict::Warning), noon}}) == code::down);
    CHECK(stop({older}).empty());
    CHECK(stop({}).empty());
    // There the verdict says it.
    CHECK(stop({stopped, {raw("pg1", code::down), noon}}).empty());
}

TEST_CASE("a fenced server is the cause of what its dependents show, and no spare")
{
    Landscape wider = landscape;
    wider.nodes.push_back({"pool1", "pgpool", "h4", "here"});
    wider.dependencies.push_back({"pool1", "pg1", "pools"});
    const std::vector<Believed> folded = foldCauses({{raw("pg1", code::fenced, Verdict::Warning), noon},
                                                     {raw("pool1", code::slow, Verdict::Warning), noon}}, wider);
    CHECK(folded[1].found.cause == "pg1");
    const auto roles = roleStates(nodeStates(folded, wider), wider);
    const auto postgres = std::find_if(roles.begin(), roles.end(), [](const auto &role) { return role.role == "postgres"; });
    REQUIRE(postgres != roles.end());
    CHECK(postgres->working == 1);
}

TEST_CASE("what is set aside is told once, until its time")
{
    api::AgentState state;
    state.database = api::AgentDatabase();
    state.database->setAside = {{"pg2", noon + minutes(5)}, {"pg9", noon - minutes(5)}};
    const RawFindings found = judge({agent("h2", state), agent("h3", state)});
    CHECK(found.size() == 1);
    REQUIRE(find(found, code::setAside, "pg2"));
    CHECK(find(found, code::setAside, "pg2")->statement == "pg2 is kept out of the pgpools until 2026-11-22T12:05:00Z");
}

TEST_CASE("an unclean stop is told for an hour, of the service's node or of those of the machine")
{
    api::AgentState state;
    state.services = {{"pg1", true, 7, noon, noon - minutes(59), {}}, {"cron", false, {}, {}, noon - minutes(1), {}}};
    RawFindings found = judge({agent("h2", state)});
    REQUIRE(find(found, code::uncleanStop, "pg1"));
    CHECK(find(found, code::uncleanStop, "pg1")->verdict == Verdict::Warning);
    CHECK(find(found, code::uncleanStop, "pg1")->statement.find("runs again") != std::string::npos);
    CHECK(find(found, code::uncleanStop, "agent-h2")->statement.find("does not run") != std::string::npos);
    CHECK_FALSE(find(judgeAgents({agent("h2", state)}, landscape, noon - seconds(5), noon + minutes(1)), code::uncleanStop, "pg1"));
    api::AgentState machine;
    machine.uncleanStop = noon - minutes(10);
    found = judge({agent("h1", machine)});
    CHECK(found.size() == 1);
    CHECK(find(found, code::uncleanStop, "web1"));
    CHECK(judge({agent("h1", machine)}, noon + minutes(50)).empty());
}

TEST_CASE("a keeper that does not answer is not known, and a disk of which nothing is heard has its agent as the cause")
{
    api::AgentState state;
    state.database = api::AgentDatabase();
    state.database->problem = "the keeper does not answer";
    CHECK(find(judge({agent("h2", state)}), code::notWatched, "agent-h2")->verdict == Verdict::Unknown);
    RawFindings found{raw("agent-h2", code::noAnswer), raw("data1", code::stale, Verdict::Unknown), raw("pg1", code::stale, Verdict::Unknown)};
    found = explainByAgents(std::move(found), landscape);
    CHECK(find(found, code::stale, "data1")->cause == "agent-h2");
    CHECK(find(found, code::stale, "pg1")->cause.empty());
    found = explainByAgents({raw("data1", code::stale, Verdict::Unknown)}, landscape);
    CHECK(found[0].cause.empty());
}
