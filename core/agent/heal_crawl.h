// SPDX-License-Identifier: GPL-3.0-or-later
// What waits to be healed, asked in two ways. Counts come from each brick's index in a tenth of a second, however many there are.
// Which of them have two versions is told by a walk over all of them, seconds for some thousand: it has a thread of its own,
// and whoever wants its answer has the last one meanwhile. Any thread. Source: GlusterFS 10.3, cli/src/cli-rpc-ops.c (the
// counts come as words alone, whatever is asked for) and heal/src/glfs-heal.c.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::agent {

// Of each brick, by the name that gluster has for it; absent where nobody counts.
using HealCounts = std::vector<std::pair<std::string, std::optional<std::int64_t>>>;
// Of `gluster volume heal NAME statistics heal-count`. Unavailable with its words where it refuses.
[[nodiscard]] Result<HealCounts> readHealCounts(std::string_view text);

// What a walk has found, as XML.
struct HealFound {
    std::string summary;
    std::string split;  // empty: none has two versions
};

class HealCrawl {
public:
    using Clock = std::chrono::steady_clock;
    struct Walk {
        HealCounts counts;  // when it began
        Result<HealFound> found = HealFound{};
        Clock::time_point ended{};
        bool isOfNow = false;  // nothing has changed since, as far as counts tell
    };

    explicit HealCrawl(std::function<Result<HealFound>()> walk) : m_walk(std::move(walk)) {}

    // The last walk that may still be believed, for counts of now; a walk begins when they have changed, or now and then. Waits up to
    // `patience` for one that is of now.
    [[nodiscard]] std::optional<Walk> last(const HealCounts &counts, std::chrono::milliseconds patience);
    // Walks when one is due, else returns soon: to be called over and over on a thread that may be held up.
    Result<bool> step();

private:
    [[nodiscard]] bool isDue(Clock::time_point now) const;

    const std::function<Result<HealFound>()> m_walk;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::optional<HealCounts> m_wanted;
    std::optional<Walk> m_last;
    Clock::time_point m_next{};  // not before
};

}  // namespace cm::agent
