// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/sender_rows.h"

#include "core/metrics/store/names.h"
#include "core/metrics/store/tiers.h"

#include <algorithm>
#include <map>

namespace cm::metrics {
namespace {

// Nobody hands over so many lines: what says so is made up, or a number of something else.
constexpr std::int64_t mostPerSecond = 10'000'000;

struct HourRow {
    std::int64_t received = 0;
    std::optional<SenderStretch> said;
};

Result<std::optional<SenderState>> stateOf(sql::Connection &connection, const std::string &sender)
{
    CM_TRY_ASSIGN(const auto rows, connection.query("SELECT seconds, sent FROM download_senders WHERE sender = $1", {sender}));
    CM_TRY_ASSIGN(const bool found, rows->next());
    return found ? std::optional(SenderState{rows->integer(0), rows->integer(1)}) : std::nullopt;
}

}  // namespace

std::optional<SenderStretch> reckon(std::optional<SenderState> &state, const SenderReport &report)
{
    if (state && report.seconds < state->seconds)
        return std::nullopt;
    const auto before = std::exchange(state, SenderState{report.seconds, report.sent});
    if (!before || !report.heard)
        return std::nullopt;
    SenderStretch stretch{report.sent - before->sent, *report.heard};
    // Started anew: it counts from 0 again. What came in between was sent, also what it no longer counts.
    if (report.sent < before->sent)
        stretch.sent = std::max(report.sent, stretch.told);
    if (stretch.sent / mostPerSecond > report.seconds - before->seconds)
        return std::nullopt;
    return stretch;
}

Result<void> writeSenders(sql::Connection &connection, std::span<const SenderTally> senders, std::span<const SenderReport> reports)
{
    std::map<std::pair<Minute, std::string>, HourRow> rows;
    for (const SenderTally &tally : senders)
        rows[{tally.hour, storedText(tally.sender)}].received += tally.lines;
    std::map<std::string, std::optional<SenderState>> states;
    for (const SenderReport &report : reports) {
        const std::string sender = storedText(report.sender);
        auto known = states.find(sender);
        if (known == states.end()) {
            CM_TRY_ASSIGN(const auto state, stateOf(connection, sender));
            known = states.emplace(sender, state).first;
        }
        if (const auto stretch = reckon(known->second, report)) {
            auto &said = rows[{floorTo(Tier::Hour, report.seconds / 60), sender}].said;
            said = SenderStretch{said.value_or(SenderStretch{}).sent + stretch->sent, said.value_or(SenderStretch{}).told + stretch->told};
        }
    }
    for (const auto &[sender, state] : states) {
        CM_TRY(connection.execute("INSERT INTO download_senders (sender, seconds, sent) VALUES ($1, $2, $3)"
                                  " ON CONFLICT (sender) DO UPDATE SET seconds = excluded.seconds, sent = excluded.sent",
                                  {sender, state->seconds, state->sent}));
    }
    for (const auto &[key, row] : rows) {
        CM_TRY(connection.execute("INSERT INTO download_sender_hours (bucket, sender, received) VALUES ($1, $2, $3)"
                                  " ON CONFLICT (bucket, sender) DO UPDATE SET received = download_sender_hours.received + excluded.received",
                                  {key.first, key.second, row.received}));
        if (row.said) {
            CM_TRY(connection.execute("UPDATE download_sender_hours SET sent = coalesce(sent, 0) + $3, told = coalesce(told, 0) + $4"
                                      " WHERE bucket = $1 AND sender = $2",
                                      {key.first, key.second, row.said->sent, row.said->told}));
        }
    }
    return {};
}

}  // namespace cm::metrics
