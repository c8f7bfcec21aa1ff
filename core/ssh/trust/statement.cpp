// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/trust/statement.h"

#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/core.h>

namespace cm::ssh {

namespace {

constexpr std::string_view statementKind = "cheesemonger ssh statement 1\n";
constexpr std::string_view questionKind = "cheesemonger ssh question 1\n";
constexpr std::size_t mostHeader = 16 * 1024;
constexpr std::array abouts{std::pair{Question::About::Key, std::string_view("key")},
                            std::pair{Question::About::Keys, std::string_view("keys")},
                            std::pair{Question::About::Ready, std::string_view("ready")}};

bool isPlain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text)
        out += isPlain(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return out;
}

// Only what escaped() writes.
std::optional<std::string> unescaped(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (isPlain(text[at])) {
            out.push_back(text[at]);
            continue;
        }
        unsigned value = 0;
        if (text[at] != '%' || text.size() - at < 3 ||
            std::from_chars(text.data() + at + 1, text.data() + at + 3, value, 16).ptr != text.data() + at + 3)
            return std::nullopt;
        out.push_back(static_cast<char>(value));
        at += 2;
    }
    return out;
}

std::optional<std::int64_t> integer(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value) : std::nullopt;
}

std::string signedHeader(std::string_view kind, const std::string &body, const Secret &secret)
{
    return fmt::format("{} {}&mac={}", scheme, body, secret.sign(std::string(kind) + body));
}

// The members in their order; the signature over the very bytes that were sent.
template <std::size_t count>
Result<std::array<std::string, count>> verified(std::string_view header, std::string_view kind,
                                                const std::array<std::string_view, count> &names, const Secret &secret)
{
    const auto wrong = [] { return fail(ErrorCode::Unauthorized, "what the ssh host says cannot be read"); };
    if (!isSshHeader(header) || header.size() > mostHeader)
        return wrong();
    std::string_view rest = header.substr(scheme.size() + 1);
    const std::size_t mac = rest.rfind("&mac=");
    if (mac == std::string_view::npos)
        return wrong();
    if (!secret.verifies(std::string(kind) + std::string(rest.substr(0, mac)), rest.substr(mac + 5)))
        return fail(ErrorCode::Unauthorized, "the ssh host and this node do not have the same secret");
    rest = rest.substr(0, mac);
    std::array<std::string, count> values;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view member = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!member.starts_with(names[i]) || member.size() == names[i].size() || member[names[i].size()] != '=')
            return wrong();
        auto value = unescaped(member.substr(names[i].size() + 1));
        if (!value)
            return wrong();
        values[i] = std::move(*value);
    }
    if (!rest.empty())
        return wrong();
    return values;
}

Result<Time> timeIn(std::string_view text, Time now)
{
    const auto micros = integer(text);
    if (!micros)
        return fail(ErrorCode::Unauthorized, "what the ssh host says has no time");
    const Time at{std::chrono::microseconds(*micros)};
    if (at > now + statementLife || at < now - statementLife)
        return fail(ErrorCode::Unauthorized, "what the ssh host says is more than a minute old, or their clocks differ");
    return at;
}

constexpr std::array<std::string_view, 8> statementNames{"key", "remote", "time", "action", "project", "version", "filename", "sha256"};
constexpr std::array<std::string_view, 4> questionNames{"about", "fingerprint", "nonce", "time"};

}  // namespace

std::string headerOf(const Statement &statement, const Secret &secret)
{
    return signedHeader(statementKind,
                        fmt::format("key={}&remote={}&time={}&action={}&project={}&version={}&filename={}&sha256={}", statement.keyId,
                                    escaped(statement.remoteAddress), statement.at.time_since_epoch().count(), escaped(statement.action),
                                    escaped(statement.project), escaped(statement.version), escaped(statement.filename),
                                    escaped(statement.sha256)),
                        secret);
}

std::string headerOf(const Question &question, const Secret &secret)
{
    const auto *about = std::find_if(abouts.begin(), abouts.end(), [&](const auto &known) { return known.first == question.about; });
    return signedHeader(questionKind,
                        fmt::format("about={}&fingerprint={}&nonce={}&time={}", about->second, escaped(question.fingerprint),
                                    escaped(question.nonce), question.at.time_since_epoch().count()),
                        secret);
}

bool isSshHeader(std::string_view header) noexcept
{
    return header.starts_with(scheme) && header.size() > scheme.size() && header[scheme.size()] == ' ';
}

Result<Statement> statementOf(std::string_view header, const Secret &secret, Time now)
{
    CM_TRY_ASSIGN(auto values, verified(header, statementKind, statementNames, secret));
    Statement statement;
    CM_TRY_ASSIGN(statement.at, timeIn(values[2], now));
    const auto key = integer(values[0]);
    if (!key)
        return fail(ErrorCode::Unauthorized, "what the ssh host says names no key");
    statement.keyId = *key;
    statement.remoteAddress = std::move(values[1]);
    statement.action = std::move(values[3]);
    statement.project = std::move(values[4]);
    statement.version = std::move(values[5]);
    statement.filename = std::move(values[6]);
    statement.sha256 = std::move(values[7]);
    return statement;
}

Result<Question> questionOf(std::string_view header, const Secret &secret, Time now)
{
    CM_TRY_ASSIGN(auto values, verified(header, questionKind, questionNames, secret));
    Question question;
    const auto *about = std::find_if(abouts.begin(), abouts.end(), [&](const auto &known) { return known.second == values[0]; });
    if (about == abouts.end() || !isHex(values[2], 32))
        return fail(ErrorCode::Unauthorized, "the ssh host asks something that this node does not know");
    CM_TRY_ASSIGN(question.at, timeIn(values[3], now));
    question.about = about->first;
    question.fingerprint = std::move(values[1]);
    question.nonce = std::move(values[2]);
    return question;
}

}  // namespace cm::ssh
