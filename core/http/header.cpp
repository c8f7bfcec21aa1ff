// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/header.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cm::http {
namespace {

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool isTokenCharacter(char c)
{
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || marks.find(c) != std::string_view::npos;
}

// Cuts the next element of a comma-separated list off `rest`.
std::string_view nextElement(std::string_view &rest)
{
    const auto comma = rest.find(',');
    const auto element = trimmed(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    return element;
}

bool parseNumber(std::string_view text, std::uint64_t &value)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// Whether the parameters of an encoding carry a weight of zero (RFC 9110 section 12.4.2: the name ignores
// case). Spaces around '=' are none of the grammar's, but what they mean is beyond doubt.
bool weightIsZero(std::string_view parameters)
{
    while (!parameters.empty()) {
        const auto end = parameters.find(';');
        const auto parameter = parameters.substr(0, end);
        parameters = end == std::string_view::npos ? std::string_view{} : parameters.substr(end + 1);
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos || !equalsIgnoringCase(trimmed(parameter.substr(0, equals)), "q"))
            continue;
        const auto weight = trimmed(parameter.substr(equals + 1));
        return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

}  // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

Result<void> checkHeader(std::string_view name, std::string_view value)
{
    if (name.empty() || !std::all_of(name.begin(), name.end(), isTokenCharacter))
        return fail(ErrorCode::InvalidInput, "a header name holds a character that is not allowed");
    static constexpr std::string_view forbidden("\r\n\0", 3);
    if (value.find_first_of(forbidden) != std::string_view::npos)
        return fail(ErrorCode::InvalidInput, fmt::format("the value of header {} holds CR, LF or NUL", name));
    return {};
}

std::string safeReason(std::string_view reason)
{
    std::string safe(reason.substr(0, 1024));
    for (char &c : safe) {
        if (c == '\t' || c == '\r' || c == '\n')
            c = ' ';
        else if (c < ' ' || c > '~')
            c = '?';
    }
    return safe;
}

bool etagMatches(std::string_view ifNoneMatch, std::string_view etag) noexcept
{
    if (etag.empty())
        return false;
    if (etag.starts_with("W/"))
        etag.remove_prefix(2);
    for (std::string_view rest = ifNoneMatch; !rest.empty();) {
        auto element = nextElement(rest);
        if (element == "*")
            return true;
        if (element.starts_with("W/"))
            element.remove_prefix(2);
        if (element == etag)
            return true;
    }
    return false;
}

bool acceptsGzip(std::string_view acceptEncoding) noexcept
{
    bool star = false;
    for (std::string_view rest = acceptEncoding; !rest.empty();) {
        const auto element = nextElement(rest);
        const auto semicolon = element.find(';');
        const auto coding = trimmed(element.substr(0, semicolon));
        const bool wanted = semicolon == std::string_view::npos || !weightIsZero(element.substr(semicolon + 1));
        if (equalsIgnoringCase(coding, "gzip") || equalsIgnoringCase(coding, "x-gzip"))
            return wanted;
        if (coding == "*")
            star = wanted;
    }
    return star;
}

RangeVerdict parseRange(std::string_view value, std::uint64_t size, ByteRange &range) noexcept
{
    range = {0, size};
    value = trimmed(value);
    if (value.size() < 6 || !equalsIgnoringCase(value.substr(0, 6), "bytes="))
        return RangeVerdict::Whole;
    value = trimmed(value.substr(6));
    const auto dash = value.find('-');
    if (dash == std::string_view::npos || value.find(',') != std::string_view::npos)
        return RangeVerdict::Whole;
    const auto firstText = trimmed(value.substr(0, dash));
    const auto lastText = trimmed(value.substr(dash + 1));
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (firstText.empty()) {
        if (!parseNumber(lastText, last))
            return RangeVerdict::Whole;
        if (last == 0 || size == 0)
            return RangeVerdict::Unsatisfiable;
        const auto length = std::min(last, size);
        range = {size - length, length};
        return RangeVerdict::Part;
    }
    if (!parseNumber(firstText, first))
        return RangeVerdict::Whole;
    if (lastText.empty())
        last = UINT64_MAX;
    else if (!parseNumber(lastText, last) || last < first)
        return RangeVerdict::Whole;
    if (first >= size)
        return RangeVerdict::Unsatisfiable;
    range = {first, std::min(last, size - 1) - first + 1};
    return RangeVerdict::Part;
}

}  // namespace cm::http
