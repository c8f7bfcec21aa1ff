// SPDX-License-Identifier: GPL-3.0-or-later
// A standby becomes the primary: when it may, and each thing that forbids it.
#include "world.h"

using namespace cm;
using namespace cm::monitor;
using namespace std::chrono_literals;

namespace {

const api::ActionWish switchOver = wish(api::ActionKind::SwitchOver, "pg2");
const api::ActionWish promote = wish(api::ActionKind::Promote, "pg2");

// pg1's host is dead for a minute, pgpool has not promoted anybody.
struct Headless : World {
    Headless()
    {
        silence(server("pg1").watched, 60s);
        facts("pg2").receiver.reset();
        setBackend("pg1", "down");
        agent("pg1") = {"pg1", std::nullopt, "no answer"};
    }
};

// The agent there says that its server is stopped.
void saysStopped(World &world, const std::string &host)
{
    api::AgentState state;
    state.database = api::AgentDatabase();
    state.database->state = "stopped";
    world.agent(host) = {host, state, {}};
}

// What the guards of that name say, in their order.
std::vector<std::string> said(const Plan &plan, std::string_view name)
{
    std::vector<std::string> sentences;
    for (const api::ActionGuard &guard : plan.shown.guards) {
        if (guard.name == name)
            sentences.push_back(guard.statement);
    }
    return sentences;
}

}  // namespace

TEST_CASE("a switch-over stops the primary first and promotes only what has everything")
{
    World world;
    const Plan plan = world.plan(switchOver);
    CHECK(plan.shown.allowed);
    REQUIRE(plan.steps.size() == 2);
    CHECK(plan.steps[0].order.hand == Order::Hand::StepDown);
    CHECK(plan.steps[0].order.host == "pg1");
    CHECK(plan.steps[0].order.successor == "pg2");
    CHECK(plan.steps[1].order.hand == Order::Hand::Promote);
    CHECK(plan.steps[1].order.host == "pg2");
    CHECK(plan.steps[1].order.nothingLess);
    CHECK(plan.shown.lossBytes.value == 0.0);
    CHECK(mayPress(plan, plan.shown.basis, ""));
}

TEST_CASE("a switch-over from nobody names no host that is none")
{
    Headless world;
    world.facts("pg1").inRecovery = true;
    CHECK(said(world.plan(switchOver), "agent") ==
          std::vector<std::string>{"Which database it would be is not known: no agent can be asked", "The agent on pg2 answers"});
}

TEST_CASE("what forbids a switch-over")
{
    World world;
    SUBCASE("the standby does not answer")
    {
        World::silence(world.server("pg2").watched, 5s);
        CHECK(world.against(switchOver) == "standby, replays, same-history");
    }
    SUBCASE("it has no sender, or no slot, for whoever would follow it")
    {
        world.facts("pg2").maxSenders = 0;
        CHECK(world.against(switchOver) == "followers");
        world.facts("pg2").maxSenders = 1;
        CHECK(world.against(switchOver).empty());
        world.facts("pg2").senderCount = 1;
        CHECK(world.against(switchOver) == "followers");
        world.facts("pg2").senderCount = 0;
        world.facts("pg2").maxSlots = 1;
        world.facts("pg2").slotNames = {"stray"};
        CHECK(world.against(switchOver) == "followers");
        world.facts("pg2").slotNames = {"pg1"};
        CHECK(world.against(switchOver).empty());
        world.facts("pg2").maxSenders.reset();
        CHECK(world.against(switchOver) == "followers");
    }
    SUBCASE("replay is paused")
    {
        world.facts("pg2").pauseState = "paused";
        CHECK(world.against(switchOver) == "replays");
    }
    SUBCASE("the standby is not synchronous")
    {
        world.facts("pg1").senders[0].syncState = "async";
        CHECK(world.against(switchOver) == "synchronous");
    }
    SUBCASE("no row at the primary")
    {
        world.facts("pg1").senders.clear();
        CHECK(world.against(switchOver) == "synchronous, caught-up");
    }
    SUBCASE("it is far behind")
    {
        world.facts("pg1").current = 5000 + (8 << 20);
        CHECK(world.against(switchOver) == "caught-up");
    }
    SUBCASE("timelines differ")
    {
        world.facts("pg2").timeline = 2;
        CHECK(world.against(switchOver) == "same-history");
    }
    SUBCASE("a base backup runs")
    {
        WalSender backup;
        backup.application = "pg_basebackup";
        backup.state = "backup";
        world.facts("pg1").senders.push_back(backup);
        CHECK(world.against(switchOver) == "no-backup");
    }
    SUBCASE("two servers take writes")
    {
        world.facts("pg2").inRecovery = false;
        CHECK(world.against(switchOver).find("one-primary") != std::string::npos);
    }
    SUBCASE("nobody takes writes")
    {
        World::silence(world.server("pg1").watched, 5s);
        CHECK(world.against(switchOver).find("one-primary") != std::string::npos);
    }
    SUBCASE("the pgpools disagree")
    {
        world.pool("pool1").watched.facts->byControl[1].status = "down";
        CHECK(world.against(switchOver) == "pgpools");
    }
    SUBCASE("the standby is left out of the pgpools")
    {
        world.setBackend("pg2", "down");
        CHECK(world.against(switchOver) == "pgpools");
    }
    SUBCASE("the primary's agent does not answer")
    {
        world.agent("pg1") = {"pg1", std::nullopt, "connection refused"};
        CHECK(world.against(switchOver) == "agent");
    }
    SUBCASE("samples of before do not count")
    {
        world.stillFresh = noon + 1s;
        CHECK(world.against(switchOver).find("one-primary") != std::string::npos);
    }
}

TEST_CASE("a promotion needs the old primary's end proven, and every acknowledged commit")
{
    Headless world;
    const Plan plan = world.plan(promote);
    CHECK(world.against(promote).empty());
    CHECK(plan.shown.confirm == "pg2");
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].order.hand == Order::Hand::Promote);
    CHECK_FALSE(mayPress(plan, plan.shown.basis, "pg1"));
    CHECK(mayPress(plan, plan.shown.basis, "pg2"));
}

TEST_CASE("an agent that says that the old primary is stopped proves it, and keeps it so")
{
    Headless world;
    world.server("pg1").watched.taken = noon - 1s;
    saysStopped(world, "pg1");
    const Plan plan = world.plan(promote);
    CHECK(plan.shown.allowed);
    REQUIRE(plan.steps.size() == 2);
    CHECK(plan.steps[0].order.hand == Order::Hand::Fence);
    CHECK(plan.steps[0].order.host == "pg1");
    CHECK(plan.steps[1].order.hand == Order::Hand::Promote);
}

TEST_CASE("what forbids a promotion")
{
    Headless world;
    SUBCASE("the primary is there")
    {
        World healthy;
        CHECK(healthy.against(promote) == "no-primary, fenced");
    }
    SUBCASE("the monitor alone does not see the primary")
    {
        world.facts("pg2").receiver = WalReceiver{"streaming", "pg1", 5432, "pg2", 0.2};
        CHECK(world.against(promote) == "fenced, copy");
    }
    SUBCASE("the pgpools still hold the primary for up")
    {
        world.setBackend("pg1", "up");
        CHECK(world.against(promote) == "fenced");
    }
    SUBCASE("it was seen a moment ago")
    {
        world.server("pg1").watched.taken = noon - 5s;
        CHECK(world.against(promote) == "fenced");
    }
    SUBCASE("nothing there would have stopped it")
    {
        world.agents.erase(world.agents.begin() + 2);
        CHECK(world.against(promote) == "fenced");
    }
    SUBCASE("the agent says that it runs")
    {
        api::AgentState state;
        state.database = api::AgentDatabase();
        state.database->running = true;
        world.agent("pg1") = {"pg1", state, {}};
        CHECK(world.against(promote) == "fenced");
    }
    SUBCASE("commits did not wait for the standby")
    {
        world.facts("pg1").senders[0].syncState = "async";
        CHECK(world.against(promote) == "nothing-lost");
    }
    SUBCASE("commits waited for any of several, and this one may lack some")
    {
        world.facts("pg1").senders[0].syncState = "quorum";
        for (const char *each : {"ANY 1 (pg2)", "ANY 1 (\"pg1\", \"pg2\")", "ANY 2 (\"pg2\",\"pg3\")"}) {
            world.facts("pg1").synchronousStandbyNames = each;
            CHECK(world.against(promote).empty());
        }
        for (const char *any : {"ANY 1 (\"pg2\", \"pg3\")", "any 1 (pg2,pg3)", "ANY 2 (pg1, pg2, pg3, pg4)", "ANY 1 (*)", "ANY"}) {
            world.facts("pg1").synchronousStandbyNames = any;
            CHECK(world.against(promote) == "nothing-lost");
        }
    }
    SUBCASE("commits went on alone")
    {
        world.facts("pg1").synchronousStandbyNames.clear();
        CHECK(world.against(promote) == "nothing-lost");
    }
    SUBCASE("it may have gone on alone since, for the pgpools have let go of the standby")
    {
        world.setBackend("pg2", "down");
        CHECK(world.against(promote) == "nothing-lost");
    }
    SUBCASE("synchronous in name only")
    {
        world.facts("pg1").synchronousCommit = "local";
        CHECK(world.against(promote) == "nothing-lost");
    }
    SUBCASE("no primary was ever seen")
    {
        world.server("pg1").watched.facts.reset();
        CHECK(world.against(promote).empty());  // a majority of the pgpools vouches for the standby
        world.setBackend("pg2", "down");
        CHECK(world.against(promote) == "nothing-lost");
    }
    SUBCASE("the monitor sees less than half")
    {
        World::silence(world.pool("pool1").watched, 5s);
        World::silence(world.pool("pool2").watched, 5s);
        const std::string found = world.against(promote);
        CHECK(found == "fenced, nothing-lost, not-blind");
    }
    SUBCASE("split brain")
    {
        world.facts("pg2").inRecovery = false;
        CHECK(world.against(promote).find("no-primary") != std::string::npos);
    }
}

TEST_CASE("a server that waits for another one's word goes on when people say so, unless another is there")
{
    World world;
    World::silence(world.server("pg2").watched, 60s);
    world.setBackend("pg2", "down");
    world.agent("pg2") = {"pg2", std::nullopt, "no answer"};
    const api::ActionWish goOn = wish(api::ActionKind::Promote, "pg1");
    CHECK(world.against(goOn) != "");  // it does not wait: it is the primary
    api::AgentDatabase &keeper = *world.agent("pg1").state->database;
    keeper.state = "primary, waiting";
    SUBCASE("its standby is gone")
    {
        const Plan plan = world.plan(goOn);
        CHECK(world.against(goOn).empty());
        REQUIRE(plan.steps.size() == 1);
        CHECK(plan.steps[0].order.hand == Order::Hand::Promote);
        CHECK(plan.steps[0].order.host == "pg1");
        CHECK_FALSE(plan.steps[0].order.nothingLess);
        CHECK_FALSE(plan.shown.lossBytes.value);
        CHECK(plan.shown.lossStatement.find("pg2") != std::string::npos);
        CHECK_FALSE(mayPress(plan, plan.shown.basis, ""));
    }
    SUBCASE("it has stepped down for one that is gone")
    {
        World::silence(world.server("pg1").watched, 60s);
        keeper.state = "stopped, waiting";
        keeper.running = false;
        CHECK(world.against(goOn).empty());
        keeper.state = "stopped";
        CHECK_FALSE(world.against(goOn).empty());
    }
    SUBCASE("the other one takes writes")
    {
        World::answers(world.server("pg2").watched, world.facts("pg2"));
        world.facts("pg2").inRecovery = false;
        CHECK(world.against(goOn) == "no-primary");
    }
    SUBCASE("without pgpools people have to know that the other one is off")
    {
        world.pools.clear();
        CHECK(world.against(goOn).empty());
        World::silence(world.server("pg2").watched, 5s);
        CHECK(world.against(goOn) == "fenced");
    }
    SUBCASE("the other one may run unseen")
    {
        world.setBackend("pg2", "up");
        CHECK(world.against(goOn) == "fenced");
    }
    SUBCASE("the other one is stopped, and kept so")
    {
        saysStopped(world, "pg2");
        const Plan plan = world.plan(goOn);
        CHECK(plan.shown.allowed);
        REQUIRE(plan.steps.size() == 2);
        CHECK(plan.steps[0].order.hand == Order::Hand::Fence);
        CHECK(plan.steps[0].order.host == "pg2");
    }
}

TEST_CASE("of a server that does not answer nothing is claimed")
{
    Headless world;
    World::silence(world.server("pg2").watched, 60s);
    const Plan plan = world.plan(promote);
    const auto fenced = said(plan, "fenced");
    REQUIRE(fenced.size() == 1);
    CHECK(fenced[0].find("whether pg2 still hears from pg1 is not known") != std::string::npos);
    CHECK(said(plan, "replays") == std::vector<std::string>{"Whether pg2 replays is not known"});
}

TEST_CASE("without pgpools the keeper of the stopped primary has to say that it never went on alone")
{
    Headless world;
    world.pools.clear();
    saysStopped(world, "pg1");
    CHECK(world.against(promote) == "nothing-lost");
    world.agent("pg1").state->database->alone = true;
    CHECK(world.against(promote) == "nothing-lost");
    world.agent("pg1").state->database->alone = false;
    CHECK(world.against(promote).empty());
    CHECK_FALSE(world.plan(promote).shown.lossBytes.value);  // of what was written since nobody has a figure
}

namespace {

// What the plan for pg2 refuses, as the sentences that are shown with it.
std::vector<std::string> refused(World &world)
{
    std::vector<std::string> sentences;
    for (const api::ActionGuard &guard : world.plan(promote).shown.guards) {
        if (!guard.holds)
            sentences.push_back(guard.statement);
    }
    return sentences;
}

}  // namespace

TEST_CASE("what is told to speak against a promotion is what its plan refuses, no more and no less")
{
    Headless world;
    SUBCASE("nothing") { CHECK(refused(world).empty()); }
    SUBCASE("a dead primary of which nobody knows that it has stopped") { world.setBackend("pg1", "up"); }
    SUBCASE("it died a moment ago") { world.server("pg1").watched.taken = noon - 5s; }
    SUBCASE("commits may be missing") { world.facts("pg1").synchronousStandbyNames.clear(); }
    SUBCASE("replay is paused") { world.facts("pg2").pauseState = "paused"; }
    SUBCASE("the monitor is cut off")
    {
        World::silence(world.pool("pool1").watched, 5s);
        World::silence(world.pool("pool2").watched, 5s);
    }
    SUBCASE("the primary is there") { world = Headless(), static_cast<World &>(world) = World(); }
    const auto sentences = refused(world);
    CHECK(promotionBlockers(world) == sentences);
    INFO(world.against(promote));
    CHECK(sentences.empty() == world.plan(promote).shown.allowed);
}

TEST_CASE("a dead primary that nobody has fenced is no green light")
{
    World world;
    World::silence(world.server("pg1").watched, 5s);
    world.facts("pg2").receiver.reset();
    world.agent("pg1") = {"pg1", std::nullopt, "no answer"};
    CHECK(world.against(promote) == "fenced");
    REQUIRE(promotionBlockers(world).size() == 1);
    CHECK(promotionBlockers(world)[0].starts_with("It is not proven that the old primary has stopped"));
    // Nor is a cluster of which no standby is seen.
    world.databases.pop_back();
    CHECK(world.against(promote).find("standby") != std::string::npos);
    CHECK(promotionBlockers(world) == std::vector<std::string>{"No standby is seen that could be promoted"});
}

TEST_CASE("a Patroni that was not asked is no green light, and no word of it is made up")
{
    Headless world;
    world.engine = Engine::Patroni;
    world.patronisAsked = false;
    world.cluster = judgeCluster(world.databases, world.stillFresh);
    const auto sentences = promotionBlockers(world);
    REQUIRE_FALSE(sentences.empty());
    CHECK(sentences[0] == "Patroni decides, and is asked only when it is planned");
    for (const std::string &sentence : sentences)
        CHECK(sentence.find("no Patroni") == std::string::npos);
}

TEST_CASE("a plan whose ground has shifted is not pressed")
{
    World world;
    const Plan before = world.plan(switchOver);
    world.facts("pg1").timeline = world.facts("pg2").timeline = 4;
    const Plan after = world.plan(switchOver);
    CHECK(after.shown.allowed);
    const auto refused = mayPress(after, before.shown.basis, "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::GuardFailed);
    CHECK(refused.error().fields.front().field == "unchanged");
    CHECK_FALSE(mayPress(after, "", ""));
}
