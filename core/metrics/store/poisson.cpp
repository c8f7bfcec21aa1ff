// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/poisson.h"

#include <boost/math/distributions/chi_squared.hpp>

namespace cm::metrics {

PoissonInterval poissonInterval(std::int64_t count)
{
    constexpr double tail = 0.025;
    const auto half = [](double degrees, double probability) {
        return boost::math::quantile(boost::math::chi_squared(degrees), probability) / 2;
    };
    const auto seen = static_cast<double>(count);
    return {count <= 0 ? 0 : half(2 * seen, tail), half(2 * seen + 2, 1 - tail)};
}

}  // namespace cm::metrics
