// SPDX-License-Identifier: GPL-3.0-or-later
// What a count says of the rate behind it. Pure, any thread.
#pragma once

#include <cstdint>

namespace cm::metrics {

struct PoissonInterval {
    double lower = 0;
    double upper = 0;
};

// The exact two-sided interval of 95 % of a Poisson mean of which `count` events were seen (Garwood 1936): never
// narrower than it says, as long as each event came by itself, at a rate that does not change. Where one cause makes many (a
// machine that fetches each night, a person who uploads twenty files) the count of causes is what it holds for, and the
// truth lies in a wider one. 7 events: 2.81 to 14.42.
[[nodiscard]] PoissonInterval poissonInterval(std::int64_t count);

}  // namespace cm::metrics
