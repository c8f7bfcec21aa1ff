// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/sqlite/sqlite_cursor.h"

#include "core/sql/sqlite/sqlite_error.h"

#include <sqlite3.h>

namespace cm::sql {

SqliteCursor::~SqliteCursor()
{
    sqlite3_reset(m_statement->handle);
    sqlite3_clear_bindings(m_statement->handle);
    m_statement->busy = false;
}

Result<bool> SqliteCursor::next()
{
    // A step after the last row would run the statement again.
    if (m_ended)
        return false;
    const int code = sqlite3_step(m_statement->handle);
    if (code == SQLITE_ROW)
        return true;
    m_ended = true;
    if (code == SQLITE_DONE)
        return false;
    return fail(sqliteError(m_handle, code, sqlite3_sql(m_statement->handle)));
}

bool SqliteCursor::isNull(int column) const
{
    return sqlite3_column_type(m_statement->handle, column) == SQLITE_NULL;
}

std::int64_t SqliteCursor::integer(int column) const
{
    return sqlite3_column_int64(m_statement->handle, column);
}

double SqliteCursor::real(int column) const
{
    return sqlite3_column_double(m_statement->handle, column);
}

std::string_view SqliteCursor::text(int column) const
{
    const auto *bytes = reinterpret_cast<const char *>(sqlite3_column_text(m_statement->handle, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_statement->handle, column)))
                 : std::string_view();
}

std::span<const std::byte> SqliteCursor::blob(int column) const
{
    const auto *bytes = static_cast<const std::byte *>(sqlite3_column_blob(m_statement->handle, column));
    return {bytes, bytes ? static_cast<std::size_t>(sqlite3_column_bytes(m_statement->handle, column)) : 0};
}

}  // namespace cm::sql
