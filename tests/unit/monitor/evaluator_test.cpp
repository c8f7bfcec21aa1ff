// SPDX-License-Identifier: GPL-3.0-or-later
// From looks to states: nothing is well before it was seen to be.
#include "core/monitor/evaluator.h"

#include <algorithm>
#include <doctest/doctest.h>

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
