// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/sqlite/sqlite_database.h"

#include "core/sql/sqlite/sqlite_connection.h"
#include "core/sql/write_queue.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace cm::sql {

namespace {

constexpr std::chrono::seconds readerTimeout{10};

// Which file lies at a path; nothing when there is none.
std::optional<std::pair<dev_t, ino_t>> fileAt(const std::string &path)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0)
        return std::nullopt;
    return std::pair(info.st_dev, info.st_ino);
}

}  // namespace

struct SqliteDatabase::State {
    State(std::string path, std::size_t maxReaders, std::unique_ptr<Connection> writer,
          std::unique_ptr<SqliteConnection> watcher)
        : m_path(std::move(path)), m_maxReaders(maxReaders), m_watcher(std::move(watcher)), m_queue(std::move(writer))
    {
    }

    // A file that was removed or replaced goes on working for whoever has it open, and everything written to
    // it is gone with the process: nothing is answered from there, and nothing acknowledged.
    Result<void> checkPlace()
    {
        if (fileAt(m_path) != m_file)
            return fail(ErrorCode::Unavailable, "sqlite: the database " + m_path +
                                                    " was removed or replaced while it is in use: stop, put the file back, start again");
        const bool log = fileAt(m_path + "-wal").has_value();
        if (!log && m_hadLog)
            return fail(ErrorCode::Unavailable, "sqlite: the write-ahead log " + m_path +
                                                    "-wal was removed while it is in use: stop, put the file back, start again");
        if (log)
            m_hadLog = true;
        return {};
    }

    Result<std::unique_ptr<SqliteConnection>> borrow()
    {
        {
            std::unique_lock lock(m_mutex);
            if (!m_returned.wait_for(lock, readerTimeout, [this] { return !m_idle.empty() || m_lent < m_maxReaders; }))
                return fail(ErrorCode::Unavailable, "sqlite: every reading connection is in use");
            ++m_lent;
            if (!m_idle.empty()) {
                auto connection = std::move(m_idle.back());
                m_idle.pop_back();
                return connection;
            }
        }
        auto connection = SqliteConnection::open(m_path, Access::Read);
        if (!connection)
            giveBack(nullptr);
        return connection;
    }

    void giveBack(std::unique_ptr<SqliteConnection> connection)
    {
        {
            const std::lock_guard lock(m_mutex);
            --m_lent;
            if (connection)
                m_idle.push_back(std::move(connection));
        }
        m_returned.notify_one();
    }

    std::string m_path;
    const std::optional<std::pair<dev_t, ino_t>> m_file = fileAt(m_path);
    std::atomic<bool> m_hadLog{false};
    std::size_t m_maxReaders;
    std::mutex m_mutex;
    std::condition_variable m_returned;
    std::vector<std::unique_ptr<SqliteConnection>> m_idle;
    std::size_t m_lent = 0;
    std::mutex m_watchMutex;
    std::unique_ptr<SqliteConnection> m_watcher;
    WriteQueue m_queue;
};

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::string &path, std::size_t maxReaders)
{
    CM_TRY_ASSIGN(auto writer, SqliteConnection::open(path, Access::Write));
    CM_TRY_ASSIGN(auto watcher, SqliteConnection::open(path, Access::Read));
    auto state = std::make_unique<State>(path, maxReaders, std::move(writer), std::move(watcher));
    return std::unique_ptr<SqliteDatabase>(new SqliteDatabase(std::move(state)));
}

SqliteDatabase::SqliteDatabase(std::unique_ptr<State> state) : m_state(std::move(state)) {}

SqliteDatabase::~SqliteDatabase() = default;

Result<void> SqliteDatabase::read(const Work &work)
{
    CM_TRY(m_state->checkPlace());
    CM_TRY_ASSIGN(auto connection, m_state->borrow());
    // Returned also when the work throws, so that a failing caller cannot drain the pool.
    struct Lease {
        State &state;
        std::unique_ptr<SqliteConnection> &connection;
        ~Lease()
        {
            connection->rollback();
            state.giveBack(std::move(connection));
        }
    } lease{*m_state, connection};
    CM_TRY(connection->begin(Access::Read));
    return work(*connection);
}

Result<void> SqliteDatabase::write(const Work &work)
{
    CM_TRY(m_state->checkPlace());
    return m_state->m_queue.run(work, false);
}

Result<void> SqliteDatabase::writeAlone(const Work &work)
{
    CM_TRY(m_state->checkPlace());
    return m_state->m_queue.run(work, true);
}

Result<std::int64_t> SqliteDatabase::dataVersion()
{
    // The pragma counts the commits of all other connections; this one never writes.
    const std::lock_guard lock(m_state->m_watchMutex);
    CM_TRY_ASSIGN(const auto row, m_state->m_watcher->query("PRAGMA data_version"));
    CM_TRY(row->next());
    return row->integer(0);
}

}  // namespace cm::sql
