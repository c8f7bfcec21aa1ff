// SPDX-License-Identifier: GPL-3.0-or-later
// What two operators have to agree to: asked for by one, awaited, and begun by the press of the other.
#include "core/monitor/operations.h"

#include <fmt/format.h>

namespace cm::monitor {
namespace {

SecondWord::Instant steadyNow()
{
    return std::chrono::steady_clock::now();
}

}  // namespace

bool Operations::needsSecond(const Plan &plan) const
{
    return plan.mayLose && m_monitor.around().twoPeople;
}

// As a guard of the plan that is shown; a press looks at it anew.
void Operations::tellOfSecond(api::ActionPlan &shown, const Operator &by) const
{
    const auto asked = m_second.standing(shown.wish, shown.basis, steadyNow());
    const bool own = asked && asked->by == by.name;
    shown.guards.push_back({"second-person", !own,
                            !asked ? fmt::format("It needs a second operator: pressed, it waits up to {} minutes for another one who presses the same", PlanBook::validFor.count())
                            : own  ? fmt::format("{} has asked for it, and a second operator's word is awaited until {}", asked->by, formatRfc3339(asked->until))
                                   : fmt::format("{} has asked for it ({}), until {}: pressed by you, it is done", asked->by, asked->reason, formatRfc3339(asked->until))});
    shown.allowed = shown.allowed && !own;
}

// In words that whoever opens a window reads.
Result<api::Action> Operations::askForSecond(const PlanBook::Made &made, const Plan &plan, const api::PressAction &press, const Operator &by,
                                             const std::string &requestId)
{
    const auto standing = m_second.standing(made.wish, plan.shown.basis, steadyNow());
    if (standing)
        return m_monitor.journal().action(standing->action);
    api::Action action;
    action.wish = made.wish;
    action.actor = by.name;
    action.reason = press.reason;
    action.started = m_clock.now();
    action.awaited = action.started + std::chrono::duration_cast<Time::duration>(made.ends - steadyNow());
    action.statement = fmt::format("{} asks for it: a second operator's word is awaited until {}", by.name, formatRfc3339(*action.awaited));
    action.steps = plan.shown.steps;
    api::TimelineEvent event;
    event.time = action.started;
    event.kind = "action.asked";
    event.node = made.wish.target;
    event.statement = fmt::format("{} ({}: {}): a second operator's word is awaited until {}", plan.shown.statement, by.name, press.reason, formatRfc3339(*action.awaited));
    event.actor = by.name;
    CM_TRY(m_monitor.recordAction(action, {event}, {auditOf("action." + std::string(api::nameOf(made.wish.action)) + ".asked", made.wish, by, press.reason, requestId)}));
    m_plans.use(press.plan);
    if (const auto before = m_second.ask({action.id, made.wish, plan.shown.basis, by.name, press.reason, *action.awaited, made.ends}))
        endAwaited(before->action, fmt::format("{} has asked anew", by.name));
    return action;
}

void Operations::endAwaited(api::Id id, const std::string &why)
{
    auto action = m_monitor.journal().action(id);
    if (!action)
        return m_log.error("action.unrecorded", {{"detail", std::string_view(action.error().detail)}});
    action->state = api::ActionState::Cancelled;
    action->statement = why;
    action->awaited.reset();
    action->ended = m_clock.now();
    for (api::ActionStep &step : action->steps)
        step.state = api::StepState::Skipped;
    tell(*action, "action.ended");
}

void Operations::endLapsed()
{
    if (const auto lapsed = m_second.lapsed(steadyNow()))
        endAwaited(lapsed->action, fmt::format("Nobody agreed in time to what {} has asked for", lapsed->by));
}

}  // namespace cm::monitor
