// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of the statements with which counts are read from ClickHouse. Internal to core/metrics/clickhouse. Pure, any thread.
#pragma once

#include "core/metrics/store/figures.h"
#include "core/metrics/store/tiers.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::metrics {

[[nodiscard]] std::string_view columnOf(Dimension dimension);
[[nodiscard]] std::string_view bucketOf(Tier tier);
// As a parameter: seconds are kept in 32 bits.
[[nodiscard]] std::string secondsOf(Minute minute);
// What would have to be escaped in an array is none, and no name of a project.
[[nodiscard]] bool isPlain(std::string_view text);
// As a parameter of the type Array(String), of those that are plain.
[[nodiscard]] std::string arrayOf(const std::vector<std::string> &texts);
// " OR …" for values that isKnownValue() knows by their form; the others are listed by name.
[[nodiscard]] std::string_view knownForm(Dimension dimension);
// Of rows that have columns lines and who.
[[nodiscard]] std::string sumsByClass();
// What was said is reckoned as reckon() in core/metrics/sender_sums.cpp does it, from report to report of a sender
// to one ingester; the one before the first is looked for within a day. Where lines of it came to another one in between,
// of which this one knows nothing, there is no stretch: `latest` is the newest of them by source, to the minute.
[[nodiscard]] std::string senderStretches();

}  // namespace cm::metrics
