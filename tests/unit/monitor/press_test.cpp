// SPDX-License-Identifier: GPL-3.0-or-later
// Each action on a web node or a database, planned while all is well for it: then what it rests on changes, and its press is
// refused by name.
#include "core/monitor/plan_book.h"
#include "tests/unit/plans/world.h"

using namespace cm;
using namespace cm::monitor;
using namespace std::chrono_literals;
using Kind = api::ActionKind;

namespace {

void nothing(World &) {}

void certificate(World &world, std::chrono::seconds left)
{
    world.certificates.clear();
    CertificatePair pair;
    pair.onDisk = CertificateFacts{};
    pair.onDisk->notBefore = noon - 1h;
    pair.onDisk->notAfter = noon + left;
    world.certificates.push_back({"web1", "web1", 8427, pair});
}

// pg1 is stopped, says its agent, and has not gone on alone.
void stopFirst(World &world)
{
    World::silence(world.server("pg1").watched, 60s);
    world.facts("pg2").receiver.reset();
    world.agent("pg1").state->database->running = false;
    world.agent("pg1").state->database->state = "stopped";
}

void poolsAlone(World &world)
{
    world.engine = Engine::Pgpool;
    for (const char *host : {"pg1", "pg2"})
        world.agent(host).state->database.reset();
    for (PoolInput &pool : world.pools)
        pool.watched.facts->settings = {{"failover_command", "promote.sh"}, {"follow_primary_command", "follow.sh"}};
}

void poolsAloneDetached(World &world)
{
    poolsAlone(world);
    world.setBackend("pg2", "down");
}

void patroni(World &world)
{
    world.engine = Engine::Patroni;
    world.pools.clear();
    const PatroniFacts told{{{"pg1", "leader", "running", 3, std::nullopt}, {"pg2", "sync_standby", "streaming", 3, 0.0}}, false};
    world.patronis = {{"pg1", told, {}}, {"pg2", told, {}}};
}

void setAside(World &world)
{
    world.agent("pg1").state->database->setAside.push_back({"pg2", noon + 1h});
}

void otherPromoted(World &world)
{
    world.facts("pg1").inRecovery = true;
    world.facts("pg2").inRecovery = false;
    world.facts("pg2").timeline = world.facts("pg1").timeline = 4;
}

void slotOfNobody(World &world)
{
    world.facts("pg1").slots.push_back({"stray", false, "reserved", 1e9, std::nullopt});
}

using Change = void (*)(World &);

struct Row {
    const char *what;
    Kind kind;
    const char *target;
    Change prepare;
    Change change;
    const char *guard;  // by which the press is refused
};

const Row rows[] = {
    {"the other web node dies", Kind::DrainWeb, "web1", nothing, [](World &w) { World::silence(w.node("web2").watched, 1s); }, "another-works"},
    {"the other gets too much to do", Kind::DrainWeb, "web1", nothing, [](World &w) { w.node("web2").watched.facts->connections = 700; }, "capacity"},
    {"somebody else drains it", Kind::DrainWeb, "web1", nothing, [](World &w) { w.agent("web1").state->drain = api::AgentDrain{noon + 2h, "ben", "disk"}; }, "unchanged"},
    {"somebody else returns it", Kind::ReturnWeb, "web1", [](World &w) { w.agent("web1").state->drain = api::AgentDrain{noon + 1h, "ada", "disk"}; },
     [](World &w) { w.agent("web1").state->drain.reset(); }, "drained"},
    {"its file becomes one that has run out", Kind::ReloadWeb, "web1", [](World &w) { certificate(w, 24h); }, [](World &w) { certificate(w, -1s); }, "certificate"},
    {"it becomes the primary", Kind::DetachBackend, "pg2", nothing, otherPromoted, "standby"},
    {"the pgpools let go of it", Kind::DetachBackend, "pg2", nothing, [](World &w) { w.setBackend("pg2", "down"); }, "attached"},
    {"it falls behind", Kind::AttachBackend, "pg2", setAside, [](World &w) { w.facts("pg1").senders[0].syncState = "async"; }, "synchronous"},
    {"somebody else attaches it", Kind::AttachBackend, "pg2", setAside, [](World &w) { w.agent("pg1").state->database->setAside.clear(); }, "set-aside"},
    {"its replay is paused", Kind::SwitchOver, "pg2", nothing, [](World &w) { w.facts("pg2").pauseState = "paused"; }, "replays"},
    {"a backup begins", Kind::SwitchOver, "pg2", nothing,
     [](World &w) {
         w.facts("pg1").senders.push_back(w.facts("pg1").senders[0]);
         w.facts("pg1").senders.back().state = "backup";
         w.facts("pg1").senders.back().application = "nightly";
     },
     "no-backup"},
    {"its last slot is taken", Kind::SwitchOver, "pg2", nothing, [](World &w) { w.facts("pg2").maxSlots = 0; }, "followers"},
    {"a pgpool contradicts the others", Kind::SwitchOver, "pg2", nothing, [](World &w) { w.pool("pool2").watched.facts->byControl[1].status = "down"; }, "pgpools"},
    {"commits wait for it no longer", Kind::SwitchOver, "pg2", poolsAlone, [](World &w) { w.facts("pg1").senders[0].syncState = "async"; }, "synchronous"},
    {"pgpool loses its scripts", Kind::SwitchOver, "pg2", poolsAlone, [](World &w) { w.pool("pool1").watched.facts->settings.clear(); }, "scripts"},
    {"no control port answers", Kind::SwitchOver, "pg2", poolsAlone,
     [](World &w) {
         for (PoolInput &pool : w.pools)
             pool.watched.facts->controlProblem = "connection refused";
     },
     "pgpool"},
    {"it is detached by pgpool", Kind::DetachBackend, "pg2", poolsAlone, [](World &w) { w.setBackend("pg2", "down"); }, "attached"},
    {"it stops to stream", Kind::AttachBackend, "pg2", poolsAloneDetached, [](World &w) { w.facts("pg1").senders.clear(); }, "streams"},
    {"Patroni is paused", Kind::SwitchOver, "pg2", patroni, [](World &w) { w.patronis[0].facts->paused = true; }, "not-paused"},
    {"Patroni's leader is lost before a copy", Kind::Rejoin, "pg2", patroni, [](World &w) { w.patronis[1].facts->members[0].state = "stopped"; }, "leader"},
    {"the old primary comes back", Kind::Promote, "pg2", stopFirst, [](World &w) { World::answers(w.server("pg1").watched, *w.server("pg1").watched.facts); }, "no-primary"},
    {"its agent falls silent", Kind::Promote, "pg2", stopFirst, [](World &w) { w.agent("pg1") = {"pg1", std::nullopt, "no answer"}; }, "fenced"},
    {"the pgpools vouch for it no longer", Kind::Promote, "pg2", stopFirst, [](World &w) { w.setBackend("pg2", "down"); }, "nothing-lost"},
    {"somebody else fences it", Kind::Fence, "pg1", nothing, [](World &w) { w.agent("pg1").state->database->fenced = true; }, "not-fenced"},
    {"the roles are exchanged", Kind::Fence, "pg1", nothing, otherPromoted, "unchanged"},
    {"somebody else unfences it", Kind::Unfence, "pg2", [](World &w) { w.agent("pg2").state->database->fenced = true; },
     [](World &w) { w.agent("pg2").state->database->fenced = false; }, "fenced"},
    {"a second one takes writes", Kind::Rejoin, "pg2", nothing, [](World &w) { w.facts("pg2").inRecovery = false; }, "no-primary-itself"},
    {"its keeper begins a copy", Kind::Rejoin, "pg2", nothing, [](World &w) { w.agent("pg2").state->database->work = "copy pg1"; }, "idle"},
    {"its disk fills", Kind::Rejoin, "pg2", nothing, [](World &w) { w.agent("pg2").state->database->room = 1e9; }, "room"},
    {"somebody else resumes it", Kind::ResumeReplay, "pg2", [](World &w) { w.facts("pg2").pauseState = "paused"; },
     [](World &w) { w.facts("pg2").pauseState = "not paused"; }, "paused"},
    {"somebody reads from it", Kind::DropSlot, "pg1", slotOfNobody, [](World &w) { w.facts("pg1").slots[0].active = true; }, "inactive"},
    {"it is dropped", Kind::DropSlot, "pg1", slotOfNobody, [](World &w) { w.facts("pg1").slots.clear(); }, "there"},
    {"a standby gets that slot", Kind::DropSlot, "pg1", slotOfNobody, [](World &w) { w.server("pg2").slot = "stray"; }, "orphaned"},
};

api::ActionWish wished(const Row &row)
{
    api::ActionWish made = wish(row.kind, row.target);
    made.slot = row.kind == Kind::DropSlot ? "stray" : "";
    made.copy = row.kind == Kind::Rejoin && std::string_view(row.guard) == "room";
    return made;
}

}  // namespace

TEST_CASE("what changes between plan and press is seen by the press, and named")
{
    const PlanBook::Instant now = std::chrono::steady_clock::now();
    for (const Row &row : rows) {
        INFO(api::nameOf(row.kind), ": ", row.what);
        World world;
        row.prepare(world);
        PlanBook book;
        const Plan before = world.plan(wished(row));
        const std::string id = book.add(before.shown, now);
        const auto made = book.find(id, now);
        REQUIRE(made);
        CHECK(before.shown.allowed);
        CHECK(mayPress(world.plan(made->wish), made->basis, before.shown.confirm));
        row.change(world);
        const auto pressed = mayPress(world.plan(made->wish), made->basis, before.shown.confirm);
        REQUIRE_FALSE(pressed);
        CHECK(pressed.error().code == ErrorCode::GuardFailed);
        const auto &named = pressed.error().fields;
        CHECK_MESSAGE(std::any_of(named.begin(), named.end(), [&](const FieldProblem &one) { return one.field == row.guard; }), pressed.error().detail);
    }
}

TEST_CASE("no action on a web node or a database is left out of that")
{
    for (const auto &[kind, name] : api::EnumNames<Kind>::values) {
        const std::string_view role = readBy(kind).front();
        if (role == "web" || role == "postgres")
            CHECK_MESSAGE(std::any_of(std::begin(rows), std::end(rows), [kind = kind](const Row &row) { return row.kind == kind; }), name);
    }
}
