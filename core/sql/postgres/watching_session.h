// SPDX-License-Identifier: GPL-3.0-or-later
// sql::Session over libpq without waiting inside it: libpqxx blocks for as long as the kernel does when a
// server stands still, and a monitor is there for that very moment. Any thread makes one, one uses it.
#pragma once

#include "core/sql/session.h"

namespace cm::sql {

[[nodiscard]] Result<std::unique_ptr<Session>> connectWatching(const SessionAddress &address, Session::Deadline deadline,
                                                               std::stop_token stop);

}  // namespace cm::sql
