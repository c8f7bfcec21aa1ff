// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/text.h"

#include <algorithm>
#include <cstddef>

namespace cm::pypi {

std::string_view stripped(std::string_view text) noexcept
{
    constexpr std::string_view blanks = " \t\n\r\f\v";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

}  // namespace cm::pypi
