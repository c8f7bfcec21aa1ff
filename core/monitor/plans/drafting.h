// SPDX-License-Identifier: GPL-3.0-or-later
// Putting a plan together, for the files of this folder: each makes the plans of one kind of node.
#pragma once

#include "core/monitor/plans/plan.h"

namespace cm::monitor {

class Draft {
public:
    Draft(const api::ActionWish &wish, const Situation &now);

    void say(std::string statement) { m_plan.shown.statement = std::move(statement); }
    void effect(std::string sentence) { m_plan.shown.effects.push_back(std::move(sentence)); }
    void undo(std::string sentence) { m_plan.shown.undo = std::move(sentence); }
    void confirm(std::string words) { m_plan.shown.confirm = std::move(words); }
    void guard(const char *name, bool holds, std::string statement);
    void step(const char *name, std::string statement, Order order);
    // Of the newest step.
    void regret(std::function<std::string(const Situation &)> why, Order back);
    void expect(const char *name, std::string statement, std::function<bool(const Situation &)> holds);
    // Of the newest expectation.
    void tells(std::function<std::pair<std::string, std::optional<double>>(const Situation &)> tells) { m_plan.aftermath.back().tells = std::move(tells); }
    void fails(std::function<std::string(const Situation &)> why) { m_plan.aftermath.back().fails = std::move(why); }
    void patience(std::chrono::seconds time) { m_plan.patience = time; }
    void loss(std::optional<double> bytes, std::string statement, Time sampled);

    void mayLose() { m_plan.mayLose = true; }

    // The agent on the node's host, as a guard; its host, empty without one.
    std::string needAgent(const std::string &node, std::string_view role);
    // A time ahead, of a day at most, as a guard.
    void needEnd(const std::optional<Time> &until);

    [[nodiscard]] Plan finish(std::string basis);

private:
    const Situation &m_now;
    Plan m_plan;
};

[[nodiscard]] Plan planWeb(const api::ActionWish &wish, const Situation &now);       // drain, return, reload
[[nodiscard]] Plan planMirror(const api::ActionWish &wish, const Situation &now);    // sync, pause, resume, allow, out, return
[[nodiscard]] Plan planDrill(const api::ActionWish &wish, const Situation &now);
[[nodiscard]] Plan planFiles(const api::ActionWish &wish, const Situation &now);     // heal, restart a brick, resolve
[[nodiscard]] Plan planBackend(const api::ActionWish &wish, const Situation &now);   // detach, attach
[[nodiscard]] Plan planSwitchOver(const api::ActionWish &wish, const Situation &now);
[[nodiscard]] Plan planPromotion(const api::ActionWish &wish, const Situation &now);
[[nodiscard]] Plan planRepair(const api::ActionWish &wish, const Situation &now);    // fence, unfence, rejoin, replay, slot

// The same where pgpool or Patroni moves the primary; InvalidInput-free, for what they do not do is a guard.
[[nodiscard]] Plan planBackendByPool(const api::ActionWish &wish, const Situation &now);
[[nodiscard]] Plan planByPatroni(const api::ActionWish &wish, const Situation &now);
// What has to be so before and after any switch-over, whoever carries it out.
void guardSwitchOver(Draft &draft, const api::ActionWish &wish, const Situation &now);
void expectTakeover(Draft &draft, const std::string &target, const std::string &follower);
// The target answers, follows somebody and replays.
void guardStandby(Draft &draft, const api::ActionWish &wish, const Situation &now);
// It lacks no more than it gets and replays in an instant.
void guardCaughtUp(Draft &draft, const api::ActionWish &wish, const Situation &now);
// How many servers take writes.
[[nodiscard]] std::size_t writers(const Situation &now);
// For what only a keeper carries out: a guard that says what to do instead where none is beside the server.
void guardKeeper(Draft &draft, const api::ActionWish &wish, const Situation &now);

// Whether commits wait for it.
[[nodiscard]] bool isSynchronous(const WalSender &sender);
// Whether a commit is acknowledged only once this one has it: of several of which any may have it, none does.
[[nodiscard]] bool holdsEveryCommit(const WalSender &sender, const PostgresFacts &primary, const std::string &primaryName);
// Whether commits of a primary wait for anybody, by its settings.
[[nodiscard]] bool commitsWait(const PostgresFacts &primary);

// Who is what now: what a plan for databases rests on. "pg1 primary 4, pg2 standby 4"; pure text, compared alone.
[[nodiscard]] std::string rolesText(const Situation &now);

}  // namespace cm::monitor
