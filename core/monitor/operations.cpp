// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/operations.h"

#include "core/api/codec.h"
#include "core/monitor/situations.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::monitor {
namespace {

constexpr auto agentTime = std::chrono::seconds(2);
// Who is well answers in milliseconds; who is asked by many at once, within a second.
constexpr std::chrono::milliseconds glance(1500);
constexpr auto orderTime = std::chrono::seconds(60);
constexpr auto betweenLooks = std::chrono::milliseconds(250);
// Everything is watched anyway, and an aftermath may take hours: that often it is asked for what is seldom looked at.
constexpr auto betweenAsks = std::chrono::seconds(5);
constexpr std::int64_t mostRows = 1000;

ProbeTime timeFor(std::chrono::milliseconds time, const std::stop_token &stop)
{
    return {std::chrono::steady_clock::now() + time, stop};
}

std::string textOf(const Error &error)
{
    if (error.code == ErrorCode::Timeout)
        return error.detail + " (whether it was done is not known)";
    std::string text = error.detail;
    for (const FieldProblem &guard : error.fields) {
        if (error.code == ErrorCode::GuardFailed && guard.problem != error.detail)
            text += "; " + guard.problem;
    }
    return text;
}

// What an agent says of a step, with whom it is about: "web1: takes new work".
std::string said(const PlannedStep &step, const std::string &words)
{
    if (words.empty())
        return step.statement;
    return step.order.host.empty() || words.find(step.order.host) != std::string::npos ? words : fmt::format("{}: {}", step.order.host, words);
}

}  // namespace

Operations::Operations(Monitor &monitor, Hands &hands, const Clock &clock, Log &log)
    : m_monitor(monitor), m_hands(hands), m_clock(clock), m_log(log)
{}

Result<void> Operations::open()
{
    CM_TRY_ASSIGN(auto unfinished, m_monitor.journal().unfinishedActions());
    for (api::Action &action : unfinished) {
        if (action.awaited) {
            endAwaited(action.id, "The monitor was restarted before a second operator agreed: ask for it again");
            continue;
        }
        action.state = api::ActionState::Failed;
        action.statement = "The monitor ended in its middle: look what came of it";
        action.ended = m_clock.now();
        CM_TRY(m_monitor.recordAction(action, {}, {}));
    }
    // The newest drill of each cache is told for as long as it is remembered.
    CM_TRY_ASSIGN(auto remembered, m_monitor.journal().actions(0, mostRows));
    for (auto action = remembered.items.rbegin(); action != remembered.items.rend(); ++action)
        noteDrill(*action);
    return {};
}

void Operations::noteDrill(const api::Action &action)
{
    const bool ended = action.state == api::ActionState::Done || action.state == api::ActionState::Failed;
    if (action.wish.action == api::ActionKind::DrillFallback && ended && action.ended)
        m_monitor.noteDrill(action.wish.target, {*action.ended, action.state == api::ActionState::Done, action.statement, action.actor});
}

void Operations::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
    }
    const std::lock_guard pressing(m_pressing);
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
}

// Everything side by side: what the guards of such a plan rest on, and nothing else, which might be silent. Whoever is silent
// gets his whole time to answer; and a glance where it is looked at again, for what a look that began at `first` found at once
// has had time to change until its slowest target answered or was given up.
Situation Operations::look(api::ActionKind action, const std::stop_token &stop, std::optional<Time> first)
{
    const Time begun = m_clock.now();
    const auto within = first ? std::optional(glance) : std::nullopt;
    const auto roles = readBy(action);
    const auto reads = [&](std::string_view role) { return std::find(roles.begin(), roles.end(), role) != roles.end(); };
    const Surroundings &around = m_monitor.around();
    std::set<std::string> hosts;
    for (const Place &place : placesOf(around)) {
        if (reads(place.role))
            hosts.insert(place.host);
    }
    std::vector<HostAgent> agents;
    std::vector<PatroniSeen> patronis;
    const ProbeTime time = timeFor(within.value_or(agentTime), stop);
    std::jthread asking([&] { agents = m_hands.ask(hosts, time); });
    std::jthread askingToo([&] {
        if (reads("postgres"))
            patronis = m_hands.askPatronis(time);
    });
    Snapshot board = m_monitor.lookNow(stop, roles, within);
    asking.join();
    askingToo.join();
    forgetBefore(board, begun, first.value_or(begun), within.value_or(std::chrono::milliseconds(0)));
    Situation now = situationOf(around, std::move(board), std::move(agents), begun, m_clock.now());
    now.poolsFresh = first.value_or(begun);
    now.patronis = std::move(patronis);
    takeFromAgents(now, around);
    return now;
}

Result<api::ActionPlan> Operations::plan(const api::ActionWish &wish, const Operator &by)
{
    endLapsed();
    CM_TRY_ASSIGN(Plan plan, planFor(wish, look(wish.action, {})));
    if (needsSecond(plan))
        tellOfSecond(plan.shown, by);
    plan.shown.id = m_plans.add(plan.shown, std::chrono::steady_clock::now());
    return std::move(plan.shown);
}

// The plan as of now; one that may not be pressed is not looked at twice.
Result<Plan> Operations::planToPress(const PlanBook::Made &made, const std::string &confirm)
{
    const Situation seen = look(made.wish.action, {});
    CM_TRY_ASSIGN(Plan plan, planFor(made.wish, seen));
    if (!mayPress(plan, made.basis, confirm))
        return plan;
    return planFor(made.wish, look(made.wish.action, {}, seen.stillFresh));
}

api::AuditEntry Operations::auditOf(const std::string &action, const api::ActionWish &wish, const Operator &by, std::string reason,
                                    std::string requestId) const
{
    api::AuditEntry entry;
    entry.time = m_clock.now();
    entry.actor = by.name;
    entry.role = api::nameOf(by.role);
    entry.channel = "monitor api";
    entry.action = action;
    entry.subject = wish.target;
    entry.reason = std::move(reason);
    entry.after = api::toJson(wish);
    entry.requestId = std::move(requestId);
    return entry;
}

Result<api::Action> Operations::press(const api::PressAction &press, const Operator &by, const std::string &requestId)
{
    if (press.reason.empty())
        return fail(Error{ErrorCode::InvalidInput, "say why", {{"reason", "is missing"}}, {}});
    const std::lock_guard pressing(m_pressing);
    endLapsed();
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopped)
            return fail(ErrorCode::Unavailable, "the monitor is being stopped");
        if (m_running && !m_watching)
            return fail(ErrorCode::Conflict, fmt::format("{} of {} by {} is at work", api::nameOf(m_running->wish.action),
                                                         m_running->wish.target, m_running->actor));
    }
    const auto made = m_plans.find(press.plan, std::chrono::steady_clock::now());
    if (!made) {
        const std::string why = fmt::format("This plan has led to an action already, or is older than {} minutes: plan it again", PlanBook::validFor.count());
        return fail(Error{ErrorCode::GuardFailed, why, {{"plan", why}}, {}});
    }
    const api::ActionWish &wish = made->wish;
    CM_TRY_ASSIGN(Plan plan, planToPress(*made, press.confirm));
    const std::string name = "action." + std::string(api::nameOf(wish.action));
    if (const auto may = mayPress(plan, made->basis, press.confirm); !may) {
        if (may.error().code == ErrorCode::GuardFailed) {
            api::AuditEntry refused = auditOf(name + ".refused", wish, by, press.reason, requestId);
            refused.after = textOf(may.error());
            // Refused it is, also where the disk takes no note of it; that the monitor says by itself.
            static_cast<void>(audit(std::move(refused)));
        }
        return fail(may.error());
    }
    std::optional<SecondWord::Asked> first;
    if (needsSecond(plan)) {
        first = m_second.agree(wish, plan.shown.basis, by.name, std::chrono::steady_clock::now());
        if (!first)
            return askForSecond(*made, plan, press, by, requestId);
    }
    // An aftermath that is still watched keeps nobody from acting; nor do the guards that have just been seen to hold grow
    // old while its look ends.
    endWatch();
    api::Action action;
    action.wish = wish;
    action.statement = plan.shown.statement;
    action.actor = first ? first->by : by.name;
    action.reason = first ? first->reason : press.reason;
    action.started = m_clock.now();
    std::string reason = press.reason;
    if (first) {
        action.id = first->action;
        action.second = by.name;
        reason = fmt::format("{} (asked for by {}: {})", press.reason, first->by, first->reason);
    }
    action.steps = plan.shown.steps;
    for (const Expectation &expected : plan.aftermath)
        action.aftermath.push_back({expected.name, expected.statement, api::StepState::Waiting, {}, {}, {}});
    api::TimelineEvent event;
    event.time = action.started;
    event.kind = "action.started";
    event.node = wish.target;
    event.statement = fmt::format("{} ({}: {})", plan.shown.statement, by.name, reason);
    event.actor = by.name;
    if (auto written = m_monitor.recordAction(action, {event}, {auditOf(name, wish, by, reason, requestId)}); !written) {
        if (first)
            m_second.ask(*first);
        return fail(written.error());
    }
    m_plans.use(press.plan);
    {
        const std::lock_guard lock(m_mutex);
        m_running = action;
        m_watching = m_cancelled = false;
    }
    m_thread = std::jthread([this, plan = std::move(plan)](const std::stop_token &stop) { run(stop, plan); });
    return action;
}

Result<void> Operations::audit(api::AuditEntry entry)
{
    CM_TRY(m_monitor.act([](AlertEngine &, Time) { return Result<AlertChanges>(AlertChanges()); }, std::move(entry)));
    return {};
}

void Operations::endWatch()
{
    {
        const std::lock_guard lock(m_mutex);
        m_cancelled = m_cancelled || m_running.has_value();
    }
    m_wait.notify_all();
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
}

Result<api::Action> Operations::cancel(const api::CancelAction &cancel, const Operator &by, const std::string &requestId)
{
    endLapsed();
    if (auto awaited = m_second.withdraw(cancel.action)) {
        if (auto told = audit(auditOf("action.cancel", awaited->wish, by, cancel.reason, requestId)); !told) {
            m_second.ask(*awaited);
            return fail(told.error());
        }
        endAwaited(cancel.action, fmt::format("Taken back by {} before a second operator agreed", by.name));
        return m_monitor.journal().action(cancel.action);
    }
    api::Action running;
    {
        const std::lock_guard lock(m_mutex);
        if (!m_running || m_running->id != cancel.action)
            return fail(ErrorCode::Conflict, "that action is not at work");
        running = *m_running;
    }
    CM_TRY(audit(auditOf("action.cancel", running.wish, by, cancel.reason, requestId)));
    {
        const std::lock_guard lock(m_mutex);
        m_cancelled = m_cancelled || (m_running && m_running->id == cancel.action);
    }
    m_wait.notify_all();
    return running;
}

Result<api::Page<api::Action>> Operations::list(std::int64_t offset, std::int64_t limit)
{
    endLapsed();
    return m_monitor.journal().actions(std::max<std::int64_t>(offset, 0), std::clamp<std::int64_t>(limit, 0, mostRows));
}

Result<api::Action> Operations::find(api::Id id)
{
    endLapsed();
    {
        const std::lock_guard lock(m_mutex);
        if (m_running && m_running->id == id)
            return *m_running;
    }
    return m_monitor.journal().action(id);
}

void Operations::change(const std::function<void(api::Action &)> &change, const char *kind)
{
    api::Action action;
    {
        const std::lock_guard lock(m_mutex);
        change(*m_running);
        action = *m_running;
    }
    if (kind)
        tell(action, kind);
}

void Operations::tell(api::Action &action, const char *kind)
{
    api::TimelineEvent event;
    event.time = m_clock.now();
    event.kind = kind;
    event.node = action.wish.target;
    event.statement = action.statement;
    event.actor = action.actor;
    // What was begun is finished whether or not the disk still takes a note of it.
    if (const auto written = m_monitor.recordAction(action, {event}, {}); !written)
        m_log.error("action.unrecorded", {{"detail", std::string_view(written.error().detail)}});
}

void Operations::end(api::ActionState state, std::string statement)
{
    change(
        [&](api::Action &action) {
            action.state = state;
            action.statement = std::move(statement);
            action.ended = m_clock.now();
            for (auto *list : {&action.steps, &action.aftermath}) {
                for (api::ActionStep &step : *list) {
                    if (step.state == api::StepState::Waiting || step.state == api::StepState::Running)
                        step.state = api::StepState::Skipped;
                }
            }
        },
        "action.ended");
    const std::lock_guard lock(m_mutex);
    noteDrill(*m_running);
    m_running.reset();
}

bool Operations::pause(const std::stop_token &stop, std::chrono::milliseconds time)
{
    std::unique_lock lock(m_mutex);
    m_wait.wait_for(lock, stop, time, [this] { return m_cancelled; });
    return !m_cancelled && !stop.stop_requested();
}

void Operations::run(const std::stop_token &stop, const Plan &plan)
{
    if (!takeSteps(stop, plan))
        return;
    if (watchAftermath(stop, plan))
        end(api::ActionState::Done, plan.shown.statement + ": done");
}

// The work that a rejoin has begun, until the agent says that it is over.
Result<void> Operations::followWork(const std::stop_token &stop, const std::string &host, std::size_t step)
{
    for (int silent = 0; pause(stop, betweenLooks);) {
        const auto state = m_hands.askOne(host, timeFor(agentTime, stop));
        if (!state) {
            constexpr int mostSilent = 30;
            if (++silent > mostSilent)
                return fail(state.error());
            continue;
        }
        silent = 0;
        if (!state->database)
            return fail(ErrorCode::Unavailable, "the agent keeps no database any more");
        if (state->database->work.empty())
            return state->database->problem.empty() ? Result<void>() : fail(ErrorCode::Internal, state->database->problem);
        change([&](api::Action &action) {
            action.steps[step].statement = state->database->work;
            action.steps[step].progress = state->database->workDone;
        });
    }
    return fail(ErrorCode::Cancelled, "no longer watched; the agent goes on with it");
}

// Of a step that must not stay: always the refusal that says so.
Result<api::AgentDone> Operations::takeBack(const PlannedStep &step, const std::string &why, const api::AgentOrder &by)
{
    const auto back = m_hands.carryOut(step.back, {}, by, timeFor(orderTime, {}));
    return fail(ErrorCode::GuardFailed, back ? fmt::format("{}: taken back", why) : fmt::format("{}, and it could not be taken back: {}", why, textOf(back.error())));
}

bool Operations::takeSteps(const std::stop_token &stop, const Plan &plan)
{
    api::AgentOrder by;
    {
        const std::lock_guard lock(m_mutex);
        by = {m_running->actor, m_running->reason};
    }
    std::string received, left;  // what the steps so far leave behind
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const PlannedStep &step = plan.steps[i];
        // Not between a step-down and its promotion: that would leave nobody to write.
        if (!step.order.nothingLess && !pause(stop, std::chrono::milliseconds(0))) {
            end(api::ActionState::Cancelled, "Cancelled before: " + step.statement + left);
            return false;
        }
        change([&](api::Action &action) {
            action.steps[i].state = api::StepState::Running;
            action.steps[i].started = m_clock.now();
        });
        Result<api::AgentDone> done = m_hands.carryOut(step.order, step.order.nothingLess ? received : std::string(), by, timeFor(orderTime, {}));
        if (done && step.order.hand == Order::Hand::Rejoin) {
            if (const auto followed = followWork(stop, step.order.host, i); !followed)
                done = fail(followed.error());
        }
        if (done && step.regret) {
            if (const std::string why = step.regret(look(plan.shown.wish.action, {})); !why.empty())
                done = takeBack(step, why, by);
        }
        change(
            [&](api::Action &action) {
                api::ActionStep &shown = action.steps[i];
                shown.state = done ? api::StepState::Done : api::StepState::Failed;
                shown.ended = m_clock.now();
                shown.statement = done ? said(step, done->statement) : textOf(done.error());
                action.statement = shown.statement;
            },
            "action.step");
        if (!done) {
            end(done.error().code == ErrorCode::Cancelled ? api::ActionState::Cancelled : api::ActionState::Failed, textOf(done.error()) + left);
            return false;
        }
        if (step.order.hand == Order::Hand::Fence)
            left += fmt::format("; {} stays fenced until it is unfenced", step.order.host);
        received = done->lsn;
    }
    return true;
}

bool Operations::watchAftermath(const std::stop_token &stop, const Plan &plan)
{
    const Time begun = m_clock.now();
    const auto last = std::chrono::steady_clock::now() + plan.patience;
    {
        const std::lock_guard lock(m_mutex);
        m_watching = true;
    }
    auto ask = std::chrono::steady_clock::now();
    for (;;) {
        const bool asks = std::chrono::steady_clock::now() >= ask;
        Snapshot board = asks ? m_monitor.lookNow(stop) : m_monitor.board();
        ask = asks ? std::chrono::steady_clock::now() + betweenAsks : ask;
        const Situation now = situationOf(m_monitor.around(), std::move(board), {}, begun, m_clock.now());
        std::vector<std::string> open, never;
        change([&](api::Action &action) {
            for (std::size_t i = 0; i < plan.aftermath.size(); ++i) {
                api::ActionStep &shown = action.aftermath[i];
                const bool holds = plan.aftermath[i].holds(now);
                if (!holds)
                    open.push_back(shown.statement);
                if (!shown.started)
                    shown.started = begun;
                if (const auto &tells = plan.aftermath[i].tells; tells && !holds) {
                    auto [words, share] = tells(now);
                    shown.statement = words.empty() ? plan.aftermath[i].statement : std::move(words);
                    shown.progress = share;
                } else {
                    shown.statement = plan.aftermath[i].statement;
                    shown.progress.reset();
                }
                if (const auto &fails = plan.aftermath[i].fails; fails && !holds) {
                    if (std::string why = fails(now); !why.empty())
                        never.push_back(std::move(why));
                }
                shown.state = holds ? api::StepState::Done : api::StepState::Running;
                shown.ended = holds ? std::optional(shown.ended.value_or(now.now)) : std::nullopt;
            }
        });
        if (open.empty())
            return true;
        if (!never.empty() || std::chrono::steady_clock::now() > last) {
            change([&](api::Action &action) {
                for (api::ActionStep &shown : action.aftermath) {
                    if (shown.state == api::StepState::Running)
                        shown.state = api::StepState::Failed;
                }
            });
            end(api::ActionState::Failed, !never.empty() ? fmt::format("Every step was done, and then: {}", fmt::join(never, "; "))
                                                         : fmt::format("Every step was done, but not yet: {}", fmt::join(open, "; ")));
            return false;
        }
        if (!pause(stop, betweenLooks)) {
            end(api::ActionState::Cancelled, fmt::format("Every step was done; not seen yet: {}", fmt::join(open, "; ")));
            return false;
        }
    }
}

}  // namespace cm::monitor
