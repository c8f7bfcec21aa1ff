// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/migration.h"

#include "core/base/hash.h"

#include <fmt/format.h>
#include <map>

namespace cm::sql {

namespace {

struct Applied {
    std::string name;
    std::string checksum;
};

Result<std::map<std::int64_t, Applied>> appliedMigrations(Connection &connection)
{
    CM_TRY(connection.script("CREATE TABLE IF NOT EXISTS schema_version (number BIGINT NOT NULL PRIMARY KEY,"
                             " name TEXT NOT NULL, checksum TEXT NOT NULL, applied BIGINT NOT NULL)"));
    std::map<std::int64_t, Applied> applied;
    CM_TRY_ASSIGN(const auto rows, connection.query("SELECT number, name, checksum FROM schema_version"));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return applied;
        applied[rows->integer(0)] = {rows->string(1), rows->string(2)};
    }
}

Result<void> apply(Connection &connection, const Migration &migration, std::string_view checksum, std::int64_t now)
{
    CM_TRY_ASSIGN(const std::string sql, expandPlaceholders(connection.dialect(), migration.text));
    if (auto done = connection.script(sql); !done) {
        Error error = done.error();
        error.detail = fmt::format("schema change {:04} {}: {}", migration.number, migration.name, error.detail);
        return fail(std::move(error));
    }
    CM_TRY(connection.execute("INSERT INTO schema_version (number, name, checksum, applied) VALUES ($1, $2, $3, $4)",
                              {migration.number, migration.name, checksum, now}));
    return {};
}

}  // namespace

Result<int> migrate(Connection &connection, std::span<const Migration> migrations, std::int64_t nowMicroseconds)
{
    CM_TRY_ASSIGN(const auto applied, appliedMigrations(connection));
    const int newest = migrations.empty() ? 0 : migrations.back().number;
    if (!applied.empty() && applied.rbegin()->first > newest)
        return fail(ErrorCode::Unsupported,
                    fmt::format("the store has schema {} ({}), this program knows up to {}: use the newer program",
                                applied.rbegin()->first, applied.rbegin()->second.name, newest));
    int ran = 0;
    for (const Migration &migration : migrations) {
        const std::string checksum = hashHex(HashKind::Sha256, migration.text);
        const auto found = applied.find(migration.number);
        if (found == applied.end()) {
            CM_TRY(apply(connection, migration, checksum, nowMicroseconds));
            ++ran;
        } else if (found->second.checksum != checksum) {
            return fail(ErrorCode::Corrupt, fmt::format("schema change {:04} {} was applied with another text",
                                                        migration.number, migration.name));
        }
    }
    return ran;
}

}  // namespace cm::sql
