// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts on what stands around the registry: the mirror, the edge and its fallback, the stream of download lines, tombstones. Pure: figures in, findings out; an absent figure
// is unknown, never 0. Thresholds as in Thresholds and, where given here, as the field has them.
#pragma once

#include "core/monitor/verdicts/finding.h"

#include <cstdint>
#include <optional>

namespace cm::monitor {

struct MirrorFacts {
    std::optional<std::int64_t> serial;          // that it shows
    std::optional<std::int64_t> registrySerial;  // at the same moment
    double behindSeconds = 0;                    // how long it has been behind
    bool emptyPage = false;                      // a page without links that has some upstream
};
[[nodiscard]] RawFindings judgeMirror(const std::string &node, const MirrorFacts &facts, Time taken);

struct EdgeFacts {
    std::string pop;
    double requests = 0;
    double errors = 0;
};
struct FallbackFacts {
    double primaryErrors = 0;  // answers of the origin that failed, in the window
    double fallbackUses = 0;
};
// The fallback both ways: used when it should not be, unused when it should.
[[nodiscard]] RawFindings judgeFallback(const std::string &node, const FallbackFacts &facts, double requests, Time taken);
[[nodiscard]] RawFindings judgePops(const std::string &node, const std::vector<EdgeFacts> &pops, Time taken);

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
