// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of one run of a prepared statement; gives the statement back when it goes. Owned by the
// caller of query(), on the connection's thread.
#pragma once

#include "core/sql/cursor.h"
#include "core/sql/sqlite/sqlite_connection.h"

namespace cm::sql {

class SqliteCursor final : public Cursor {
public:
    SqliteCursor(sqlite3 *handle, std::shared_ptr<SqliteStatement> statement)
        : m_handle(handle), m_statement(std::move(statement))
    {
    }
    ~SqliteCursor() override;

    Result<bool> next() override;
    [[nodiscard]] bool isNull(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] double real(int column) const override;
    [[nodiscard]] std::string_view text(int column) const override;
    [[nodiscard]] std::span<const std::byte> blob(int column) const override;

private:
    sqlite3 *m_handle;
    std::shared_ptr<SqliteStatement> m_statement;
    bool m_ended = false;
};

}  // namespace cm::sql
