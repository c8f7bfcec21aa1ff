// SPDX-License-Identifier: GPL-3.0-or-later
// What senders say to have sent, against what came from them. Internal to core/metrics/store; one thread.
#pragma once

#include "core/metrics/counts.h"
#include "core/sql/connection.h"

#include <optional>
#include <string>

namespace cm::metrics {

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

// In the transaction of the caller.
Result<void> writeSenders(sql::Connection &connection, const Batch &batch);

}  // namespace cm::metrics
