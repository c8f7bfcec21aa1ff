// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/states.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cm::deprecation {

namespace {

constexpr std::array names{
    std::pair{State::Proposed, std::string_view("proposed")}, std::pair{State::Measuring, std::string_view("measuring")},
    std::pair{State::Announced, std::string_view("announced")}, std::pair{State::Warning, std::string_view("warning")},
    std::pair{State::BrownOut, std::string_view("brown_out")}, std::pair{State::Sunset, std::string_view("sunset")},
    std::pair{State::Removed, std::string_view("removed")}, std::pair{State::Closed, std::string_view("closed")},
    std::pair{State::Paused, std::string_view("paused")}, std::pair{State::RolledBack, std::string_view("rolled_back")},
    std::pair{State::Cancelled, std::string_view("cancelled")}, std::pair{State::Frozen, std::string_view("frozen")}};

}  // namespace

std::string_view stateName(State state) noexcept
{
    return names[static_cast<std::size_t>(state)].second;
}

std::optional<State> stateNamed(std::string_view name) noexcept
{
    for (const auto &[state, known] : names) {
        if (known == name)
            return state;
    }
    return std::nullopt;
}

Effect effectOf(State state) noexcept
{
    switch (state) {
    case State::Announced:  // the post and the mails go out; requests are told from the warning on
    case State::Proposed:
    case State::Measuring:
    case State::Paused:
    case State::Cancelled:
    case State::Frozen:
        return Effect::None;
    case State::Warning:
    case State::RolledBack:
        return Effect::Notices;
    case State::BrownOut:
        return Effect::Windows;
    case State::Sunset:
    case State::Removed:
    case State::Closed:
        return Effect::Tombstone;
    }
    return Effect::None;
}

std::vector<State> possible(State state, std::optional<State> pausedFrom)
{
    switch (state) {
    case State::Proposed:
        return {State::Measuring, State::Cancelled};
    case State::Measuring:
        return {State::Announced, State::Cancelled, State::Frozen};
    case State::Announced:
        return {State::Warning, State::Paused, State::Cancelled, State::Frozen};
    case State::Warning:
    case State::RolledBack:
        return {State::BrownOut, State::Paused, State::Cancelled, State::Frozen};
    case State::BrownOut:
        return {State::BrownOut, State::Sunset, State::Warning, State::Paused, State::Cancelled, State::Frozen};
    case State::Sunset:
        return {State::Removed, State::RolledBack};
    case State::Removed:
        return {State::Closed};
    case State::Paused:
        return pausedFrom ? std::vector{*pausedFrom, State::Cancelled, State::Frozen}
                          : std::vector{State::Cancelled, State::Frozen};
    case State::Frozen:
        return {State::Measuring};
    case State::Closed:
    case State::Cancelled:
        return {};
    }
    return {};
}

bool mayGo(State from, State to, std::optional<State> pausedFrom)
{
    const auto next = possible(from, pausedFrom);
    return std::find(next.begin(), next.end(), to) != next.end();
}

bool isOver(State state) noexcept
{
    return state == State::Closed || state == State::Cancelled;
}

bool concernsPeople(State state) noexcept
{
    return state == State::Announced || state == State::Warning || state == State::BrownOut || state == State::Sunset ||
           state == State::Removed;
}

}  // namespace cm::deprecation
