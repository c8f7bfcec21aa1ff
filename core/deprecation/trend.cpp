// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/trend.h"

#include <algorithm>

namespace cm::deprecation {

std::optional<Trend> trendOf(std::span<const std::int64_t> counts)
{
    constexpr std::size_t leastDays = 7;
    if (counts.size() < leastDays)
        return std::nullopt;
    const double days = static_cast<double>(counts.size());
    const double middle = (days - 1) / 2;
    double mean = 0;
    for (const std::int64_t count : counts)
        mean += static_cast<double>(count) / days;
    double above = 0;
    double below = 0;
    for (std::size_t at = 0; at < counts.size(); ++at) {
        const double away = static_cast<double>(at) - middle;
        above += away * (static_cast<double>(counts[at]) - mean);
        below += away * away;
    }
    Trend trend;
    trend.slope = above / below;
    trend.aDay = std::max(0.0, mean + trend.slope * (days - 1 - middle));
    if (trend.slope < 0)
        trend.zeroIn = trend.aDay / -trend.slope;
    return trend;
}

}  // namespace cm::deprecation
