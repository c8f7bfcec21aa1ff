// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a target answers now and then only, as one to which packets are lost, or one that stalls again and again. Each
// look by itself proves nothing there: one that succeeds ends what those before it found, and whoever depends on the
// target seems to be in trouble alone. Owned by the evaluator, one for each target, one thread; no clock of its own.
#pragma once

#include "core/monitor/verdicts/finding.h"

#include <cstddef>
#include <deque>
#include <optional>

namespace cm::monitor {

class Steadiness {
public:
    // So many looks are remembered.
    static constexpr std::size_t looks = 20;

    // What became of the newest try, which counts once however often it is told.
    void note(Time tried, bool silent);
    // What was silent may have been the monitor itself.
    void forget();
    // From the third time on that it fell silent within those looks until there is but one.
    [[nodiscard]] std::optional<RawFinding> judge(const std::string &node) const;

private:
    std::deque<bool> m_silent;  // the oldest first
    Time m_last{};
    bool m_unsteady = false;
};

}  // namespace cm::monitor
