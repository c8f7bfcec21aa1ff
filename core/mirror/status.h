// SPDX-License-Identifier: GPL-3.0-or-later
// What a mirror says of itself, for monitors and people: web/status.json and web/last-modified. A run that found
// nothing new moves `last_checked` alone, so that "quiet" and "dead" differ; `running` says how far one is that has not
// ended, `paused` until when none begins, `next_run` when the next one is due, `out` that the mirror's web server says that it
// is not ready. Pure but for reading the file.
#pragma once

#include "core/mirror/mirror.h"

namespace cm::mirror {

// So many pending projects are named; `pending_count` counts all.
inline constexpr std::int64_t statusPending = 200;

// So many projects that are held back.
inline constexpr std::size_t statusHeld = 20;
// So many outcomes of orders.
inline constexpr std::size_t statusOutcomes = 20;

// What came of an order that a run has taken.
struct Outcome {
    std::string order;    // "allow-deletions", "again"
    std::string subject;  // the digest of what was to go; a project
    Time ended{};
    bool done = false;
    std::string statement;
    std::string by;
};
// A list of such, as text, with one more; the oldest go.
[[nodiscard]] std::string withOutcome(const std::string &outcomes, const Outcome &outcome);

// What holds between two runs.
struct Standing {
    std::optional<api::AgentDrain> paused;
    std::optional<api::AgentOut> out;  // of rotation
    std::optional<Time> next;          // when the next run is due; nothing: nobody here knows
};

struct Status {
    const Facts &facts;
    const RunReport &report;
    Time started{};
    Time lastChecked{};  // when the upstream was last heard
    std::vector<Pending> pending;
    std::chrono::seconds every{0};  // between two runs; 0: somebody else starts each
    const HeldBack &held;
    Standing standing;
};

[[nodiscard]] std::string renderStatus(const Status &status);
// The same while the run goes on: `last` is what was told before it, the empty text when there is nothing.
// With the time at which it is told: a run that was killed goes on telling nothing.
[[nodiscard]] std::string renderProgress(const std::string &last, const Progress &progress, const std::optional<api::AgentOut> &out, Time started,
                                         Time lastChecked, Time now);
// As bandersnatch writes it: 20261126T09:44:19.
[[nodiscard]] std::string lastModifiedText(Time started);
// The same while none goes on.
[[nodiscard]] std::string renderStanding(const std::string &last, const Standing &standing);
// What the index served, and whose copy that was, as the file that is there tells; nothing when there is none.
struct ToldIndex {
    std::string identity;
    std::int64_t serial = 0;
};
[[nodiscard]] ToldIndex indexOf(const std::filesystem::path &statusFile);
// Of the file that is there; Time{} when there is none.
[[nodiscard]] Time lastCheckedOf(const std::filesystem::path &statusFile);

// The page of a project that is served; nothing when there is none that can be read.
[[nodiscard]] std::optional<ProjectPage> servedProject(const Tree &tree, const std::string &name);
// Paths below packages/ that the page which is served of a project leads to.
[[nodiscard]] std::vector<std::string> servedFiles(const Tree &tree, const std::string &name);

}  // namespace cm::mirror
