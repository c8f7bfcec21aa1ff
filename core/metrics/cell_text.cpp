// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/cell_text.h"

namespace cm::metrics {
namespace {

// How many digits stand at `at`; 0 when there are none, or more than three.
std::size_t digitsAt(std::string_view text, std::size_t at)
{
    std::size_t count = 0;
    while (at + count < text.size() && text[at + count] >= '0' && text[at + count] <= '9')
        ++count;
    return count <= 3 ? count : 0;
}

}  // namespace

std::string_view cut(std::string_view text, std::size_t most)
{
    if (text.size() <= most)
        return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

std::string cellText(std::string_view text, std::size_t most)
{
    std::string out(cut(text, most));
    for (char &c : out) {
        const auto byte = static_cast<unsigned char>(c);
        c = byte < 0x20 || byte == 0x7F ? '?' : c;
    }
    return out;
}

std::string majorAndMinor(std::string_view version)
{
    const std::size_t major = digitsAt(version, 0);
    if (major == 0 || major >= version.size() || version[major] != '.')
        return {};
    const std::size_t minor = digitsAt(version, major + 1);
    return minor == 0 ? std::string() : std::string(version.substr(0, major + 1 + minor));
}

}  // namespace cm::metrics
