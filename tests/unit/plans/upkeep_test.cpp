// SPDX-License-Identifier: GPL-3.0-or-later
// Draining, detaching, fencing, rejoining, slots, certificates: when they may, and what forbids them.
#include "world.h"

using namespace cm;
using namespace cm::monitor;
using namespace std::chrono_literals;
using Kind = api::ActionKind;

TEST_CASE("a web node is drained while another works, and never the last one")
{
    World world;
    const api::ActionWish drain = wish(Kind::DrainWeb, "web1");
    const Plan plan = world.plan(drain);
    CHECK(plan.shown.allowed);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].order.until == *drain.until);
    // Looked at again once it is done: another monitor may have drained the other one meanwhile.
    REQUIRE(plan.steps[0].regret);
    CHECK(plan.steps[0].regret(world).empty());
    World later;
    later.agent("web2").state->drain = api::AgentDrain{noon + 1h, "ada", "disk"};
    CHECK_FALSE(plan.steps[0].regret(later).empty());
    CHECK(plan.steps[0].back.hand == Order::Hand::Return);
    CHECK(plan.steps[0].back.host == "web1");
    SUBCASE("the other does not answer")
    {
        World::silence(world.node("web2").watched, 5s);
        CHECK(world.against(drain) == "another-works");
    }
    SUBCASE("the other answers, and does not write")
    {
        world.node("web2").watched.facts->write = HttpFacts{500, 0.01, {}};
        CHECK(world.against(drain) == "another-works");
    }
    SUBCASE("the other is drained")
    {
        world.agent("web2").state->drain = api::AgentDrain{noon + 1h, "ada", "disk"};
        CHECK(world.against(drain) == "another-works");
    }
    SUBCASE("the other could not carry both")
    {
        // 70 % of what it takes: no more is left for what comes at once.
        world.node("web2").watched.facts->connections = 659;
        CHECK(world.against(drain).empty());
        world.node("web1").watched.facts->connections = 41;
        CHECK(world.against(drain) == "capacity");
        world.node("web2").watched.facts->connections = 40;
        world.node("web2").watched.facts->health.seconds = 1.5;
        CHECK(world.against(drain) == "capacity");
    }
    SUBCASE("the other does not tell what it takes: no guard makes it up, and the plan says so")
    {
        world.node("web2").watched.facts->mostConnections.reset();
        CHECK(world.against(drain).empty());
        const std::vector<std::string> effects = world.plan(drain).shown.effects;
        CHECK(std::count(effects.begin(), effects.end(), "How many connections web2 has and may have nobody can tell from here") == 1);
    }
    SUBCASE("without an end")
    {
        api::ActionWish endless = drain;
        endless.until.reset();
        CHECK(world.against(endless) == "end");
        endless.until = noon + 25h;
        CHECK(world.against(endless) == "end");
        endless.until = noon - 1s;
        CHECK(world.against(endless) == "end");
    }
    SUBCASE("its agent does not answer")
    {
        world.agent("web1").state.reset();
        CHECK(world.against(drain) == "agent");
    }
}

TEST_CASE("a drain tells what is under way, and is over when nothing is")
{
    World world;
    const api::ActionWish drain = wish(Kind::DrainWeb, "web1");
    const auto quietIn = [](const Plan &plan) {
        return std::find_if(plan.aftermath.begin(), plan.aftermath.end(), [](const Expectation &one) { return one.name == "quiet"; });
    };
    const auto has = [](const Plan &plan, const char *effect) {
        return std::find(plan.shown.effects.begin(), plan.shown.effects.end(), effect) != plan.shown.effects.end();
    };
    // An older node does not tell: nothing is waited for that nobody could see.
    const Plan unknown = world.plan(drain);
    CHECK(quietIn(unknown) == unknown.aftermath.end());
    CHECK(has(unknown, "Requests that are under way are finished; no client notices. How many they are is not known"));
    WebFacts &facts = *world.node("web1").watched.facts;
    facts.uploads = facts.reads = 0;
    CHECK(has(world.plan(drain), "Nothing is under way through it now; no client notices"));
    facts.uploads = 2;
    facts.reads = 1;
    const Plan plan = world.plan(drain);
    CHECK(plan.shown.allowed);
    CHECK(has(plan, "Under way through it now: 2 uploads and 1 request. What has begun is finished; no client notices"));
    const auto quiet = quietIn(plan);
    REQUIRE(quiet != plan.aftermath.end());
    CHECK(plan.patience == 10min);
    CHECK_FALSE(quiet->holds(world));
    facts.reads = 0;
    facts.uploads = 1;
    CHECK_FALSE(quiet->holds(world));
    CHECK(quiet->tells(world).first == "Under way through web1: 1 upload");
    facts.uploads = 0;
    CHECK(quiet->holds(world));
    // Silence is not quiet.
    World::silence(world.node("web1").watched, 5s);
    CHECK_FALSE(quiet->holds(world));
    CHECK(quiet->tells(world).first == "Whether something is under way through web1 is not known");
}

TEST_CASE("what is drained can be returned, what is not cannot")
{
    World world;
    CHECK(world.against(wish(Kind::ReturnWeb, "web1")) == "drained");
    world.agent("web1").state->drain = api::AgentDrain{noon + 1h, "ada", "disk"};
    CHECK(world.against(wish(Kind::ReturnWeb, "web1")).empty());
    // By its own end it is in use.
    world.agent("web1").state->drain->until = noon - 1s;
    CHECK(world.against(wish(Kind::ReturnWeb, "web1")) == "drained");
}

TEST_CASE("a standby is detached, a primary never")
{
    World world;
    const Plan plan = world.plan(wish(Kind::DetachBackend, "pg2"));
    CHECK(plan.shown.allowed);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].order.host == "pg1");
    CHECK(plan.steps[0].order.node == "pg2");
    CHECK(world.against(wish(Kind::DetachBackend, "pg1")) == "standby, primary");
    world.setBackend("pg2", "down");
    CHECK(world.against(wish(Kind::DetachBackend, "pg2")) == "attached");
}

TEST_CASE("a standby is attached again only when it holds every commit")
{
    World world;
    const api::ActionWish attach = wish(Kind::AttachBackend, "pg2");
    CHECK(world.against(attach) == "set-aside");
    world.agent("pg1").state->database->setAside.push_back({"pg2", noon + 1h});
    CHECK(world.against(attach).empty());
    world.facts("pg1").senders[0].syncState = "async";
    CHECK(world.against(attach) == "synchronous");
}

TEST_CASE("fencing is for a typed name, also in split brain; unfencing for what is fenced")
{
    World world;
    const Plan plan = world.plan(wish(Kind::Fence, "pg1"));
    CHECK(plan.shown.allowed);
    CHECK(plan.shown.confirm == "pg1");
    CHECK(world.against(wish(Kind::Unfence, "pg1")) == "fenced");
    world.facts("pg2").inRecovery = false;
    CHECK(world.against(wish(Kind::Fence, "pg2")).empty());
    world.agent("pg2").state->database->fenced = true;
    CHECK(world.against(wish(Kind::Fence, "pg2")) == "not-fenced");
    CHECK(world.against(wish(Kind::Unfence, "pg2")).empty());
}

TEST_CASE("where Patroni keeps the databases no keeper is told anything, and the plan says what to do instead")
{
    World world;
    world.engine = Engine::Patroni;
    CHECK(world.against(wish(Kind::Fence, "pg1")) == "keeper");
    const Plan plan = world.plan(wish(Kind::ResumeReplay, "pg2"));
    CHECK_FALSE(plan.shown.allowed);
    CHECK(plan.shown.guards.front().statement == "Patroni keeps pg2, and takes no such order: select pg_wal_replay_resume() on pg2");
}

TEST_CASE("a server rejoins one primary, and is not that primary")
{
    World world;
    CHECK(world.against(wish(Kind::Rejoin, "pg2")).empty());
    CHECK(world.against(wish(Kind::Rejoin, "pg1")) == "one-primary, no-primary-itself");
    world.agent("pg2").state->database->work = "copy pg1";
    CHECK(world.against(wish(Kind::Rejoin, "pg2")) == "idle");
    world.agent("pg2").state->database->work.clear();
    world.agent("pg2").state->database->fenced = true;
    CHECK(world.against(wish(Kind::Rejoin, "pg2")) == "idle");
    World full;
    api::ActionWish copy = wish(Kind::Rejoin, "pg2");
    copy.copy = true;
    full.agent("pg2").state->database->room = 12e9;
    CHECK(full.against(copy).empty());
    full.agent("pg2").state->database->room = 11.9e9;
    CHECK(full.against(copy) == "room");
    // A rewind may still do, and may be all that is left.
    CHECK(full.against(wish(Kind::Rejoin, "pg2")).empty());
    CHECK(full.plan(wish(Kind::Rejoin, "pg2")).shown.effects[1].ends_with("only a rewind is possible"));
    // Its keeper looks itself.
    full.facts("pg1").databaseBytes.reset();
    CHECK(full.against(copy).empty());
    World split;
    split.facts("pg2").inRecovery = false;
    CHECK(split.against(wish(Kind::Rejoin, "pg2")) == "one-primary, no-primary-itself");
}

TEST_CASE("a slot is dropped when nobody uses it and nobody of the topology owns it")
{
    World world;
    api::ActionWish drop = wish(Kind::DropSlot, "pg1");
    CHECK_FALSE(planFor(drop, world));
    drop.slot = "old";
    CHECK(world.against(drop) == "there");
    world.facts("pg1").slots.push_back({"old", false, "reserved", 1e9, std::nullopt});
    CHECK(world.plan(drop).shown.confirm == "old");
    CHECK(world.against(drop).empty());
    world.facts("pg1").slots[0].active = true;
    CHECK(world.against(drop) == "inactive");
    world.facts("pg1").slots.push_back({"pg2", false, "reserved", 0.0, std::nullopt});
    drop.slot = "pg2";
    CHECK(world.against(drop) == "orphaned");
}

TEST_CASE("replay is resumed where it is paused")
{
    World world;
    CHECK(world.against(wish(Kind::ResumeReplay, "pg2")) == "paused");
    world.facts("pg2").pauseState = "paused";
    CHECK(world.against(wish(Kind::ResumeReplay, "pg2")).empty());
    CHECK(world.against(wish(Kind::ResumeReplay, "pg1")) == "paused");
}

TEST_CASE("a certificate is read again only when the one on the disk is valid")
{
    World world;
    const api::ActionWish reload = wish(Kind::ReloadWeb, "web1");
    CHECK(world.against(reload) == "certificate");
    CertificatePair pair;
    pair.onDisk = CertificateFacts{};
    pair.onDisk->notBefore = noon - 1h;
    pair.onDisk->notAfter = noon + 24h;
    world.certificates.push_back({"web1", "web1", 8427, pair});
    CHECK(world.against(reload).empty());
    world.certificates[0].pair->onDisk->notAfter = noon - 1s;
    CHECK(world.against(reload) == "certificate");
}

TEST_CASE("a wish for what is not there is a mistake, not a plan")
{
    World world;
    CHECK(planFor(wish(Kind::DrainWeb, "pg1"), world).error().code == ErrorCode::InvalidInput);
    CHECK(planFor(wish(Kind::Promote, "nobody"), world).error().code == ErrorCode::InvalidInput);
}

TEST_CASE("a plan for web nodes and databases rests on nothing but what is looked at for it")
{
    World world;
    world.certificates.push_back({"web1", "web1", 443, CertificatePair()});
    world.certificates.front().pair->onDisk = CertificateFacts();
    world.cluster = judgeCluster(world.databases, world.stillFresh);
    checkGrounds(world, "web", "web1");
    checkGrounds(world, "postgres", "pg1");
    checkGrounds(world, "postgres", "pg2");
}
