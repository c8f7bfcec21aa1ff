// SPDX-License-Identifier: GPL-3.0-or-later
// Plans by which a standby becomes the primary: with the old one's consent, or without it.
#include "core/monitor/plans/drafting.h"

#include "core/monitor/verdicts/agents.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace cm::monitor {
namespace {

// After this a primary that sees neither its standby nor a majority of the pgpools has stopped itself: the
// keeper's patience and what it adds, twice.
constexpr auto selfFenced = std::chrono::seconds(20);
constexpr double mostBehind = 1 << 20;  // bytes that a standby gets and replays in an instant

const WalSender *backupOf(const PostgresFacts &primary)
{
    const auto found = std::find_if(primary.senders.begin(), primary.senders.end(), [](const WalSender &sender) { return sender.state == "backup"; });
    return found == primary.senders.end() ? nullptr : &*found;
}

void expectPrimary(Draft &draft, const std::string &target)
{
    draft.expect("writes", fmt::format("{} takes writes, nobody else does", target),
                 [target](const Situation &later) { return later.cluster.primary == target; });
    draft.expect("web", "Every web node that answers writes", [](const Situation &later) {
        std::size_t working = 0;
        for (const WebInput &web : later.webs) {
            if (web.watched.answers() && !works(web, later.stillFresh))
                return false;
            working += web.watched.answers() ? 1 : 0;
        }
        return working > 0 || later.webs.empty();
    });
    draft.expect("pgpools", fmt::format("A majority of the pgpools calls {} primary", target), [target](const Situation &later) {
        const auto votes = later.votesOn(target);
        return votes.all == 0 || votes.primary >= votes.majority();
    });
}

void expectFollower(Draft &draft, const std::string &follower)
{
    draft.expect("follows", fmt::format("{} follows, and commits wait for it", follower), [follower](const Situation &later) {
        const WalSender *sender = later.senderOf(follower);
        return sender && isSynchronous(*sender);
    });
}

// What the primary has and the standby has not replayed yet; nothing where that is not known.
std::optional<double> bytesBehind(const Situation &now, const std::string &standby)
{
    const PostgresFacts *primary = now.factsOf(now.cluster.primary);
    const WalSender *sender = now.senderOf(standby);
    if (!primary || !primary->current || !sender || !sender->replayed)
        return std::nullopt;
    return *primary->current > *sender->replayed ? static_cast<double>(*primary->current - *sender->replayed) : 0.0;
}

}  // namespace

bool isSynchronous(const WalSender &sender)
{
    return sender.state == "streaming" && (sender.syncState == "sync" || sender.syncState == "quorum");
}

bool holdsEveryCommit(const WalSender &sender, const PostgresFacts &primary, const std::string &primaryName)
{
    if (!isSynchronous(sender) || sender.syncState == "sync")
        return isSynchronous(sender);
    // ANY n ("a", "b"): a primary's own name may be there, and counts for nothing.
    const std::string &names = primary.synchronousStandbyNames;
    const std::size_t open = names.find('(');
    const std::size_t number = names.find_first_of("0123456789");
    if (open == std::string::npos || number > open)
        return false;
    std::size_t wanted = 0;
    for (std::size_t at = number; at < open && names[at] >= '0' && names[at] <= '9' && wanted < 1000; ++at)
        wanted = wanted * 10 + static_cast<std::size_t>(names[at] - '0');
    std::size_t others = 0;
    for (std::size_t at = open + 1; at < names.size();) {
        const std::size_t end = std::min(names.find_first_of(",)", at), names.size());
        std::string name = names.substr(at, end - at);
        std::erase_if(name, [](char letter) { return letter == ' ' || letter == '"'; });
        if (name == "*")
            return false;
        others += !name.empty() && name != primaryName ? 1 : 0;
        at = end + 1;
    }
    return wanted >= others;
}

bool commitsWait(const PostgresFacts &primary)
{
    return !primary.synchronousStandbyNames.empty() && primary.synchronousCommit != "local" && primary.synchronousCommit != "off";
}

void guardCaughtUp(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::optional<double> behind = bytesBehind(now, wish.target);
    draft.guard("caught-up", behind && *behind <= mostBehind,
                !behind ? "How far it is behind is not known" : fmt::format("{} is {} behind", wish.target, bytesText(*behind)));
}

void guardStandby(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PostgresFacts *facts = now.factsOf(wish.target);
    draft.guard("standby", facts && facts->inRecovery,
                !facts ? fmt::format("{} does not answer", wish.target)
                : facts->inRecovery ? fmt::format("{} is a standby", wish.target)
                                    : fmt::format("{} takes writes already", wish.target));
    const bool replays = facts && (facts->pauseState.empty() || facts->pauseState == "not paused");
    draft.guard("replays", replays,
                replays ? fmt::format("{} replays what it gets", wish.target)
                : facts ? fmt::format("{} does not replay: resume it first", wish.target)
                        : fmt::format("Whether {} replays is not known", wish.target));
}

std::size_t writers(const Situation &now)
{
    return static_cast<std::size_t>(std::count_if(now.databases.begin(), now.databases.end(), [&](const DatabaseInput &server) {
        const PostgresFacts *facts = now.factsOf(server.name);
        return facts && !facts->inRecovery;
    }));
}

void expectTakeover(Draft &draft, const std::string &target, const std::string &follower)
{
    expectPrimary(draft, target);
    if (!follower.empty())
        expectFollower(draft, follower);
}

namespace {

// That whoever becomes the primary has a sender for each of the others, and a slot where one has to be made: without, they
// could not follow, and commits would wait for them.
void guardFollowers(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PostgresFacts *next = now.factsOf(wish.target);
    if (!next)
        return;  // another guard says so
    if (!next->senderCount || !next->maxSenders || !next->maxSlots) {
        draft.guard("followers", false, fmt::format("Whether {} has senders and slots for the others is not known", wish.target));
        return;
    }
    std::int64_t senders = 0, slots = 0;
    for (const DatabaseInput &other : now.databases) {
        if (other.name == wish.target)
            continue;
        const bool there = std::find(next->slotNames.begin(), next->slotNames.end(), other.slot) != next->slotNames.end();
        ++senders;
        slots += other.slot.empty() || there ? 0 : 1;
    }
    const std::int64_t freeSenders = *next->maxSenders - *next->senderCount;
    const std::int64_t freeSlots = *next->maxSlots - static_cast<std::int64_t>(next->slotNames.size());
    draft.guard("followers", freeSenders >= senders && freeSlots >= slots,
                fmt::format("{} has {} of {} senders free and needs {} (max_wal_senders), {} of {} slots and needs {} (max_replication_slots)", wish.target,
                            freeSenders, *next->maxSenders, senders, freeSlots, *next->maxSlots, slots));
}

}  // namespace

void guardSwitchOver(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string primary = now.cluster.primary;
    const PostgresFacts *old = now.factsOf(primary);
    const PostgresFacts *next = now.factsOf(wish.target);
    const WalSender *sender = now.senderOf(wish.target);
    const std::size_t writing = writers(now);
    draft.guard("one-primary", writing == 1 && !primary.empty(),
                writing == 1 ? fmt::format("{} is the primary", primary)
                : writing == 0 ? "No database server takes writes: this would be a promotion"
                               : "Two servers take writes: fence one first");
    guardStandby(draft, wish, now);
    const bool same = old && next && old->timeline == next->timeline && old->systemIdentifier == next->systemIdentifier;
    draft.guard("same-history", same, same ? fmt::format("Both are on timeline {}", old->timeline.value_or(0)) : "They do not share one history");
    const bool synchronous = sender && old && holdsEveryCommit(*sender, *old, primary);
    draft.guard("synchronous", synchronous,
                synchronous ? fmt::format("{} holds every acknowledged commit", wish.target)
                            : fmt::format("{} is not synchronous: a commit may be missing there", wish.target));
    guardCaughtUp(draft, wish, now);
    const bool backup = old && backupOf(*old);
    guardFollowers(draft, wish, now);
    draft.guard("no-backup", !backup, backup ? fmt::format("A base backup of {} runs: it would break off", primary) : "No base backup runs");
    const auto votes = now.votesOn(wish.target);
    const auto differences = comparePools(now.pools, now.backends, now.freshPools());
    draft.guard("pgpools", votes.all == 0 || (votes.attached >= votes.majority() && differences.empty()),
                votes.all == 0 ? "There are no pgpools"
                : !differences.empty() ? differences.front()
                                       : fmt::format("{} of {} pgpools use {}", votes.attached, votes.all, wish.target));
    draft.say(fmt::format("{} becomes the primary, {} its standby", wish.target, primary.empty() ? "nobody" : primary));
    draft.effect("Reads go on; sessions through a pgpool may break once");
    draft.undo(fmt::format("Switch over to {} as soon as it follows", primary.empty() ? "the other" : primary));
}

namespace {

void switchByKeepers(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string primary = now.cluster.primary;
    const std::string oldHost = draft.needAgent(primary, "postgres");
    const std::string newHost = draft.needAgent(wish.target, "postgres");
    draft.effect("Writes pause for about a second: uploads wait or are sent again by their clients");
    draft.loss(0.0, fmt::format("Nothing: {} stops only when {} has everything", primary.empty() ? "the primary" : primary, wish.target), now.now);
    Order stepDown{Order::Hand::StepDown, oldHost};
    stepDown.successor = wish.target;
    draft.step("step-down", fmt::format("{} finishes what is under way, sends the rest and stops", primary), stepDown);
    Order promote{Order::Hand::Promote, newHost};
    promote.nothingLess = true;
    draft.step("promote", fmt::format("{} becomes the primary, if it has everything", wish.target), promote);
}

void switchByPool(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PoolInput *pool = now.leadingPool();
    draft.guard("pgpool", pool != nullptr, pool ? fmt::format("{} answers", pool->name) : "No pgpool answers");
    const auto set = [&](const char *name) {
        const auto found = pool ? pool->watched.facts->settings.find(name) : std::map<std::string, std::string>::const_iterator();
        return pool && found != pool->watched.facts->settings.end() && !found->second.empty();
    };
    const bool scripts = set("failover_command") && set("follow_primary_command");
    draft.guard("scripts", scripts, scripts ? "pgpool has scripts that promote, and that make the old primary follow"
                                            : "pgpool has no failover_command and follow_primary_command, or they are not known: it would promote nobody");
    draft.effect("Writes pause for a few seconds: the old primary is let go first, and waits for its standby");
    draft.loss(0.0, "Nothing: no commit is acknowledged that the standby does not have", now.now);
    Order order{Order::Hand::PoolSwitchOver, pool ? pool->name : std::string()};
    order.node = wish.target;
    draft.step("switch-over", fmt::format("{} has its scripts promote {}", pool ? pool->name : "pgpool", wish.target), order);
}

}  // namespace

Plan planSwitchOver(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    guardSwitchOver(draft, wish, now);
    if (now.engine == Engine::Pgpool)
        switchByPool(draft, wish, now);
    else
        switchByKeepers(draft, wish, now);
    expectTakeover(draft, wish.target, now.cluster.primary);
    return draft.finish(rolesText(now));
}

namespace {

// One other server: whether it can be relied on to take no write any more. Where nobody is there who could tell, people
// may have to: `byWord`.
void guardFence(Draft &draft, const DatabaseInput &other, const DatabaseInput &target, const Situation &now, bool byWord = false)
{
    const HostAgent *agent = now.agentOn(now.place(other.name, "postgres") ? now.place(other.name, "postgres")->host : std::string());
    const PostgresFacts *facts = now.factsOf(other.name);
    const std::string name = other.name;
    if (facts) {
        draft.guard("fenced", facts->inRecovery,
                    facts->inRecovery ? fmt::format("{} is a standby as well", name) : fmt::format("{} answers and takes writes: fence it first", name));
        return;
    }
    if (agent && agent->state) {
        const auto &database = agent->state->database;
        const bool stopped = database && !database->running;
        draft.guard("fenced", stopped,
                    stopped ? fmt::format("{} is stopped, says the agent there, and will be kept so", name)
                            : fmt::format("{} runs, says the agent there, for whoever reaches it: fence it first", name));
        if (stopped)
            draft.step("fence", fmt::format("{} stays stopped", name), {Order::Hand::Fence, agent->host});
        return;
    }
    // Nobody can ask there. A keeper stops a primary that is cut off; that it is cut off is seen from three sides.
    const auto votes = now.votesOn(name);
    const PostgresFacts *standby = now.factsOf(target.name);
    const api::AgentState *there = now.agentOf(target.name, "postgres");
    const bool still = there && there->database && !there->database->running;  // it hears from nobody
    const bool heard = standby && standby->receiver && standby->receiver->status == "streaming";
    const auto silent = now.now - std::max(other.watched.taken, Time{});
    const bool unvoted = byWord && votes.all == 0;
    const bool dropped = unvoted || (votes.answer >= votes.majority() && votes.attached == 0);
    std::string why;
    if (!agent)
        why = fmt::format("nothing there would have stopped {}: no agent is on its host", name);
    else if (silent < selfFenced)
        why = fmt::format("{} was seen {} ago: not longer than it takes to stop itself", name, secondsText(std::chrono::duration<double>(silent).count()));
    else if (heard)
        why = fmt::format("{} still hears from {}", target.name, name);
    else if (!standby && !still)
        why = fmt::format("whether {} still hears from {} is not known, for it does not answer", target.name, name);
    else if (!dropped)
        why = fmt::format("no majority of the pgpools has given {} up ({} of {} answer)", name, votes.answer, votes.all);
    draft.guard("fenced", why.empty(),
                why.empty() && unvoted ? fmt::format("{} has not answered for {}, and no pgpool is there that could tell of it: be sure that it is off", name,
                                                     secondsText(std::chrono::duration<double>(silent).count()))
                : why.empty() ? fmt::format("{} has been cut off for {} from us, its standby and {} pgpools: its keeper should have stopped it", name,
                                          secondsText(std::chrono::duration<double>(silent).count()), votes.answer)
                            : "It is not proven that the old primary has stopped: " + why);
}

// Whether every acknowledged commit is on the target. A node that a majority of the pgpools has attached holds them
// all, that is their keepers' promise, for they alone attach; without that word only the keeper of the old primary can
// tell, once it has stopped. Where pgpool attaches by its own rules, or by hand, that it is attached says nothing.
void guardLoss(Draft &draft, const api::ActionWish &wish, const DatabaseInput *primary, const Situation &now)
{
    const auto votes = now.votesOn(wish.target);
    const bool promised = now.engine == Engine::Keepers && votes.all > 0;
    const bool vouched = promised && votes.attached >= votes.majority();
    if (!primary || !primary->watched.facts) {
        draft.guard("nothing-lost", vouched,
                    vouched ? fmt::format("{} of {} pgpools use {}: it holds every acknowledged commit", votes.attached, votes.all, wish.target)
                            : "No primary has been seen: nobody can say what would be lost");
        return;
    }
    const PostgresFacts &last = *primary->watched.facts;
    const DatabaseInput *target = now.database(wish.target);
    LagInput lag;
    lag.standby = wish.target;
    lag.primaryFacts = &last;
    lag.standbyFacts = now.factsOf(wish.target);
    lag.application = target ? target->application : std::string();
    lag.standbyAddress = target && target->application.empty() ? target->address : std::string();
    const WalSender *sender = senderOf(lag);
    const bool any = sender && isSynchronous(*sender) && commitsWait(last);
    const bool waited = any && holdsEveryCommit(*sender, last, primary->name);
    // What it did after it was last seen: that it went on alone would show at the pgpools, for it may only after they have
    // let go of the standby; without pgpools its keeper has written it down.
    const api::AgentState *agent = now.agentOf(primary->name, "postgres");
    const bool told = agent && agent->database && !agent->database->running && agent->database->alone == false;
    const bool sinceThen = promised ? vouched : told;
    draft.guard("nothing-lost", waited && sinceThen,
                any && !waited ? fmt::format("When {} was last seen, its commits waited for any of several standbys: {} may lack some", primary->name, wish.target)
                : !waited ? fmt::format("When {} was last seen, its commits did not wait for {}", primary->name, wish.target)
                : sinceThen ? fmt::format("Every commit of {} that was acknowledged waited for {}", primary->name, wish.target)
                : promised ? fmt::format("{} may have gone on alone since it was last seen: no majority of the pgpools vouches for {}", primary->name, wish.target)
                           : fmt::format("{} may have gone on alone since it was last seen, and its keeper does not say that it has not", primary->name));
}

// What the judgement of replication says of it already: another one's copy, or one that streams from whom we do not see.
void guardCopy(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const auto &standbys = now.cluster.standbys;
    const auto judged = std::find_if(standbys.begin(), standbys.end(), [&](const StandbyJudgement &one) { return one.name == wish.target; });
    const bool against = judged != standbys.end() && (judged->lag.row == 6 || judged->lag.row == 8 || judged->lag.row == 9);
    draft.guard("copy", !against, against ? judged->lag.statement : fmt::format("Nothing that is seen contradicts that {} is a whole copy", wish.target));
}

// We see enough of the world that what we do not see is likely gone.
void guardNotBlind(Draft &draft, const Situation &now)
{
    const auto answering = static_cast<std::size_t>(std::count_if(now.pools.begin(), now.pools.end(), [&](const PoolInput &pool) {
        return pool.watched.answers() && pool.watched.taken >= now.freshPools();
    }));
    const bool sees = now.pools.empty() || answering > now.pools.size() / 2;
    draft.guard("not-blind", sees, sees ? "This monitor sees most of the topology" : "This monitor sees less than half of the pgpools: it may be the one that is cut off");
}

// A server that was the primary and waits, for its keeper cannot tell whether another one has become it: it has stepped
// down for that one, or was started and has not been followed since. People may know more, or have to give that one up.
Plan planGoingOn(const api::ActionWish &wish, const Situation &now, const std::string &problem)
{
    Draft draft(wish, now);
    std::string others;
    for (const DatabaseInput &other : now.databases) {
        if (other.name == wish.target)
            continue;
        const PostgresFacts *facts = now.factsOf(other.name);
        if (facts && !facts->inRecovery)
            draft.guard("no-primary", false, fmt::format("{} takes writes", other.name));
        else if (const DatabaseInput *target = now.database(wish.target))
            guardFence(draft, other, *target, now, true);
        others += (others.empty() ? "" : " or ") + other.name;
    }
    draft.guard("waits", true, problem.empty() ? fmt::format("{} waits", wish.target) : problem);
    guardNotBlind(draft, now);
    const std::string host = draft.needAgent(wish.target, "postgres");
    draft.say(fmt::format("{} goes on as the primary, without a standby", wish.target));
    draft.effect("Uploads work again");
    draft.effect("There is no second copy until the other server follows");
    draft.undo(fmt::format("It cannot be undone: should {} come back and have been the primary, {} follows it, and what {} has committed meanwhile is kept in a folder beside",
                           others, wish.target, wish.target));
    draft.confirm(wish.target);
    draft.mayLose();
    draft.loss(std::nullopt, fmt::format("Nobody can know: if {} was the primary since, what it acknowledged is on its disk alone", others), now.now);
    draft.step("promote", fmt::format("{} goes on alone", wish.target), {Order::Hand::Promote, host});
    expectPrimary(draft, wish.target);
    draft.expect("commits", "Commits wait for nobody", [name = wish.target](const Situation &later) {
        const PostgresFacts *facts = later.factsOf(name);
        return facts && !facts->inRecovery && facts->synchronousStandbyNames.empty();
    });
    return draft.finish(rolesText(now));
}

}  // namespace

Plan planPromotion(const api::ActionWish &wish, const Situation &now)
{
    if (const api::AgentState *there = now.agentOf(wish.target, "postgres"); there && there->database && isWaiting(*there->database))
        return planGoingOn(wish, now, there->database->problem);
    Draft draft(wish, now);
    guardKeeper(draft, wish, now);
    const DatabaseInput *target = now.database(wish.target);
    const std::size_t writing = writers(now);
    draft.guard("no-primary", writing == 0,
                writing == 0   ? "No database server takes writes"
                : writing == 1 ? fmt::format("{} takes writes: switch over instead", now.cluster.primary)
                               : "Two servers take writes already");
    guardStandby(draft, wish, now);
    // The primary that was: the one that last took writes.
    const DatabaseInput *primary = nullptr;
    for (const DatabaseInput &other : now.databases) {
        if (other.name == wish.target)
            continue;
        if (target)
            guardFence(draft, other, *target, now);
        if (other.watched.facts && !other.watched.facts->inRecovery && (!primary || other.watched.taken > primary->watched.taken))
            primary = &other;
    }
    guardLoss(draft, wish, primary, now);
    guardCopy(draft, wish, now);
    guardNotBlind(draft, now);
    const std::string host = draft.needAgent(wish.target, "postgres");
    draft.say(fmt::format("{} becomes the primary without the old one", wish.target));
    draft.effect("Uploads work again; what waited on the old primary was never acknowledged and is sent again by its clients");
    draft.effect("There is no second copy until the other server follows");
    draft.undo("It cannot be undone: the old primary has to rejoin as a standby");
    draft.confirm(wish.target);
    for (const StandbyJudgement &standby : now.cluster.standbys) {
        if (standby.name == wish.target)
            draft.loss(standby.lossBytes, standby.lossStatement, standby.lossSampled.value_or(now.now));
    }
    draft.step("promote", fmt::format("{} becomes the primary", wish.target), {Order::Hand::Promote, host});
    expectPrimary(draft, wish.target);
    return draft.finish(rolesText(now));
}

}  // namespace cm::monitor
