// SPDX-License-Identifier: GPL-3.0-or-later
// The buckets in which counts are kept: minutes, hours, days and, for ranks alone, months; how long each is kept;
// and of which buckets a stretch of time consists. Times are minutes since 1970 in UTC. Pure, any thread.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <vector>

namespace cm::metrics {

using Minute = std::int64_t;
inline constexpr Minute minutesOfHour = 60;
inline constexpr Minute minutesOfDay = 24 * 60;

enum class Tier : std::uint8_t { Minute, Hour, Day, Month };

inline constexpr Minute minutesKept = 2 * minutesOfDay;
inline constexpr Minute hoursKept = 90 * minutesOfDay;
inline constexpr Minute rankHoursKept = 8 * minutesOfDay;
// Times that can be: until the end of 9999.
inline constexpr Minute lastMinute = 4'223'371'679;

[[nodiscard]] Minute minuteOf(Time time);  // the minute that it lies in
[[nodiscard]] Time timeOf(Minute minute);
// The beginning of the bucket that `minute` lies in, and of the one after that bucket.
[[nodiscard]] Minute floorTo(Tier tier, Minute minute);
[[nodiscard]] Minute nextOf(Tier tier, Minute minute);
// The earliest bucket of the tier that is kept at `now`, that of counts and that of ranks.
[[nodiscard]] Minute keptFrom(Tier tier, Minute now);
[[nodiscard]] Minute ranksKeptFrom(Tier tier, Minute now);

// Buckets of one tier, one after the other.
struct Run {
    Tier tier = Tier::Day;
    Minute from = 0;
    Minute until = 0;
    friend bool operator==(const Run &, const Run &) = default;
};
// [from, until), both bounds of `finest`, as the largest buckets of the tiers from `finest` to `coarsest`.
[[nodiscard]] std::vector<Run> runsOf(Minute from, Minute until, Tier finest, Tier coarsest);

}  // namespace cm::metrics
