// SPDX-License-Identifier: GPL-3.0-or-later
// What failed at this node beside a brown-out: looks at its counters, kept for two days (half a second apart for ten
// minutes, then ten), from which any stretch can be told. Without clock and I/O; one thread at a time.
#pragma once

#include "core/catalog/deprecations.h"
#include "core/deprecation/policy.h"

#include <deque>

namespace cm::registry {

class CollateralLog {
public:
    // `totals`: since the node's start.
    void look(Time now, const catalog::CollateralCounts &totals);
    // Of a window up to the last look, or to its end; nothing while that is no stretch.
    [[nodiscard]] std::optional<catalog::CollateralRow> of(const deprecation::Window &window) const;

private:
    struct Look {
        Time time{};
        catalog::CollateralCounts totals;
    };
    // The last one that is not later; null: there is none.
    [[nodiscard]] const Look *at(Time time) const;

    std::deque<Look> m_coarse;  // before all of m_fine
    std::deque<Look> m_fine;
};

// What a node counted until it ended within the window, and what it has counted since it began again. Nothing is laid beside
// it: what it had from before the window was of a shorter time.
[[nodiscard]] catalog::CollateralRow joined(const catalog::CollateralRow &earlier, catalog::CollateralRow later);

}  // namespace cm::registry
