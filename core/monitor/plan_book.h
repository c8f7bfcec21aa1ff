// SPDX-License-Identifier: GPL-3.0-or-later
// The plans that may still be pressed, by ids that nobody can guess and no restart gives again: each for one action, for a
// few minutes. Bounded; the oldest go. Owned by Operations; any thread.
#pragma once

#include "core/api/actions.h"

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace cm::monitor {

class PlanBook {
public:
    // Long enough to read a plan and to ask somebody; by a clock that is never set.
    static constexpr std::chrono::minutes validFor{5};
    static constexpr std::size_t most = 4096;
    using Instant = std::chrono::steady_clock::time_point;

    // What a press relies on.
    struct Made {
        api::ActionWish wish;
        std::string basis;
        Instant ends{};
    };

    // Its id.
    std::string add(const api::ActionPlan &plan, Instant now);
    [[nodiscard]] std::optional<Made> find(const std::string &id, Instant now) const;
    // It has led to an action.
    void use(const std::string &id);

private:
    struct Entry {
        std::string id;
        Instant made;
        Made plan;
    };
    mutable std::mutex m_mutex;
    std::deque<Entry> m_entries;  // oldest first
};

}  // namespace cm::monitor
