// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/binding.h"

#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <charconv>

namespace cm::api {
namespace {

// The next segment of a path, without its slash; the rest is left in `path`.
std::string_view takeSegment(std::string_view &path)
{
    if (!path.empty() && path.front() == '/')
        path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

std::string textOf(const Json &value)
{
    if (const auto *text = value.if_string())
        return std::string(std::string_view(*text));
    return boost::json::serialize(value);
}

}  // namespace

std::string percentEncode(std::string_view text)
{
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

std::optional<NamedValues> matchPath(std::string_view pattern, std::string_view rawPath)
{
    NamedValues values;
    while (!pattern.empty() && !rawPath.empty()) {
        const std::string_view expected = takeSegment(pattern);
        const std::string_view segment = takeSegment(rawPath);
        if (expected.size() > 2 && expected.front() == '{' && expected.back() == '}') {
            const auto encoded = boost::urls::make_pct_string_view(segment);
            if (!encoded || segment.empty())
                return std::nullopt;
            std::string value = encoded->decode();
            if (value.find('\0') != std::string::npos)
                return std::nullopt;
            values.emplace_back(expected.substr(1, expected.size() - 2), std::move(value));
        } else if (expected != segment) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !rawPath.empty())
        return std::nullopt;
    return values;
}

namespace detail {

BoundRequest bind(const EndpointInfo &endpoint, const boost::json::object &members)
{
    BoundRequest bound{endpoint.method, {}, {}};
    boost::json::object rest = members;
    std::string_view pattern = endpoint.path;
    while (!pattern.empty()) {
        const std::string_view segment = takeSegment(pattern);
        bound.target += '/';
        if (segment.size() > 2 && segment.front() == '{') {
            const std::string_view name = segment.substr(1, segment.size() - 2);
            bound.target += percentEncode(textOf(members.at(name)));
            rest.erase(name);
        } else {
            bound.target += segment;
        }
    }
    if (endpoint.hasJsonBody()) {
        bound.body = boost::json::serialize(rest);
        return bound;
    }
    char separator = '?';
    for (const auto &[name, value] : rest) {
        const std::string text = textOf(value);
        if (text.empty())
            continue;
        bound.target += separator;
        bound.target += std::string_view(name);
        bound.target += '=';
        bound.target += percentEncode(text);
        separator = '&';
    }
    return bound;
}

Json scalarFromText(const Json &example, std::string_view text)
{
    if (example.is_bool() && (text == "true" || text == "false"))
        return Json(text == "true");
    if (example.is_int64()) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size())
            return Json(number);
    }
    if (example.is_double()) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size())
            return Json(number);
    }
    return Json(text);
}

}  // namespace detail
}  // namespace cm::api
