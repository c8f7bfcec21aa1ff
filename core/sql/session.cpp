// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/session.h"

#include <algorithm>

namespace cm::sql {

std::optional<std::string> Table::at(std::size_t row, std::string_view column) const
{
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (row >= rows.size() || found == columns.end())
        return std::nullopt;
    return rows[row][static_cast<std::size_t>(found - columns.begin())];
}

}  // namespace cm::sql
