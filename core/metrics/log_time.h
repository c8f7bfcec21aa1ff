// SPDX-License-Identifier: GPL-3.0-or-later
// The times that lines of a log bear: "Fri, 20 Jul 2018 02:19:19 GMT" (RFC 9110's IMF-fixdate). Seconds since 1970,
// UTC. Pure, any thread.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cm::metrics {

// Which times of lines are counted: seconds since 1970, UTC. 2003-01-01: there was no registry before.
inline constexpr std::int64_t registryBegins = 1'041'379'200;
struct TimeLimits {
    std::int64_t earliest = registryBegins;

    // Why a line of that time is not counted: "TimePast", or "TimeAhead" where it lies more than a day after the line came.
    // Empty: it is.
    [[nodiscard]] std::string_view refusal(std::int64_t seconds, Time arrival) const;
};

// As PyPI's parser reads it: the first five and the last four characters may be anything; between them single
// digits, more blanks and any case are as good. Years 1 to 9999.
[[nodiscard]] std::optional<std::int64_t> compatibleSeconds(std::string_view text);
// Exactly that form, of any weekday, in GMT.
[[nodiscard]] std::optional<std::int64_t> strictSeconds(std::string_view text);
// "10/Oct/2013:13:55:36 +0000" of a common log, with its offset.
[[nodiscard]] std::optional<std::int64_t> commonLogSeconds(std::string_view text);

}  // namespace cm::metrics
