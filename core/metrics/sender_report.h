// SPDX-License-Identifier: GPL-3.0-or-later
// What a sender says of itself, beside the lines that it sends: how many it was given. rsyslog's module impstats says it
// (format="json", resetCounters="off") in lines of its own, of which that of the queue in front of the CDN's log is read:
// `"name": "downloads", "origin": "core.queue"`, whose "enqueued" is the number of lines that were put into it since rsyslog
// started, reports included. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cm::metrics {

// The program that a line's header names: what it says is no line of a log.
inline constexpr std::string_view reportProgram = "rsyslogd-pstats";
// The reason for which such a line is ignored.
inline constexpr std::string_view senderReport = "Report";

// Nothing for a report of something else, and for what is none.
[[nodiscard]] std::optional<std::int64_t> linesHandedOver(std::string_view message);

}  // namespace cm::metrics
