// SPDX-License-Identifier: GPL-3.0-or-later
// The escapes of logs: what varnishncsa writes for quotes and what cannot be printed, and a doubled quote. Pure, any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace cm::metrics {

// 0 to 15; -1 of what is no hexadecimal digit.
[[nodiscard]] constexpr int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Adds `text` to `out` with \" \\ \n \r \t \xNN and "" undone.
void appendUnescaped(std::string &out, std::string_view text);

}  // namespace cm::metrics
