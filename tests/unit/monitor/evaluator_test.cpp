// SPDX-License-Identifier: GPL-3.0-or-later
// From looks to states: nothing is well before it was seen to be.
#include "core/api/codec.h"
#include "core/monitor/evaluator.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace cm;
using namespace cm::monitor;
using std::chrono::seconds;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

Surroundings twoWebs()
{
    Surroundings around;
    around.name = "m1";
    for (const char *name : {"web1", "web2"}) {
        config::TopologyWeb web;
        web.name = web.host = name;
        around.topology.webs.push_back(web);
    }
    return around;
}

api::Verdict verdictOn(const View &view, const std::string &name)
{
    return std::find_if(view.nodes.begin(), view.nodes.end(), [&](const api::Node &node) { return node.name == name; })->verdict;
}

// What flows over an edge, as samples and monitors name it: which kind, what, in which unit, from where.
std::set<std::string> flows(const api::Topology &topology)
{
    std::set<std::string> out;
    for (const api::TopologyEdge &edge : topology.edges) {
        for (const api::Signal &fact : edge.facts) {
            // Whose name it is differs.
            const bool named = fact.name.ends_with("-" + edge.to);
            out.insert(edge.kind + " " + (named ? fact.name.substr(0, fact.name.size() - edge.to.size()) : fact.name) + " " + fact.unit + " " + fact.source);
            CHECK(fact.value);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("a node is not well before it was looked at, nor while its first failure is not believed yet")
{
    const Surroundings around = twoWebs();
    Evaluator evaluator(around, noon);
    std::vector<FigureSample> figures;
    Snapshot board = emptyBoard(around);
    CHECK(verdictOn(evaluator.evaluate(board, noon, figures), "web1") == api::Verdict::Unknown);

    WebFacts works;
    works.health.status = 200;
    const Time soon = noon + seconds(1);
    board.webs[0].watched = {works, soon, Outcome::Answered, soon, {}, 0, soon};
    board.webs[1].watched = {std::nullopt, {}, Outcome::Refused, soon, "connection refused", 1, soon};
    const View first = evaluator.evaluate(board, soon, figures);
    CHECK(verdictOn(first, "web1") == api::Verdict::Ok);
    CHECK(verdictOn(first, "web2") == api::Verdict::Unknown);

    // The second failure in a row is believed.
    const Time later = noon + seconds(2);
    board.webs[0].watched.taken = board.webs[0].watched.tried = later;
    board.webs[1].watched = {std::nullopt, {}, Outcome::Refused, later, "connection refused", 2, later};
    CHECK(verdictOn(evaluator.evaluate(board, later, figures), "web2") == api::Verdict::Critical);
}

TEST_CASE("edges carry what flows over them, and samples show nothing else")
{
    Surroundings around = twoWebs();
    config::TopologyCdn cdn;
    cdn.name = cdn.host = "cdn";
    around.topology.cdns.push_back(cdn);
    config::TopologyMirror mirror;
    mirror.name = mirror.host = "mirror";
    around.topology.mirrors.push_back(mirror);
    for (const char *name : {"db1", "db2"}) {
        config::TopologyPostgres database;
        database.name = database.host = database.application = name;
        around.topology.databases.push_back(database);
    }
    Evaluator evaluator(around, noon);
    Snapshot board = emptyBoard(around);
    PostgresFacts primary;
    primary.systemIdentifier = "7300000000000000001";
    primary.timeline = 1;
    primary.current = 5096;
    primary.senders = {{}};
    primary.senders[0].application = "db2";
    primary.senders[0].state = "streaming";
    primary.senders[0].replayed = 1000;
    PostgresFacts standby = primary;
    standby.inRecovery = true;
    standby.current.reset();
    standby.senders.clear();
    standby.received = standby.replayed = 1000;
    standby.receiver = WalReceiver{"streaming", "127.0.0.1", 5432, "", 0.2};
    board.databases[0].watched = {primary, noon, Outcome::Answered, noon, {}, 0, noon};
    board.databases[1].watched = {standby, noon, Outcome::Answered, noon, {}, 0, noon};
    EdgeRates rates;
    rates.taken = noon;
    rates.requests = 810;
    rates.sent = {{"web1", 412}, {"web2", 398}};
    board.edges[0].rates = {rates, noon, Outcome::Answered, noon, {}, 0, noon};
    std::vector<FigureSample> figures;
    View view = evaluator.evaluate(board, noon, figures);
    const auto flowOf = [&](const std::string &from, const std::string &to) -> std::optional<double> {
        for (const api::TopologyEdge &edge : view.topology.edges) {
            if (edge.from == from && edge.to == to && !edge.facts.empty())
                return edge.facts.front().value;
        }
        return std::nullopt;
    };
    CHECK(flowOf("db2", "db1") == 4096);
    CHECK(flowOf("cdn", "web1") == 412);
    CHECK(flowOf("cdn", "web2") == 398);
    CHECK_FALSE(flowOf("cdn", "mirror"));
    std::set<std::string> real = flows(view.topology);
    // And while the mirror serves.
    real.insert("falls back used count http");

    int seen = 0;
    for (const auto &file : std::filesystem::recursive_directory_iterator(CHEESEMONGER_SAMPLES)) {
        if (file.path().filename() != "monitor-topology.json")
            continue;
        std::ostringstream text;
        text << std::ifstream(file.path()).rdbuf();
        const auto sample = api::fromJsonText<api::Topology>(text.str());
        REQUIRE(sample);
        ++seen;
        for (const std::string &flow : flows(*sample)) {
            CAPTURE(file.path().string());
            CAPTURE(flow);
            CHECK(real.contains(flow));
        }
    }
    CHECK(seen > 1);
}
