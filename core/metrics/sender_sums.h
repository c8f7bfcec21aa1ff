// SPDX-License-Identifier: GPL-3.0-or-later
// What senders say to have sent, against what came from them: between two reports, and summed up. Plain values; sums belong
// to one thread.
#pragma once

#include "core/metrics/counts.h"

#include <map>
#include <optional>
#include <span>
#include <string>

namespace cm::metrics {

// Nobody hands over so many lines: what says so is made up, or a number of something else.
inline constexpr std::int64_t mostSentPerSecond = 10'000'000;

// How far a sender is by its own words.
struct SenderState {
    std::int64_t seconds = 0;
    std::int64_t sent = 0;
    std::string source;  // whose bytes said so; empty: lines of the sender came by another one since
};
// Between two reports.
struct SenderStretch {
    std::int64_t sent = 0;
    std::int64_t told = 0;  // of these, how many came
};
// `state` becomes that of the report, unless the report is older. Nothing where there is no stretch of which both are
// known, and for figures that cannot be: an ingester knows only what came to itself, so that between reports to two of them
// it is not known what came.
[[nodiscard]] std::optional<SenderStretch> reckon(std::optional<SenderState> &state, const SenderReport &report, const std::string &source);

// Of one ingester, as far as it knows by itself: a stretch that is much longer than the one before it may have a part in
// which the sender went to another ingester, and is left out.
class SenderSums {
public:
    void add(std::span<const SenderReport> reports);
    [[nodiscard]] const SenderStretch &sums() const { return m_sums; }

private:
    struct Sender {
        std::optional<SenderState> state;
        std::int64_t stretch = 0;  // seconds of the last one; 0: there was none
    };
    std::map<std::string, Sender> m_senders;
    SenderStretch m_sums;
};

}  // namespace cm::metrics
