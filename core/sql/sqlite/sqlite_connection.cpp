// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/sqlite/sqlite_connection.h"

#include "core/sql/sqlite/sqlite_cursor.h"
#include "core/sql/sqlite/sqlite_error.h"

#include <charconv>
#include <sqlite3.h>

namespace cm::sql {

namespace {

// How long a writer waits for another process (an `admin` command, a check-point) to let go.
constexpr int busyTimeoutMilliseconds = 10'000;
constexpr int journalModeAttempts = 5;

int bindOne(sqlite3_stmt *statement, int position, const Param::Value &value)
{
    struct Binder {
        sqlite3_stmt *statement;
        int position;
        int operator()(std::monostate) const { return sqlite3_bind_null(statement, position); }
        int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, position, number); }
        int operator()(double number) const { return sqlite3_bind_double(statement, position, number); }
        int operator()(bool flag) const { return sqlite3_bind_int(statement, position, flag ? 1 : 0); }
        int operator()(std::string_view text) const
        {
            return sqlite3_bind_text64(statement, position, text.empty() ? "" : text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
        }
        int operator()(Bytes bytes) const
        {
            if (bytes.data.empty())
                return sqlite3_bind_zeroblob(statement, position, 0);
            return sqlite3_bind_blob64(statement, position, bytes.data.data(), bytes.data.size(), SQLITE_TRANSIENT);
        }
    };
    return std::visit(Binder{statement, position}, value);
}

// SQLite numbers "$n" by first appearance; ours are numbered by n.
std::vector<int> parameterPositions(sqlite3_stmt *statement)
{
    std::vector<int> positions;
    for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index) {
        const char *name = sqlite3_bind_parameter_name(statement, index);
        const std::string_view digits = name ? std::string_view(name).substr(1) : std::string_view();
        std::size_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (number == 0)
            continue;
        if (positions.size() < number)
            positions.resize(number, 0);
        positions[number - 1] = index;
    }
    return positions;
}

}  // namespace

SqliteStatement::~SqliteStatement()
{
    sqlite3_finalize(handle);
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string &path, Access access)
{
    sqlite3 *handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        | (access == Access::Write ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle));
    if (code != SQLITE_OK)
        return fail(sqliteError(handle, code, "open " + path));
    CM_TRY(connection->configure(access));
    return connection;
}

SqliteConnection::~SqliteConnection()
{
    m_statements.clear();
    sqlite3_close_v2(m_handle);
}

Result<void> SqliteConnection::configure(Access access)
{
    sqlite3_busy_timeout(m_handle, busyTimeoutMilliseconds);
    if (access == Access::Write) {
        // Two processes that make the file at the same moment: here the busy handler is not asked.
        Result<void> switched = script("PRAGMA journal_mode = WAL");
        for (int i = 1; i < journalModeAttempts && !switched && switched.error().code == ErrorCode::Unavailable; ++i)
            switched = script("PRAGMA journal_mode = WAL");
        CM_TRY(switched);
        CM_TRY(script("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384;"
                      " PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
                      " PRAGMA temp_store = MEMORY"));
        return {};
    }
    return script("PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY");
}

Result<std::shared_ptr<SqliteStatement>> SqliteConnection::prepare(std::string_view sql)
{
    const auto *found = m_statements.find(sql);
    if (found && !(*found)->busy)
        return *found;
    // The same text while a cursor over it is open gets a statement for once.
    const bool isKept = !found && m_statements.isKept(sql);
    sqlite3_stmt *handle = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()),
                                        isKept ? SQLITE_PREPARE_PERSISTENT : 0U, &handle, nullptr);
    if (code != SQLITE_OK)
        return fail(sqliteError(m_handle, code, sql));
    auto statement = std::make_shared<SqliteStatement>(handle);
    statement->positions = parameterPositions(handle);
    if (isKept) {
        // One that a cursor is open over lives as long as that.
        if (m_statements.isFull())
            m_statements.takeOldest();
        m_statements.add(sql, statement);
    }
    return statement;
}

Result<std::shared_ptr<SqliteStatement>> SqliteConnection::prepareBound(std::string_view sql,
                                                                        std::span<const Param> params)
{
    CM_TRY_ASSIGN(auto statement, prepare(sql));
    if (params.size() < statement->positions.size())
        return fail(ErrorCode::Internal, "sqlite: too few parameters for " + std::string(sql));
    for (std::size_t i = 0; i < statement->positions.size(); ++i) {
        const int position = statement->positions[i];
        const int code = position == 0 ? SQLITE_OK : bindOne(statement->handle, position, params[i].value());
        if (code != SQLITE_OK)
            return fail(sqliteError(m_handle, code, sql));
    }
    return statement;
}

Result<std::unique_ptr<Cursor>> SqliteConnection::query(std::string_view sql, std::span<const Param> params)
{
    CM_TRY_ASSIGN(auto statement, prepareBound(sql, params));
    statement->busy = true;
    return std::make_unique<SqliteCursor>(m_handle, std::move(statement));
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, std::span<const Param> params)
{
    CM_TRY_ASSIGN(auto statement, prepareBound(sql, params));
    const int before = sqlite3_total_changes(m_handle);
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW)
        code = sqlite3_step(statement->handle);
    Result<std::int64_t> changed = code == SQLITE_DONE
        ? Result<std::int64_t>(sqlite3_total_changes(m_handle) == before ? 0 : sqlite3_changes64(m_handle))
        : fail(sqliteError(m_handle, code, sql));
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    return changed;
}

Result<void> SqliteConnection::script(std::string_view sql)
{
    const int code = sqlite3_exec(m_handle, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return fail(sqliteError(m_handle, code, sql.substr(0, 80)));
    return {};
}

Result<void> SqliteConnection::begin(Access access)
{
    CM_TRY(execute(access == Access::Write ? "BEGIN IMMEDIATE" : "BEGIN", {}));
    return {};
}

Result<void> SqliteConnection::commit()
{
    CM_TRY(execute("COMMIT", {}));
    return {};
}

void SqliteConnection::rollback()
{
    if (inTransaction())
        (void)execute("ROLLBACK", {});
}

bool SqliteConnection::inTransaction() const
{
    return sqlite3_get_autocommit(m_handle) == 0;
}

}  // namespace cm::sql
