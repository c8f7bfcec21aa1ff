// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/reply.h"

#include "core/base/http_status.h"
#include "core/http/header.h"

#include <fmt/core.h>

namespace cm::ssh {

namespace {

constexpr std::size_t mostNotices = 8;

// The character that begins at `at`, which moves behind it; bytes that are no UTF-8 count as latin-1.
unsigned takeCharacter(std::string_view text, std::size_t &at)
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(at++);
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
    if (more == 0 || first > 0xF4 || text.size() - at < more)
        return first;
    unsigned value = first & (0x3FU >> more);
    for (std::size_t i = 0; i < more; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80)
            return first;
        value = value << 6U | (byte(at + i) & 0x3FU);
    }
    at += more;
    return value;
}

}  // namespace

std::string oneLine(std::string_view utf8, std::size_t most)
{
    std::string out;
    for (std::size_t at = 0; at < utf8.size() && out.size() < most;) {
        const unsigned character = takeCharacter(utf8, at);
        if (character == '\n' || character == '\r' || character == '\t' || character == ' ') {
            if (!out.empty() && out.back() != ' ')
                out.push_back(' ');
        } else if (character > 0xFF || (character >= 0x7F && character < 0xA0) || character < 0x20) {
            out.push_back('?');
        } else {
            out.push_back(static_cast<char>(character));
        }
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

std::string replyOf(int status, std::string_view words)
{
    std::string reason = status == 200 ? std::string("OK") : oneLine(words);
    if (reason.empty())
        reason = httpReason(status);
    std::string body = status == 200 && !words.empty() ? oneLine(words) : reason;
    body += '\n';
    return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", status, reason,
                       body.size(), body);
}

std::string wordsOf(const http::ClientAnswer &answer)
{
    const std::string_view type = answer.header("Content-Type");
    return type.starts_with("text/plain") && !answer.body.empty() ? answer.body : std::string(httpReason(answer.status));
}

std::vector<std::string> noticesOf(const http::ClientAnswer &answer)
{
    std::vector<std::string> notices;
    for (const http::Header &header : answer.headers) {
        if (http::equalsIgnoringCase(header.name, noticeHeader) && notices.size() < mostNotices)
            notices.push_back(oneLine(header.value, 500));
    }
    return notices;
}

}  // namespace cm::ssh
