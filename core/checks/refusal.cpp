// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/refusal.h"

#include "core/base/utf8.h"

#include <fmt/format.h>

namespace cm::checks {
namespace {

// Longer reason phrases are cut by servers and clients in ways of their own.
constexpr std::size_t maxLine = 1000;

// The length of the UTF-8 sequence at the beginning of `text`; 0 when there is none.
std::size_t sequenceLength(std::string_view text)
{
    for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
        if (isUtf8(text.substr(0, length)))
            return length;
    }
    return 0;
}

unsigned codePoint(std::string_view sequence)
{
    const auto lead = static_cast<unsigned char>(sequence[0]);
    unsigned value = sequence.size() == 2 ? lead & 0x1fU : sequence.size() == 3 ? lead & 0x0fU : lead & 0x07U;
    for (const char c : sequence.substr(1))
        value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
    return value;
}

}  // namespace

std::string asciiLine(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (out.size() > maxLine)
            return out.append("...");
        const auto c = static_cast<unsigned char>(text[at]);
        if (c >= 0x20 && c < 0x7f) {
            out.push_back(text[at++]);
            continue;
        }
        const std::size_t length = sequenceLength(text.substr(at));
        if (length <= 1) {
            out.append(fmt::format("\\x{:02x}", c));
            ++at;
            continue;
        }
        const unsigned value = codePoint(text.substr(at, length));
        out.append(value > 0xffff ? fmt::format("\\U{:08x}", value) : fmt::format("\\u{:04x}", value));
        at += length;
    }
    return out;
}

Refusal refuse(int status, std::string_view text, std::string detail)
{
    return {status, asciiLine(text), std::move(detail)};
}

}  // namespace cm::checks
