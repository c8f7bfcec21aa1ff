// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite's result codes as our errors. Pure, any thread.
#pragma once

#include "core/base/result.h"

struct sqlite3;

namespace cm::sql {

// `code` is the extended result code that the failed call returned; `doing` says what was tried.
Error sqliteError(sqlite3 *handle, int code, std::string_view doing);

}  // namespace cm::sql
