// SPDX-License-Identifier: GPL-3.0-or-later
// Where a count a day is going: a line fitted by least squares. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace cm::deprecation {

struct Trend {
    double aDay = 0;             // of the fit, on the last day
    double slope = 0;            // a day
    std::optional<double> zeroIn;  // days from the last one until the fit meets zero; absent: it does not fall
};

// `counts`: one a day, oldest first. Nothing below a week of days.
[[nodiscard]] std::optional<Trend> trendOf(std::span<const std::int64_t> counts);

}  // namespace cm::deprecation
