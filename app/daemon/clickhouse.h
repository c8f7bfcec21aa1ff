// SPDX-License-Identifier: GPL-3.0-or-later
// The ClickHouse of a configuration, for those who write downloads there and those who read them.
#pragma once

#include "core/config/serve_config.h"
#include "core/metrics/clickhouse/clickhouse.h"

#include <memory>

namespace cm::daemon {

// Null where none is configured. Does not connect. InvalidInput; Unavailable for a password that cannot be read.
Result<std::unique_ptr<metrics::ClickHouse>> clickHouseOf(const config::ServeConfig &config, metrics::ClickHousePatience patience);
// Who reads has people waiting, and shares a few threads with all who do; who writes has none.
inline constexpr metrics::ClickHousePatience clickHouseReads{std::chrono::seconds(4), std::chrono::seconds(10)};
inline constexpr metrics::ClickHousePatience clickHouseWrites{std::chrono::seconds(60), {}};

}  // namespace cm::daemon
