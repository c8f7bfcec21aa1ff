// SPDX-License-Identifier: GPL-3.0-or-later
// Plans that take a standby out of the pgpools and bring it back. The keepers of the databases attach and
// detach, for an attached node may be promoted: what is ordered is that they leave it out until a time.
#include "core/monitor/plans/drafting.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

bool isSetAside(const Situation &now, const std::string &node)
{
    return std::any_of(now.databases.begin(), now.databases.end(), [&](const DatabaseInput &server) {
        const api::AgentState *agent = now.agentOf(server.name, "postgres");
        return agent && agent->database &&
               std::any_of(agent->database->setAside.begin(), agent->database->setAside.end(),
                           [&](const api::SetAside &aside) { return aside.node == node && aside.until > now.now; });
    });
}

// The same order to every keeper but its own: whichever is or becomes the primary has to know.
void orderAll(Draft &draft, const Situation &now, const api::ActionWish &wish, Time until, const std::string &statement)
{
    for (const DatabaseInput &server : now.databases) {
        if (server.name == wish.target)
            continue;
        Order order{Order::Hand::SetAside, draft.needAgent(server.name, "postgres")};
        order.node = wish.target;
        order.until = until;
        draft.step("set-aside", fmt::format(fmt::runtime(statement), server.name), order);
    }
}

void detach(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PostgresFacts *facts = now.factsOf(wish.target);
    const auto votes = now.votesOn(wish.target);
    draft.needEnd(wish.until);
    draft.guard("standby", facts && facts->inRecovery,
                !facts ? fmt::format("{} does not answer", wish.target)
                : facts->inRecovery ? fmt::format("{} is a standby", wish.target)
                                    : fmt::format("{} is the primary: switch over first", wish.target));
    draft.guard("primary", !now.cluster.primary.empty() && now.cluster.primary != wish.target,
                now.cluster.primary.empty() ? "There is not exactly one primary" : fmt::format("{} serves all reads meanwhile", now.cluster.primary));
    draft.guard("attached", votes.attached > 0,
                votes.attached > 0 ? fmt::format("{} of {} pgpools use {}", votes.attached, votes.all, wish.target)
                                   : fmt::format("No pgpool uses {} now", wish.target));
    draft.say(fmt::format("No pgpool uses {} until {}", wish.target, wish.until ? formatRfc3339(*wish.until) : "…"));
    draft.effect(fmt::format("All reads go to {}", now.cluster.primary));
    draft.effect("No failover is possible meanwhile: what is not attached is not promoted");
    draft.undo(fmt::format("Attach {} at any time; it returns by itself", wish.target));
    orderAll(draft, now, wish, wish.until.value_or(now.now), "The keeper of {} leaves it out");
    draft.expect("detached", fmt::format("Every pgpool that answers has let go of {}", wish.target), [name = wish.target](const Situation &later) {
        const auto seen = later.votesOn(name);
        return seen.answer > 0 && seen.attached == 0;
    });
}

void attach(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const PostgresFacts *facts = now.factsOf(wish.target);
    const WalSender *sender = now.senderOf(wish.target);
    const bool synchronous = sender && isSynchronous(*sender);
    const bool aside = isSetAside(now, wish.target);
    draft.guard("set-aside", aside, aside ? fmt::format("{} is left out by order", wish.target) : fmt::format("{} is not left out by order", wish.target));
    draft.guard("standby", facts && facts->inRecovery,
                facts && facts->inRecovery ? fmt::format("{} is a standby", wish.target) : fmt::format("{} is no standby", wish.target));
    draft.guard("synchronous", synchronous,
                synchronous ? fmt::format("{} holds every commit", wish.target)
                            : fmt::format("{} is not synchronous: attached, it could be promoted without every commit", wish.target));
    draft.say(fmt::format("The pgpools use {} again", wish.target));
    draft.effect(fmt::format("Reads are spread over both; {} may be promoted when the primary is lost", wish.target));
    draft.undo("Detach it again");
    orderAll(draft, now, wish, now.now, "The keeper of {} attaches it as before");
    draft.expect("attached", fmt::format("A majority of the pgpools uses {}", wish.target), [name = wish.target](const Situation &later) {
        const auto seen = later.votesOn(name);
        return seen.attached >= seen.majority();
    });
}

}  // namespace

Plan planBackend(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    if (wish.action == api::ActionKind::DetachBackend)
        detach(draft, wish, now);
    else
        attach(draft, wish, now);
    return draft.finish(rolesText(now));
}

}  // namespace cm::monitor
