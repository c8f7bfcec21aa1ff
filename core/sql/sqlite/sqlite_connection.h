// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to a SQLite file in WAL mode. Owned by SqliteDatabase, lent to one thread at a
// time; statements that it uses often stay prepared.
#pragma once

#include "core/sql/connection.h"
#include "core/sql/kept_statements.h"
#include "core/sql/sqlite/sqlite_dialect.h"

#include <memory>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace cm::sql {

struct SqliteStatement {
    explicit SqliteStatement(sqlite3_stmt *statement) : handle(statement) {}
    ~SqliteStatement();
    SqliteStatement(const SqliteStatement &) = delete;
    SqliteStatement &operator=(const SqliteStatement &) = delete;

    sqlite3_stmt *handle;
    std::vector<int> positions;  // SQLite's index of $1, $2, …; 0: not used in the text
    bool busy = false;
};

class SqliteConnection final : public Connection {
public:
    using Connection::execute;
    using Connection::query;
    using Connection::stream;

    static Result<std::unique_ptr<SqliteConnection>> open(const std::string &path, Access access);
    ~SqliteConnection() override;

    Result<std::unique_ptr<Cursor>> query(std::string_view sql, std::span<const Param> params) override;
    Result<std::int64_t> execute(std::string_view sql, std::span<const Param> params) override;
    Result<void> script(std::string_view sql) override;
    Result<void> begin(Access access) override;
    Result<void> commit() override;
    void rollback() override;
    [[nodiscard]] bool inTransaction() const override;
    [[nodiscard]] const Dialect &dialect() const override { return m_dialect; }

private:
    explicit SqliteConnection(sqlite3 *handle) : m_handle(handle) {}
    Result<void> configure(Access access);
    Result<std::shared_ptr<SqliteStatement>> prepare(std::string_view sql);
    Result<std::shared_ptr<SqliteStatement>> prepareBound(std::string_view sql, std::span<const Param> params);

    sqlite3 *m_handle;
    SqliteDialect m_dialect;
    KeptStatements<std::shared_ptr<SqliteStatement>> m_statements;
};

}  // namespace cm::sql
