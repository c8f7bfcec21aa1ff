// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts on what stands around the registry: points of presence, the stream of download lines, tombstones. Pure: figures
// in, findings out; an absent figure is unknown, never 0.
#pragma once

#include "core/monitor/verdicts/finding.h"

#include <cstdint>
#include <optional>

namespace cm::monitor {

// A point of presence of a CDN, over the last minute.
struct PopFacts {
    std::string pop;
    std::int64_t requests = 0;
    std::int64_t errors = 0;
};
// Of each by itself: in the sum of all a dead one is some per mille. What fails everywhere is no outlier.
[[nodiscard]] RawFindings judgePops(const std::string &node, const std::vector<PopFacts> &pops, Time taken);

struct StreamFacts {
    bool connected = false;
    double silentSeconds = 0;  // without a line
    double requests = 0;       // that the edge answered meanwhile
    std::optional<double> sent, parsed, stored;
};
[[nodiscard]] RawFindings judgeStream(const std::string &node, const StreamFacts &facts, Time taken);

struct TombstoneFacts {
    int expected = 410;
    int status = 0;
};
[[nodiscard]] RawFindings judgeTombstone(const std::string &node, const TombstoneFacts &facts, Time taken);

}  // namespace cm::monitor
