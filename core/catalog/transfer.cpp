// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/transfer.h"

#include "core/base/hash.h"
#include "core/catalog/queries.h"
#include "core/sql/database.h"

#include <deque>
#include <fmt/format.h>

namespace cm::catalog {

namespace {

using Kind = TransferColumn::Kind;

// Rows in one statement; fewer when they are large.
constexpr std::size_t rowsAtOnce = 50;
constexpr std::size_t bytesAtOnce = 1 << 20;

std::string columnsOf(const TransferTable &table)
{
    std::string text;
    for (const TransferColumn &column : table.columns)
        text += (text.empty() ? "" : ", ") + std::string(column.name);
    return text;
}

std::string selectionOf(const TransferTable &table)
{
    return fmt::format("SELECT {} FROM {} ORDER BY {}", columnsOf(table), table.name, table.key);
}

std::string insertionOf(const TransferTable &table, std::size_t rows)
{
    std::string values;
    std::size_t param = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        values += row == 0 ? "(" : ", (";
        for (std::size_t column = 0; column < table.columns.size(); ++column)
            values += fmt::format("{}${}", column == 0 ? "" : ", ", ++param);
        values += ")";
    }
    return fmt::format("INSERT INTO {} ({}) VALUES {}", table.name, columnsOf(table), values);
}

// Copies of some rows, which their parameters view into.
class Batch {
public:
    Batch(sql::Connection &to, const TransferTable &table)
        : m_to(to), m_table(table), m_many(insertionOf(table, rowsAtOnce)), m_one(insertionOf(table, 1))
    {}

    Result<void> add(const sql::Cursor &row)
    {
        for (int i = 0; i < static_cast<int>(m_table.columns.size()); ++i)
            m_params.push_back(valueOf(row, i));
        ++m_rows;
        return m_rows == rowsAtOnce || m_bytes > bytesAtOnce ? flush() : Result<void>();
    }

    Result<void> flush()
    {
        const std::size_t width = m_table.columns.size();
        if (m_rows == rowsAtOnce) {
            CM_TRY(told(m_to.execute(m_many, std::span<const sql::Param>(m_params)), 0));
        } else {
            for (std::size_t row = 0; row < m_rows; ++row)
                CM_TRY(told(m_to.execute(m_one, std::span<const sql::Param>(m_params).subspan(row * width, width)), row));
        }
        m_params.clear();
        m_texts.clear();
        m_rows = m_bytes = 0;
        return {};
    }

private:
    sql::Param valueOf(const sql::Cursor &row, int column)
    {
        if (row.isNull(column))
            return std::nullopt;
        switch (m_table.columns[static_cast<std::size_t>(column)].kind) {
        case Kind::Integer:
            return row.integer(column);
        case Kind::Boolean:
            return row.boolean(column);
        case Kind::Text:
            return std::string_view(kept(row.string(column)));
        case Kind::Bytes:
            break;
        }
        const auto bytes = row.blob(column);
        const std::string &copy = kept({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
        return sql::Bytes{std::as_bytes(std::span(copy))};
    }

    const std::string &kept(std::string text)
    {
        m_bytes += text.size();
        return m_texts.emplace_back(std::move(text));
    }

    // The error with the row that it speaks of.
    Result<void> told(Result<std::int64_t> done, std::size_t row) const
    {
        if (done)
            return {};
        Error error = done.error();
        const sql::Param::Value &key = m_params[row * m_table.columns.size()].value();
        const std::string name = std::holds_alternative<std::int64_t>(key) ? std::to_string(std::get<std::int64_t>(key))
            : std::holds_alternative<std::string_view>(key)               ? std::string(std::get<std::string_view>(key))
                                                                          : std::string();
        error.detail = fmt::format("{}, at or behind the row {}: {}", m_table.name, name, error.detail);
        return fail(std::move(error));
    }

    sql::Connection &m_to;
    const TransferTable &m_table;
    const std::string m_many;
    const std::string m_one;
    std::vector<sql::Param> m_params;
    std::deque<std::string> m_texts;  // its elements stay where they are
    std::size_t m_rows = 0;
    std::size_t m_bytes = 0;
};

Result<std::int64_t> copyTable(sql::Connection &from, sql::Connection &to, const TransferTable &table)
{
    Batch batch(to, table);
    std::int64_t count = 0;
    CM_TRY_ASSIGN(const auto rows, from.stream(selectionOf(table)));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            break;
        CM_TRY(batch.add(*rows));
        ++count;
    }
    CM_TRY(batch.flush());
    if (table.identity.empty())
        return count;
    // Also of rows that are gone by now: their ids do not come again.
    CM_TRY_ASSIGN(const std::int64_t highest, number(from, from.dialect().highestIdentity(table.name, table.identity)));
    for (const std::string &statement : to.dialect().continueIdentity(table.name, table.identity))
        CM_TRY(to.execute(statement, {highest}));
    return count;
}

void addValue(Hasher &hasher, const sql::Cursor &row, int column, Kind kind)
{
    if (row.isNull(column)) {
        hasher.update(std::as_bytes(std::span("-", 1)));
        return;
    }
    std::string text;
    std::span<const std::byte> bytes;
    if (kind == Kind::Bytes) {
        bytes = row.blob(column);
    } else if (kind == Kind::Text) {
        bytes = std::as_bytes(std::span(row.text(column)));
    } else {
        text = std::to_string(kind == Kind::Boolean ? static_cast<std::int64_t>(row.boolean(column)) : row.integer(column));
        bytes = std::as_bytes(std::span(text));
    }
    const std::string length = std::to_string(bytes.size()) + ":";
    hasher.update(std::as_bytes(std::span(length)));
    hasher.update(bytes);
}

Result<TableDigest> digestTable(sql::Connection &connection, const TransferTable &table)
{
    TableDigest digest{std::string(table.name), 0, {}};
    Hasher hasher(HashKind::Sha256);
    CM_TRY_ASSIGN(const auto rows, connection.stream(selectionOf(table)));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            break;
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            addValue(hasher, *rows, static_cast<int>(i), table.columns[i].kind);
        ++digest.rows;
    }
    digest.sha256 = hasher.finishHex();
    return digest;
}

}  // namespace

Result<bool> isEmpty(sql::Database &database)
{
    bool empty = true;
    CM_TRY(database.read([&](sql::Connection &connection) -> Result<void> {
        for (const TransferTable &table : transferTables()) {
            CM_TRY_ASSIGN(const auto row, connection.query(fmt::format("SELECT {} FROM {} LIMIT 1", table.key, table.name)));
            CM_TRY_ASSIGN(const bool found, row->next());
            empty = empty && !found;
        }
        return {};
    }));
    return empty;
}

Result<void> copyTables(sql::Database &from, sql::Database &to,
                        const std::function<void(std::string_view table, std::int64_t rows)> &copied)
{
    return to.writeAlone([&](sql::Connection &writing) {
        return from.read([&](sql::Connection &reading) -> Result<void> {
            for (const TransferTable &table : transferTables()) {
                CM_TRY_ASSIGN(const std::int64_t rows, copyTable(reading, writing, table));
                copied(table.name, rows);
            }
            return {};
        });
    });
}

Result<std::vector<TableDigest>> digestTables(sql::Database &database)
{
    std::vector<TableDigest> digests;
    CM_TRY(database.read([&](sql::Connection &connection) -> Result<void> {
        for (const TransferTable &table : transferTables()) {
            CM_TRY_ASSIGN(TableDigest digest, digestTable(connection, table));
            digests.push_back(std::move(digest));
        }
        return {};
    }));
    return digests;
}

}  // namespace cm::catalog
