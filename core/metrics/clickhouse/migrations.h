// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of resources/sql/clickhouse as they are embedded, whole files. Constant, any thread.
#pragma once

#include "core/sql/migration.h"

#include <span>

namespace cm::metrics {

std::span<const sql::Migration> clickHouseFiles();

}  // namespace cm::metrics
