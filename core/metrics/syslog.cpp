// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/syslog.h"

#include <algorithm>

namespace cm::metrics {
namespace {

constexpr std::size_t longestToken = 128;
constexpr SyslogLine unsound{false, {}, {}, {}, {}};

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

// Where the "<" of a priority stands: at the front, or behind a token; npos when there is none.
std::size_t priorityAt(std::string_view line)
{
    const std::size_t at = line.substr(0, longestToken + 2).find('<');
    if (at == std::string_view::npos)
        return at;
    const std::string_view token = line.substr(0, at);
    const std::size_t end = token.ends_with(' ') ? token.size() - 1 : token.size();
    const bool tokenOnly = std::ranges::all_of(token.substr(0, end), [](char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == '=';
    });
    const std::size_t close = line.substr(at, 5).find('>');
    if (!tokenOnly || close == std::string_view::npos || close < 2)
        return std::string_view::npos;
    int priority = 0;
    for (const char c : line.substr(at + 1, close - 1)) {
        if (!isDigit(c))
            return std::string_view::npos;
        priority = priority * 10 + (c - '0');
    }
    return priority <= 191 ? at : std::string_view::npos;
}

// Takes what stands before the next blank, and the blank; empty when there is none.
std::string_view takeWord(std::string_view &text)
{
    const std::size_t end = text.find(' ');
    if (end == std::string_view::npos)
        return {};
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end + 1);
    return word;
}

// The structured data of RFC 5424 and the blank behind it.
bool takeStructuredData(std::string_view &text)
{
    if (text.starts_with('-')) {
        text.remove_prefix(1);
    } else {
        while (text.starts_with('[')) {
            bool quoted = false;
            std::size_t at = 1;
            for (; at < text.size() && (quoted || text[at] != ']'); ++at) {
                if (quoted && text[at] == '\\')
                    ++at;
                else if (text[at] == '"')
                    quoted = !quoted;
            }
            if (at >= text.size())
                return false;
            text.remove_prefix(at + 1);
        }
    }
    if (!text.starts_with(' '))
        return false;
    text.remove_prefix(1);
    return true;
}

SyslogLine newForm(std::string_view text)
{
    takeWord(text);  // the version
    const std::string_view time = takeWord(text), host = takeWord(text), app = takeWord(text), process = takeWord(text), id = takeWord(text);
    if (time.empty() || host.empty() || app.empty() || process.empty() || id.empty() || !takeStructuredData(text))
        return unsound;
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(byteOrderMark))
        text.remove_prefix(byteOrderMark.size());
    return {true, time, host, app, text};
}

SyslogLine oldForm(std::string_view text)
{
    // "Oct 11 22:14:15 " or one word of RFC 3339.
    std::string_view time;
    if (!text.empty() && !isDigit(text[0])) {
        if (text.size() < 16 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':' || text[15] != ' ')
            return unsound;
        text.remove_prefix(16);
    } else if (time = takeWord(text); time.empty()) {
        return unsound;
    }
    const std::string_view host = takeWord(text);
    if (host.empty())
        return unsound;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.substr(0, colon).find(' ') != std::string_view::npos)
        return unsound;
    const std::string_view tag = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    if (text.starts_with(' '))
        text.remove_prefix(1);
    return {true, time, host, tag.substr(0, tag.find('[')), text};
}

}  // namespace

SyslogLine readSyslog(std::string_view line)
{
    const std::size_t at = priorityAt(line);
    if (at == std::string_view::npos)
        return {!line.starts_with('<'), {}, {}, {}, line};
    const std::string_view text = line.substr(line.find('>', at) + 1);
    // A digit and a blank: a version. RFC 3339's year has four digits.
    return text.size() > 1 && isDigit(text[0]) && text[1] == ' ' ? newForm(text) : oldForm(text);
}

}  // namespace cm::metrics
