// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/tiers.h"

#include <algorithm>

namespace cm::metrics {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

year_month_day dateOf(Minute minute)
{
    return sys_days(days(minute / minutesOfDay));
}

Minute startOf(const year_month_day &date)
{
    return sys_days(date).time_since_epoch().count() * minutesOfDay;
}

Minute next(Tier tier, Minute bucket)
{
    switch (tier) {
    case Tier::Minute:
        return bucket + 1;
    case Tier::Hour:
        return bucket + minutesOfHour;
    case Tier::Day:
        return bucket + minutesOfDay;
    case Tier::Month:
        break;
    }
    const year_month_day date = dateOf(bucket);
    return startOf((date.year() / date.month() + std::chrono::months(1)) / 1);
}

}  // namespace

Minute minuteOf(Time time)
{
    return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

Time timeOf(Minute minute)
{
    return Time(std::chrono::minutes(minute));
}

Minute floorTo(Tier tier, Minute minute)
{
    switch (tier) {
    case Tier::Minute:
        return minute;
    case Tier::Hour:
        return minute - minute % minutesOfHour;
    case Tier::Day:
        return minute - minute % minutesOfDay;
    case Tier::Month:
        break;
    }
    const year_month_day date = dateOf(minute);
    return startOf(date.year() / date.month() / 1);
}

Minute nextOf(Tier tier, Minute minute)
{
    return next(tier, floorTo(tier, minute));
}

Minute keptFrom(Tier tier, Minute now)
{
    if (tier == Tier::Minute)
        return floorTo(Tier::Hour, std::max<Minute>(0, now - minutesKept));
    return tier == Tier::Hour ? floorTo(Tier::Day, std::max<Minute>(0, now - hoursKept)) : 0;
}

Minute ranksKeptFrom(Tier tier, Minute now)
{
    return tier == Tier::Hour ? floorTo(Tier::Day, std::max<Minute>(0, now - rankHoursKept)) : 0;
}

std::vector<Run> runsOf(Minute from, Minute until, Tier finest, Tier coarsest)
{
    std::vector<Run> runs;
    while (from < until) {
        // The largest bucket that begins here and does not go beyond the end.
        Tier tier = coarsest;
        while (tier != finest && (floorTo(tier, from) != from || next(tier, from) > until))
            tier = static_cast<Tier>(static_cast<int>(tier) - 1);
        const Minute end = next(tier, from);
        if (!runs.empty() && runs.back().tier == tier && runs.back().until == from)
            runs.back().until = end;
        else
            runs.push_back({tier, from, end});
        from = end;
    }
    return runs;
}

}  // namespace cm::metrics
