// SPDX-License-Identifier: GPL-3.0-or-later
// What one look at the facts finds, before anybody asks whether it was seen twice. Made by the pure
// functions of this folder, settled by Debouncer. Values, any thread.
#pragma once

#include "core/api/findings.h"
#include "core/api/types.h"
#include "core/base/clock.h"

#include <string>
#include <vector>

namespace cm::monitor {

using api::Verdict;

struct RawFinding {
    std::string node;
    std::string code;
    Verdict verdict = Verdict::Unknown;
    std::string statement;
    Time sampled{};  // of the facts behind it: a fact is counted once
    // Polls in a row that it takes to believe it, and to believe that it is over.
    int raiseAfter = 2;
    int clearAfter = 2;
    std::string cause;  // the node whose trouble it is, when the facts themselves say so
    std::string subject;  // tells several of one code and node apart: a channel, a slot, a setting
    // Polls after which a critical one is at least a warning; 0: it is all or nothing.
    int warnAfter = 0;
    // What helps here, by the names of those concerned; empty: what helps with the code in general.
    std::string remedy = {};
    // The act that the facts decide, as a wire name of api::ActionKind, and the node that it is done to.
    std::string act = {}, actOn = {};
};

using RawFindings = std::vector<RawFinding>;

// Where figures become warnings and critical. Sources: the defaults of the field, see each.
struct Thresholds {
    double lagWarnSeconds = 5, lagCriticalSeconds = 30;
    double lagWarnBytes = 16.0 * (1 << 20), lagCriticalBytes = 256.0 * (1 << 20);
    int lagWarnPolls = 30, lagCriticalPolls = 60;
    double silentSeconds = 15;       // a walreceiver or walsender without a message
    int unmovedPolls = 3;            // replay that stands still with something to do
    int slotInactivePolls = 60;
    double slotSafeShare = 0.2;      // of max_slot_wal_keep_size
    double connectionsWarn = 0.8;
    double certificateWarn = 1.0 / 3, certificateCritical = 0.1;  // of its lifetime
    double diskWarnHours = 24, diskCriticalHours = 4;             // until full, as it goes
    double diskWarnFree = 0.4, diskCriticalFree = 0.2;            // above: the forecast is not asked
    double diskLowWarn = 0.05, diskLowCritical = 0.03;            // whatever the forecast
    double slowSeconds = 1;
    int missedPolls = 3;
    std::int64_t serialBehind = 0;
    int serialBehindPolls = 10;
};

// What helps, in a sentence or two, for the one who was woken; empty for a code without one.
[[nodiscard]] std::string_view runbookOf(std::string_view code);
// What makes it worse: "Do not …"; empty for a code without one. Whoever reads no more than the runbook is told it too.
[[nodiscard]] std::string_view warningOf(std::string_view code);
// "a", "a and b", "a, b and c", "a, b, c and 4 more".
[[nodiscard]] std::string listOf(const std::vector<std::string> &names, std::size_t most = 4);
// "3.2 MB", "45 s", "2 h 10 min": figures inside statements.
[[nodiscard]] std::string bytesText(double bytes);
[[nodiscard]] std::string secondsText(double seconds);
// Of a node that the topology has no more.
[[nodiscard]] std::string notWatched(const std::string &node);
// "1 file", "3 files".
[[nodiscard]] std::string countText(std::int64_t count, std::string_view what);

}  // namespace cm::monitor
