// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/own_texts.h"

#include "core/pypi/text.h"

#include <algorithm>

namespace cm::server {
namespace {

constexpr std::size_t around = 60;
// A text that speaks of nothing else need not be listed line by line.
constexpr std::size_t mostOfOne = 20;

bool isWordByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool standsAlone(std::string_view text, std::size_t at, std::size_t length)
{
    return (at == 0 || !isWordByte(text[at - 1])) && (at + length == text.size() || !isWordByte(text[at + length]));
}

// The line around, cut where characters begin.
std::string sentence(std::string_view text, std::size_t at, std::size_t length)
{
    std::size_t begin = at > around ? at - around : 0;
    std::size_t end = std::min(at + length + around, text.size());
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80)
        --begin;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        ++end;
    const auto before = text.rfind('\n', at);
    if (before != std::string_view::npos && before >= begin && at > 0)
        begin = before + 1;
    const auto after = text.find('\n', at + length);
    if (after != std::string_view::npos && after < end)
        end = after;
    std::string out = (begin > 0 && text[begin - 1] != '\n' ? "…" : "") + std::string(text.substr(begin, end - begin)) +
                      (end < text.size() && text[end] != '\n' ? "…" : "");
    std::replace_if(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return out;
}

}  // namespace

api::DeprecationMentions mentionsIn(std::span<const OwnText> texts, std::string_view words)
{
    api::DeprecationMentions out;
    for (const auto &[where, read] : texts) {
        if (!read)
            continue;
        ++out.texts;
        const std::string &text = *read;
        const std::string lower = pypi::lowered(text);
        std::size_t found = 0;
        for (std::string_view rest = words; !rest.empty();) {
            const auto comma = rest.find(',');
            const std::string word = pypi::lowered(pypi::stripped(rest.substr(0, comma)));
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
            if (word.empty())
                continue;
            for (auto at = lower.find(word); at != std::string::npos && found < mostOfOne; at = lower.find(word, at + word.size())) {
                if (!standsAlone(lower, at, word.size()))
                    continue;
                out.items.push_back({where, word, sentence(text, at, word.size())});
                ++found;
            }
        }
    }
    return out;
}

Result<std::int64_t> countMentions(std::span<const OwnText> texts, std::string_view words)
{
    if (words.find_first_not_of(" ,\t") == std::string_view::npos)
        return fail(ErrorCode::InvalidInput, "no words are named");
    const auto unread = std::ranges::find_if(texts, [](const OwnText &text) { return !text.second; });
    if (unread != texts.end())
        return fail(ErrorCode::Unavailable, unread->first + " could not be read");
    return static_cast<std::int64_t>(mentionsIn(texts, words).items.size());
}

}  // namespace cm::server
