// SPDX-License-Identifier: GPL-3.0-or-later
// Numbered changes of a schema, applied in order, each in one transaction and remembered with the
// checksum of its text. On the writer's thread (Database::writeAlone), also while other processes
// do the same. Unsupported: the store was made by a newer program. Corrupt: an applied text differs.
#pragma once

#include "core/base/result.h"
#include "core/sql/connection.h"

#include <span>
#include <string_view>

namespace cm::sql {

struct Migration {
    int number = 0;
    std::string_view name;
    std::string_view text;  // with {{placeholders}}
};

// Inside a write transaction of the caller; `migrations` in rising order. Returns how many ran.
Result<int> migrate(Connection &connection, std::span<const Migration> migrations, std::int64_t nowMicroseconds);

}  // namespace cm::sql
