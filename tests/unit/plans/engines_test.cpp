// SPDX-License-Identifier: GPL-3.0-or-later
// Databases without keepers: what Patroni may be told, and what pgpool alone can and cannot do.
#include "world.h"

using namespace cm;
using namespace cm::monitor;
using namespace std::chrono_literals;

namespace {

using Kind = api::ActionKind;

const api::ActionWish promote = wish(Kind::Promote, "pg2");
const api::ActionWish attach = wish(Kind::AttachBackend, "pg2");

void stopped(World &world, bool runs)
{
    api::AgentState state;
    api::AgentService service;
    service.name = "pg1";
    service.running = runs;
    state.services.push_back(service);
    world.agent("pg1") = {"pg1", state, {}};
}

// pg1's host is dead for a minute, its lock has run out, Patroni has not promoted anybody.
struct Lockless : World {
    Lockless()
    {
        engine = Engine::Patroni;
        pools.clear();
        silence(server("pg1").watched, 60s);
        facts("pg2").receiver.reset();
        agent("pg1") = {"pg1", std::nullopt, "no answer"};
        patronis = {{"pg1", std::nullopt, "no answer"}, {"pg2", PatroniFacts{{{"pg2", "sync_standby", "running", 3, 0.0}}, false}, {}}};
        for (const char *name : {"etcd1", "etcd2", "etcd3"}) {
            EtcdInput member{name, {}};
            answers(member.watched, EtcdFacts());
            etcds.push_back(member);
        }
        silence(etcds[0].watched, 60s);
    }
    PatroniFacts &told() { return *patronis[1].facts; }
};

// No keepers: agents tell of their hosts and keep no database.
struct PoolsAlone : World {
    PoolsAlone()
    {
        engine = Engine::Pgpool;
        agent("pg1").state->database.reset();
        agent("pg2").state->database.reset();
    }
};

}  // namespace

TEST_CASE("Patroni is told to promote when the lock is free and the old primary has stopped")
{
    Lockless world;
    CHECK(world.against(promote).empty());
    const Plan plan = world.plan(promote);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].order.hand == Order::Hand::PatroniFailover);
    CHECK(plan.steps[0].order.host == "pg2");
    CHECK(plan.shown.confirm == "pg2");
    CHECK(plan.shown.lossBytes.value == 0.0);
}

TEST_CASE("what forbids a promotion by Patroni")
{
    Lockless world;
    SUBCASE("the lock is held, whatever its holder does")
    {
        for (const char *state : {"running", "starting", "stopping", "stopped", "crashed", "start failed", ""}) {
            world.told().members.resize(1);
            world.told().members.push_back({"pg1", "leader", state, 3, std::nullopt});
            CHECK_MESSAGE(world.against(promote) == "no-leader", state);
        }
    }
    SUBCASE("another Patroni says that it is held")
    {
        world.patronis[0] = {"pg1", PatroniFacts{{{"pg1", "leader", "stopped", 3, std::nullopt}}, false}, {}};
        CHECK(world.against(promote) == "no-leader");
    }
    SUBCASE("the Patroni that would get the order does not answer")
    {
        world.patronis[1] = {"pg2", std::nullopt, "connection refused"};
        CHECK(world.against(promote) == "patroni, no-leader, nothing-lost");
    }
    SUBCASE("the old primary answers and takes writes")
    {
        World::answers(world.server("pg1").watched, *world.server("pg1").watched.facts);
        CHECK(world.against(promote) == "no-primary, fenced");
    }
    SUBCASE("its agent says that it runs, though Patroni there is gone")
    {
        stopped(world, true);
        CHECK(world.against(promote) == "fenced");
        stopped(world, false);
        CHECK(world.against(promote).empty());
    }
    SUBCASE("it was seen not longer ago than a lock lasts")
    {
        world.server("pg1").watched.taken = noon - 20s;
        CHECK(world.against(promote) == "fenced");
    }
    SUBCASE("the monitor alone does not see it")
    {
        world.facts("pg2").receiver = WalReceiver{"streaming", "pg1", 5432, "pg2", 0.2};
        CHECK(world.against(promote) == "fenced");
    }
    SUBCASE("no Patroni there would have stopped it")
    {
        world.patronis.erase(world.patronis.begin());
        CHECK(world.against(promote) == "fenced");
    }
    SUBCASE("the standby does not answer, or does not replay")
    {
        world.facts("pg2").pauseState = "paused";
        CHECK(world.against(promote) == "replays");
        World::silence(world.server("pg2").watched, 5s);
        CHECK(world.against(promote) == "standby, replays, fenced");
    }
    SUBCASE("it was not the synchronous standby")
    {
        world.told().members[0].role = "replica";
        CHECK(world.against(promote) == "nothing-lost");
        CHECK_FALSE(world.plan(promote).shown.lossBytes.value);
    }
    SUBCASE("the monitor sees less than a majority of those that vote")
    {
        World::silence(world.etcds[1].watched, 5s);
        CHECK(world.against(promote) == "not-blind");
    }
    SUBCASE("Patroni is paused")
    {
        world.told().paused = true;
        CHECK(world.against(promote) == "not-paused");
    }
}

TEST_CASE("Patroni copies a member from a leader that works, by the member's own door")
{
    World world;
    world.engine = Engine::Patroni;
    world.pools.clear();
    const PatroniFacts told{{{"pg1", "leader", "running", 3, std::nullopt}, {"pg2", "sync_standby", "running", 3, 0.0}}, false};
    world.patronis = {{"pg1", told, {}}, {"pg2", told, {}}};
    const api::ActionWish rejoin = wish(Kind::Rejoin, "pg2");
    CHECK(world.against(rejoin).empty());
    CHECK(world.plan(rejoin).steps.at(0).order.host == "pg2");
    world.facts("pg2").started = 1000;
    const auto follows = world.plan(rejoin).aftermath.at(0).holds;
    CHECK_FALSE(follows(world));  // that is still the server of before
    world.facts("pg2").started = 2000;
    CHECK(follows(world));
    CHECK(world.against(wish(Kind::Rejoin, "pg1")) == "leader, no-primary-itself");
    world.patronis[1] = {"pg2", std::nullopt, "connection refused"};
    CHECK(world.against(rejoin) == "patroni, leader");
    world.patronis[1] = {"pg2", told, {}};
    world.patronis[1].facts->members[0].state = "crashed";
    CHECK(world.against(rejoin) == "leader");
}

TEST_CASE("where pgpool alone moves the primary, what takes a keeper says what to do instead")
{
    PoolsAlone world;
    api::ActionWish drop = wish(Kind::DropSlot, "pg1");
    drop.slot = "old";
    world.facts("pg1").slots.push_back({"old", false, "reserved", 1e9, std::nullopt});
    CHECK(world.against(drop) == "keeper");
    CHECK(world.plan(drop).shown.guards.front().statement == "No keeper of a database is on pg1: select pg_drop_replication_slot('old') on pg1");
    world.facts("pg2").pauseState = "paused";
    CHECK(world.against(wish(Kind::ResumeReplay, "pg2")) == "keeper");
    CHECK(world.against(wish(Kind::Rejoin, "pg2")) == "keeper, idle");
    CHECK(world.against(wish(Kind::Fence, "pg1")) == "keeper, not-fenced");
    // A host without an agent has no keeper either; one that does not answer may have one.
    world.agents.erase(world.agents.begin() + 3);
    CHECK(world.against(wish(Kind::ResumeReplay, "pg2")) == "keeper, agent");
    world.agent("pg1") = {"pg1", std::nullopt, "no answer"};
    CHECK(world.against(drop) == "agent");
}

TEST_CASE("that pgpool has attached a server proves no commit, for nobody asked that before")
{
    PoolsAlone world;
    World::silence(world.server("pg1").watched, 60s);
    world.facts("pg2").receiver.reset();
    world.setBackend("pg1", "down");
    stopped(world, false);
    const std::string found = world.against(promote);
    CHECK(found == "keeper, fenced, nothing-lost");
    world.server("pg1").watched.facts.reset();
    CHECK(world.against(promote) == "keeper, fenced, nothing-lost");
    CHECK(world.plan(promote).shown.guards.front().statement ==
          "No keeper of a database is on pg2: stop the old primary, then detach it at a pgpool, whose failover_command promotes");
}

TEST_CASE("pgpool attaches what has every commit and is not behind")
{
    PoolsAlone world;
    world.setBackend("pg2", "down");
    CHECK(world.against(attach).empty());
    WalSender &sender = world.facts("pg1").senders[0];
    SUBCASE("commits wait, and not for this one")
    {
        sender.syncState = "potential";
        CHECK(world.against(attach) == "synchronous");
    }
    SUBCASE("commits wait for nobody: that is said, and how far it is behind decides")
    {
        sender.syncState = "async";
        world.facts("pg1").synchronousStandbyNames.clear();
        CHECK(world.against(attach).empty());
        const auto effects = world.plan(attach).shown.effects;
        CHECK(std::any_of(effects.begin(), effects.end(), [](const std::string &effect) { return effect.find("may be missing") != std::string::npos; }));
        world.facts("pg1").current = 5000 + (1 << 21);
        CHECK(world.against(attach) == "caught-up");
    }
    SUBCASE("synchronous, and a long way behind in what it shows")
    {
        world.facts("pg1").current = 5000 + (1 << 21);
        CHECK(world.against(attach) == "caught-up");
        sender.replayed.reset();
        CHECK(world.against(attach) == "caught-up");
    }
    SUBCASE("it does not stream")
    {
        sender.state = "catchup";
        CHECK(world.against(attach) == "streams, synchronous");
    }
    SUBCASE("it is attached already")
    {
        world.setBackend("pg2", "up");
        CHECK(world.against(attach) == "detached");
    }
}
