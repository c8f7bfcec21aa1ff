// SPDX-License-Identifier: GPL-3.0-or-later
// A whole catalog from one database into another, as rows, and the proof that both hold the same. The
// schema is up to date in both (Catalog::open). For commands that run alone: any thread, blocks long.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cm::sql {
class Database;
}

namespace cm::catalog {

struct TransferColumn {
    enum class Kind { Integer, Boolean, Text, Bytes };
    std::string_view name;
    Kind kind;
};

struct TransferTable {
    std::string_view name;
    std::span<const TransferColumn> columns;
    std::string_view key;       // what orders its rows
    std::string_view identity;  // the column that the engine counts up; empty: none
};

struct TableDigest {
    std::string table;
    std::int64_t rows = 0;
    std::string sha256;  // of every value of every row
    friend bool operator==(const TableDigest &, const TableDigest &) = default;
};

// Every table of the catalog, those first that others refer to.
std::span<const TransferTable> transferTables();
Result<bool> isEmpty(sql::Database &database);
// In one transaction of `to`, which has to be empty. InvalidInput names a row that `to` cannot hold.
Result<void> copyTables(sql::Database &from, sql::Database &to,
                        const std::function<void(std::string_view table, std::int64_t rows)> &copied);
// All of one moment.
Result<std::vector<TableDigest>> digestTables(sql::Database &database);

}  // namespace cm::catalog
