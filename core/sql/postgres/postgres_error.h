// SPDX-License-Identifier: GPL-3.0-or-later
// What a server answered as our errors, by its SQLSTATE. Pure, any thread.
#pragma once

#include "core/base/result.h"
#include "core/sql/postgres/pqxx_facade.h"

namespace cm::sql::pg {

// `doing` says what was tried.
Error postgresError(const Failure &failure, std::string_view doing);
// The session is of no more use: gone, going, or with a server that takes no writes (any more).
bool endsSession(const Failure &failure);

}  // namespace cm::sql::pg
