// SPDX-License-Identifier: GPL-3.0-or-later
// From a wish to what would be done: guards, steps, what has to come true afterwards. Pure: a plan is made
// again when it is pressed, from a situation that is looked at then. The agent that carries out an order
// holds its own guards, at the moment at which it acts.
#pragma once

#include "core/api/actions.h"
#include "core/base/result.h"
#include "core/monitor/plans/situation.h"

#include <functional>

namespace cm::monitor {

// One order to the agent of a host, to a pgpool, or to a Patroni.
struct Order {
    enum class Hand {
        Drain, Return, Reload, StepDown, Promote, Fence, Unfence, Rejoin, ResumeReplay, SetAside, DropSlot,
        PoolDetach, PoolAttach, PoolSwitchOver,
        PatroniSwitchOver, PatroniFailover, PatroniCopy,
        SyncMirror, PauseMirror, ResumeMirror, MirrorOut, MirrorReturn, AllowDeletions, SyncProject,
        DrillPage, DrillFile,
        HealFiles, RestartBrick, ResolveSplit,
    };
    Hand hand = Hand::Drain;
    std::string host;  // of a pgpool, a Patroni or a cache: the node
    std::string successor;  // StepDown, PatroniSwitchOver, PatroniFailover
    std::string node;       // SetAside, Pool…: the database; PatroniSwitchOver: the leader; Drill…: the mirror
    std::string slot;       // DropSlot
    Time until{};           // Drain, SetAside, PauseMirror, MirrorOut, AllowDeletions
    bool copy = false;      // Rejoin
    std::vector<std::string> files{};  // ResolveSplit: in the volume
    std::string subject{};  // AllowDeletions: the digest of what is held back; SyncProject: the project
    // Promote: not with less than the primary had when it stepped down in the step before.
    bool nothingLess = false;
};

struct PlannedStep {
    std::string name;
    std::string statement;
    Order order;
    // For what several monitors may order at once, each by guards that held when it looked: why it must not stay, by a
    // look after it; empty: it may. Null: there is nothing to look at. Then `back` is ordered.
    std::function<std::string(const Situation &)> regret = nullptr;
    Order back{};
};

// What has to come true after the last step. Nothing while it cannot be judged.
struct Expectation {
    std::string name;
    std::string statement;
    std::function<bool(const Situation &)> holds;
    // How far it is, in words and as a share where that is known; null: nothing is to be told.
    std::function<std::pair<std::string, std::optional<double>>(const Situation &)> tells = nullptr;
    // Why it will not come true any more; empty: it may. Null: nobody can tell.
    std::function<std::string(const Situation &)> fails = nullptr;
};

struct Plan {
    api::ActionPlan shown;
    std::vector<PlannedStep> steps;
    std::vector<Expectation> aftermath;
    // Acknowledged work may be lost by it: nobody can know.
    bool mayLose = false;
    // How long the aftermath may take.
    std::chrono::seconds patience{60};
};

// InvalidInput for a wish that no situation could grant, such as one for a node that is not there.
[[nodiscard]] Result<Plan> planFor(const api::ActionWish &wish, const Situation &now);

// The roles of the topology, and "certificate", of what the guards and the basis of a plan rest on, that of its target first:
// what is looked at anew before it is pressed. The agents of their hosts and Patroni are asked as well.
[[nodiscard]] std::vector<std::string_view> readBy(api::ActionKind action);

// Why no standby should be promoted now: the sentences of the guards that do not hold in a plan for it, each once.
// Empty: a promotion could be pressed.
[[nodiscard]] std::vector<std::string> promotionBlockers(const Situation &now);

// The guards that do not hold, as the refusal that names them; and the refusal of a plan whose basis is gone.
[[nodiscard]] Result<void> mayPress(const Plan &plan, const std::string &basis, const std::string &confirm);

}  // namespace cm::monitor
