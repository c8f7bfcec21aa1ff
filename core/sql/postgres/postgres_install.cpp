// SPDX-License-Identifier: GPL-3.0-or-later
// What a database has to be before a registry lives in it.
#include "core/sql/postgres/postgres_connection.h"

#include <array>
#include <fmt/format.h>

namespace cm::sql {

namespace {

constexpr std::int64_t oldestServer = 130000;

// Names sort by their bytes, as in SQLite: pages, windows of lists and ranges rest on it.
bool sortsByBytes(std::string_view collation, std::string_view provider)
{
    if (provider != "c" && provider != "b" && !provider.empty())
        return false;
    for (const std::string_view known : {"C", "POSIX", "C.UTF-8", "C.utf8"}) {
        if (collation == known)
            return true;
    }
    return false;
}

}  // namespace

Result<void> PostgresConnection::lookAtDatabase()
{
    CM_TRY_ASSIGN(const pg::Rows about,
                  run("SELECT current_setting('server_version_num'), pg_encoding_to_char(encoding), datcollate,"
                      " coalesce(to_jsonb(d) ->> 'datlocprovider', ''), datname"
                      " FROM pg_database d WHERE datname = current_database()",
                      {}));
    if (about.integer(0, 0) < oldestServer)
        return fail(ErrorCode::Unsupported, "postgres: the server is older than version 13");
    if (about.text(0, 1) != "UTF8" || !sortsByBytes(about.text(0, 2), about.text(0, 3)))
        return fail(ErrorCode::Unsupported,
                    fmt::format("postgres: the database {0} has the encoding {1} and the collation {2}, and names would"
                                " sort otherwise than by their bytes. Make one with: CREATE DATABASE {0} TEMPLATE"
                                " template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'",
                                about.text(0, 4), about.text(0, 1), about.text(0, 2)));
    return {};
}

Result<void> PostgresConnection::install()
{
    CM_TRY(begin(Access::Write));
    Result<void> installed = lookAtDatabase();
    if (installed) {
        auto there = run("SELECT to_regclass('cheesemonger_commits') IS NOT NULL", {});
        if (!there)
            installed = fail(there.error());
        else if (there->integer(0, 0) == 0)
            installed = script("CREATE TABLE cheesemonger_commits (number BIGINT NOT NULL PRIMARY KEY,"
                               " ticket TEXT NOT NULL)");
    }
    if (installed)
        installed = commit();
    if (!installed)
        rollback();
    return installed;
}

}  // namespace cm::sql
