// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads as anybody may read them, of the registry (/stats/) or one project (/stats/NAME/): the last whole day,
// seven and thirty days in UTC.
//
//   {"meta": {"api-version": "1.0", "_last-serial": 4711}, "project": "demo" or null,
//    "last_day": {"from": RFC 3339, "to": RFC 3339, "downloads": 15, "without_mirrors": 12,
//                 "classes": {"interactive": 7, "ci": 3, "mirror": 3, "browser": 1, "tooling": 0, "unknown": 1},
//                 "minutes": 1440, "minutes_known": 1438},
//    "last_week": {…}, "last_month": {…}}
//
// The classes are disjoint and add up to `downloads`. Figures are null where no minute is known; a download is not a
// person, nor an installation. Any thread, blocks.
#pragma once

#include "core/metrics/store/count_reader.h"

#include <string>

namespace cm::server {

// `project` normalised; empty: the registry.
[[nodiscard]] Result<std::string> renderStats(metrics::CountReader &counts, const std::string &project, std::int64_t serial,
                                              Time now);

}  // namespace cm::server
