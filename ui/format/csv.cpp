// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/csv.h"

#include <string_view>

namespace cm::ui {

void appendCsvField(std::string &out, const std::string &value, bool last)
{
    const bool formula = !value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos;
    out += '"';
    if (formula)
        out += '\'';
    for (const char c : value) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += last ? "\"\r\n" : "\",";
}

}  // namespace cm::ui
