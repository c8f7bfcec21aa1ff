// SPDX-License-Identifier: GPL-3.0-or-later
// Tries at something that goes on after each of them: ever more seldom. A plain value.
#pragma once

#include <algorithm>
#include <chrono>

namespace cm::agent {

class Tries {
public:
    using Clock = std::chrono::steady_clock;

    void tried(Clock::time_point now)
    {
        m_pause = std::clamp(m_pause * 2, firstPause, longestPause);
        m_again = now + m_pause;
    }
    [[nodiscard]] bool begun() const { return m_pause.count() > 0; }
    [[nodiscard]] bool isDue(Clock::time_point now) const { return now >= m_again; }

private:
    static constexpr std::chrono::seconds firstPause{15}, longestPause{600};

    Clock::time_point m_again{};
    std::chrono::seconds m_pause{};  // none: not tried yet
};

}  // namespace cm::agent
