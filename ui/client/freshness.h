// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what a monitor tells still is about now. The monitor's own time stamp has to move on, by
// whatever clock it has: one that answers with the same state again and again hangs. Values, any thread.
#pragma once

#include "core/base/clock.h"

#include <optional>

namespace cm::ui {

class Freshness {
public:
    // Three missed polls, and never less than this.
    static constexpr std::chrono::seconds least{6};

    void heard(Time stamp, std::chrono::milliseconds interval, Time now)
    {
        m_interval = interval;
        if (m_stamp == stamp)
            return;
        m_stamp = stamp;
        m_moved = now;
    }
    void forget() { *this = {}; }
    [[nodiscard]] bool isOld(Time now) const { return !m_stamp || now - m_moved > std::max<std::chrono::microseconds>(least, 3 * m_interval); }
    // When something new was told last.
    [[nodiscard]] std::optional<Time> since() const { return m_stamp ? std::optional(m_moved) : std::nullopt; }

private:
    std::optional<Time> m_stamp;
    Time m_moved{};
    std::chrono::milliseconds m_interval{0};
};

}  // namespace cm::ui
