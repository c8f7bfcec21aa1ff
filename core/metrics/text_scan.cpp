// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/text_scan.h"

#include <algorithm>
#include <array>

namespace cm::metrics {
namespace {

// The zeros of Unicode's decimal digits; nine more follow each.
// clang-format off
constexpr std::array<unsigned, 65> zeros{
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
    0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0};
// clang-format on

struct Character {
    unsigned code = 0;
    std::size_t bytes = 1;
};

// The character at `at` of a text that is UTF-8.
Character characterAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t index) { return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U; };
    const unsigned lead = byte(at);
    if (lead < 0x80)
        return {lead, 1};
    if (lead < 0xE0)
        return {(lead & 0x1FU) << 6U | (byte(at + 1) & 0x3FU), 2};
    if (lead < 0xF0)
        return {(lead & 0x0FU) << 12U | (byte(at + 1) & 0x3FU) << 6U | (byte(at + 2) & 0x3FU), 3};
    return {(lead & 0x07U) << 18U | (byte(at + 1) & 0x3FU) << 12U | (byte(at + 2) & 0x3FU) << 6U | (byte(at + 3) & 0x3FU), 4};
}

constexpr bool isBlank(unsigned code)
{
    return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) || code == 0x85 || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

bool isDigit(unsigned code)
{
    if (code < 0x80)
        return code >= '0' && code <= '9';
    const auto after = std::ranges::upper_bound(zeros, code);
    return after != zeros.begin() && code - *(after - 1) < 10;
}

}  // namespace

bool TextScan::word(std::string_view &out)
{
    const std::size_t from = m_at;
    while (!atEnd()) {
        const Character character = characterAt(m_text, m_at);
        if (isBlank(character.code))
            break;
        m_at = std::min(m_at + character.bytes, m_text.size());
    }
    out = m_text.substr(from, m_at - from);
    return !out.empty();
}

std::string_view TextScan::blanks()
{
    const std::size_t from = m_at;
    while (!atEnd()) {
        const Character character = characterAt(m_text, m_at);
        if (!isBlank(character.code))
            break;
        m_at = std::min(m_at + character.bytes, m_text.size());
    }
    return m_text.substr(from, m_at - from);
}

std::size_t TextScan::digitsFrom(std::size_t at, bool many) const
{
    const std::size_t from = at;
    while (at < m_text.size()) {
        const Character character = characterAt(m_text, at);
        if (!isDigit(character.code))
            break;
        at = std::min(at + character.bytes, m_text.size());
        if (!many)
            break;
    }
    return at - from;
}

bool TextScan::dottedDigits(std::string_view &out, bool many)
{
    const std::size_t whole = digitsFrom(m_at, many);
    const std::size_t dot = m_at + whole;
    if (whole == 0 || dot >= m_text.size() || m_text[dot] != '.')
        return false;
    const std::size_t minor = digitsFrom(dot + 1, many);
    if (minor == 0)
        return false;
    out = m_text.substr(m_at, whole + 1 + minor);
    m_at += out.size();
    return true;
}

bool splitAtSlash(std::string_view word, std::string_view &name, std::string_view &version, bool versionless)
{
    const std::size_t least = versionless ? 1 : 2;
    if (word.size() <= least)
        return false;
    const std::size_t slash = word.rfind('/', word.size() - least);
    if (slash == std::string_view::npos || slash == 0)
        return false;
    name = word.substr(0, slash);
    version = word.substr(slash + 1);
    return true;
}

bool hasBlank(std::string_view text)
{
    TextScan scan(text);
    std::string_view all;
    scan.word(all);
    return !scan.atEnd();
}

std::size_t foldedPrefix(std::string_view text, std::string_view letters)
{
    std::size_t at = 0;
    for (const char letter : letters) {
        if (at >= text.size())
            return 0;
        const Character character = characterAt(text, at);
        unsigned code = character.code >= 'A' && character.code <= 'Z' ? character.code - 'A' + 'a' : character.code;
        // The dotted and the dotless i, the long s, the sign of Kelvin.
        code = code == 0x130 || code == 0x131 ? 'i' : code == 0x17F ? 's' : code == 0x212A ? 'k' : code;
        if (code != static_cast<unsigned char>(letter))
            return 0;
        at += character.bytes;
    }
    return at;
}

}  // namespace cm::metrics
