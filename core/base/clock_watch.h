// SPDX-License-Identifier: GPL-3.0-or-later
// What a Clock alone does not tell: how much time has passed, and that somebody has set it. Values, for one thread each.
#pragma once

#include "core/base/clock.h"

#include <chrono>
#include <optional>

namespace cm {

// By a clock that nobody can set: for spans of time alone, as its beginning is no date.
inline Time steadyNow()
{
    return Time(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()));
}

// Notices that a clock was set: it has gone on for longer than time has, or for less.
class ClockWatch {
public:
    // What is set by less goes unnoticed.
    explicit ClockWatch(std::chrono::microseconds least) : m_least(least) {}

    // By how much it was set between the last call and this one, ahead or, less than 0, back. Both times of this moment.
    std::optional<std::chrono::microseconds> setBy(Time now, Time steady)
    {
        const std::chrono::microseconds ahead = now - steady;
        const std::chrono::microseconds by = ahead - m_ahead.value_or(ahead);
        m_ahead = ahead;
        return std::chrono::abs(by) >= m_least ? std::optional(by) : std::nullopt;
    }

private:
    std::chrono::microseconds m_least;
    std::optional<std::chrono::microseconds> m_ahead;  // of the steady one, when it was read last
};

}  // namespace cm
