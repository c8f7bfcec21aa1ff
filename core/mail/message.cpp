// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mail/message.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace cm::mail {
namespace {

constexpr std::size_t lineLength = 76;
// Of an encoded word, RFC 2047 says 75; this many bytes of text make at most that many of base64.
constexpr std::size_t wordBytes = 42;
constexpr std::size_t maxSubject = 400;
constexpr std::size_t maxAddress = 254;

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Bytes that belong to the character at `at`, in text that is UTF-8.
std::size_t sequenceAt(std::string_view text, std::size_t at)
{
    std::size_t length = 1;
    while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xc0U) == 0x80U)
        ++length;
    return length;
}

// One line of what it says: controls are blanks, what is no UTF-8 is a question mark.
std::string oneLine(std::string_view text, std::size_t most)
{
    const bool valid = isUtf8(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = valid ? sequenceAt(text, at) : 1;
        if (out.size() + length > most)
            return out + "...";
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x20 || c == 0x7f)
            out += ' ';
        else if (c >= 0x80 && !valid)
            out += '?';
        else
            out.append(text.substr(at, length));
        at += length;
    }
    return out;
}

std::string base64(std::string_view bytes)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= count ? digits[(group >> (18 - 6 * i)) & 63U] : '=';
    }
    return out;
}

std::string encodedWords(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && end - at + sequenceAt(text, end) <= wordBytes)
            end += sequenceAt(text, end);
        out.append(out.empty() ? "" : "\r\n ").append("=?UTF-8?B?").append(base64(text.substr(at, end - at))).append("?=");
        at = end;
    }
    return out;
}

// At blanks, which is where a reader puts it together again.
std::string folded(std::string_view text, std::size_t column)
{
    std::string out;
    while (!text.empty()) {
        // A blank begins the word after it, so that the line it folds to is not empty.
        const std::size_t end = std::min(text.find(' ', 1), text.size());
        const std::string_view word = text.substr(0, end);
        if (column + word.size() > lineLength && word.front() == ' ' && word.find_first_not_of(' ') != std::string_view::npos) {
            out += "\r\n";
            column = 0;
        }
        out.append(word);
        column += word.size();
        text.remove_prefix(end);
    }
    return out;
}

// A name as it stands before an address: bare when nothing in it means something there.
std::string phrase(std::string_view name)
{
    const std::string line = oneLine(name, wordBytes);
    const bool bare = std::all_of(line.begin(), line.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80 && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ' ');
    });
    return bare ? line : encodedWords(line);
}

std::string idOf(std::string_view id)
{
    return fmt::format("<{}>", id);
}

}  // namespace

Result<void> checkAddress(std::string_view address)
{
    const auto at = address.find('@');
    const bool plain = std::all_of(address.begin(), address.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte < 0x7f && std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
    });
    if (!plain || at == 0 || at == std::string_view::npos || at + 1 == address.size() || address.find('@', at + 1) != std::string_view::npos ||
        address.size() > maxAddress)
        return fail(ErrorCode::InvalidInput, fmt::format("{} is no mail address like name@example.org", oneLine(address, maxAddress)));
    return {};
}

std::string messageIdOf(std::string_view name, std::string_view address)
{
    const auto at = address.find('@');
    std::string out;
    for (const char c : name) {
        const bool belongs = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
        out += belongs && static_cast<unsigned char>(c) < 0x80 ? c : '-';
    }
    return out + "@" + std::string(at == std::string_view::npos ? "localhost" : address.substr(at + 1));
}

std::string headerText(std::string_view text, std::size_t column)
{
    const std::string line = oneLine(text, maxSubject);
    // What looks like an encoded word would be read as one.
    const bool plain = isAscii(line) && line.find("=?") == std::string::npos;
    return plain ? folded(line, column) : encodedWords(line);
}

std::string quotedPrintable(std::string_view text)
{
    std::string out;
    std::size_t column = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        const bool endsLine = at + 1 == text.size() || text[at + 1] == '\n';
        // A dot alone ends a mail on its way, and "From " at the beginning of a line a mail in some mailboxes.
        const bool risky = column == 0 && (c == '.' || text.substr(at).starts_with("From "));
        const bool plain = byte >= 0x20 && byte < 0x7f && c != '=' && !risky && !(c == ' ' && endsLine);
        const std::size_t needs = plain ? 1 : 3;
        if (column + needs > lineLength - 1) {
            out += "=\r\n";
            column = 0;
        }
        if (plain)
            out += c;
        else
            fmt::format_to(std::back_inserter(out), "={:02X}", byte);
        column += needs;
    }
    return out;
}

std::string composeMessage(const Message &message)
{
    // "Sun, 22 Nov 2026 09:44:19 GMT", whose zone mail writes otherwise.
    std::string date = formatHttpDate(message.date);
    date.replace(date.rfind("GMT"), 3, "+0000");
    std::string out;
    const auto header = [&out](std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    header("Date", date);
    header("From", message.fromName.empty() ? idOf(message.from) : fmt::format("{} {}", phrase(message.fromName), idOf(message.from)));
    std::string to;
    for (const std::string &address : message.to)
        to.append(to.empty() ? "" : ",\r\n ").append(idOf(address));
    header("To", to);
    header("Subject", headerText(message.subject, std::string_view("Subject: ").size()));
    header("Message-ID", idOf(message.messageId));
    if (!message.thread.empty()) {
        header("In-Reply-To", idOf(message.thread));
        header("References", idOf(message.thread));
    }
    header("Auto-Submitted", "auto-generated");
    header("MIME-Version", "1.0");
    header("Content-Type", "text/plain; charset=utf-8");
    header("Content-Transfer-Encoding", "quoted-printable");
    out.append("\r\n").append(quotedPrintable(message.body));
    if (!out.ends_with("\r\n"))
        out += "\r\n";
    return out;
}

}  // namespace cm::mail
