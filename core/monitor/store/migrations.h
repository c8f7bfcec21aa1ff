// SPDX-License-Identifier: GPL-3.0-or-later
// The schema of a monitor's store: the texts of resources/sql/monitor, embedded at build time. Constant,
// any thread.
#pragma once

#include "core/sql/migration.h"

#include <span>

namespace cm::monitor {

std::span<const sql::Migration> migrations();

}  // namespace cm::monitor
