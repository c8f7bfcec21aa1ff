// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/schedule.h"

#include <algorithm>

namespace cm::mirror {
namespace {

constexpr std::chrono::duration<double> firstPause{2.0};
// Many mirrors of one registry do not come back to it at one moment.
constexpr double leastPart = 0.75, mostPart = 1.25;
constexpr std::int64_t mostDoublings = 16;

}  // namespace

void Schedule::ended(std::optional<std::int64_t> failedBefore, Moment now, std::optional<Moment> notBefore)
{
    m_again.reset();
    m_notBefore = notBefore.value_or(Moment());
    if (!failedBefore)
        return;
    const auto doublings = std::clamp<std::int64_t>(*failedBefore, 0, mostDoublings);
    const double part = std::uniform_real_distribution(leastPart, mostPart)(m_random);
    const auto pause = std::min<std::chrono::duration<double>>(firstPause * static_cast<double>(1 << doublings) * part, m_every);
    m_again = now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(pause);
}

std::optional<Schedule::Moment> Schedule::due(Moment now)
{
    if (m_every.count() <= 0)
        return std::nullopt;
    if (m_tick <= now)
        m_tick += m_every * ((now - m_tick) / m_every + 1);
    // One that has passed meanwhile, while the last run was told of, is due now.
    return std::max(m_again ? std::min(std::max(*m_again, now), m_tick) : m_tick, m_notBefore);
}

}  // namespace cm::mirror
