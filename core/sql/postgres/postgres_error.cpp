// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/postgres_error.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace cm::sql::pg {

namespace {

// The longest part of a statement that an error repeats.
constexpr std::size_t mostShown = 120;

ErrorCode codeOf(const Failure &failure)
{
    constexpr std::array<std::pair<std::string_view, ErrorCode>, 18> states{{
        {"23505", ErrorCode::Conflict},      // unique
        {"23503", ErrorCode::Conflict},      // foreign key
        {"22021", ErrorCode::InvalidInput},  // not in the encoding
        {"22P05", ErrorCode::InvalidInput},
        {"25006", ErrorCode::Unavailable},  // read-only: a standby
        {"25P03", ErrorCode::Unavailable},  // idle too long in a transaction
        {"25P04", ErrorCode::Unavailable},
        {"40001", ErrorCode::Unavailable},  // serialisation
        {"40P01", ErrorCode::Unavailable},  // deadlock
        {"40003", ErrorCode::Timeout},
        {"54000", ErrorCode::TooLarge},
        {"55P03", ErrorCode::Unavailable},  // lock not had in time
        {"57014", ErrorCode::Unavailable},  // cancelled by an administrator or a limit
        {"0A000", ErrorCode::Unsupported},
        {"58P01", ErrorCode::Unsupported},  // a file of the server is missing: an extension
        {"XX001", ErrorCode::Corrupt},
        {"XX002", ErrorCode::Corrupt},
        {"28000", ErrorCode::Unavailable},
    }};
    for (const auto &[state, code] : states) {
        if (failure.sqlState == state)
            return code;
    }
    // Connection, resources (a full disk, too many connections), operator, system.
    for (const char *group : {"08", "53", "57", "58"}) {
        if (failure.sqlState.starts_with(group))
            return ErrorCode::Unavailable;
    }
    return failure.broken ? ErrorCode::Unavailable : ErrorCode::Internal;
}

std::string_view remedyFor(const Failure &failure)
{
    const bool trigrams = failure.message.find("pg_trgm") != std::string::npos;
    if (trigrams && failure.sqlState == "42501")
        return ": let an administrator of the database run CREATE EXTENSION pg_trgm in it";
    if (trigrams)
        return ": install PostgreSQL's contrib package (postgresql-contrib) on its server";
    return {};
}

}  // namespace

bool endsSession(const Failure &failure)
{
    constexpr std::array<std::string_view, 7> states{"57P01", "57P02", "57P03", "57P05", "25006", "25P03", "25P04"};
    return failure.broken || failure.sqlState.starts_with("08")
        || std::find(states.begin(), states.end(), failure.sqlState) != states.end();
}

Error postgresError(const Failure &failure, std::string_view doing)
{
    Error error;
    error.code = codeOf(failure);
    const bool cut = doing.size() > mostShown;
    error.detail = fmt::format("postgres: {}{}: {}{}{}", doing.substr(0, mostShown), cut ? "..." : "", failure.message,
                               failure.sqlState.empty() ? "" : " (" + failure.sqlState + ")", remedyFor(failure));
    if (failure.sqlState == "55P03" || failure.sqlState.starts_with("40"))
        error.retryAfter = std::chrono::seconds(1);
    return error;
}

}  // namespace cm::sql::pg
