// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/sender_report.h"

#include <algorithm>
#include <boost/json/parse.hpp>

namespace cm::metrics {
namespace {

namespace json = boost::json;

// Whatever somebody says, sums of it are far from their bounds.
constexpr std::int64_t mostLines = std::int64_t{1} << 50;

bool isText(const json::object &object, std::string_view key, std::string_view wanted)
{
    const json::value *const value = object.if_contains(key);
    return value && value->is_string() && value->get_string() == wanted;
}

}  // namespace

std::optional<std::int64_t> linesHandedOver(std::string_view message)
{
    constexpr std::string_view cookie = "@cee:";
    message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
    if (message.starts_with(cookie))
        message.remove_prefix(cookie.size());
    boost::system::error_code error;
    const json::value report = json::parse(message, error);
    if (error || !report.is_object())
        return std::nullopt;
    const json::object &object = report.get_object();
    if (!isText(object, "name", "downloads") || !isText(object, "origin", "core.queue"))
        return std::nullopt;
    const json::value *const lines = object.if_contains("enqueued");
    if (!lines || !lines->is_int64() || lines->get_int64() < 0 || lines->get_int64() > mostLines)
        return std::nullopt;
    return lines->get_int64();
}

}  // namespace cm::metrics
