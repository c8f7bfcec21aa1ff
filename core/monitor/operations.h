// SPDX-License-Identifier: GPL-3.0-or-later
// What operators have done to the topology: plans from a fresh look, presses that look again, steps in
// their order, and the aftermath watched until it is as it should be. One action at a time. Nothing is done
// that the audit cannot tell. Owned by the composition root, above the monitor; any thread.
#pragma once

#include "core/monitor/hands.h"
#include "core/monitor/monitor.h"
#include "core/monitor/plan_book.h"
#include "core/monitor/second_word.h"

namespace cm::monitor {

class Operations {
public:
    Operations(Monitor &monitor, Hands &hands, const Clock &clock, Log &log);
    ~Operations() { stop(); }
    Operations(const Operations &) = delete;
    Operations &operator=(const Operations &) = delete;

    // Closes what an earlier monitor left in its middle.
    Result<void> open();
    // Begins no further step; what an agent has begun it finishes.
    void stop();

    // Blocks for a look at everything that its guards rest on: at most a few polls.
    Result<api::ActionPlan> plan(const api::ActionWish &wish, const Operator &by);
    // The same, and a glance at what may have changed while the slowest answered; then begins; the answer is the action while
    // its first step runs, or one that awaits a second operator's press. GuardFailed, Conflict.
    Result<api::Action> press(const api::PressAction &press, const Operator &by, const std::string &requestId);
    Result<api::Action> cancel(const api::CancelAction &cancel, const Operator &by, const std::string &requestId);
    Result<api::Page<api::Action>> list(std::int64_t offset, std::int64_t limit);
    Result<api::Action> find(api::Id id);

private:
    // `first`: when the look began that this one is to see the changes since.
    Situation look(api::ActionKind action, const std::stop_token &stop, std::optional<Time> first = {});
    Result<Plan> planToPress(const PlanBook::Made &made, const std::string &confirm);
    void run(const std::stop_token &stop, const Plan &plan);
    Result<api::AgentDone> takeBack(const PlannedStep &step, const std::string &why, const api::AgentOrder &by);
    bool takeSteps(const std::stop_token &stop, const Plan &plan);
    Result<void> followWork(const std::stop_token &stop, const std::string &host, std::size_t step);
    void endWatch();
    bool watchAftermath(const std::stop_token &stop, const Plan &plan);
    void change(const std::function<void(api::Action &)> &change, const char *event = nullptr);
    void tell(api::Action &action, const char *event);
    void noteDrill(const api::Action &action);
    bool needsSecond(const Plan &plan) const;
    void tellOfSecond(api::ActionPlan &shown, const Operator &by) const;
    Result<api::Action> askForSecond(const PlanBook::Made &made, const Plan &plan, const api::PressAction &press, const Operator &by,
                                     const std::string &requestId);
    void endAwaited(api::Id id, const std::string &why);
    void endLapsed();
    void end(api::ActionState state, std::string statement);
    api::AuditEntry auditOf(const std::string &action, const api::ActionWish &wish, const Operator &by, std::string reason,
                            std::string requestId) const;
    // A line of the audit, and nothing else.
    Result<void> audit(api::AuditEntry entry);
    bool pause(const std::stop_token &stop, std::chrono::milliseconds time);

    Monitor &m_monitor;
    Hands &m_hands;
    const Clock &m_clock;
    Log &m_log;
    PlanBook m_plans;
    SecondWord m_second;
    std::mutex m_pressing;         // held from the look at the guards to the beginning of the first step
    mutable std::mutex m_mutex;    // of what follows
    std::optional<api::Action> m_running;
    bool m_watching = false;  // every step is done: another action may begin
    bool m_cancelled = false;
    bool m_stopped = false;
    std::condition_variable_any m_wait;
    std::jthread m_thread;
};

}  // namespace cm::monitor
