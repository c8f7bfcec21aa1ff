// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/alert_engine.h"
#include "core/monitor/alerts/webhook.h"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cm;
using namespace cm::monitor;
using api::AlertState;
using api::Verdict;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
using std::chrono::minutes;
using std::chrono::seconds;

api::Node node(const std::string &name, const std::string &role = "web")
{
    api::Node node;
    node.name = name;
    node.role = role;
    node.site = "here";
    node.verdict = Verdict::Ok;
    return node;
}

api::Node broken(const std::string &name, const std::string &code = "DOWN", Verdict verdict = Verdict::Critical,
                 const std::string &cause = {})
{
    api::Node out = node(name);
    out.verdict = verdict;
    out.finding = code;
    out.findings.push_back({code, verdict, name + " " + code, noon, cause, "help"});
    return out;
}

// With one finding more of its own, after those that it has.
api::Node also(api::Node node, const std::string &code, Verdict verdict = Verdict::Critical)
{
    node.findings.push_back({code, verdict, node.name + " " + code, noon, {}, "help"});
    return node;
}

struct Engine {
    AlertEngine engine{100, {}, {}};
    Time now = noon;

    AlertChanges see(std::vector<api::Node> nodes, seconds later = seconds(1))
    {
        now += later;
        return engine.observe(nodes, now);
    }
    api::Alert only() const
    {
        REQUIRE(engine.alerts().size() == 1);
        return engine.alerts().front();
    }
};

}  // namespace

TEST_CASE("what is well is no alert")
{
    Engine engine;
    CHECK(engine.see({node("web1")}).empty());
}

TEST_CASE("an alert is opened once, told once, and closed when it is over")
{
    Engine engine;
    const AlertChanges opened = engine.see({broken("web1")});
    REQUIRE(opened.notify.size() == 1);
    CHECK(opened.events.front().kind == "alert.opened");
    CHECK(engine.only().id.value == 101);
    CHECK(engine.only().started == noon);
    CHECK(engine.see({broken("web1")}).empty());
    const AlertChanges closed = engine.see({node("web1")});
    REQUIRE(closed.notify.size() == 1);
    CHECK(closed.notify[0].state == AlertState::Closed);
    CHECK(closed.alerts[0].closed == engine.now);
    CHECK(engine.engine.alerts().empty());
    CHECK(engine.see({broken("web1")}).alerts[0].id.value == 102);
}

TEST_CASE("a sentence whose figures move is shown, and not written each second")
{
    Engine engine;
    engine.see({broken("db2")});
    api::Node later = broken("db2");
    later.findings[0].statement = "last heard 5 s ago";
    CHECK(engine.see({later}).empty());
    CHECK(engine.only().statement == "last heard 5 s ago");
}

TEST_CASE("a storm of forty consequences is one alert")
{
    Engine engine;
    std::vector<api::Node> nodes{broken("db1")};
    for (int i = 0; i < 40; ++i)
        nodes.push_back(broken(fmt::format("web{}", i), "READ_ONLY_DB", Verdict::Critical, "db1"));
    const AlertChanges changes = engine.see(nodes);
    CHECK(changes.notify.size() == 1);
    CHECK(changes.alerts.size() == 1);
    CHECK(engine.only().consequences.size() == 40);
    CHECK(engine.only().node == "db1");
}

TEST_CASE("acknowledged until a time, then it fires again")
{
    Engine engine;
    engine.see({broken("web1")});
    const api::Id id = engine.only().id;
    const auto owned = engine.engine.acknowledge({id, "on it", engine.now + minutes(10)}, "mira", engine.now);
    REQUIRE(owned);
    CHECK(engine.only().state == AlertState::Acknowledged);
    CHECK(engine.only().owner == "mira");
    CHECK(engine.see({broken("web1")}).notify.empty());
    const AlertChanges back = engine.see({broken("web1")}, minutes(11));
    REQUIRE(back.notify.size() == 1);
    CHECK(back.events[0].kind == "alert.released");
    CHECK(engine.only().state == AlertState::Firing);
    CHECK(engine.only().note == "on it");  // the note lives as long as the alert
    CHECK(engine.only().owner.empty());
    CHECK(engine.engine.preview({"web1", {}, {}, {}})->warnings[0] == "It hides a critical alert that nobody owns: web1 DOWN");
}

TEST_CASE("what gets worse fires again although somebody owns it")
{
    Engine engine;
    engine.see({broken("db2", "LAGGING", Verdict::Warning)});
    REQUIRE(engine.engine.acknowledge({engine.only().id, "", engine.now + minutes(10)}, "mira", engine.now));
    const AlertChanges worse = engine.see({broken("db2", "DISCONNECTED")});
    CHECK(worse.notify.size() == 1);
    CHECK(engine.only().state == AlertState::Firing);
    CHECK(engine.only().owner.empty());
    CHECK(engine.only().finding == "DISCONNECTED");
    CHECK(engine.see({broken("db2", "LAGGING", Verdict::Warning)}).notify.empty());
}

TEST_CASE("another trouble of the same weight is told, and is not what somebody owns")
{
    Engine engine;
    engine.see({broken("db1")});
    REQUIRE(engine.engine.acknowledge({engine.only().id, "", engine.now + minutes(60)}, "mira", engine.now));
    const AlertChanges other = engine.see({broken("db1", "SPLIT_BRAIN")});
    REQUIRE(other.notify.size() == 1);
    CHECK(other.notify[0].finding == "SPLIT_BRAIN");
    CHECK(other.notify[0].state == AlertState::Firing);
    CHECK(engine.see({broken("db1", "SPLIT_BRAIN")}).empty());
}

TEST_CASE("a second critical trouble beside the first is told, and is not what somebody owns")
{
    Engine engine;
    engine.see({broken("db1")});
    REQUIRE(engine.engine.acknowledge({engine.only().id, "", engine.now + minutes(60)}, "mira", engine.now));
    CHECK(engine.see({also(broken("db1"), "SLOW", Verdict::Warning)}).notify.empty());
    CHECK(engine.only().state == AlertState::Acknowledged);
    const AlertChanges second = engine.see({also(broken("db1"), "DISK_FULL")});
    REQUIRE(second.notify.size() == 1);
    CHECK(second.notify[0].consequences[0].finding == "DISK_FULL");
    CHECK(second.notify[0].state == AlertState::Firing);
    REQUIRE(second.events.size() == 1);
    CHECK(second.events[0].statement == "db1 DISK_FULL");
    // That the first is over leaves receivers with a sentence that is not true any more.
    const AlertChanges left = engine.see({broken("db1", "DISK_FULL")});
    REQUIRE(left.notify.size() == 1);
    CHECK(left.notify[0].finding == "DISK_FULL");
}

TEST_CASE("what flutters is told once in ten minutes, between troubles and between weights")
{
    Engine engine;
    std::size_t letters = 0;
    for (int i = 0; i < 60; ++i) {
        letters += engine.see({broken("db1", i % 2 ? "SPLIT_BRAIN" : "DOWN")}).notify.size();
        letters += engine.see({broken("db1", "LAGGING", i % 2 ? Verdict::Warning : Verdict::Critical)}).notify.size();
    }
    CHECK(letters == 3);  // each trouble, at its heaviest
    // What stays in the end is what receivers have to know last.
    Engine stays;
    stays.see({broken("db1")});
    stays.see({broken("db1", "SPLIT_BRAIN")});
    CHECK(stays.see({broken("db1")}).notify.empty());
    CHECK(stays.see({broken("db1")}, minutes(5)).notify.empty());
    CHECK(stays.see({broken("db1")}, minutes(6)).notify.size() == 1);
    CHECK(stays.see({broken("db1")}, minutes(60)).notify.empty());
}

TEST_CASE("what was lighter for long and gets worse again is news")
{
    Engine engine;
    engine.see({broken("db2", "LAGGING")});
    engine.see({broken("db2", "LAGGING", Verdict::Warning)});
    CHECK(engine.see({broken("db2", "LAGGING", Verdict::Warning)}, minutes(11)).notify.empty());
    CHECK(engine.see({broken("db2", "LAGGING")}).notify.size() == 1);
}

TEST_CASE("a silence on one trouble hides no other of the same node")
{
    Engine engine;
    engine.see({broken("web1", "SLOW")});
    REQUIRE(engine.engine.silence({{"web1", {}, "SLOW", {}}, "work", engine.now + minutes(60)}, "mira", engine.now));
    CHECK(engine.only().state == AlertState::Silenced);
    const AlertChanges second = engine.see({also(broken("web1", "SLOW"), "CHANNEL_BROKEN")});
    REQUIRE(second.notify.size() == 1);
    CHECK(second.notify[0].finding == "CHANNEL_BROKEN");
    CHECK(engine.only().state == AlertState::Firing);
    CHECK(engine.only().consequences[0].finding == "SLOW");
    CHECK(engine.engine.silences()[0].holds == 1);
    // Neither does it promise so: it would take both.
    CHECK(engine.engine.preview({"web1", {}, "CHANNEL_BROKEN", {}})->alerts.size() == 1);
    REQUIRE(engine.engine.endSilence({engine.engine.silences()[0].id, ""}, "mira", engine.now));
    CHECK(engine.engine.preview({"web1", {}, "CHANNEL_BROKEN", {}})->alerts.empty());
    CHECK(engine.engine.preview({"web1", {}, {}, {}})->alerts.size() == 1);
}

TEST_CASE("what was lighter for a while is still owned at its old weight")
{
    Engine engine;
    engine.see({broken("web1")});
    REQUIRE(engine.engine.acknowledge({engine.only().id, "", engine.now + minutes(10)}, "mira", engine.now));
    engine.see({broken("web1", "STALE_SAMPLE", Verdict::Unknown)});
    CHECK(engine.see({broken("web1")}).notify.empty());
    CHECK(engine.only().state == AlertState::Acknowledged);
}

TEST_CASE("an acknowledgement that cannot be")
{
    Engine engine;
    engine.see({broken("web1")});
    const api::Id id = engine.only().id;
    CHECK(engine.engine.acknowledge({id, "", engine.now}, "mira", engine.now).error().code == ErrorCode::InvalidInput);
    CHECK(engine.engine.acknowledge({id, "", engine.now + minutes(60 * 24 * 8)}, "mira", engine.now).error().code ==
          ErrorCode::InvalidInput);
    CHECK(engine.engine.acknowledge({{7}, "", engine.now + minutes(1)}, "mira", engine.now).error().code == ErrorCode::NotFound);
    CHECK(engine.engine.release({id, ""}, "mira", engine.now).error().code == ErrorCode::Conflict);
}

TEST_CASE("a released alert fires again at once")
{
    Engine engine;
    engine.see({broken("web1")});
    REQUIRE(engine.engine.acknowledge({engine.only().id, "", engine.now + minutes(1)}, "mira", engine.now));
    const auto released = engine.engine.release({engine.only().id, "lunch"}, "mira", engine.now);
    REQUIRE(released);
    CHECK(released->notify.size() == 1);
    CHECK(engine.only().owner.empty());
}

TEST_CASE("awake: everything that fires now, and nothing that comes later")
{
    Engine engine;
    engine.see({broken("web1"), broken("web2")});
    const auto owned = engine.engine.acknowledgeAll({"awake", engine.now + minutes(30)}, "mira", engine.now);
    REQUIRE(owned);
    CHECK(owned->alerts.size() == 2);
    CHECK(engine.see({broken("web1"), broken("web2"), broken("db1")}).notify.size() == 1);
}

TEST_CASE("a silence holds back what it means, says so before, and gives it free at its end")
{
    Engine engine;
    engine.see({broken("web1"), node("web2"), node("db1", "postgres")});
    const auto preview = engine.engine.preview({{}, "web", {}, {}});
    REQUIRE(preview);
    CHECK(preview->alerts.size() == 1);
    CHECK(preview->nodes == std::vector<std::string>{"web1", "web2"});
    CHECK(preview->warnings.size() == 1);  // a critical alert that nobody owns
    const auto made = engine.engine.silence({{{}, "web", {}, {}}, "work", engine.now + minutes(5)}, "mira", engine.now);
    REQUIRE(made);
    CHECK(engine.only().state == AlertState::Silenced);
    CHECK(engine.engine.silences()[0].holds == 1);
    CHECK(engine.see({broken("web1"), broken("web2")}).notify.empty());
    const AlertChanges over = engine.see({broken("web1"), broken("web2")}, minutes(6));
    CHECK(over.notify.size() == 2);
    CHECK(over.silences[0].ended);
    CHECK(engine.engine.silences().empty());
}

TEST_CASE("what came and went in silence is told to nobody")
{
    Engine engine;
    engine.see({node("web1")});
    REQUIRE(engine.engine.silence({{"web1", {}, {}, {}}, "work", engine.now + minutes(5)}, "mira", engine.now));
    CHECK(engine.see({broken("web1")}).notify.empty());
    CHECK(engine.see({node("web1")}).notify.empty());
}

TEST_CASE("a silence that says nothing, has no reason or no end")
{
    Engine engine;
    engine.see({broken("web1")});
    CHECK_FALSE(engine.engine.silence({{}, "work", engine.now + minutes(5)}, "mira", engine.now));
    CHECK_FALSE(engine.engine.silence({{"web1", {}, {}, {}}, "", engine.now + minutes(5)}, "mira", engine.now));
    CHECK_FALSE(engine.engine.silence({{"web1", {}, {}, {}}, "work", engine.now - minutes(5)}, "mira", engine.now));
    CHECK(engine.engine.preview({"nobody", {}, {}, {}})->warnings[0] == "It means nothing that is watched");
    CHECK(engine.engine.endSilence({{1}, ""}, "mira", engine.now).error().code == ErrorCode::NotFound);
}

TEST_CASE("what the store remembers goes on after a restart")
{
    Engine first;
    first.see({broken("web1")});
    REQUIRE(first.engine.acknowledge({first.only().id, "mine", first.now + minutes(10)}, "mira", first.now));
    AlertEngine second(101, first.engine.alerts(), {});
    CHECK(second.observe({broken("web1")}, first.now + seconds(1)).notify.empty());
    CHECK(second.alerts()[0].owner == "mira");
    // Another trouble is told after a restart as before it.
    AlertEngine third(101, first.engine.alerts(), {});
    CHECK(third.observe({broken("web1", "SPLIT_BRAIN")}, first.now + seconds(1)).notify.size() == 1);
    CHECK(second.observe({}, first.now + seconds(2)).notify.size() == 1);  // its end is told
}

TEST_CASE("nobody is told of the end of what nobody was told of, after a restart either")
{
    Engine first;
    first.see({node("web1")});
    REQUIRE(first.engine.silence({{"web1", {}, {}, {}}, "work", first.now + minutes(5)}, "mira", first.now));
    const AlertChanges hidden = first.see({broken("web1")});
    CHECK(hidden.headed == std::map<std::int64_t, std::string>{{102, ""}});
    AlertEngine second(102, first.engine.alerts(), first.engine.silences(), hidden.headed);
    CHECK(second.observe({broken("web1")}, first.now + seconds(1)).notify.empty());
    CHECK(second.observe({node("web1")}, first.now + seconds(2)).notify.empty());
    // What outlasts the silence is told, and then its end is.
    AlertEngine third(102, first.engine.alerts(), first.engine.silences(), hidden.headed);
    const AlertChanges told = third.observe({broken("web1")}, first.now + minutes(6));
    CHECK(told.notify.size() == 1);
    REQUIRE(told.headed == std::map<std::int64_t, std::string>{{102, "DOWN"}});
    AlertEngine fourth(102, third.alerts(), {}, told.headed);
    CHECK(fourth.observe({node("web1")}, first.now + minutes(7)).notify.size() == 1);
}

TEST_CASE("an alert of what is watched no more ends, and does not say that it is well")
{
    Engine engine;
    engine.see({broken("web1"), broken("web2")});
    const AlertChanges dropped = engine.engine.drop({"web1"}, engine.now);
    REQUIRE(dropped.notify.size() == 1);
    CHECK(dropped.notify[0].statement == "web2 is no longer watched");
    CHECK(dropped.notify[0].state == AlertState::Closed);
    CHECK(dropped.events[0].statement == "web2 is no longer watched");
    CHECK(engine.only().node == "web1");
}

TEST_CASE("an alert is not over while what it is about has not been looked at again")
{
    Engine first;
    first.see({broken("h1", "NO_ANSWER"), broken("web1", "NO_ANSWER", Verdict::Critical, "h1")});
    REQUIRE(first.engine.acknowledge({first.only().id, "mine", first.now + minutes(10)}, "mira", first.now));
    AlertEngine second(101, first.engine.alerts(), {});
    CHECK(second.observe({node("web1")}, first.now + seconds(1), {"h1"}).empty());
    CHECK(second.observe({node("web1")}, first.now + seconds(2), {"web1"}).empty());
    CHECK(second.alerts()[0].owner == "mira");
    CHECK(second.observe({node("web1")}, first.now + seconds(3), {"web2"}).notify.size() == 1);
}

TEST_CASE("a webhook gets Alertmanager's format with sentence, age and runbook")
{
    Engine engine;
    engine.see({broken("db1"), broken("web1", "READ_ONLY_DB", Verdict::Critical, "db1")});
    const auto body = boost::json::parse(webhookBody(engine.only(), "hook", {"shop", "http://m/", noon + minutes(3)}));
    CHECK(body.at("version") == "4");
    CHECK(body.at("status") == "firing");
    const auto &alert = body.at("alerts").at(0);
    CHECK(alert.at("labels").at("alertname") == "DOWN");
    CHECK(alert.at("labels").at("severity") == "critical");
    CHECK(alert.at("annotations").at("summary") == "db1 DOWN");
    CHECK(alert.at("annotations").at("age") == "3 min");
    CHECK(alert.at("annotations").at("runbook") == "help");
    CHECK(alert.at("annotations").at("consequences") == "web1 READ_ONLY_DB");
    CHECK(alert.at("endsAt") == "0001-01-01T00:00:00Z");
    const AlertChanges closed = engine.see({node("db1")});
    CHECK(boost::json::parse(webhookBody(closed.notify[0], "hook", {"shop", "", engine.now})).at("status") == "resolved");
}
