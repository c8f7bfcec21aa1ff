// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for installations without keepers: where pgpool alone attaches and detaches, and where Patroni moves
// the primary by its own rules, of which the guards here are those that an operator wants to see beforehand.
#include "core/monitor/plans/drafting.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

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

std::string leaderOf(const PatroniFacts &facts)
{
    const auto found = std::find_if(facts.members.begin(), facts.members.end(), [](const PatroniMember &one) {
        return one.role == "leader" && (one.state == "running" || one.state == "streaming");
    });
    return found == facts.members.end() ? std::string() : found->name;
}

// Guards that every order to Patroni needs; the facts, null without.
const PatroniFacts *guardPatroni(Draft &draft, const Situation &now)
{
    const PatroniSeen *seen = answering(now);
    draft.guard("patroni", seen != nullptr,
                seen ? fmt::format("Patroni on {} answers", seen->node)
                : !now.patronisAsked ? "Patroni decides, and is asked only when it is planned"
                     : fmt::format("No Patroni answers{}", now.patronis.empty() ? "" : ": " + now.patronis.front().problem));
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

void failover(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PatroniFacts *facts = guardPatroni(draft, now);
    const auto writing = std::count_if(now.databases.begin(), now.databases.end(), [&](const DatabaseInput &server) {
        const PostgresFacts *seen = now.factsOf(server.name);
        return seen && !seen->inRecovery;
    });
    draft.guard("no-primary", writing == 0,
                writing == 0   ? "No database server takes writes"
                : writing == 1 ? "A database server takes writes: switch over instead"
                               : "Two servers take writes already");
    if (facts || now.patronisAsked) {
        const std::string leader = facts ? leaderOf(*facts) : std::string();
        draft.guard("no-leader", facts && leader.empty(), leader.empty() ? "Patroni knows no leader: its lock has run out, the old one has let go"
                                                                       : fmt::format("Patroni holds {} for the leader", leader));
        const PatroniMember *member = facts ? memberOf(*facts, wish.target) : nullptr;
        const bool synchronous = member && member->role == "sync_standby";
        draft.guard("nothing-lost", synchronous,
                    synchronous ? fmt::format("{} was the synchronous standby", wish.target)
                                : fmt::format("Patroni does not know {} for the synchronous standby: commits may be missing there", wish.target));
    }
    draft.say(fmt::format("{} becomes the primary without the old one", wish.target));
    draft.effect("Uploads work again");
    draft.undo("It cannot be undone: the old primary has to rejoin as a standby, which Patroni does by itself");
    draft.confirm(wish.target);
    Order order{Order::Hand::PatroniFailover, wish.target};
    order.successor = wish.target;
    draft.step("failover", fmt::format("Patroni promotes {}", wish.target), order);
    expectTakeover(draft, wish.target, {});
}

void copyByPatroni(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PatroniFacts *facts = guardPatroni(draft, now);
    const std::string leader = facts ? leaderOf(*facts) : std::string();
    draft.guard("leader", !leader.empty() && leader != wish.target,
                leader.empty() ? "Patroni knows no leader to copy from" : fmt::format("Patroni holds {} for the leader", leader));
    const PostgresFacts *own = now.factsOf(wish.target);
    draft.guard("no-primary-itself", !own || own->inRecovery, own && !own->inRecovery ? fmt::format("{} takes writes", wish.target)
                                                                                     : fmt::format("{} takes no writes", wish.target));
    draft.say(fmt::format("{} is copied anew from {}", wish.target, leader));
    draft.effect(fmt::format("{} reads its whole database from disk and sends it; {} serves no reads meanwhile", leader, wish.target));
    draft.undo("It cannot be undone: Patroni removes the old data folder first");
    draft.confirm(wish.target);
    draft.step("copy", fmt::format("Patroni on {} copies everything", wish.target), {Order::Hand::PatroniCopy, wish.target});
    draft.patience(std::chrono::hours(6));
    draft.expect("follows", fmt::format("{} streams from the primary", wish.target), [name = wish.target](const Situation &later) {
        const WalSender *sender = later.senderOf(name);
        return sender && sender->state == "streaming";
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
