// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/request_head.h"

#include "core/http/header.h"

namespace cm::http {
namespace {

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Queries come from anywhere: a broken escape stands for itself.
std::string decodeLeniently(std::string_view text)
{
    auto decoded = percentDecode(text, true);
    return decoded ? std::move(*decoded) : std::string(text);
}

// Calls `visit(name, value)` for each parameter until it returns false.
template <class Visit>
void eachParameter(std::string_view query, Visit visit)
{
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
        if (pair.empty())
            continue;
        const auto equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        if (!visit(decodeLeniently(pair.substr(0, equals)), value))
            return;
    }
}

}  // namespace

std::optional<std::string> RequestHead::queryParameter(std::string_view name) const
{
    std::optional<std::string> found;
    eachParameter(m_query, [&](const std::string &key, std::string_view value) {
        if (key != name)
            return true;
        found = decodeLeniently(value);
        return false;
    });
    return found;
}

std::vector<std::pair<std::string, std::string>> RequestHead::queryParameters() const
{
    std::vector<std::pair<std::string, std::string>> all;
    eachParameter(m_query, [&](std::string key, std::string_view value) {
        all.emplace_back(std::move(key), decodeLeniently(value));
        return true;
    });
    return all;
}

std::string_view RequestHead::header(std::string_view name) const noexcept
{
    for (const Field &field : m_fields) {
        if (equalsIgnoringCase(field.name, name))
            return field.value;
    }
    return {};
}

bool RequestHead::hasHeader(std::string_view name) const noexcept
{
    for (const Field &field : m_fields) {
        if (equalsIgnoringCase(field.name, name))
            return true;
    }
    return false;
}

std::vector<std::string_view> RequestHead::headers(std::string_view name) const
{
    std::vector<std::string_view> values;
    for (const Field &field : m_fields) {
        if (equalsIgnoringCase(field.name, name))
            values.push_back(field.value);
    }
    return values;
}

Result<std::string> percentDecode(std::string_view text, bool plusIsSpace)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const bool whole = text.size() - i > 2;
            const int high = whole ? hexValue(text[i + 1]) : -1;
            const int low = whole ? hexValue(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(ErrorCode::InvalidInput, "broken percent-encoding");
            decoded.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            decoded.push_back(plusIsSpace && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return decoded;
}

std::string percentEncode(std::string_view text, std::string_view keep)
{
    static constexpr std::string_view digits = "0123456789ABCDEF";
    static constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (unreserved.find(c) != std::string_view::npos || keep.find(c) != std::string_view::npos) {
            encoded.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded.push_back('%');
        encoded.push_back(digits[byte >> 4]);
        encoded.push_back(digits[byte & 15]);
    }
    return encoded;
}

}  // namespace cm::http
