// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/clickhouse/schema.h"

#include "core/metrics/clickhouse/migrations.h"

namespace cm::metrics {

std::vector<std::string_view> clickHouseSchema()
{
    std::vector<std::string_view> out;
    for (const sql::Migration &file : clickHouseFiles()) {
        // A statement ends with a semicolon at the end of a line.
        for (std::string_view left = file.text; !left.empty();) {
            const std::size_t end = left.find(";\n");
            if (end == std::string_view::npos)
                break;
            out.push_back(left.substr(0, end));
            left.remove_prefix(end + 2);
        }
    }
    return out;
}

}  // namespace cm::metrics
