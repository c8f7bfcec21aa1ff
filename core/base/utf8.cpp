// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/utf8.h"

#include <cstddef>

namespace cm {
namespace {

// How many bytes follow `lead`; 0 when it begins no sequence of several bytes.
constexpr std::size_t continuationBytes(unsigned char lead)
{
    if (lead >= 0xC2 && lead <= 0xDF)
        return 1;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 2;
    return lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
}

}  // namespace

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
        const std::size_t more = continuationBytes(lead);
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

}  // namespace cm
