// SPDX-License-Identifier: GPL-3.0-or-later
// The stages of something that retires, which follows which, and what each does to those who still use it. Pure, any
// thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace cm::deprecation {

enum class State {
    Proposed,
    Measuring,
    Announced,
    Warning,
    BrownOut,
    Sunset,
    Removed,
    Closed,
    Paused,
    RolledBack,
    Cancelled,
    Frozen
};

// As the store and the admin contract name them: "brown_out".
[[nodiscard]] std::string_view stateName(State state) noexcept;
[[nodiscard]] std::optional<State> stateNamed(std::string_view name) noexcept;

// What the nodes do. Notices: headers, and a line where a channel has no headers. Windows: as Notices, and refusals
// while a brown-out lasts. Tombstone: every use is refused, for good.
enum class Effect { None, Notices, Windows, Tombstone };
[[nodiscard]] Effect effectOf(State state) noexcept;

// Where it may go from `state`, the ordinary next one first. `pausedFrom` is what a paused one goes back to. From
// BrownOut to BrownOut is one more brown-out.
[[nodiscard]] std::vector<State> possible(State state, std::optional<State> pausedFrom);
[[nodiscard]] bool mayGo(State from, State to, std::optional<State> pausedFrom);
// It is over: nothing follows.
[[nodiscard]] bool isOver(State state) noexcept;
// People are to be told before it, so that it may need a second person.
[[nodiscard]] bool concernsPeople(State state) noexcept;

}  // namespace cm::deprecation
