// SPDX-License-Identifier: GPL-3.0-or-later
// The schema of what a mirror remembers: the texts of resources/sql/mirror, embedded at build time.
// Constant, any thread.
#pragma once

#include "core/sql/migration.h"

#include <span>

namespace cm::mirror {

std::span<const sql::Migration> migrations();

}  // namespace cm::mirror
