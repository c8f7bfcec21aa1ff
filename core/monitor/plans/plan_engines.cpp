// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for installations without keepers: where pgpool alone attaches and detaches, and where Patroni moves
// the primary by its own rules, of which the guards here are those that an operator wants to see beforehand.
#include "core/monitor/plans/drafting.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

// Patroni's ttl is 20 s in our templates and 30 s where nobody has said otherwise.
constexpr auto lockRunsOut = std::chrono::seconds(30);

const PatroniSeen *answering(const Situation &now)
{
    const auto found = std::find_if(now.patronis.begin(), now.patronis.end(), [](const PatroniSeen &one) { return one.facts.has_value(); });
    return found == now.patronis.end() ? nullptr : &*found;
}

const PatroniMember *memberOf(const PatroniFacts &facts, const std::string &name)
{
    const auto found = std::find_if(facts.members.begin(), facts.members.end(), [&](const PatroniMember &one) { return one.name == name; });
    return found == facts.members.end() ? nullptr : &*found;
}

bool isLeader(const PatroniMember &member)
{
    return member.role == "leader" || member.role == "standby_leader";
}

// A leader that works: whom to copy from, or to move the primary from.
std::string leaderOf(const PatroniFacts &facts)
{
    const auto found = std::find_if(facts.members.begin(), facts.members.end(), [](const PatroniMember &one) {
        return isLeader(one) && (one.state == "running" || one.state == "streaming");
    });
    return found == facts.members.end() ? std::string() : found->name;
}

// Whoever holds the lock, in whatever state: one that starts, stops or has crashed has not let go of it. Null: by no
// Patroni that answers does anybody.
const PatroniMember *lockHolder(const Situation &now)
{
    for (const PatroniSeen &seen : now.patronis) {
        if (!seen.facts)
            continue;
        const auto found = std::find_if(seen.facts->members.begin(), seen.facts->members.end(), isLeader);
        if (found != seen.facts->members.end())
            return &*found;
    }
    return nullptr;
}

const PatroniSeen *patroniOf(const Situation &now, const std::string &node)
{
    const auto found = std::find_if(now.patronis.begin(), now.patronis.end(), [&](const PatroniSeen &one) { return one.node == node; });
    return found == now.patronis.end() ? nullptr : &*found;
}

// Guards that every order to Patroni needs; the facts, null without. With a door: of the one that gets the order.
const PatroniFacts *guardPatroni(Draft &draft, const Situation &now, const std::string &door = {})
{
    const PatroniSeen *asked = door.empty() ? nullptr : patroniOf(now, door);
    const PatroniSeen *seen = door.empty() ? answering(now) : asked && asked->facts ? asked : nullptr;
    draft.guard("patroni", seen != nullptr,
                seen ? fmt::format("Patroni on {} answers", seen->node)
                : !now.patronisAsked ? "Patroni decides, and is asked only when it is planned"
                : door.empty() ? fmt::format("No Patroni answers{}", now.patronis.empty() ? "" : ": " + now.patronis.front().problem)
                               : fmt::format("Patroni on {} does not answer{}", door, asked && !asked->problem.empty() ? ": " + asked->problem : ""));
    if (!seen)
        return nullptr;
    draft.guard("not-paused", !seen->facts->paused,
                seen->facts->paused ? "Patroni is paused: somebody has told it to move nothing" : "Patroni is not paused");
    return &*seen->facts;
}

void switchByPatroni(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    guardSwitchOver(draft, wish, now);
    const PatroniFacts *facts = guardPatroni(draft, now);
    const std::string leader = facts ? leaderOf(*facts) : std::string();
    draft.guard("leader", !leader.empty() && leader == now.cluster.primary,
                leader.empty() ? "Patroni knows no leader" : fmt::format("Patroni holds {} for the leader", leader));
    draft.effect("Writes pause for a second or two: uploads wait or are sent again by their clients");
    draft.loss(0.0, "Nothing: Patroni stops the old primary before it promotes the new one", now.now);
    Order order{Order::Hand::PatroniSwitchOver, leader};
    order.node = leader;
    order.successor = wish.target;
    draft.step("switch-over", fmt::format("Patroni moves the primary from {} to {}", leader, wish.target), order);
    expectTakeover(draft, wish.target, now.cluster.primary);
}

// One other server: whether it can be relied on to take no write any more. A Patroni that cannot renew its lock stops its
// server before the lock runs out; one that has died with its server still running does not.
void guardStopped(Draft &draft, const DatabaseInput &other, const std::string &target, const Situation &now)
{
    const std::string &name = other.name;
    if (const PostgresFacts *facts = now.factsOf(name)) {
        draft.guard("fenced", facts->inRecovery,
                    facts->inRecovery ? fmt::format("{} is a standby as well", name) : fmt::format("{} answers and takes writes", name));
        return;
    }
    const api::AgentState *agent = now.agentOf(name, "postgres");
    const auto service = agent ? std::find_if(agent->services.begin(), agent->services.end(), [&](const api::AgentService &one) { return one.name == name; })
                               : std::vector<api::AgentService>::const_iterator();
    if (agent && service != agent->services.end()) {
        draft.guard("fenced", !service->running,
                    service->running ? fmt::format("{} runs, says the agent there, for whoever reaches it: stop Patroni and it there", name)
                                     : fmt::format("{} is stopped, says the agent there, and Patroni starts nobody as a primary without the lock", name));
        return;
    }
    const PostgresFacts *standby = now.factsOf(target);
    const bool heard = standby && standby->receiver && standby->receiver->status == "streaming";
    const auto silent = now.now - other.watched.taken;
    std::string why;
    if (now.patronisAsked && !patroniOf(now, name))
        why = fmt::format("nothing there would have stopped {}: no Patroni is there", name);
    else if (silent < lockRunsOut)
        why = fmt::format("{} was seen {} ago: not longer than a lock lasts", name, secondsText(std::chrono::duration<double>(silent).count()));
    else if (heard)
        why = fmt::format("{} still hears from {}", target, name);
    else if (!standby)
        why = fmt::format("whether {} still hears from {} is not known, for it does not answer", target, name);
    draft.guard("fenced", why.empty(),
                why.empty() ? fmt::format("{} has been cut off from us and its standby for longer than a lock lasts: its Patroni should have stopped it", name)
                            : "It is not proven that the old primary has stopped: " + why);
}

void failover(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PatroniFacts *facts = guardPatroni(draft, now, wish.target);
    const std::size_t writing = writers(now);
    draft.guard("no-primary", writing == 0,
                writing == 0   ? "No database server takes writes"
                : writing == 1 ? "A database server takes writes: switch over instead"
                               : "Two servers take writes already");
    guardStandby(draft, wish, now);
    for (const DatabaseInput &other : now.databases) {
        if (other.name != wish.target)
            guardStopped(draft, other, wish.target, now);
    }
    const PatroniMember *member = facts ? memberOf(*facts, wish.target) : nullptr;
    const bool synchronous = member && member->role == "sync_standby";
    if (facts || now.patronisAsked) {
        const PatroniMember *leader = lockHolder(now);
        draft.guard("no-leader", facts && !leader,
                    leader ? fmt::format("{} holds Patroni's lock, and is {}: wait until it has run out", leader->name, leader->state.empty() ? "in no known state" : leader->state)
                    : facts ? "Nobody holds Patroni's lock: it has run out, or was given back"
                            : "Whether somebody holds Patroni's lock is not known");
        draft.guard("nothing-lost", synchronous,
                    synchronous ? fmt::format("{} was the synchronous standby", wish.target)
                                : fmt::format("Patroni does not know {} for the synchronous standby: commits may be missing there", wish.target));
    }
    // Whoever can read the lock sees most of those that vote; that we see most of them too tells a dead primary from a cut to us.
    const auto voters = static_cast<std::size_t>(std::count_if(now.etcds.begin(), now.etcds.end(), [&](const EtcdInput &member) {
        return member.watched.answers() && member.watched.taken >= now.stillFresh;
    }));
    const bool sees = now.etcds.empty() ? facts || !now.patronisAsked : voters > now.etcds.size() / 2;
    draft.guard("not-blind", sees,
                sees ? "This monitor sees most of the topology"
                : now.etcds.empty() ? "This monitor sees no Patroni: it may be the one that is cut off"
                                    : fmt::format("This monitor sees {} of {} members of etcd: it may be the one that is cut off", voters, now.etcds.size()));
    draft.say(fmt::format("{} becomes the primary without the old one", wish.target));
    draft.effect("Uploads work again; what waited on the old primary was never acknowledged and is sent again by its clients");
    draft.effect("There is no second copy until the other server follows");
    draft.undo("It cannot be undone: the old primary has to rejoin as a standby, which Patroni does by itself");
    draft.confirm(wish.target);
    if (synchronous)
        draft.loss(0.0, "Nothing: Patroni calls nobody the synchronous standby who lacks an acknowledged commit", now.now);
    else
        draft.loss(std::nullopt, "Nobody can know: the old primary may have gone on alone", now.now);
    Order order{Order::Hand::PatroniFailover, wish.target};
    order.successor = wish.target;
    draft.step("failover", fmt::format("Patroni promotes {}", wish.target), order);
    expectTakeover(draft, wish.target, {});
}

void copyByPatroni(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PatroniFacts *facts = guardPatroni(draft, now, wish.target);
    const std::string leader = facts ? leaderOf(*facts) : std::string();
    draft.guard("leader", !leader.empty() && leader != wish.target,
                leader.empty() ? "Patroni knows no leader to copy from" : fmt::format("Patroni holds {} for the leader", leader));
    const PostgresFacts *own = now.factsOf(wish.target);
    draft.guard("no-primary-itself", !own || own->inRecovery, own && !own->inRecovery ? fmt::format("{} takes writes", wish.target)
                                                                                     : fmt::format("{} takes no writes", wish.target));
    const PostgresFacts *source = now.factsOf(leader);
    draft.effect(source && source->databaseBytes
                     ? fmt::format("{} are copied: see first that the disk of {} has room for them, for Patroni does not", bytesText(*source->databaseBytes), wish.target)
                     : fmt::format("See first that the disk of {} has room for the copy, for Patroni does not; how large it is, is not known", wish.target));
    draft.say(fmt::format("{} is copied anew from {}", wish.target, leader));
    draft.effect(fmt::format("{} reads its whole database from disk and sends it; {} serves no reads meanwhile", leader, wish.target));
    draft.undo("It cannot be undone: Patroni removes the old data folder first");
    draft.confirm(wish.target);
    draft.step("copy", fmt::format("Patroni on {} copies everything", wish.target), {Order::Hand::PatroniCopy, wish.target});
    draft.patience(std::chrono::hours(6));
    // Patroni answers when it begins: what streams then is the server of before, until it has been started anew.
    draft.expect("follows", fmt::format("{} streams from the primary", wish.target),
                 [name = wish.target, before = own ? own->started : std::nullopt](const Situation &later) {
                     const WalSender *sender = later.senderOf(name);
                     const PostgresFacts *anew = later.factsOf(name);
                     return sender && sender->state == "streaming" && anew && (!before || anew->started != before);
                 });
}

}  // namespace

Plan planByPatroni(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    if (wish.action == api::ActionKind::SwitchOver)
        switchByPatroni(draft, wish, now);
    else if (wish.action == api::ActionKind::Promote)
        failover(draft, wish, now);
    else
        copyByPatroni(draft, wish, now);
    return draft.finish(rolesText(now));
}

Plan planBackendByPool(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    const bool detaches = wish.action == api::ActionKind::DetachBackend;
    const PoolInput *pool = now.leadingPool();
    const PostgresFacts *facts = now.factsOf(wish.target);
    const auto votes = now.votesOn(wish.target);
    draft.guard("pgpool", pool != nullptr, pool ? fmt::format("{} answers and tells the others", pool->name) : "No pgpool answers");
    draft.guard("standby", facts && facts->inRecovery,
                !facts ? fmt::format("{} does not answer", wish.target)
                : facts->inRecovery ? fmt::format("{} is a standby", wish.target)
                                    : fmt::format("{} is the primary", wish.target));
    draft.guard("primary", !now.cluster.primary.empty(),
                now.cluster.primary.empty() ? "There is not exactly one primary" : fmt::format("{} is the primary", now.cluster.primary));
    Order order{detaches ? Order::Hand::PoolDetach : Order::Hand::PoolAttach, pool ? pool->name : std::string()};
    order.node = wish.target;
    if (detaches) {
        draft.guard("attached", votes.attached > 0, fmt::format("{} of {} pgpools use {}", votes.attached, votes.all, wish.target));
        draft.say(fmt::format("No pgpool uses {}", wish.target));
        draft.effect(fmt::format("All reads go to {}; without keepers nothing attaches it again by itself", now.cluster.primary));
        draft.undo(fmt::format("Attach {} again", wish.target));
        draft.step("detach", fmt::format("{} lets go of {}, the others follow", pool ? pool->name : "pgpool", wish.target), order);
        draft.expect("detached", fmt::format("Every pgpool that answers has let go of {}", wish.target), [name = wish.target](const Situation &later) {
            const auto seen = later.votesOn(name);
            return seen.answer > 0 && seen.attached == 0;
        });
        return draft.finish(rolesText(now));
    }
    const WalSender *sender = now.senderOf(wish.target);
    draft.guard("streams", sender && sender->state == "streaming",
                sender && sender->state == "streaming" ? fmt::format("{} streams from {}", wish.target, now.cluster.primary)
                                                       : fmt::format("{} does not stream from the primary", wish.target));
    // An attached node may be promoted, and serves reads.
    const PostgresFacts *primary = now.factsOf(now.cluster.primary);
    if (primary && commitsWait(*primary)) {
        const bool synchronous = sender && holdsEveryCommit(*sender, *primary, now.cluster.primary);
        draft.guard("synchronous", synchronous,
                    synchronous ? fmt::format("{} holds every acknowledged commit", wish.target)
                                : fmt::format("{} is not synchronous: attached, it could be promoted without every commit", wish.target));
    } else {
        draft.effect(fmt::format("Commits do not wait for {}: if it is promoted, the newest may be missing", wish.target));
    }
    guardCaughtUp(draft, wish, now);
    draft.guard("detached", votes.answer > votes.attached, fmt::format("{} of {} pgpools use {}", votes.attached, votes.all, wish.target));
    draft.say(fmt::format("The pgpools use {} again", wish.target));
    draft.effect(fmt::format("Reads are spread over both; {} may be promoted when the primary is lost", wish.target));
    draft.undo("Detach it again");
    draft.step("attach", fmt::format("{} attaches {}, the others follow", pool ? pool->name : "pgpool", wish.target), order);
    draft.expect("attached", fmt::format("A majority of the pgpools uses {}", wish.target), [name = wish.target](const Situation &later) {
        const auto seen = later.votesOn(name);
        return seen.attached >= seen.majority();
    });
    return draft.finish(rolesText(now));
}

}  // namespace cm::monitor
