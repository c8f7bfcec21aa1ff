// SPDX-License-Identifier: GPL-3.0-or-later
// The tables in ClickHouse: the statements of resources/sql/clickhouse, embedded at build time, each of which may be
// run again. Constant, any thread.
#pragma once

#include <string_view>
#include <vector>

namespace cm::metrics {

[[nodiscard]] std::vector<std::string_view> clickHouseSchema();

}  // namespace cm::metrics
