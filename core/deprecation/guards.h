// SPDX-License-Identifier: GPL-3.0-or-later
// What has to hold before something that retires goes to its next stage: pure functions over a situation that was read
// in one moment. Asked for the plan, and asked again when the step is taken. Any thread.
#pragma once

#include "core/base/clock.h"
#include "core/deprecation/states.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cm::deprecation {

// Advice blocks nothing. Unknown blocks as Unmet does.
enum class Standing { Met, Unmet, Unknown, Advice };
[[nodiscard]] std::string_view standingName(Standing standing) noexcept;

struct Guard {
    std::string name;    // "tombstone"
    Standing standing = Standing::Unknown;
    std::string detail;  // one sentence with the figures of now
    bool overridable = false;

    // `overriding`: a reason and a second person stand in for it where it allows that.
    [[nodiscard]] bool holds(bool overriding) const;
};

struct NodeProof {
    std::string node;
    Time seen{};                  // its last sign of life
    std::int64_t revision = 0;    // of the record that it rehearsed last; 0: none
    bool right = false;
    std::string detail;
};

struct PlannedWindow {
    Time starts{};
    Time ends{};
    std::string onCall;
    bool onCallKnown = false;  // a user of the staff, not frozen
    std::int64_t abortAt = 0;
};

struct PastWindow {
    std::int64_t number = 0;
    Time starts{};
    Time ends{};
    bool endedEarly = false;  // aborted or called off
};

struct Alerts {
    enum class Source { None, Silent, Told };
    Source source = Source::None;  // None: no monitor is named in the configuration; Silent: it does not answer
    std::int64_t critical = 0;
};

struct Situation {
    Time now{};
    State state = State::Proposed;
    std::optional<State> pausedFrom;
    Time since{};  // of the state
    std::int64_t revision = 0;

    std::string owner;
    bool ownerKnown = false;  // an admin or operator, not frozen
    bool hasReplacement = false;
    bool hasLink = false;
    bool hasClientProject = false;
    std::optional<Time> deprecated;
    std::optional<Time> sunset;
    std::optional<Time> removal;
    std::int64_t budget = 0;
    std::int64_t quietDays = 7;
    bool secondPerson = false;

    std::optional<Time> recordedSince;
    std::int64_t lost = 0;           // uses of 90 days that are known to be missing
    std::int64_t unknownGaps = 0;    // stretches of 90 days in which some may be
    std::optional<Time> lostSince;
    // It is of an endpoint that is read, for which caches in front answer as well.
    bool isRead = false;
    bool behindCaches = false;
    std::int64_t people = 0;         // of 90 days
    std::int64_t reachable = 0;
    std::int64_t told = 0;           // of the reachable, since the announcement
    std::int64_t quietUses = 0;      // accepted, in the last quietDays
    bool usesWait = false;           // some are in no figure yet
    std::int64_t refusedSince = 0;   // hits on the tombstone in the last 30 days
    std::optional<std::int64_t> mentions;  // left in the registry's own texts; absent: not looked

    std::vector<NodeProof> nodes;
    std::vector<PastWindow> windows;
    std::optional<PlannedWindow> window;  // of the step, when that is a brown-out
    Alerts alerts;

    // Another admin's word for this very step; empty: nobody has given it.
    std::string confirmedBy;
    // In what the step differs from the one that was agreed to, as a list of words; empty where there is no such word.
    std::string agreedDiffers;
    std::string actor;  // who takes the step, or would
};

// All of them, those that hold as well. Empty: nothing has to hold, as for a pause.
[[nodiscard]] std::vector<Guard> guardsOf(State to, const Situation &situation, bool overriding);
// Whether the step may be taken; `overriding`: with a reason and a second person in place of those that allow it.
[[nodiscard]] bool allows(const std::vector<Guard> &guards, bool overriding);

// Signs of life of a node are at most this old; a node that is silent for longer than `goneAfter` is no node any more.
inline constexpr std::chrono::seconds freshFor{30};
inline constexpr std::chrono::hours goneAfter{24};
inline constexpr std::chrono::hours longestBrownOut{24};

}  // namespace cm::deprecation
