// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/binding.h"
#include "core/api/findings.h"
#include "core/api/monitor_endpoints.h"
#include "core/api/openapi.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::api;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

Node stalledStandby()
{
    Node node;
    node.name = "db2";
    node.role = "postgres";
    node.verdict = Verdict::Critical;
    node.finding = finding::stalled;
    node.statement = "db2 has stopped replaying";
    node.since = noon;
    node.findings.push_back({std::string(finding::stalled), Verdict::Critical, node.statement, noon, {}, {}});
    node.facts.push_back({"replay-lag", 3000664.0, "bytes", {}, Verdict::Warning, "db1", noon, false, 16777216.0, {}});
    node.facts.push_back({"replay-seconds", std::nullopt, "seconds", {}, Verdict::Unknown, "db1", noon});
    return node;
}

}  // namespace

TEST_CASE("a figure that nobody knows is left out, never written as 0")
{
    const std::string text = toJsonText(stalledStandby());
    CHECK(text ==
          R"({"name":"db2","role":"postgres","verdict":"critical","statement":"db2 has stopped replaying",)"
          R"("facts":[{"name":"replay-lag","value":3.000664E6,"unit":"bytes","text":"","verdict":"warning",)"
          R"("source":"db1","sampled":"2026-11-22T12:00:00.000000Z","stale":false,"warning":1.6777216E7},)"
          R"({"name":"replay-seconds","unit":"seconds","text":"","verdict":"unknown","source":"db1",)"
          R"("sampled":"2026-11-22T12:00:00.000000Z","stale":false}],"finding":"STALLED",)"
          R"("since":"2026-11-22T12:00:00.000000Z","cause":"","findings":[{"code":"STALLED","verdict":"critical",)"
          R"("statement":"db2 has stopped replaying","since":"2026-11-22T12:00:00.000000Z","cause":"","runbook":"","act":"","act_on":""}],)"
          R"("host":"","site":""})");
    const auto back = fromJsonText<Node>(text);
    REQUIRE(back);
    CHECK(*back == stalledStandby());
}

TEST_CASE("a node of a core without monitoring is read as before")
{
    const auto node = fromJsonText<Node>(R"({"name":"a","role":"web","verdict":"ok","statement":"","facts":[]})");
    REQUIRE(node);
    CHECK(node->finding.empty());
    CHECK_FALSE(node->since);
}

TEST_CASE("verdicts weigh ok, warning, unknown, critical")
{
    CHECK(Verdict::Ok < Verdict::Warning);
    CHECK(Verdict::Warning < Verdict::Unknown);
    CHECK(Verdict::Unknown < Verdict::Critical);
}

TEST_CASE("an incident survives the journey")
{
    Incident incident;
    incident.time = noon;
    incident.topology.nodes.push_back({"db1", "postgres", "host1", "a", "127.0.0.1:6001"});
    incident.topology.edges.push_back({"db2", "db1", "replicates", Verdict::Unknown, false, "no row", {}});
    incident.state.emplace().line = {Verdict::Critical, "db1 is down", "uploads", "reading", "db1", "DOWN", noon};
    incident.state->nodes.push_back(stalledStandby());
    incident.replication.emplace().standbys.push_back({});
    incident.replication->standbys[0].lossBytes = {12.0, noon};
    incident.pools.emplace().pools.push_back({"pool1", Verdict::Ok, {}, {}, noon, {{}}, "QUORUM EXIST", {}, {}, 3, 2, {}});
    Alert alert;
    alert.id = {7};
    alert.state = AlertState::Acknowledged;
    alert.consequences.push_back({"web1", "READ_ONLY_DB", Verdict::Critical, "web1 takes no uploads", noon});
    alert.silence = Id{3};
    incident.alerts.push_back(alert);
    incident.actions.push_back({{4}, {}, ActionState::Done, "db2 is the primary", "mira", "move", noon, noon, {}, {}});
    incident.leftOut.push_back("Events: the newest 10000 of 10001 are here");
    incident.silences.push_back({{3}, {"db1", {}, {}, {}}, "mira", "move", noon, noon, std::nullopt, {}, 1});
    incident.timeline.push_back({{9}, noon, "verdict.changed", "db1", "postgres", Verdict::Ok, Verdict::Critical});
    incident.series.push_back({"db1", "up", "count", noon, noon, 10, {{noon, 0}, {noon, 2, 1.0, 1.5, 2.0, 2.0, 2.0}}});
    const auto back = fromJsonText<Incident>(toJsonText(incident));
    REQUIRE(back);
    CHECK(*back == incident);
}

TEST_CASE("requests to a monitor are bound and read back")
{
    SeriesQuery query{"db2", "replay-lag", noon, std::nullopt, 10};
    const BoundRequest bound = bindRequest(endpoints::readSeries, query);
    CHECK(bound.target.starts_with("/admin/v1/monitor/series/db2/replay-lag?"));
    CHECK(bound.target.find("from=2026-11-22T12%3A00%3A00.000000Z") != std::string::npos);
    CHECK(bound.target.find("step_seconds=10") != std::string::npos);
    CHECK(bound.target.find("until") == std::string::npos);
    const auto path = matchPath(endpoints::readSeries.path, "/admin/v1/monitor/series/db2/replay-lag");
    REQUIRE(path);
    const auto read = readRequest(endpoints::readSeries, *path,
                                  {{"from", "2026-11-22T12:00:00Z"}, {"step_seconds", "10"}}, {});
    REQUIRE(read);
    CHECK(read->from == noon);
    CHECK(read->stepSeconds == 10);

    const auto refused = readRequest(endpoints::createSilence, {}, {}, R"({"match":{"host":"x"},"reason":"r"})");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields.front().field == "match.host");
    CHECK(readRequest(endpoints::acknowledgeAlert, {{"alert", "12"}}, {},
                      R"({"note":"mine","until":"2026-11-22T13:00:00Z"})")->alert == Id{12});
}

TEST_CASE("a monitor describes what it answers, and nothing else")
{
    const Json document = monitorOpenApiDocument("0.1.0");
    const auto &paths = document.at("paths").as_object();
    CHECK(paths.contains("/admin/v1/monitor/state"));
    CHECK(paths.contains("/admin/v1/events"));
    CHECK_FALSE(paths.contains("/admin/v1/projects"));
    CHECK(openApiDocument("0.1.0").at("paths").as_object().contains("/admin/v1/projects"));
}
