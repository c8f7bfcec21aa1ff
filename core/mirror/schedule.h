// SPDX-License-Identifier: GPL-3.0-or-later
// When the next run of a mirror begins: at its ticks, and sooner after a run that failed for what may pass by itself, with
// a pause that doubles from 2 s as long as that fails and differs from mirror to mirror. Pure; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace cm::mirror {

class Schedule {
public:
    using Moment = std::chrono::steady_clock::time_point;

    // Ticks count from `begin`, the moment of the first run. `every` 0: somebody else starts each run.
    Schedule(std::chrono::seconds every, Moment begin, std::uint32_t seed) : m_every(every), m_tick(begin), m_random(seed) {}

    // A run has ended. `failedBefore`: how often what failed had failed already; nothing: there is nothing that trying
    // again soon could mend. `notBefore`: when the next one may begin at the earliest.
    void ended(std::optional<std::int64_t> failedBefore, Moment now, std::optional<Moment> notBefore = {});
    // Always after `now`; nothing when somebody else starts each run. Ticks that were missed are made up by none.
    [[nodiscard]] std::optional<Moment> due(Moment now);

private:
    const std::chrono::seconds m_every;
    Moment m_tick;
    std::optional<Moment> m_again;
    Moment m_notBefore{};
    std::minstd_rand m_random;
};

}  // namespace cm::mirror
