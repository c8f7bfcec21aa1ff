// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/dialect.h"

namespace cm::sql {

std::string Dialect::slices(std::string_view) const
{
    return {};
}

std::string Dialect::outsideSlices(std::string_view) const
{
    return {};
}

std::vector<std::string> Dialect::makeSlice(std::string_view, std::int64_t, std::int64_t) const
{
    return {};
}

std::vector<std::string> Dialect::dropSlice(std::string_view, std::int64_t) const
{
    return {};
}

Result<std::string> expandPlaceholders(const Dialect &dialect, std::string_view sql)
{
    std::string out;
    for (;;) {
        const std::size_t open = sql.find("{{");
        out += sql.substr(0, open);
        if (open == std::string_view::npos)
            return out;
        const std::size_t close = sql.find("}}", open);
        if (close == std::string_view::npos)
            return fail(ErrorCode::Internal, "SQL text: {{ without }}");
        std::string_view inside = sql.substr(open + 2, close - open - 2);
        std::vector<std::string> words;
        for (std::size_t colon = inside.find(':'); colon != std::string_view::npos; colon = inside.find(':')) {
            words.emplace_back(inside.substr(0, colon));
            inside.remove_prefix(colon + 1);
        }
        words.emplace_back(inside);
        CM_TRY_ASSIGN(const std::string text, dialect.placeholder(words));
        out += text;
        sql.remove_prefix(close + 2);
    }
}

}  // namespace cm::sql
