// SPDX-License-Identifier: GPL-3.0-or-later
// What counts are of, as a number of a row: the registry, a project or a version, and what was asked for. Pure.
#pragma once

#include "core/metrics/counts.h"

#include <cstdint>

namespace cm::metrics {

using Subject = std::int64_t;

[[nodiscard]] inline Subject registrySubject(Request request)
{
    return static_cast<Subject>(request);
}
[[nodiscard]] inline Subject projectSubject(std::int64_t projectId, Request request)
{
    return projectId * 4 + static_cast<Subject>(request);
}
[[nodiscard]] inline Subject versionSubject(std::int64_t versionId, Request request)
{
    return versionId * 4 + 2 + static_cast<Subject>(request);
}
// Ranks keep the totals of so many projects in one row.
inline constexpr std::int64_t projectsOfShard = 256;

}  // namespace cm::metrics
