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
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

bool isUtf8(std::string_view bytes) noexcept
{
    std::size_t i = 0;
    const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
    while (i < bytes.size()) {
        const unsigned char lead = at(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t more = lead >= 0xC2 && lead <= 0xDF ? 1 : lead >= 0xE0 && lead <= 0xEF ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
        if (more == 0 || bytes.size() - i <= more)
            return false;
        const unsigned char second = at(i + 1);
        // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
        const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high)
            return false;
        for (std::size_t k = 2; k <= more; ++k) {
            if ((at(i + k) & 0xC0U) != 0x80U)
                return false;
        }
        i += more + 1;
    }
    return true;
}

}  // namespace cm::pypi
