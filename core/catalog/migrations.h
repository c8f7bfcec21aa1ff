// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog's schema: the texts of resources/sql, embedded at build time. Constant, any thread.
#pragma once

#include "core/sql/migration.h"

#include <span>

namespace cm::catalog {

std::span<const sql::Migration> migrations();

}  // namespace cm::catalog
