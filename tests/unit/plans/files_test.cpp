// SPDX-License-Identifier: GPL-3.0-or-later
// What may be done to the servers of the files: which bytes of a file with two versions are taken, and what is not restarted.
#include "tests/unit/plans/world.h"

using namespace cm;
using namespace cm::monitor;
using std::chrono::seconds;

namespace {

const std::string wheel = "/files/packages/b3/c1/a205f6e5fa3198ae0a5afc1fb43014c641cfcf1b62ef58a85d64159279f0/demo-1.0-py3-none-any.whl";
const std::string digest = "b3c1a205f6e5fa3198ae0a5afc1fb43014c641cfcf1b62ef58a85d64159279f0";
const std::string others = "00" + digest.substr(2);

// The world with two servers of files and their arbiter.
struct WorldWithFiles : World {
    WorldWithFiles()
    {
        api::AgentVolume seen;
        seen.name = "packages";
        seen.started = seen.healDaemon = true;
        for (const char *name : {"gfs1", "gfs2", "gfs3"}) {
            api::AgentBrick brick;
            brick.host = name;
            brick.arbiter = std::string_view(name) == "gfs3";
            brick.online = true;
            brick.unhealed = brick.splitBrain = 0;
            seen.bricks.push_back(brick);
        }
        for (const char *name : {"gfs1", "gfs2", "gfs3"}) {
            places.push_back({name, "gluster", name});
            VolumeInput server{name, name, std::string_view(name) == "gfs3", {}};
            answers(server.watched, VolumeFacts{seen});
            volumes.push_back(server);
            api::AgentState state;
            state.volume = seen;
            agents.push_back({name, state, {}});
        }
    }
    api::AgentVolume &told(const char *name) { return *agent(name).state->volume; }
    // On the board, of all.
    void seen(const std::function<void(api::AgentVolume &)> &change)
    {
        for (VolumeInput &server : volumes)
            change(server.watched.facts->volume);
    }
    void split(const std::string &file, const std::string &first, const std::string &second)
    {
        const std::string wanted = file == wheel ? digest : std::string();
        for (const char *name : {"gfs1", "gfs2", "gfs3"})
            told(name).splitFiles.push_back(file);
        told("gfs1").copies.push_back({file, 10, first, wanted, {}});
        told("gfs2").copies.push_back({file, 15, second, wanted, {}});
        seen([&](api::AgentVolume &volume) {
            volume.splitFiles.push_back(file);
            volume.bricks[0].splitBrain = 1;
        });
    }
};

Plan planned(const Situation &now, api::ActionKind kind, const char *target = "gfs1", const std::string &file = {})
{
    api::ActionWish wish;
    wish.action = kind;
    wish.target = target;
    wish.file = file;
    auto plan = planFor(wish, now);
    REQUIRE(plan);
    return std::move(*plan);
}

using Names = std::vector<std::string>;

Names refusals(const Plan &plan)
{
    Names names;
    for (const api::ActionGuard &guard : plan.shown.guards) {
        if (!guard.holds)
            names.push_back(guard.name);
    }
    return names;
}

bool tells(const Plan &plan, const std::string &words)
{
    return std::any_of(plan.shown.effects.begin(), plan.shown.effects.end(), [&](const std::string &effect) { return effect.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("a file with two versions gets the bytes of its digest, on whichever server they are")
{
    WorldWithFiles now;
    now.split(wheel, others, digest);
    for (const char *target : {"gfs1", "gfs3"}) {
        const Plan plan = planned(now, api::ActionKind::ResolveSplit, target);
        CHECK(plan.shown.allowed);
        REQUIRE(plan.steps.size() == 1);
        CHECK(plan.steps.front().order.hand == Order::Hand::ResolveSplit);
        CHECK(plan.steps.front().order.host == "gfs2");
        CHECK(plan.steps.front().order.files == Names{wheel});
        CHECK(tells(plan, "gfs2 has its bytes"));
        REQUIRE(plan.aftermath.size() == 1);
        CHECK_FALSE(plan.aftermath.front().holds(now));
    }
    const Plan plan = planned(now, api::ActionKind::ResolveSplit);
    // A list that did not come is no list without it.
    now.seen([](api::AgentVolume &volume) {
        volume.splitFiles.clear();
        volume.bricks[0].splitBrain.reset();
    });
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.seen([](api::AgentVolume &volume) { volume.bricks[0].splitBrain = 0; });
    CHECK(plan.aftermath.front().holds(now));
    // Nobody tells: that is not resolved.
    for (VolumeInput &server : now.volumes)
        World::silence(server.watched, seconds(60));
    CHECK_FALSE(plan.aftermath.front().holds(now));
}

TEST_CASE("bytes of no digest are never chosen, and do not hinder the others")
{
    WorldWithFiles now;
    now.split("/files/serve.lock", others, digest);
    CHECK(refusals(planned(now, api::ActionKind::ResolveSplit)) == Names{"right-copy"});
    now.split(wheel, digest, others);
    const Plan plan = planned(now, api::ActionKind::ResolveSplit);
    CHECK(plan.shown.allowed);
    CHECK(plan.steps.front().order.host == "gfs1");
    CHECK(plan.steps.front().order.files == Names{wheel});
    CHECK(tells(plan, "serve.lock stays as it is: its name says nothing of its bytes"));
    CHECK(refusals(planned(now, api::ActionKind::ResolveSplit, "gfs1", "/files/serve.lock")) == Names{"right-copy"});
    now.told("gfs1").copies.back().digest = others;
    CHECK(refusals(planned(now, api::ActionKind::ResolveSplit)) == Names{"right-copy"});
    CHECK(tells(planned(now, api::ActionKind::ResolveSplit), "take them from the mirror or a backup"));
}

TEST_CASE("one file is resolved alone, and the others stay as they are")
{
    WorldWithFiles now;
    now.split(wheel, digest, others);
    now.split("/files/other", digest, others);
    now.told("gfs1").copies.back().wanted = digest;
    CHECK(planned(now, api::ActionKind::ResolveSplit).steps.size() == 2);
    const Plan plan = planned(now, api::ActionKind::ResolveSplit, "gfs1", wheel);
    REQUIRE(plan.shown.allowed);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps.front().order.files == Names{wheel});
    CHECK(plan.shown.basis == wheel + " from gfs1");
    CHECK(plan.shown.statement.starts_with("demo-1.0-py3-none-any.whl alone gets the bytes"));
    // The other one is no hindrance to its being done.
    now.seen([](api::AgentVolume &volume) { volume.splitFiles = {"/files/other"}; });
    CHECK(plan.aftermath.front().holds(now));
    const Plan gone = planned(now, api::ActionKind::ResolveSplit, "gfs1", "/files/gone");
    CHECK(refusals(gone) == Names{"split", "right-copy"});
    CHECK(std::any_of(gone.shown.guards.begin(), gone.shown.guards.end(),
                      [](const api::ActionGuard &guard) { return guard.statement == "gone is not among the files that have two versions"; }));
}

TEST_CASE("metadata gets what its wheel has, and where no server has that it stays")
{
    const std::string file = wheel + ".metadata";
    WorldWithFiles now;
    now.split(file, others, digest);
    for (const char *name : {"gfs1", "gfs2"})
        now.told(name).copies.back().wanted = digest;
    Plan plan = planned(now, api::ActionKind::ResolveSplit);
    REQUIRE(plan.shown.allowed);
    CHECK(plan.shown.basis == file + " from gfs2");
    now.told("gfs2").copies.back().digest = others;
    plan = planned(now, api::ActionKind::ResolveSplit);
    CHECK(refusals(plan) == Names{"right-copy"});
    CHECK(tells(plan, "no server has what its wheel has as METADATA"));
}

TEST_CASE("a plan to resolve is void when the servers tell something else at the press")
{
    WorldWithFiles now;
    CHECK(refusals(planned(now, api::ActionKind::ResolveSplit)) == Names{"split", "right-copy"});
    now.split(wheel, digest, others);
    const std::string basis = planned(now, api::ActionKind::ResolveSplit).shown.basis;
    std::swap(now.told("gfs1").copies.back().digest, now.told("gfs2").copies.back().digest);
    const auto may = mayPress(planned(now, api::ActionKind::ResolveSplit), basis, {});
    REQUIRE_FALSE(may);
    CHECK(may.error().fields.front().field == "unchanged");
}

TEST_CASE("many files are ordered one by one, each within an agent's time")
{
    WorldWithFiles now;
    for (int i = 0; i < 45; ++i) {
        now.split("/x" + std::to_string(i), {}, {});
        now.told("gfs1").copies.back().wanted = now.told("gfs1").copies.back().digest = digest;
    }
    const Plan plan = planned(now, api::ActionKind::ResolveSplit);
    REQUIRE(plan.steps.size() == 45);
    CHECK(plan.steps.back().order.files.size() == 1);
    CHECK(tells(plan, "And 40 files more"));
}

TEST_CASE("a brick that is down starts; one that runs is not ended while it is needed")
{
    WorldWithFiles now;
    Plan plan = planned(now, api::ActionKind::RestartBrick);
    CHECK(plan.shown.allowed);
    CHECK(plan.shown.confirm == "gfs1");
    now.seen([](api::AgentVolume &volume) { volume.bricks[1].online = false; });
    CHECK(refusals(planned(now, api::ActionKind::RestartBrick)) == Names{"others-serve"});
    plan = planned(now, api::ActionKind::RestartBrick, "gfs2");
    CHECK(plan.shown.allowed);
    CHECK(plan.shown.confirm.empty());
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.seen([](api::AgentVolume &volume) {
        volume.bricks[1].online = true;
        volume.bricks[1].pid = 7;
    });
    CHECK(plan.aftermath.front().holds(now));
    // The same process as before is not a brick that was started anew.
    CHECK_FALSE(planned(now, api::ActionKind::RestartBrick, "gfs2").aftermath.front().holds(now));
    now.seen([](api::AgentVolume &volume) { volume.bricks[0].unhealed = 3; });
    CHECK(refusals(planned(now, api::ActionKind::RestartBrick, "gfs2")) == Names{"healed"});
}

TEST_CASE("healing needs every brick and the daemon that does it, and tells how much is left")
{
    WorldWithFiles now;
    now.seen([](api::AgentVolume &volume) { volume.bricks[0].unhealed = 8; });
    const Plan plan = planned(now, api::ActionKind::HealFiles);
    CHECK(plan.shown.allowed);
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.seen([](api::AgentVolume &volume) { volume.bricks[0].unhealed = 2; });
    CHECK(plan.aftermath.front().tells(now).second == 0.75);
    now.seen([](api::AgentVolume &volume) { volume.bricks[0].unhealed.reset(); });
    CHECK_FALSE(plan.aftermath.front().holds(now));
    now.seen([](api::AgentVolume &volume) { volume.bricks[1].splitBrain = 1; });
    CHECK(refusals(planned(now, api::ActionKind::HealFiles)) == Names{"one-truth"});
    now.seen([](api::AgentVolume &volume) { volume.bricks[1].splitBrain = 0; });
    now.told("gfs1").healDaemon = false;
    now.seen([](api::AgentVolume &volume) { volume.bricks[2].online = false; });
    CHECK(refusals(planned(now, api::ActionKind::HealFiles)) == Names{"bricks-serve", "healer"});
}

TEST_CASE("nothing is done to files whose server's agent or daemon does not answer")
{
    WorldWithFiles now;
    now.told("gfs1").problem = "gluster volume status: Connection failed";
    CHECK(refusals(planned(now, api::ActionKind::HealFiles)) == Names{"volume"});
    now.agent("gfs1").state.reset();
    CHECK(refusals(planned(now, api::ActionKind::RestartBrick)).front() == "agent");
}

TEST_CASE("a plan for the files rests on nothing but what is looked at for it")
{
    WorldWithFiles world;
    checkGrounds(world, "gluster", "gfs1");
}
