// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/collateral.h"

#include <algorithm>

namespace cm::registry {

namespace {

constexpr std::chrono::minutes fineFor{10};
constexpr std::chrono::seconds coarseStep{10};
// A brown-out lasts a day at most, and as long a time before it is looked at.
constexpr std::chrono::hours keptFor{49};

catalog::CollateralCounts difference(const catalog::CollateralCounts &to, const catalog::CollateralCounts &from)
{
    // What is counted by two counters may be seen by one of them first.
    const auto since = [](std::int64_t a, std::int64_t b) { return std::max<std::int64_t>(0, a - b); };
    return {since(to.uploads, from.uploads), since(to.uploadsRefused, from.uploadsRefused), since(to.uploadsFailed, from.uploadsFailed),
            since(to.installs, from.installs), since(to.installsFailed, from.installsFailed)};
}

}  // namespace

void CollateralLog::look(Time now, const catalog::CollateralCounts &totals)
{
    // A clock that was set back has no stretches of before.
    if (!m_fine.empty() && now < m_fine.back().time) {
        m_fine.clear();
        m_coarse.clear();
    }
    m_fine.push_back({now, totals});
    while (m_fine.front().time + fineFor < now) {
        if (m_coarse.empty() || m_coarse.back().time + coarseStep <= m_fine.front().time)
            m_coarse.push_back(m_fine.front());
        m_fine.pop_front();
    }
    while (!m_coarse.empty() && m_coarse.front().time + keptFor < now)
        m_coarse.pop_front();
}

const CollateralLog::Look *CollateralLog::at(Time time) const
{
    for (const auto *looks : {&m_fine, &m_coarse}) {
        const auto after = std::upper_bound(looks->begin(), looks->end(), time, [](Time value, const Look &look) { return value < look.time; });
        if (after != looks->begin())
            return &*std::prev(after);
    }
    return nullptr;
}

std::optional<catalog::CollateralRow> CollateralLog::of(const deprecation::Window &window) const
{
    if (m_fine.empty())
        return std::nullopt;
    const Look *begin = at(window.starts);
    if (!begin)
        begin = m_coarse.empty() ? &m_fine.front() : &m_coarse.front();
    const Look *end = at(window.ends);
    if (!end || end->time <= begin->time || end->time <= window.starts)
        return std::nullopt;
    catalog::CollateralRow out{window.id, {}, std::max(begin->time, window.starts), end->time, difference(end->totals, begin->totals), {}};
    if (const Look *before = at(begin->time - (end->time - begin->time)))
        out.before = difference(begin->totals, before->totals);
    return out;
}

catalog::CollateralRow joined(const catalog::CollateralRow &earlier, catalog::CollateralRow later)
{
    later.from = std::min(earlier.from, later.from);
    later.during.uploads += earlier.during.uploads;
    later.during.uploadsRefused += earlier.during.uploadsRefused;
    later.during.uploadsFailed += earlier.during.uploadsFailed;
    later.during.installs += earlier.during.installs;
    later.during.installsFailed += earlier.during.installsFailed;
    later.before.reset();
    return later;
}

}  // namespace cm::registry
