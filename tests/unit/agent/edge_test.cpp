// SPDX-License-Identifier: GPL-3.0-or-later
// What Varnish 7.1 says of itself, read: counters, backends, answers.
#include "core/agent/edge.h"
#include "core/monitor/probes/edge_probe.h"
#include "core/monitor/probes/fastly_probe.h"
#include "core/monitor/probes/mirror_probe.h"
#include "core/monitor/probes/simple_page.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <set>

using namespace cm;
using namespace cm::agent;
using std::chrono::seconds;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

constexpr std::string_view counters = R"({"version": 1, "timestamp": "2026-11-26T08:00:01", "counters": {
  "MAIN.uptime": {"description": "Child process uptime", "flag": "c", "format": "d", "value": 90},
  "MAIN.client_req": {"description": "Good client requests received", "flag": "c", "format": "i", "value": 500},
  "MAIN.cache_hit": {"flag": "c", "format": "i", "value": 400},
  "MAIN.cache_miss": {"flag": "c", "format": "i", "value": 60},
  "MAIN.n_object": {"flag": "g", "format": "i", "value": 41},
  "VBE.boot.web1.req": {"flag": "c", "format": "i", "value": 60},
  "VBE.boot.web1.fail": {"flag": "c", "format": "i", "value": 2}}})";

constexpr std::string_view backends = R"([ 3, ["backend.list", "-j"], 1795680001.131,
  {"boot.web1": {"type": "backend", "admin_health": "probe", "probe_message": [2, 8, "sick"], "last_change": 1795679999.766},
   "boot.web2": {"type": "backend", "admin_health": "healthy", "probe_message": [0, 0, "healthy"], "last_change": 1795679999.766},
   "boot.web3": {"type": "backend", "admin_health": "sick", "probe_message": [8, 8, "healthy"]},
   "boot.web4": {"type": "backend", "admin_health": "probe"},
   "boot.nodes": {"type": "round-robin", "admin_health": "probe"}}])";

const api::AgentEdgeBackend &called(const api::AgentEdge &edge, std::string_view name)
{
    const auto found = std::find_if(edge.backends.begin(), edge.backends.end(), [&](const auto &backend) { return backend.name == name; });
    REQUIRE(found != edge.backends.end());
    return *found;
}

api::AgentEdge told(Time when, std::int64_t uptime, std::int64_t hits, std::int64_t misses)
{
    api::AgentEdge edge;
    edge.taken = when;
    edge.uptime = uptime;
    edge.requests = hits + misses;
    edge.hits = hits;
    edge.misses = misses;
    return edge;
}

}  // namespace

TEST_CASE("counters and backends of a cache, and what is not told is absent")
{
    const auto edge = readEdge(counters, backends, noon);
    REQUIRE(edge);
    CHECK(edge->uptime == 90);
    CHECK(edge->requests == 500);
    CHECK(edge->hits == 400);
    CHECK(edge->misses == 60);
    CHECK(edge->objects == 41);
    CHECK_FALSE(edge->passes);
    CHECK(edge->backends.size() == 4);
    CHECK(called(*edge, "web1").healthy == false);
    CHECK(called(*edge, "web1").requests == 60);
    CHECK(called(*edge, "web1").failures == 2);
    CHECK_FALSE(called(*edge, "web1").refused);
    CHECK(called(*edge, "web2").healthy == true);
    // Set by hand it counts, whatever its probe finds.
    CHECK(called(*edge, "web3").healthy == false);
    CHECK_FALSE(called(*edge, "web4").healthy);
}

TEST_CASE("a cache whose backends nobody may list still has its counters")
{
    const auto edge = readEdge(counters, "Could not get hold of varnishd", noon);
    REQUIRE(edge);
    CHECK(edge->hits == 400);
    CHECK_FALSE(readEdge("{}", "", noon)->objects);
    CHECK_FALSE(edge->problem.empty());
    CHECK(readEdge("Could not get hold of varnishd", backends, noon).error().code == ErrorCode::Corrupt);
}

TEST_CASE("answers of the last minute, of as much of it as the log still has")
{
    const std::int64_t now = noon.time_since_epoch().count() / 1'000'000;
    const auto answers = readAnswers(fmt::format("{} 503\n{} 200\nodd\n{} 200\n{} 500\n", now - 200, now - 59, now - 30, now), noon);
    CHECK(answers.all == 3);
    CHECK(answers.failed == 1);
    CHECK(answers.seconds == 60);
    CHECK(readAnswers(fmt::format("{} 200\n", now - 10), noon).seconds == 10);
    CHECK(readAnswers("", noon).all == 0);
}

TEST_CASE("rates are of what was asked in the last minute, beside the hour before it")
{
    monitor::EdgeRateMeter meter;
    CHECK_FALSE(meter.take(told(noon, 1000, 0, 0)).requests);
    auto rates = meter.take(told(noon + seconds(5), 1005, 45, 5));
    CHECK(rates.requests == doctest::Approx(10));
    CHECK_FALSE(rates.hitRatio);  // of fifty requests
    rates = meter.take(told(noon + seconds(1800), 2800, 9900, 100));
    rates = meter.take(told(noon + seconds(1860), 2860, 10'800, 200));
    CHECK(rates.hitRatio == doctest::Approx(0.9));
    CHECK(rates.hitRatioBefore == doctest::Approx(0.99));
    // To each backend, of those that it counts; one that was loaded anew is not known until it was seen twice.
    CHECK(rates.sent.empty());
    const auto sending = [](Time when, std::int64_t uptime, std::int64_t web1, std::int64_t web2) {
        api::AgentEdge edge = told(when, uptime, 10'800 + uptime, 200);
        edge.backends = {{"web1", true, web1, {}, {}}, {"web2", true, web2, {}, {}}, {"far", true, {}, {}, {}}};
        return edge;
    };
    meter.take(sending(noon + seconds(1862), 2862, 500, 9000));
    rates = meter.take(sending(noon + seconds(1922), 2922, 620, 30));
    CHECK(rates.sent.size() == 1);
    CHECK(rates.sent["web1"] == doctest::Approx(2));
    // Started anew it begins anew.
    rates = meter.take(told(noon + seconds(1990), 3, 10, 0));
    CHECK_FALSE(rates.hitRatio);
    CHECK_FALSE(rates.requests);
}

namespace {

monitor::JournalNews news(std::int64_t serial, std::vector<monitor::JournalChange> changes = {})
{
    return {serial, std::move(changes), serial};
}

monitor::PageHead page(std::int64_t serial, int status = 200)
{
    return {status, serial, "web1"};
}

}  // namespace

TEST_CASE("a journal is read from where it is known, and what is none is refused")
{
    const auto told = monitor::readJournal(
        R"({"meta": {"_last-serial": 44}, "changes": [{"serial": 43, "name": "De.Mo", "action": "x"}, {"serial": 44, "name": "../x"}, {"name": "y"}, 7]})");
    REQUIRE(told);
    CHECK(told->serial == 44);
    REQUIRE(told->changes.size() == 1);
    CHECK(told->changes.front().project == "de-mo");
    CHECK(monitor::readJournal("<html>").error().code == ErrorCode::Corrupt);
    CHECK(monitor::readJournal(R"({"changes": []})").error().code == ErrorCode::Corrupt);
    monitor::EdgeFollower follower;
    CHECK(follower.question() == "/journal/?limit=1");
    follower.take(news(100), noon);
    // What changed before anybody watched may have been missed.
    CHECK(follower.question() == "/journal/?since=0&limit=1000");
    follower.take(news(101), noon);
    CHECK(follower.question() == "/journal/?since=101&limit=1000");
    // Restored from an older copy.
    follower.take(news(50), noon);
    CHECK(follower.question() == "/journal/?since=0&limit=1000");
}

TEST_CASE("a page is old from when the web nodes had more, until clients get that")
{
    monitor::EdgeFollower follower;
    CHECK_FALSE(follower.lag({}, noon).pages);
    follower.take(news(40), noon);
    follower.take(news(41, {{41, "demo"}}), noon);
    REQUIRE(follower.due().size() == 1);
    follower.compare("demo", page(39), page(41));
    auto lag = follower.lag(41, noon + seconds(45));
    CHECK(lag.pages == 45);
    CHECK(lag.project == "demo");
    CHECK(lag.servedBy == "web1");
    CHECK(lag.list == 0);
    // A second change, and what clients get is the first.
    follower.take(news(42, {{42, "demo"}}), noon + seconds(50));
    follower.compare("demo", page(41), {});
    CHECK(follower.lag(42, noon + seconds(50)).pages == 0);
    follower.compare("demo", page(41), page(42));
    CHECK(follower.lag(42, noon + seconds(60)).pages == 10);
    follower.compare("demo", page(42), {});
    CHECK(follower.due().empty());
    CHECK(follower.lag(42, noon + seconds(99)).pages == 0);
}

TEST_CASE("a project that was withdrawn and is still given, one that is missing, and what no page tells")
{
    monitor::EdgeFollower follower;
    follower.take(news(40), noon);
    follower.take(news(44, {{41, "gone"}, {42, "fresh"}, {43, "people"}, {44, "broken"}}), noon);
    CHECK(follower.due().size() == 3);
    follower.compare("gone", page(39), page(0, 404));
    CHECK(follower.lag({}, noon + seconds(5)).project == "gone");
    follower.compare("gone", page(0, 404), page(0, 404));
    CHECK(follower.lag({}, noon + seconds(5)).pages == 0);
    follower.compare("fresh", page(0, 404), page(42));
    CHECK(follower.lag({}, noon + seconds(6)).project == "fresh");
    follower.compare("fresh", page(42), {});
    // The web nodes' own page has not moved with that change.
    follower.compare("people", page(12), page(12));
    // Nobody knows, and nobody is blamed; others come first then.
    follower.compare("broken", page(0, 503), page(44));
    follower.compare("broken", page(12), std::nullopt);
    CHECK(follower.lag({}, noon + seconds(90)).pages == 0);
    REQUIRE(follower.due().size() == 1);
    CHECK(follower.due().front().project == "broken");
    CHECK_FALSE(follower.lag({}, noon).list);
}

TEST_CASE("a list is behind from the first serial that it lacks")
{
    monitor::EdgeFollower follower;
    follower.take(news(40), noon);
    CHECK(follower.lag(40, noon).list == 0);
    follower.take(news(41), noon + seconds(10));
    follower.take(news(45), noon + seconds(20));
    CHECK(follower.lag(40, noon + seconds(30)).list == 20);
    CHECK(follower.lag(41, noon + seconds(30)).list == 10);
    CHECK(follower.lag(46, noon + seconds(30)).list == 0);
}

TEST_CASE("every change of a window is looked at in its turn, also while others are stuck")
{
    monitor::EdgeFollower follower;
    follower.take(news(0), noon);
    std::vector<monitor::JournalChange> many;
    for (int i = 1; i <= 600; ++i)
        many.push_back({i, "p" + std::to_string(i)});
    follower.take(news(600, many), noon);
    // A cache that has kept the pages of these: the first is far from the newest.
    const std::set<std::string> kept{"p101", "p102", "p103", "p104", "p300"};
    std::set<std::string> seen;
    const auto look = [&](bool stuck) {
        for (const auto &page : follower.due()) {
            seen.insert(page.project);
            const bool old = stuck && kept.contains(page.project);
            follower.compare(page.project, ::page(old ? 1 : 1000), old ? std::optional(::page(page.serial)) : std::nullopt);
        }
    };
    for (int i = 0; i < 500 && seen.size() < 500; ++i) {
        CHECK(follower.due().size() == 3);
        look(true);
    }
    // The newest 500, each of them, and none for ever.
    CHECK(seen.size() == 500);
    CHECK(seen.contains("p101"));
    CHECK_FALSE(seen.contains("p100"));
    CHECK(follower.lag(600, noon + seconds(90)).pages == 90);
    // What changes meanwhile is looked at beside them.
    follower.take(news(601, {{601, "new"}}), noon + seconds(90));
    look(true);
    CHECK(seen.contains("new"));
    for (int i = 0; i < 3; ++i)
        look(false);
    CHECK(follower.due().empty());
    CHECK(follower.lag(600, noon + seconds(99)).pages == 0);
}

TEST_CASE("where everything is old some are kept in mind, and over when clients get them")
{
    monitor::EdgeFollower follower;
    follower.take(news(0), noon);
    std::vector<monitor::JournalChange> many;
    for (int i = 1; i <= 500; ++i)
        many.push_back({i, "p" + std::to_string(i)});
    follower.take(news(500, many), noon);
    for (int i = 0; i < 600; ++i) {
        for (const auto &one : follower.due())
            follower.compare(one.project, page(0), page(one.serial));
    }
    CHECK(follower.lag(500, noon + seconds(60)).pages == 60);
    int looks = 0;
    for (; *follower.lag(500, noon + seconds(60)).pages > 0; ++looks) {
        for (const auto &one : follower.due())
            follower.compare(one.project, page(1000), {});
    }
    CHECK(looks <= 21);
}

TEST_CASE("a journal that does not come whole is read on where it ended")
{
    std::string lines;
    for (int i = 1; i <= 1000; ++i)
        lines += (i > 1 ? R"(,{"serial": )" : R"({"serial": )") + std::to_string(i) + R"(, "name": "p"})";
    const auto told = monitor::readJournal(R"({"meta": {"_last-serial": 5000}, "changes": [)" + lines + "]}");
    REQUIRE(told);
    monitor::EdgeFollower follower;
    follower.take(news(500), noon);
    follower.take(*told, noon);
    CHECK(follower.question() == "/journal/?since=1000&limit=1000");
}

TEST_CASE("counts of Fastly are added up by the second, once each, and held apart by point of presence")
{
    const auto second = [](std::int64_t at, int ams, int bom, int failed) {
        return fmt::format(R"({{"recorded": {}, "aggregated": {{"requests": {}, "hits": {}, "miss": 1}},)"
                           R"( "datacenter": {{"AMS": {{"requests": {}}}, "BOM": {{"requests": {}, "status_5xx": {}}}}}}})",
                           at, ams + bom, ams + bom - 1, ams, bom, failed);
    };
    const auto answer = [](std::int64_t next, const std::string &data) { return fmt::format(R"({{"Timestamp": {}, "AggregateDelay": 9, "Data": [{}]}})", next, data); };
    monitor::FastlyMeter meter;
    CHECK(meter.question() == "/ts/h/limit/1");
    REQUIRE(meter.take(answer(1001, second(1000, 99, 1, 0))));
    CHECK(meter.question() == "/ts/1001");
    // The same second again, and the next.
    auto rates = meter.take(answer(1002, second(1000, 99, 1, 0) + "," + second(1001, 198, 2, 2)));
    REQUIRE(rates);
    CHECK(rates->source == "Fastly");
    CHECK(rates->requests == doctest::Approx(200));
    CHECK(rates->hitRatio == doctest::Approx(0.995));
    CHECK(rates->answers->all == 300);
    CHECK(rates->answers->failed == 2);
    CHECK(rates->answers->seconds == 2);
    REQUIRE(rates->pops.size() == 2);
    CHECK(rates->pops[1].pop == "BOM");
    CHECK(rates->pops[1].requests == 3);
    CHECK(rates->pops[1].errors == 2);
    // A minute later that is over.
    rates = meter.take(answer(1062, second(1061, 10, 0, 0)));
    CHECK(rates->answers->failed == 0);
    CHECK(rates->pops[1].errors == 0);
    // Nothing new, and nonsense.
    CHECK(meter.take(answer(1062, ""))->answers->all == 10);
    CHECK(meter.take(answer(1063, R"(7, {"recorded": "x"}, {"recorded": 1062, "aggregated": [], "datacenter": {"AMS": 3}})"))->answers->all == 10);
    CHECK(meter.take("<html>").error().code == ErrorCode::Corrupt);
    CHECK(meter.take(R"({"Data": []})").error().code == ErrorCode::Corrupt);
}

TEST_CASE("a mirror's status, whole, of an older mirror, and none")
{
    const auto status = monitor::readMirrorStatus(
        R"({"format": 1, "serial": 9, "synced_through": 7, "last_checked": "2026-11-22T11:59:00.000000Z", "pending_count": 2, "every": 60,)"
        R"("errors": ["demo: refused"], "run": {"failed": 1}, "paused": {"until": "2026-11-22T13:00:00.000000Z", "by": "ann", "reason": "x"},)"
        R"("running": {"started": "2026-11-22T11:59:00.000000Z", "told": "2026-11-22T11:59:58.000000Z", "projects_done": 3, "projects_left": 4, "bytes": 5}})");
    REQUIRE(status);
    CHECK(status->syncedThrough == 7);
    CHECK(status->every == 60.0);
    CHECK(status->errors.size() == 1);
    CHECK(status->paused->by == "ann");
    CHECK(status->running->left == 4);
    const auto holding = monitor::readMirrorStatus(
        R"({"held": {"digest": "abc", "projects": 30, "files": 40, "first": [{"project": "a", "whole": true, "files": 2}, 7]},)"
        R"("orders": [{"order": "again", "subject": "demo", "ended": "2026-11-22T11:59:00.000000Z", "done": true, "statement": "demo is whole"}],)"
        R"("pending": [{"project": "new", "tries": 0, "error": null}, {"project": "bad", "tries": 4, "error": "refused", "held": false},)"
        R"({"project": "a", "tries": 9, "error": "held back", "held": true}, "x"]})");
    REQUIRE(holding);
    REQUIRE(holding->held);
    CHECK(holding->held->projects == 30);
    REQUIRE(holding->held->first.size() == 1);
    CHECK(holding->held->first.front().whole);
    REQUIRE(holding->outcomes.size() == 1);
    CHECK(holding->outcomes.front().done);
    REQUIRE(holding->lacks.size() == 1);
    CHECK(holding->lacks.front().error == "refused");
    const auto older = monitor::readMirrorStatus(R"({"serial": 9, "last_checked": null, "running": null})");
    REQUIRE(older);
    CHECK_FALSE(older->lastChecked);
    CHECK_FALSE(older->every);
    CHECK_FALSE(older->paused);
    CHECK_FALSE(older->held);
    CHECK(older->lacks.empty());
    CHECK(monitor::readMirrorStatus("<html>").error().code == ErrorCode::Corrupt);
}

TEST_CASE("names are drawn from an index that comes in pieces")
{
    std::mt19937 random(7);
    const std::string index = R"({"meta":{},"projects":[{"name":"a"},{"name": "bb"},{"_last-serial":1,"name":"ccc"}]})";
    for (const std::size_t piece : {1UL, 5UL, 1000UL}) {
        monitor::NameDraw draw(random, 10);
        for (std::size_t at = 0; at < index.size(); at += piece)
            draw.take(std::string_view(index).substr(at, piece));
        CHECK(draw.names() == std::vector<std::string>{"a", "bb", "ccc"});
    }
    monitor::NameDraw few(random, 2);
    few.take(index);
    CHECK(few.names().size() == 2);
}

TEST_CASE("a file's address is that of its page and its link together")
{
    CHECK(monitor::pathOf("/simple/demo/", "../../packages/aa/demo.whl#sha256=1") == "/packages/aa/demo.whl");
    CHECK(monitor::pathOf("/pypi/simple/demo/", "../../packages/demo.whl") == "/pypi/packages/demo.whl");
    CHECK(monitor::pathOf("/simple/demo/", "https://files.example.org/a/demo.whl") == "/a/demo.whl");
    CHECK(monitor::pathOf("/simple/demo/", "/packages/demo.whl") == "/packages/demo.whl");
    CHECK(monitor::pathOf("/simple/demo/", "../../../../etc") == "/etc");
}
