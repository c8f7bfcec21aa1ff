// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/trust/key_list.h"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>

namespace cm::ssh {

namespace {

constexpr std::string_view answerKind = "cheesemonger ssh keys 1\n";
constexpr std::string_view snapshotKind = "cheesemonger ssh snapshot 1\n";
constexpr std::string_view macName = "mac ";
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

tl::unexpected<Error> corrupt(std::string_view what)
{
    return fail(ErrorCode::Corrupt, fmt::format("the list of keys {}", what));
}

bool consistsOf(std::string_view text, std::string_view more)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [more](char c) {
        return letters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
    });
}

std::string signedText(std::string text, const Secret &secret)
{
    const std::string mac = secret.sign(text);
    return text.append(macName).append(mac).append("\n");
}

void appendKeys(std::string &text, const std::vector<KnownKey> &keys)
{
    for (const KnownKey &key : keys)
        text += fmt::format("key {} {} {} {}\n", key.id, key.expires ? key.expires->time_since_epoch().count() : 0, key.type, key.data);
}

// The lines before the signature, once that has been verified.
Result<std::string_view> verified(std::string_view text, std::string_view kind, const Secret &secret)
{
    if (!text.starts_with(kind))
        return corrupt("is none");
    const std::size_t mac = text.rfind(std::string("\n").append(macName));
    if (mac == std::string_view::npos || text.size() != mac + 1 + macName.size() + 64 + 1 || text.back() != '\n')
        return corrupt("is not whole");
    if (!secret.verifies(text.substr(0, mac + 1), text.substr(mac + 1 + macName.size(), 64)))
        return corrupt("is signed with another secret");
    return text.substr(kind.size(), mac + 1 - kind.size());
}

class Lines {
public:
    explicit Lines(std::string_view text) : m_rest(text) {}
    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }

    // The rest of a line that begins with `name` and a blank; nothing when it does not.
    std::optional<std::string_view> take(std::string_view name)
    {
        const std::size_t end = m_rest.find('\n');
        if (end == std::string_view::npos || !m_rest.starts_with(name) || m_rest.size() <= name.size() || m_rest[name.size()] != ' ')
            return std::nullopt;
        const std::string_view value = m_rest.substr(name.size() + 1, end - name.size() - 1);
        m_rest.remove_prefix(end + 1);
        return value;
    }
    std::optional<std::int64_t> takeNumber(std::string_view name)
    {
        const auto text = take(name);
        return text ? number(*text) : std::nullopt;
    }
    static std::optional<std::int64_t> number(std::string_view text)
    {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
    }

private:
    std::string_view m_rest;
};

std::string_view takeWord(std::string_view &rest)
{
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

Result<std::vector<KnownKey>> keysOf(Lines &lines)
{
    std::vector<KnownKey> keys;
    while (!lines.atEnd()) {
        auto line = lines.take("key");
        if (!line)
            return corrupt("has a line that is no key");
        const auto id = Lines::number(takeWord(*line));
        const auto expires = Lines::number(takeWord(*line));
        KnownKey key;
        key.type = takeWord(*line);
        key.data = takeWord(*line);
        if (!id || *id <= 0 || !expires || *expires < 0 || !line->empty() || !consistsOf(key.type, "-.@") || !consistsOf(key.data, "+/="))
            return corrupt("has a line that is no key");
        key.id = *id;
        if (*expires > 0)
            key.expires = Time{std::chrono::microseconds(*expires)};
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace

std::string textOf(const KeyAnswer &answer, const Secret &secret)
{
    std::string text = fmt::format("{}nonce {}\ntime {}\n", answerKind, answer.nonce, answer.at.time_since_epoch().count());
    appendKeys(text, answer.keys);
    return signedText(std::move(text), secret);
}

Result<KeyAnswer> keyAnswerOf(std::string_view text, std::string_view nonce, const Secret &secret)
{
    CM_TRY_ASSIGN(const std::string_view body, verified(text, answerKind, secret));
    Lines lines(body);
    const auto repeated = lines.take("nonce");
    const auto at = lines.takeNumber("time");
    if (!repeated || !at)
        return corrupt("is not whole");
    if (*repeated != nonce)
        return fail(ErrorCode::Conflict, "the list of keys answers another question");
    KeyAnswer answer{std::string(nonce), Time{std::chrono::microseconds(*at)}, {}};
    CM_TRY_ASSIGN(answer.keys, keysOf(lines));
    return answer;
}

std::string textOf(const KeySnapshot &snapshot, const Secret &secret)
{
    std::string text = fmt::format("{}boot {}\nasked {}\ntime {}\n", snapshotKind, snapshot.boot, snapshot.asked.count(),
                                   snapshot.at.time_since_epoch().count());
    appendKeys(text, snapshot.keys);
    return signedText(std::move(text), secret);
}

Result<KeySnapshot> keySnapshotOf(std::string_view text, const Secret &secret)
{
    CM_TRY_ASSIGN(const std::string_view body, verified(text, snapshotKind, secret));
    Lines lines(body);
    const auto boot = lines.take("boot");
    const auto asked = lines.takeNumber("asked");
    const auto at = lines.takeNumber("time");
    if (!boot || !asked || !at)
        return corrupt("is not whole");
    KeySnapshot snapshot{std::string(*boot), std::chrono::microseconds(*asked), Time{std::chrono::microseconds(*at)}, {}};
    CM_TRY_ASSIGN(snapshot.keys, keysOf(lines));
    return snapshot;
}

}  // namespace cm::ssh
