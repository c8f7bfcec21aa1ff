// SPDX-License-Identifier: GPL-3.0-or-later
// Plans that repair one database server.
#include "core/monitor/plans/drafting.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

const api::AgentDatabase *databaseOf(const Situation &now, const std::string &name)
{
    const api::AgentState *agent = now.agentOf(name, "postgres");
    return agent && agent->database ? &*agent->database : nullptr;
}

// As its keeper wants it, which looks itself before it begins.
constexpr double copyRoom = 1.2;

// Of the disk of a server that is to be made a copy: in words what it takes and what is free, and whether that is enough
// as far as both are known.
std::pair<bool, std::string> roomFor(const std::string &target, const std::string &primary, const Situation &now)
{
    const api::AgentDatabase *database = databaseOf(now, target);
    const PostgresFacts *source = now.factsOf(primary);
    const std::optional<double> size = source ? source->databaseBytes : std::nullopt;
    const std::optional<double> room = database ? database->room : std::nullopt;
    if (!size || !room)
        return {true, fmt::format("{} is not known from here: the keeper looks before it begins",
                                  size ? fmt::format("What is free on the disk of {}", target) : fmt::format("How large {} is", primary.empty() ? "the primary" : primary))};
    return {*room >= *size * copyRoom, fmt::format("A copy takes {} beside the data that is there, and {} are free on {}", bytesText(*size * copyRoom), bytesText(*room), target)};
}

void fence(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "postgres");
    const api::AgentDatabase *database = databaseOf(now, wish.target);
    const PostgresFacts *facts = now.factsOf(wish.target);
    const bool writes = (facts && !facts->inRecovery) || (database && database->state.starts_with("primary"));
    const bool another = std::any_of(now.databases.begin(), now.databases.end(), [&](const DatabaseInput &server) {
        const PostgresFacts *seen = server.name == wish.target ? nullptr : now.factsOf(server.name);
        return seen && !seen->inRecovery;
    });
    draft.guard("not-fenced", database && !database->fenced,
                !database ? fmt::format("Nobody keeps the database on {}", host)
                : database->fenced ? fmt::format("{} is fenced already", wish.target)
                                   : fmt::format("{} is {}", wish.target, database->state));
    draft.say(fmt::format("{} is stopped and stays stopped", wish.target));
    if (writes && !another)
        draft.effect(fmt::format("{} is the only one that takes writes: uploads fail until another is promoted", wish.target));
    else if (writes)
        draft.effect(fmt::format("Another server takes writes as well: what {} alone has committed stays on its disk and is seen no more", wish.target));
    else
        draft.effect("There is no second copy until it is back");
    draft.undo(writes && another ? "Unfence it: it starts again and follows the other one, which discards what it alone has committed"
                                 : "Unfence it: it starts again, and follows the primary if there is one");
    draft.confirm(wish.target);
    draft.step("fence", fmt::format("{} stops and stays stopped", wish.target), {Order::Hand::Fence, host});
    draft.expect("stopped", fmt::format("{} does not answer any more", wish.target), [name = wish.target](const Situation &later) {
        const DatabaseInput *input = later.database(name);
        return input && input->watched.wasTried() && !input->watched.answers();
    });
}

void unfence(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "postgres");
    const api::AgentDatabase *database = databaseOf(now, wish.target);
    draft.guard("fenced", database && database->fenced,
                database && database->fenced ? fmt::format("{} is fenced", wish.target) : fmt::format("{} is not fenced", wish.target));
    draft.say(fmt::format("{} may start again", wish.target));
    const bool follows = !now.cluster.primary.empty() && now.cluster.primary != wish.target;
    draft.effect(follows ? fmt::format("It follows {}: what it alone has committed, if anything, is discarded", now.cluster.primary)
                         : "It starts as what it was");
    draft.undo(follows ? "It cannot be undone: what is discarded is gone" : "Fence it again");
    if (follows)
        draft.confirm(wish.target);
    draft.step("unfence", fmt::format("{} starts", wish.target), {Order::Hand::Unfence, host});
    draft.patience(std::chrono::minutes(5));
    draft.expect("answers", fmt::format("{} answers", wish.target), [name = wish.target](const Situation &later) { return later.factsOf(name) != nullptr; });
}

void rejoin(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "postgres");
    const api::AgentDatabase *database = databaseOf(now, wish.target);
    const PostgresFacts *facts = now.factsOf(wish.target);
    const std::string primary = now.cluster.primary;
    draft.guard("one-primary", !primary.empty() && primary != wish.target,
                primary.empty() ? "There is not exactly one primary to follow" : fmt::format("{} is the primary", primary));
    draft.guard("no-primary-itself", !facts || facts->inRecovery,
                facts && !facts->inRecovery ? fmt::format("{} takes writes", wish.target) : fmt::format("{} takes no writes", wish.target));
    const bool idle = database && database->work.empty() && !database->fenced;
    draft.guard("idle", idle,
                !database ? fmt::format("Nobody keeps the database on {}", host)
                : database->fenced ? fmt::format("{} is fenced: unfence it first", wish.target)
                : idle ? "Nothing else is done to it"
                       : fmt::format("It is being worked on: {}", database->work));
    const auto [fits, room] = roomFor(wish.target, primary, now);
    if (wish.copy)
        draft.guard("room", fits, room);
    draft.say(wish.copy ? fmt::format("{} is copied anew from {}", wish.target, primary) : fmt::format("{} is made to follow {}", wish.target, primary));
    draft.effect(wish.copy ? fmt::format("{} reads its whole database from disk and sends it", primary) : "A rewind reads what differs; where that does not help, everything is copied");
    // A rewind needs no such room, and may be what is left on a disk that is full.
    if (!wish.copy && !fits)
        draft.effect(room + ": only a rewind is possible");
    draft.effect(fmt::format("{} serves no reads meanwhile", wish.target));
    draft.undo(wish.copy ? "The old data folder is kept beside the new one until that one follows"
                         : "It cannot be undone: what it alone has committed, if anything, is discarded");
    draft.confirm(wish.target);
    Order order{Order::Hand::Rejoin, host};
    order.copy = wish.copy;
    draft.step("rejoin", fmt::format("{} follows {}", wish.target, primary), order);
    draft.patience(std::chrono::hours(6));
    draft.expect("follows", fmt::format("{} streams from the primary", wish.target), [name = wish.target](const Situation &later) {
        const WalSender *sender = later.senderOf(name);
        return sender && sender->state == "streaming";
    });
}

void resume(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "postgres");
    const PostgresFacts *facts = now.factsOf(wish.target);
    const bool paused = facts && facts->inRecovery && !facts->pauseState.empty() && facts->pauseState != "not paused";
    draft.guard("paused", paused, paused ? fmt::format("{} is paused", wish.target) : fmt::format("{} is not paused", wish.target));
    draft.say(fmt::format("{} replays again", wish.target));
    draft.effect("Reads of it catch up");
    draft.undo("Pause it again: select pg_wal_replay_pause()");
    draft.step("resume", fmt::format("{} replays", wish.target), {Order::Hand::ResumeReplay, host});
    draft.expect("replays", fmt::format("{} is not paused", wish.target), [name = wish.target](const Situation &later) {
        const PostgresFacts *now = later.factsOf(name);
        return now && now->pauseState == "not paused";
    });
}

void drop(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "postgres");
    const PostgresFacts *facts = now.factsOf(wish.target);
    const SlotFacts *slot = nullptr;
    if (facts) {
        const auto found = std::find_if(facts->slots.begin(), facts->slots.end(), [&](const SlotFacts &one) { return one.name == wish.slot; });
        slot = found == facts->slots.end() ? nullptr : &*found;
    }
    draft.guard("one-primary", !now.cluster.primary.empty(),
                now.cluster.primary.empty() ? "There is not exactly one primary" : fmt::format("{} is the primary", now.cluster.primary));
    draft.guard("there", slot != nullptr, slot ? fmt::format("{} has the slot {}", wish.target, wish.slot) : fmt::format("{} has no slot {}", wish.target, wish.slot));
    draft.guard("inactive", !slot || !slot->active, slot && slot->active ? "Somebody uses it now" : "Nobody uses it");
    const auto owner = std::find_if(now.databases.begin(), now.databases.end(), [&](const DatabaseInput &server) { return server.slot == wish.slot; });
    const bool orphaned = owner == now.databases.end();
    draft.guard("orphaned", orphaned, orphaned ? "No server of the topology has it" : fmt::format("It is the slot of {}: it would be made again", owner->name));
    draft.say(fmt::format("The slot {} on {} is dropped", wish.slot, wish.target));
    draft.effect(slot && slot->retained ? fmt::format("{} of WAL are kept no longer", bytesText(*slot->retained)) : "The WAL that it keeps is kept no longer");
    draft.undo("It cannot be undone: whoever used it needs a new copy");
    draft.confirm(wish.slot);
    Order order{Order::Hand::DropSlot, host};
    order.slot = wish.slot;
    draft.step("drop", fmt::format("{} drops it, if nobody uses it", wish.target), order);
    draft.expect("gone", "It is gone", [name = wish.target, slot = wish.slot](const Situation &later) {
        const PostgresFacts *now = later.factsOf(name);
        return now && std::none_of(now->slots.begin(), now->slots.end(), [&](const SlotFacts &one) { return one.name == slot; });
    });
}

}  // namespace

// Who does it where Patroni is in a keeper's place, and where there is nobody but pgpool.
void guardKeeper(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const Place *place = now.place(wish.target, "postgres");
    const std::string host = place ? place->host : wish.target;
    if (now.engine == Engine::Patroni) {
        const std::string instead = wish.action == api::ActionKind::Fence     ? fmt::format("stop Patroni on {}, which stops it with it", host)
                                    : wish.action == api::ActionKind::Unfence ? fmt::format("start Patroni on {}", host)
                                    : wish.action == api::ActionKind::ResumeReplay
                                        ? fmt::format("select pg_wal_replay_resume() on {}", host)
                                        : std::string("it drops slots of nobody by itself");
        draft.guard("keeper", false, fmt::format("Patroni keeps {}, and takes no such order: {}", wish.target, instead));
        return;
    }
    // One that does not answer is told by its agent, and then by the guard that asks for that.
    const HostAgent *agent = now.agentOn(host);
    const bool missing = agent && agent->state ? !agent->state->database : !agent && now.engine == Engine::Pgpool;
    if (!missing)
        return;
    const std::string instead =
        wish.action == api::ActionKind::Promote        ? std::string("stop the old primary, then detach it at a pgpool, whose failover_command promotes")
        : wish.action == api::ActionKind::Rejoin       ? fmt::format("have pcp_recovery_node, pg_rewind or pg_basebackup renew it on {}, then attach it", host)
        : wish.action == api::ActionKind::Fence        ? fmt::format("stop PostgreSQL on {}, and keep it from being started", host)
        : wish.action == api::ActionKind::Unfence      ? fmt::format("start PostgreSQL on {}", host)
        : wish.action == api::ActionKind::ResumeReplay ? fmt::format("select pg_wal_replay_resume() on {}", host)
                                                       : fmt::format("select pg_drop_replication_slot('{}') on {}", wish.slot, host);
    draft.guard("keeper", false, fmt::format("No keeper of a database is on {}: {}", host, instead));
}

Plan planRepair(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    guardKeeper(draft, wish, now);
    switch (wish.action) {
    case api::ActionKind::Fence: fence(draft, wish, now); break;
    case api::ActionKind::Unfence: unfence(draft, wish, now); break;
    case api::ActionKind::Rejoin: rejoin(draft, wish, now); break;
    case api::ActionKind::ResumeReplay: resume(draft, wish, now); break;
    default: drop(draft, wish, now); break;
    }
    return draft.finish(rolesText(now));
}

}  // namespace cm::monitor
