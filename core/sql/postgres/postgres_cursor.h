// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that were answered at once, or those of a cursor on the server, fetched in lots of about a
// megabyte. Owned by the caller of query() or stream(), on the connection's thread.
#pragma once

#include "core/sql/cursor.h"
#include "core/sql/postgres/postgres_connection.h"

#include <unordered_map>
#include <vector>

namespace cm::sql {

class PostgresCursor final : public Cursor {
public:
    explicit PostgresCursor(pg::Rows rows) : m_rows(std::move(rows)) {}
    // The cursor `name` of `connection`, opened in its transaction number `transaction`.
    PostgresCursor(PostgresConnection &connection, std::string name, std::int64_t transaction)
        : m_connection(&connection), m_name(std::move(name)), m_transaction(transaction)
    {}
    ~PostgresCursor() override;

    Result<bool> next() override;
    [[nodiscard]] bool isNull(int column) const override { return m_rows.isNull(m_row, column); }
    [[nodiscard]] std::int64_t integer(int column) const override { return m_rows.integer(m_row, column); }
    [[nodiscard]] double real(int column) const override;
    [[nodiscard]] std::string_view text(int column) const override { return m_rows.text(m_row, column); }
    [[nodiscard]] std::span<const std::byte> blob(int column) const override;

private:
    Result<void> refill();

    pg::Rows m_rows;
    int m_row = -1;
    PostgresConnection *m_connection = nullptr;
    std::string m_name;
    std::int64_t m_transaction = 0;
    int m_lot = 100;
    bool m_ended = false;
    mutable std::unordered_map<int, std::vector<std::byte>> m_blobs;  // of this row
};

}  // namespace cm::sql
