// SPDX-License-Identifier: GPL-3.0-or-later
// The ClickHouse of a configuration, for those who write downloads there and those who read them.
#pragma once

#include "core/config/serve_config.h"
#include "core/metrics/clickhouse/clickhouse.h"

#include <memory>

namespace cm::daemon {

// Null where none is configured. Does not connect. InvalidInput; Unavailable for a password that cannot be read.
// `timeout`: of each statement. Who reads has people waiting, who writes has none.
Result<std::unique_ptr<metrics::ClickHouse>> clickHouseOf(const config::ServeConfig &config, std::chrono::milliseconds timeout);
inline constexpr std::chrono::milliseconds clickHouseReads{4'000}, clickHouseWrites{60'000};

}  // namespace cm::daemon
