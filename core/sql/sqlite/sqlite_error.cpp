// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/sqlite/sqlite_error.h"

#include <cerrno>
#include <fmt/format.h>
#include <sqlite3.h>

namespace cm::sql {

namespace {

ErrorCode codeOf(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return ErrorCode::Conflict;
    default:
        break;
    }
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
        return ErrorCode::Unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ErrorCode::Corrupt;
    case SQLITE_INTERRUPT:
        return ErrorCode::Cancelled;
    case SQLITE_TOOBIG:
        return ErrorCode::TooLarge;
    default:
        return ErrorCode::Internal;
    }
}

// Also where SQLite says no more than that a write failed.
bool isFullDisk(sqlite3 *handle, int code)
{
    if ((code & 0xff) != SQLITE_IOERR || handle == nullptr)
        return (code & 0xff) == SQLITE_FULL;
    const int error = sqlite3_system_errno(handle);
    return error == ENOSPC || error == EDQUOT;
}

}  // namespace

Error sqliteError(sqlite3 *handle, int code, std::string_view doing)
{
    Error error;
    error.code = codeOf(code);
    const char *said = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    error.detail = fmt::format("sqlite: {}: {} ({})", doing, isFullDisk(handle, code) ? "the disk is full: make room" : said, code);
    if ((code & 0xff) == SQLITE_BUSY)
        error.retryAfter = std::chrono::seconds(1);
    return error;
}

}  // namespace cm::sql
