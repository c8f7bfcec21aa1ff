// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a mirror's database and back. Internal to core/mirror; the connection's thread.
#pragma once

#include "core/mirror/state.h"
#include "core/sql/connection.h"

namespace cm::mirror {

inline std::int64_t micros(Time time)
{
    return time.time_since_epoch().count();
}

inline Time timeOf(std::int64_t micros)
{
    return Time(std::chrono::microseconds(micros));
}

#define CM_MIRROR_FILE_COLUMNS "path, project, sha256, size, metadata, state, until"

inline KnownFile fileOf(const sql::Cursor &row)
{
    return {row.string(0), row.string(1), row.string(2), static_cast<std::uint64_t>(row.integer(3)), row.string(4),
            static_cast<FileState>(row.integer(5)), timeOf(row.integer(6))};
}

inline Result<void> putFile(sql::Connection &connection, const KnownFile &file, std::int64_t checked)
{
    CM_TRY(connection.execute(
        "INSERT INTO files (path, project, sha256, size, metadata, state, until, checked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (path) DO UPDATE SET project = excluded.project, sha256 = excluded.sha256, size = excluded.size,"
        " metadata = excluded.metadata, state = excluded.state, until = excluded.until, checked = max(files.checked, excluded.checked)",
        {file.path, file.project, file.sha256, static_cast<std::int64_t>(file.size), file.metadata, static_cast<std::int64_t>(file.state),
         micros(file.until), checked}));
    return {};
}

// Not checked yet: such are the first to be read. One that has a row already keeps it.
inline Result<void> putNewFile(sql::Connection &connection, const KnownFile &file, FileState state)
{
    CM_TRY(connection.execute("INSERT INTO files (path, project, sha256, size, metadata, state, checked)"
                              " VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (path) DO NOTHING",
                              {file.path, file.project, file.sha256, static_cast<std::int64_t>(file.size), file.metadata,
                               static_cast<std::int64_t>(state)}));
    return {};
}

// To be looked at, of whatever serial it is. Should the registry have no such project, then it is gone.
inline Result<void> pendAnew(sql::Connection &connection, const std::string &name, const std::string &display, Time now)
{
    CM_TRY(connection.execute("INSERT INTO pending (name, display, required, removed, since, rank) VALUES ($1, $2, 0, TRUE, $3, 1)"
                              " ON CONFLICT (name) DO NOTHING",
                              {name, display, micros(now)}));
    return {};
}

// All rows of a query as T.
template <class T, class Map>
Result<std::vector<T>> rowsOf(sql::Connection &connection, std::string_view text, std::initializer_list<sql::Param> params, Map map)
{
    CM_TRY_ASSIGN(const auto rows, connection.query(text, params));
    std::vector<T> out;
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return out;
        out.push_back(map(*rows));
    }
}

}  // namespace cm::mirror
