// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mail/message.h"
#include "core/mail/smtp.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::mail;

namespace {

Message ordinary()
{
    Message message;
    message.from = "alerts@example.org";
    message.to = {"ada@example.org", "bob@example.org"};
    message.fromName = "Cheesemonger";
    message.subject = "[critical] web1: web1 is down";
    message.body = "web1 is down.\n";
    message.messageId = messageIdOf("alert-41.now", message.from);
    message.thread = messageIdOf("alert-41", message.from);
    message.date = *parseRfc3339("2026-11-22T09:44:19Z");
    return message;
}

// The header lines, unfolded.
std::vector<std::string> headers(const std::string &text)
{
    std::vector<std::string> out;
    const std::string head = text.substr(0, text.find("\r\n\r\n"));
    for (std::size_t at = 0; at < head.size();) {
        const std::size_t end = std::min(head.find("\r\n", at), head.size());
        const std::string line = head.substr(at, end - at);
        if (line.starts_with(' ') && !out.empty())
            out.back() += line;
        else
            out.push_back(line);
        at = end + 2;
    }
    return out;
}

std::string valueOf(const std::string &text, const std::string &name)
{
    for (const std::string &line : headers(text)) {
        if (line.starts_with(name + ": "))
            return line.substr(name.size() + 2);
    }
    return "no such header";
}

std::size_t longestLine(std::string_view text)
{
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find("\r\n", at), text.size());
        longest = std::max(longest, end - at);
        at = end + 2;
    }
    return longest;
}

}  // namespace

TEST_CASE("a mail has the headers of its kind")
{
    const std::string text = composeMessage(ordinary());
    CHECK(valueOf(text, "Date") == "Sun, 22 Nov 2026 09:44:19 +0000");
    CHECK(valueOf(text, "From") == "Cheesemonger <alerts@example.org>");
    CHECK(valueOf(text, "To") == "<ada@example.org>, <bob@example.org>");
    CHECK(valueOf(text, "Subject") == "[critical] web1: web1 is down");
    CHECK(valueOf(text, "Message-ID") == "<alert-41.now@example.org>");
    CHECK(valueOf(text, "In-Reply-To") == "<alert-41@example.org>");
    CHECK(valueOf(text, "References") == "<alert-41@example.org>");
    CHECK(valueOf(text, "Auto-Submitted") == "auto-generated");
    // "From " at the beginning of a line, and a dot alone, mean something on the way.
    CHECK(text.ends_with("\r\n\r\nweb1 is down.\r\n"));
}

TEST_CASE("no value can end its header, whatever it holds")
{
    for (const char *evil : {"x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\rBcc: eve@example.org", "x\r\n\r\nHello", "x\r\n .\r\nQUIT"}) {
        Message message = ordinary();
        message.subject = evil;
        message.fromName = evil;
        message.messageId = messageIdOf(evil, message.from);
        message.thread = messageIdOf(evil, message.from);
        const std::string text = composeMessage(message);
        CHECK(headers(text).size() == headers(composeMessage(ordinary())).size());
        CHECK(valueOf(text, "Bcc") == "no such header");
        CHECK(valueOf(text, "Subject").starts_with("x"));
        CHECK(text.find("\r\n\r\nweb1 is down.") != std::string::npos);
    }
    for (const char *bad : {"", "ada", "@example.org", "ada@", "a b@example.org", "ada@example.org\r\nDATA", "<ada@example.org>", "a@b@c", "a,b@example.org", "\xc3\xa4@example.org"})
        CHECK_FALSE(checkAddress(bad));
    CHECK(checkAddress("ada.lovelace+alerts@mail.example.org"));
}

TEST_CASE("what is not ASCII travels as encoded words, none of them cut inside a character")
{
    CHECK(headerText("caf\xc3\xa9", 9) == "=?UTF-8?B?Y2Fmw6k=?=");
    std::string cheese;
    for (int i = 0; i < 60; ++i)
        cheese += "\xf0\x9f\xa7\x80";
    const std::string words = headerText(cheese, 9);
    CHECK(longestLine(words) <= 76);
    CHECK(words.find("\r\n =?UTF-8?B?") != std::string::npos);
    CHECK(headerText("=?UTF-8?B?Y2Fmw6k=?=", 9).starts_with("=?UTF-8?B?PT9V"));
    CHECK(headerText("caf\xe9", 9) == "caf?");
}

TEST_CASE("lines stay short, and folding loses nothing")
{
    std::string words;
    for (int i = 0; i < 40; ++i)
        words += "word ";
    const std::string subject = headerText(words + "end", 9);
    CHECK(longestLine(subject) <= 76);
    std::string unfolded = subject;
    for (std::size_t at = 0; (at = unfolded.find("\r\n")) != std::string::npos;)
        unfolded.erase(at, 2);
    CHECK(unfolded == words + "end");
    // Text without any blank is cut at last.
    CHECK(headerText(std::string(5000, 'x'), 9).size() < 998);
    const std::string body = quotedPrintable(std::string(300, 'x') + "\n" + std::string(200, '=') + " \n.\nFrom here\ncaf\xc3\xa9\nFor ever\n");
    CHECK(longestLine(body) <= 76);
    CHECK(body.find("=20\r\n=2E\r\n=46rom here\r\ncaf=C3=A9\r\nFor ever\r\n") != std::string::npos);
}

TEST_CASE("addresses of servers")
{
    const auto fits = [](const char *url) { return checkServer({url, {}, {}, SmtpServer::Tls::Required, {}}).has_value(); };
    CHECK(fits("smtp://mail.example.org:587"));
    CHECK(fits("smtps://[::1]:465"));
    for (const char *bad : {"mail.example.org", "http://mail.example.org", "smtp://", "smtp://ada:secret@mail.example.org", "smtp://a b", "file:///etc/passwd"})
        CHECK_FALSE(fits(bad));
    CHECK(isLoopback("smtp://127.0.0.1:25"));
    CHECK(isLoopback("smtp://localhost"));
    CHECK(isLoopback("smtps://[::1]:465"));
    CHECK_FALSE(isLoopback("smtp://mail.example.org:25"));
    CHECK_FALSE(isLoopback("smtp://localhost.example.org"));
}
