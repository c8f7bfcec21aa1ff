// SPDX-License-Identifier: GPL-3.0-or-later
// What may be done to a mirror and when, and when its fallback may be rehearsed.
#include "tests/unit/plans/world.h"

using namespace cm;
using namespace cm::monitor;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// The world with a mirror "far" and a cache "cdn" before it all.
struct WorldBehindCache : World {
    WorldBehindCache()
    {
        places.push_back({"far", "mirror", "far"});
        places.push_back({"cdn", "cdn", "cdn"});
        MirrorFacts copy;
        copy.health.status = 200;
        copy.status = MirrorStatus();
        copy.status->lastChecked = noon - seconds(30);
        copy.status->every = 60;
        MirrorInput mirror{"far", "far", {}, {}};
        answers(mirror.watched, copy);
        mirrors.push_back(mirror);
        EdgeInput edge;
        edge.name = edge.host = "cdn";
        const EdgeAnswer served{{200, 0.01, {}}, "web1", "MISS", 0, 7};
        answers(edge.watched, EdgeFacts{served, served});
        edges.push_back(edge);
        api::AgentState state;
        state.mirror = api::AgentMirror();
        state.mirror->running = true;
        agents.push_back({"far", state, {}});
    }
    api::AgentMirror &told() { return *agent("far").state->mirror; }
    MirrorFacts &copy() { return *mirrors.front().watched.facts; }
};

Plan planned(const Situation &now, api::ActionKind kind, const char *target = "far")
{
    api::ActionWish wish;
    wish.action = kind;
    wish.target = target;
    wish.until = noon + minutes(10);
    auto plan = planFor(wish, now);
    REQUIRE(plan);
    return std::move(*plan);
}

std::vector<std::string> refusals(const Plan &plan)
{
    std::vector<std::string> names;
    for (const api::ActionGuard &guard : plan.shown.guards) {
        if (!guard.holds)
            names.push_back(guard.name);
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a mirror runs now unless it is paused or gone, and has when it has heard anew")
{
    WorldBehindCache now;
    const Plan plan = planned(now, api::ActionKind::SyncMirror);
    CHECK(plan.shown.allowed);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps.front().order.hand == Order::Hand::SyncMirror);
    CHECK(plan.steps.front().order.host == "far");
    REQUIRE(plan.aftermath.size() == 1);
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.copy().status->lastChecked = noon;
    now.copy().status->running = MirrorRun{noon, noon, 30, 10, 5e6};
    CHECK_FALSE(plan.aftermath.front().holds(now));
    const auto told = [&] { return plan.aftermath.front().tells(now); };
    CHECK(told() == std::pair(std::string("far copies: 30 projects done, 10 left, 5.0 MB"), std::optional(0.75)));
    // It does not know yet what there is to do: no share, which is not none of it.
    now.copy().status->running = MirrorRun{noon, noon, 0, 0, 0};
    CHECK(told() == std::pair(std::string("far copies: 0 projects done, 0 left, 0.0 MB"), std::optional<double>()));
    // Nobody hears from it.
    World::silence(now.mirrors.front().watched, seconds(60));
    CHECK(told().first.empty());
    World::answers(now.mirrors.front().watched, MirrorFacts(now.copy()));
    now.copy().status->running.reset();
    CHECK(told().first.empty());
    CHECK(plan.aftermath.front().holds(now));
    now.told().paused = api::AgentDrain{noon + minutes(1), "ann", "a deploy"};
    now.told().running = false;
    CHECK(refusals(planned(now, api::ActionKind::SyncMirror)) == Names{"running", "not-paused"});
}

TEST_CASE("a pause needs an end within a day, and is over when the mirror says so")
{
    WorldBehindCache now;
    const Plan plan = planned(now, api::ActionKind::PauseMirror);
    CHECK(plan.shown.allowed);
    CHECK(plan.steps.front().order.until == noon + minutes(10));
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.copy().status->paused = api::AgentDrain{noon + minutes(10), "ann", "a deploy"};
    CHECK(plan.aftermath.front().holds(now));
    CHECK(refusals(planned(now, api::ActionKind::ResumeMirror)) == Names{"paused"});
    now.told().paused = now.copy().status->paused;
    const Plan resume = planned(now, api::ActionKind::ResumeMirror);
    CHECK(resume.shown.allowed);
    // What was planned before the pause is not what would be pressed now.
    CHECK(resume.shown.basis != plan.shown.basis);
    api::ActionWish endless;
    endless.action = api::ActionKind::PauseMirror;
    endless.target = "far";
    CHECK(refusals(*planFor(endless, now)) == Names{"end"});
}

TEST_CASE("what a mirror holds back goes when somebody has seen it, and nothing else does")
{
    WorldBehindCache now;
    CHECK(refusals(planned(now, api::ActionKind::AllowDeletions)) == Names{"held"});
    MirrorHeld held{"0123456789abcdef", 28, 40, {}};
    for (int i = 0; i < 20; ++i)
        held.first.push_back({"p" + std::to_string(i), i == 0, 2});
    now.copy().status->held = held;
    const Plan plan = planned(now, api::ActionKind::AllowDeletions);
    CHECK(plan.shown.allowed);
    CHECK(plan.shown.confirm == "delete 28");
    CHECK(plan.shown.statement.find("28 projects, 40 files") != std::string::npos);
    CHECK(plan.shown.undo.find("cannot be undone") != std::string::npos);
    CHECK(plan.shown.effects.front() == "p0: all of it (2 files)");
    CHECK(plan.shown.effects[9] == "p9: 2 files");
    CHECK(plan.shown.effects[10] == "And 18 projects more");
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps.front().order.hand == Order::Hand::AllowDeletions);
    CHECK(plan.steps.front().order.subject == held.digest);
    // Another set is another plan.
    now.copy().status->held->digest = "fedcba9876543210";
    const Plan later = planned(now, api::ActionKind::AllowDeletions);
    const auto may = mayPress(later, plan.shown.basis, "delete 28");
    REQUIRE_FALSE(may);
    CHECK(may.error().fields.front().field == "unchanged");
    CHECK(mayPress(plan, plan.shown.basis, "delete 27").error().code == ErrorCode::InvalidInput);
    CHECK(mayPress(plan, plan.shown.basis, "delete 28"));
    // What came of it.
    const Expectation &followed = plan.aftermath.front();
    CHECK_FALSE(followed.holds(now));
    CHECK(followed.fails(now).empty());
    now.copy().status->outcomes = {{"allow-deletions", held.digest, noon, false, "Another set is held back by now (3 projects)"}};
    CHECK_FALSE(followed.holds(now));
    CHECK(followed.fails(now).find("Another set") != std::string::npos);
    now.copy().status->outcomes.push_back({"allow-deletions", held.digest, noon + seconds(1), true, "28 of 28 projects"});
    CHECK(followed.holds(now));
    now.told().paused = api::AgentDrain{noon + minutes(1), "ann", "a deploy"};
    now.copy().status.reset();
    CHECK(refusals(planned(now, api::ActionKind::AllowDeletions)) == Names{"not-paused", "held"});
}

TEST_CASE("a project is looked at anew by its name, however that is written, and what is no name is refused")
{
    WorldBehindCache now;
    const auto wished = [&](const std::string &project) {
        api::ActionWish wish;
        wish.action = api::ActionKind::SyncProject;
        wish.target = "far";
        wish.project = project;
        return std::move(*planFor(wish, now));
    };
    // What came of the one before is not what comes of this one.
    now.copy().status->outcomes = {{"again", "de-mo", noon - minutes(5), true, "de-mo is whole"}};
    const Plan plan = wished("De_._Mo");
    CHECK(plan.shown.allowed);
    CHECK(plan.steps.front().order.subject == "de-mo");
    CHECK(plan.shown.basis != wished("other").shown.basis);
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.copy().status->outcomes.push_back({"again", "other", noon, true, "other is whole"});
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.copy().status->outcomes.push_back({"again", "de-mo", noon, false, "de-mo: refused"});
    CHECK(plan.aftermath.front().fails(now) == "de-mo: refused");
    for (const std::string &hostile : {std::string(), std::string("../x"), std::string("a b"), std::string("-"), std::string("a\0b", 3), std::string(300, 'x')})
        CHECK(refusals(wished(hostile)) == Names{"project"});
}

TEST_CASE("a mirror is not taken away from those whom it serves")
{
    WorldBehindCache now;
    const Plan plan = planned(now, api::ActionKind::MirrorOut);
    CHECK(plan.shown.allowed);
    CHECK(plan.steps.front().order.until == noon + minutes(10));
    api::ActionWish endless;
    endless.action = api::ActionKind::MirrorOut;
    endless.target = "far";
    CHECK(refusals(*planFor(endless, now)) == Names{"end"});
    now.edges.front().watched.facts->page->servedBy = "far";
    CHECK(refusals(planned(now, api::ActionKind::MirrorOut)) == Names{"not-serving"});
    now.edges.front().watched.facts->page->servedBy = "web1";
    // Pages come from the web nodes, and files from nowhere else.
    for (WebInput &web : now.webs)
        web.watched.facts->channels["file"].status = 500;
    CHECK(refusals(planned(now, api::ActionKind::MirrorOut)) == Names{"not-serving"});
    for (WebInput &web : now.webs)
        World::silence(web.watched, seconds(30));
    CHECK(refusals(planned(now, api::ActionKind::MirrorOut)) == Names{"not-serving"});
}

TEST_CASE("a mirror returns when it is out and nothing on it is known to be wrong")
{
    WorldBehindCache now;
    CHECK(refusals(planned(now, api::ActionKind::MirrorReturn)) == Names{"out"});
    now.told().out = api::AgentOut{noon, "ann", "a disk", noon + minutes(10)};
    const Plan plan = planned(now, api::ActionKind::MirrorReturn);
    CHECK(plan.shown.allowed);
    now.copy().health.status = 503;
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.copy().health.status = 200;
    CHECK(plan.aftermath.front().holds(now));
    SampleFacts samples;
    samples.wrong = {{"demo", "demo-1.whl", noon, "demo-1.whl with other bytes", false, true}};
    World::answers(now.mirrors.front().sampled, samples);
    CHECK(refusals(planned(now, api::ActionKind::MirrorReturn)) == Names{"sound"});
}

TEST_CASE("nothing is done to a mirror that no agent speaks for")
{
    WorldBehindCache now;
    now.agents.pop_back();
    CHECK(refusals(planned(now, api::ActionKind::SyncMirror)).front() == "agent");
    api::ActionWish wish;
    wish.action = api::ActionKind::SyncMirror;
    wish.target = "web1";
    CHECK(planFor(wish, now).error().code == ErrorCode::InvalidInput);
}

TEST_CASE("a drill goes through a cache to a mirror that is young and in rotation")
{
    WorldBehindCache now;
    const Plan plan = planned(now, api::ActionKind::DrillFallback, "cdn");
    CHECK(plan.shown.allowed);
    REQUIRE(plan.steps.size() == 2);
    CHECK(plan.steps[0].order.hand == Order::Hand::DrillPage);
    CHECK(plan.steps[1].order.hand == Order::Hand::DrillFile);
    CHECK(plan.steps[1].order.host == "cdn");
    CHECK(plan.steps[1].order.node == "far");
    now.copy().status->lastChecked = noon - minutes(5);
    CHECK(refusals(planned(now, api::ActionKind::DrillFallback, "cdn")) == Names{"mirror-age"});
    now.copy().health.status = 503;
    now.edges.front().watched.facts->file.reset();
    CHECK(refusals(planned(now, api::ActionKind::DrillFallback, "cdn")) == Names{"canary", "in-rotation", "mirror-age"});
    now.edges.front().watched.outcome = Outcome::Refused;
    CHECK(refusals(planned(now, api::ActionKind::DrillFallback, "cdn")).front() == "edge");
}

TEST_CASE("a plan for a mirror or a cache rests on nothing but what is looked at for it")
{
    WorldBehindCache world;
    world.copy().status->held = MirrorHeld{"abc", 1, 1, {{"demo", true, 1}}};
    checkGrounds(world, "mirror", "far");
    checkGrounds(world, "cdn", "cdn");
}
