// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/sender_sums.h"

#include <algorithm>
#include <utility>

namespace cm::metrics {

std::optional<SenderStretch> reckon(std::optional<SenderState> &state, const SenderReport &report, const std::string &source)
{
    if (state && report.seconds < state->seconds)
        return std::nullopt;
    const auto before = std::exchange(state, SenderState{report.seconds, report.sent, source});
    if (!before || !report.heard || before->source != source)
        return std::nullopt;
    SenderStretch stretch{report.sent - before->sent, *report.heard};
    // Started anew: it counts from 0 again. What came in between was sent, also what it no longer counts.
    if (report.sent < before->sent)
        stretch.sent = std::max(report.sent, stretch.told);
    if (stretch.sent / mostSentPerSecond > report.seconds - before->seconds)
        return std::nullopt;
    return stretch;
}

void SenderSums::add(std::span<const SenderReport> reports)
{
    for (const SenderReport &report : reports) {
        if (m_senders.size() > mostSenderNames)
            m_senders.clear();
        Sender &sender = m_senders[report.sender];
        const std::int64_t since = sender.state ? report.seconds - sender.state->seconds : 0;
        const auto stretch = reckon(sender.state, report, {});
        if (stretch && sender.stretch > 0 && since <= 2 * sender.stretch) {
            m_sums.sent += stretch->sent;
            m_sums.told += stretch->told;
        }
        if (since > 0)
            sender.stretch = since;
    }
}

}  // namespace cm::metrics
