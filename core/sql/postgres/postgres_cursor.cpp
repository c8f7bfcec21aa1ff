// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/postgres_cursor.h"

#include <algorithm>
#include <cstdlib>

namespace cm::sql {

namespace {

constexpr std::int64_t lotBytes = 1 << 20;
constexpr std::int64_t mostInLot = 5000;

unsigned nibble(char digit)
{
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

}  // namespace

PostgresCursor::~PostgresCursor()
{
    if (m_connection)
        m_connection->closeCursor(m_name, m_transaction);
}

Result<bool> PostgresCursor::next()
{
    if (m_ended)
        return false;
    m_blobs.clear();
    if (++m_row < m_rows.size())
        return true;
    if (m_connection) {
        CM_TRY(refill());
        if (m_rows.size() > 0)
            return true;
    }
    m_ended = true;
    return false;
}

Result<void> PostgresCursor::refill()
{
    CM_TRY_ASSIGN(m_rows, m_connection->fetch(m_name, m_lot));
    m_row = 0;
    std::int64_t bytes = 1;
    for (int row = 0; row < m_rows.size(); ++row) {
        for (int column = 0; column < m_rows.columns(); ++column)
            bytes += static_cast<std::int64_t>(m_rows.text(row, column).size());
    }
    m_lot = static_cast<int>(std::clamp<std::int64_t>(m_lot * lotBytes / bytes, 1, std::min<std::int64_t>(4 * m_lot, mostInLot)));
    return {};
}

double PostgresCursor::real(int column) const
{
    return std::strtod(m_rows.text(m_row, column).data(), nullptr);
}

std::span<const std::byte> PostgresCursor::blob(int column) const
{
    std::string_view hex = m_rows.text(m_row, column);
    if (!hex.starts_with("\\x"))
        return std::as_bytes(std::span(hex));
    hex.remove_prefix(2);
    std::vector<std::byte> &bytes = m_blobs[column];
    bytes.resize(hex.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    return bytes;
}

}  // namespace cm::sql
