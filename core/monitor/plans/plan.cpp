// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/plans/plan.h"

#include "core/monitor/plans/drafting.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr auto longest = std::chrono::hours(24);

std::string_view calledFor(std::string_view role)
{
    return role == "web" ? "web node" : role == "mirror" ? "mirror" : role == "cdn" ? "cache" : role == "gluster" ? "server of files" : "database";
}

}  // namespace

Draft::Draft(const api::ActionWish &wish, const Situation &now) : m_now(now)
{
    m_plan.shown.wish = wish;
    m_plan.shown.time = now.now;
}

void Draft::guard(const char *name, bool holds, std::string statement)
{
    m_plan.shown.guards.push_back({name, holds, std::move(statement)});
}

void Draft::step(const char *name, std::string statement, Order order)
{
    m_plan.shown.steps.push_back({name, statement, api::StepState::Waiting, {}, {}, {}});
    m_plan.steps.push_back({name, std::move(statement), std::move(order), nullptr, {}});
}

void Draft::regret(std::function<std::string(const Situation &)> why, Order back)
{
    m_plan.steps.back().regret = std::move(why);
    m_plan.steps.back().back = std::move(back);
}

void Draft::expect(const char *name, std::string statement, std::function<bool(const Situation &)> holds)
{
    m_plan.aftermath.push_back({name, std::move(statement), std::move(holds), nullptr, nullptr});
}

void Draft::loss(std::optional<double> bytes, std::string statement, Time sampled)
{
    m_plan.shown.lossBytes = {bytes, sampled};
    m_plan.shown.lossStatement = std::move(statement);
}

std::string Draft::needAgent(const std::string &node, std::string_view role)
{
    const Place *place = m_now.place(node, role);
    const std::string host = place ? place->host : std::string();
    const HostAgent *agent = m_now.agentOn(host);
    if (!agent)
        guard("agent", false, host.empty() ? fmt::format("Which {} it would be is not known: no agent can be asked", calledFor(role))
                                           : fmt::format("No agent is on {}: nothing can be done there from here", host));
    else if (!agent->state)
        guard("agent", false, fmt::format("The agent on {} does not answer: {}", host, agent->problem));
    else
        guard("agent", true, fmt::format("The agent on {} answers", host));
    return host;
}

void Draft::needEnd(const std::optional<Time> &until)
{
    const bool sound = until && *until > m_now.now && *until <= m_now.now + longest;
    guard("end", sound, sound ? fmt::format("Ends by itself at {}", formatRfc3339(*until)) : "It needs an end, within a day");
}

Plan Draft::finish(std::string basis)
{
    m_plan.shown.basis = std::move(basis);
    m_plan.shown.allowed = std::all_of(m_plan.shown.guards.begin(), m_plan.shown.guards.end(),
                                       [](const api::ActionGuard &guard) { return guard.holds; });
    return std::move(m_plan);
}

std::string rolesText(const Situation &now)
{
    std::string text;
    for (const DatabaseInput &server : now.databases) {
        const PostgresFacts *facts = now.factsOf(server.name);
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", server.name,
                            !facts ? std::string("unseen")
                                   : fmt::format("{} on timeline {}", facts->inRecovery ? "standby" : "primary",
                                                 facts->timeline.value_or(0)));
    }
    return text;
}

Result<Plan> planFor(const api::ActionWish &wish, const Situation &now)
{
    const std::string_view role = readBy(wish.action).front();
    if (!now.place(wish.target, role))
        return fail(Error{ErrorCode::InvalidInput, fmt::format("there is no {} '{}'", calledFor(role), wish.target),
                          {{"wish.target", "is not in the topology"}}, {}});
    if (wish.action == api::ActionKind::DropSlot && wish.slot.empty())
        return fail(Error{ErrorCode::InvalidInput, "which slot?", {{"wish.slot", "is missing"}}, {}});
    switch (wish.action) {
    case api::ActionKind::DrainWeb:
    case api::ActionKind::ReturnWeb:
    case api::ActionKind::ReloadWeb:
        return planWeb(wish, now);
    case api::ActionKind::SyncMirror:
    case api::ActionKind::PauseMirror:
    case api::ActionKind::ResumeMirror:
    case api::ActionKind::AllowDeletions:
    case api::ActionKind::SyncProject:
    case api::ActionKind::MirrorOut:
    case api::ActionKind::MirrorReturn:
        return planMirror(wish, now);
    case api::ActionKind::DrillFallback:
        return planDrill(wish, now);
    case api::ActionKind::HealFiles:
    case api::ActionKind::RestartBrick:
    case api::ActionKind::ResolveSplit:
        return planFiles(wish, now);
    case api::ActionKind::DetachBackend:
    case api::ActionKind::AttachBackend:
        return now.engine == Engine::Keepers ? planBackend(wish, now) : planBackendByPool(wish, now);
    case api::ActionKind::SwitchOver:
        return now.engine == Engine::Patroni ? planByPatroni(wish, now) : planSwitchOver(wish, now);
    case api::ActionKind::Promote:
        return now.engine == Engine::Patroni ? planByPatroni(wish, now) : planPromotion(wish, now);
    case api::ActionKind::Rejoin:
        return now.engine == Engine::Patroni ? planByPatroni(wish, now) : planRepair(wish, now);
    case api::ActionKind::Fence:
    case api::ActionKind::Unfence:
    case api::ActionKind::ResumeReplay:
    case api::ActionKind::DropSlot:
        return planRepair(wish, now);
    }
    return fail(ErrorCode::Unsupported, "this monitor does not do that");
}

std::vector<std::string_view> readBy(api::ActionKind action)
{
    switch (action) {
    case api::ActionKind::DrainWeb:
    case api::ActionKind::ReturnWeb:
        return {"web"};
    case api::ActionKind::ReloadWeb:
        return {"web", "certificate"};
    case api::ActionKind::SyncMirror:
    case api::ActionKind::PauseMirror:
    case api::ActionKind::ResumeMirror:
    case api::ActionKind::AllowDeletions:
    case api::ActionKind::SyncProject:
    case api::ActionKind::MirrorReturn:
        return {"mirror"};
    // Who is served from where.
    case api::ActionKind::MirrorOut:
        return {"mirror", "web", "cdn"};
    case api::ActionKind::DrillFallback:
        return {"cdn", "mirror"};
    case api::ActionKind::HealFiles:
    case api::ActionKind::RestartBrick:
    case api::ActionKind::ResolveSplit:
        return {"gluster"};
    case api::ActionKind::DetachBackend:
    case api::ActionKind::AttachBackend:
    case api::ActionKind::SwitchOver:
    case api::ActionKind::Promote:
    case api::ActionKind::Fence:
    case api::ActionKind::Unfence:
    case api::ActionKind::Rejoin:
    case api::ActionKind::ResumeReplay:
    case api::ActionKind::DropSlot:
        break;
    }
    return {"postgres", "pgpool", "etcd"};
}

std::vector<std::string> promotionBlockers(const Situation &now)
{
    std::vector<std::string> blockers;
    for (const StandbyJudgement &standby : now.cluster.standbys) {
        api::ActionWish wish;
        wish.action = api::ActionKind::Promote;
        wish.target = standby.name;
        const auto plan = planFor(wish, now);
        if (!plan)
            continue;
        for (const api::ActionGuard &guard : plan->shown.guards) {
            if (!guard.holds && std::find(blockers.begin(), blockers.end(), guard.statement) == blockers.end())
                blockers.push_back(guard.statement);
        }
    }
    if (now.cluster.standbys.empty() && !now.databases.empty())
        blockers.push_back("No standby is seen that could be promoted");
    return blockers;
}

Result<void> mayPress(const Plan &plan, const std::string &basis, const std::string &confirm)
{
    Error refused{ErrorCode::GuardFailed, {}, {}, {}};
    for (const api::ActionGuard &guard : plan.shown.guards) {
        if (!guard.holds)
            refused.fields.push_back({guard.name, guard.statement});
    }
    if (basis != plan.shown.basis)
        refused.fields.push_back({"unchanged", fmt::format("The plan was made while: {}. Now: {}", basis.empty() ? "nothing was known" : basis,
                                                           plan.shown.basis)});
    if (!refused.fields.empty()) {
        refused.detail = refused.fields.front().problem;
        return fail(std::move(refused));
    }
    if (confirm != plan.shown.confirm)
        return fail(Error{ErrorCode::InvalidInput, fmt::format("type '{}' to confirm", plan.shown.confirm),
                          {{"confirm", fmt::format("is not '{}'", plan.shown.confirm)}}, {}});
    return {};
}

}  // namespace cm::monitor
