// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator does to a topology, as the admin contract speaks of it: wish, plan, press, aftermath.
// A plan is a reading, good for one action and a few minutes; pressing looks at everything again, and refuses where a guard
// does not hold or the plan relied on what is no longer so. Plain values, any thread. Times are UTC.
#pragma once

#include "core/api/monitoring.h"

namespace cm::api {

enum class ActionKind {
    DrainWeb,       // no new work for a web node; it serves what it has. Ends by itself
    ReturnWeb,      // before its time
    DetachBackend,  // no reads for a standby, at every pgpool. Ends by itself
    AttachBackend,  // before its time
    SwitchOver,     // a standby becomes the primary, the primary its standby; nothing is lost
    Promote,        // a standby becomes the primary although the old one is not there
    Fence,          // a server is stopped and stays stopped
    Unfence,
    Rejoin,       // a server that lags for good, or was a primary, becomes a standby again
    ResumeReplay,
    DropSlot,
    ReloadWeb,    // a web node reads its certificate again
    SyncMirror,     // a mirror compares itself with the registry now
    PauseMirror,    // no run of a mirror. Ends by itself
    ResumeMirror,   // before its time
    AllowDeletions,  // what a mirror holds back, as it was shown, goes: once
    SyncProject,     // a mirror looks at one project anew, and mends its files
    MirrorOut,      // a mirror's web server says that it is not ready
    MirrorReturn,
    DrillFallback,  // one page and one file through a cache from the mirror behind it
    HealFiles,      // a server of files heals now what waits for it
    RestartBrick,   // of a server of files; one that is down starts
    ResolveSplit,   // files with two versions get the bytes whose digest the catalog has
};
template <>
struct EnumNames<ActionKind> {
    static constexpr std::array values{std::pair{ActionKind::DrainWeb, std::string_view("drain-web")},
                                       std::pair{ActionKind::ReturnWeb, std::string_view("return-web")},
                                       std::pair{ActionKind::DetachBackend, std::string_view("detach-backend")},
                                       std::pair{ActionKind::AttachBackend, std::string_view("attach-backend")},
                                       std::pair{ActionKind::SwitchOver, std::string_view("switch-over")},
                                       std::pair{ActionKind::Promote, std::string_view("promote")},
                                       std::pair{ActionKind::Fence, std::string_view("fence")},
                                       std::pair{ActionKind::Unfence, std::string_view("unfence")},
                                       std::pair{ActionKind::Rejoin, std::string_view("rejoin")},
                                       std::pair{ActionKind::ResumeReplay, std::string_view("resume-replay")},
                                       std::pair{ActionKind::DropSlot, std::string_view("drop-slot")},
                                       std::pair{ActionKind::ReloadWeb, std::string_view("reload-web")},
                                       std::pair{ActionKind::SyncMirror, std::string_view("sync-mirror")},
                                       std::pair{ActionKind::PauseMirror, std::string_view("pause-mirror")},
                                       std::pair{ActionKind::ResumeMirror, std::string_view("resume-mirror")},
                                       std::pair{ActionKind::AllowDeletions, std::string_view("allow-deletions")},
                                       std::pair{ActionKind::SyncProject, std::string_view("sync-project")},
                                       std::pair{ActionKind::MirrorOut, std::string_view("mirror-out")},
                                       std::pair{ActionKind::MirrorReturn, std::string_view("mirror-return")},
                                       std::pair{ActionKind::DrillFallback, std::string_view("drill-fallback")},
                                       std::pair{ActionKind::HealFiles, std::string_view("heal-files")},
                                       std::pair{ActionKind::RestartBrick, std::string_view("restart-brick")},
                                       std::pair{ActionKind::ResolveSplit, std::string_view("resolve-split")}};
};

struct ActionWish {
    ActionKind action = ActionKind::DrainWeb;
    // The node of the topology that it is done to: the one that becomes the primary, drains, is fenced.
    std::string target;
    // DropSlot: on the target.
    std::string slot;
    // ResolveSplit: a path in the volume; empty: every file.
    std::string file;
    // SyncProject: its name, however it is written.
    std::string project;
    // Rejoin: a new copy even where a rewind would do.
    bool copy = false;
    // DrainWeb, DetachBackend, PauseMirror, MirrorOut: when it ends by itself. At most a day ahead.
    std::optional<Time> until;
    friend bool operator==(const ActionWish &, const ActionWish &) = default;
    BOOST_DESCRIBE_CLASS(ActionWish, (), (action, target, slot, file, project, copy, until), (), ())
};

// One condition, looked at when the plan was made and again when it is pressed.
struct ActionGuard {
    // Stable, such as "one-primary".
    std::string name;
    bool holds = false;
    // What was found, holds or not.
    std::string statement;
    friend bool operator==(const ActionGuard &, const ActionGuard &) = default;
    BOOST_DESCRIBE_CLASS(ActionGuard, (), (name, holds, statement), (), ())
};

enum class StepState { Waiting, Running, Done, Failed, Skipped };
template <>
struct EnumNames<StepState> {
    static constexpr std::array values{std::pair{StepState::Waiting, std::string_view("waiting")},
                                       std::pair{StepState::Running, std::string_view("running")},
                                       std::pair{StepState::Done, std::string_view("done")},
                                       std::pair{StepState::Failed, std::string_view("failed")},
                                       std::pair{StepState::Skipped, std::string_view("skipped")}};
};

struct ActionStep {
    std::string name;
    // What it does, then what came of it.
    std::string statement;
    StepState state = StepState::Waiting;
    // Share that is done; absent when nobody can know.
    std::optional<double> progress;
    std::optional<Time> started;
    std::optional<Time> ended;
    friend bool operator==(const ActionStep &, const ActionStep &) = default;
    BOOST_DESCRIBE_CLASS(ActionStep, (), (name, statement, state, progress, started, ended), (), ())
};

struct ActionPlan {
    // What a press names it by, to the monitor that made it. Opaque.
    std::string id;
    ActionWish wish;
    Time time;
    // The whole in a sentence.
    std::string statement;
    // Who is hit and for how long, each in a sentence.
    std::vector<std::string> effects;
    // How it is undone, or why it cannot be.
    std::string undo;
    std::vector<ActionStep> steps;
    std::vector<ActionGuard> guards;
    // All guards hold.
    bool allowed = false;
    // What the operator types before pressing; empty: nothing.
    std::string confirm;
    // What is lost; absent when nobody can know, and then the sentence says why.
    Figure lossBytes;
    std::string lossStatement;
    // What the plan relies on; a press is refused where it is another by then.
    std::string basis;
    friend bool operator==(const ActionPlan &, const ActionPlan &) = default;
    BOOST_DESCRIBE_CLASS(ActionPlan, (),
                         (id, wish, time, statement, effects, undo, steps, guards, allowed, confirm, lossBytes, lossStatement,
                          basis),
                         (), ())
};

struct PlanAction {
    ActionWish wish;
    BOOST_DESCRIBE_CLASS(PlanAction, (), (wish), (), ())
};

// GuardFailed lists the guards that do not hold now: "plan" where it has led to an action already, is too old or was never
// made. Conflict: another action is at work. Where a second operator has to agree the answer is an action that awaits that.
struct PressAction {
    std::string plan;
    std::string confirm;
    std::string reason;
    BOOST_DESCRIBE_CLASS(PressAction, (), (plan, confirm, reason), (), ())
};

enum class ActionState { Running, Done, Failed, Cancelled };
template <>
struct EnumNames<ActionState> {
    static constexpr std::array values{std::pair{ActionState::Running, std::string_view("running")},
                                       std::pair{ActionState::Done, std::string_view("done")},
                                       std::pair{ActionState::Failed, std::string_view("failed")},
                                       std::pair{ActionState::Cancelled, std::string_view("cancelled")}};
};

struct Action {
    Id id;
    ActionWish wish;
    ActionState state = ActionState::Running;
    // What is going on, or came of it.
    std::string statement;
    std::string actor;
    std::string reason;
    Time started;
    std::optional<Time> ended;
    std::vector<ActionStep> steps;
    // What has to come true afterwards, watched until it has or does not in time.
    std::vector<ActionStep> aftermath;
    // A second operator has to agree to what the first, the actor, has asked for, by pressing the same: until when that is
    // awaited, and who has. Nothing has begun before.
    std::optional<Time> awaited;
    std::string second;
    friend bool operator==(const Action &, const Action &) = default;
    BOOST_DESCRIBE_CLASS(Action, (),
                         (id, wish, state, statement, actor, reason, started, ended, steps, aftermath, awaited, second), (), ())
};

struct ListActions {
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListActions, (), (offset, limit), (), ())
};

struct ActionRef {
    Id action;
    BOOST_DESCRIBE_CLASS(ActionRef, (), (action), (), ())
};

struct CancelAction {
    Id action;
    std::string reason;
    BOOST_DESCRIBE_CLASS(CancelAction, (), (action, reason), (), ())
};

}  // namespace cm::api
