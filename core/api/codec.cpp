// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/codec.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <charconv>
#include <cmath>

namespace cm::api {

std::string snakeCase(std::string_view member)
{
    std::string out;
    out.reserve(member.size() + 4);
    for (const char c : member) {
        if (std::isupper(static_cast<unsigned char>(c)) != 0) {
            out += '_';
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else {
            out += c;
        }
    }
    return out;
}

Result<Json> parseJson(std::string_view text)
{
    boost::system::error_code error;
    Json json = boost::json::parse(text, error);
    if (error)
        return fail(ErrorCode::InvalidInput, "not JSON: " + error.message());
    return json;
}

std::string printJson(const Json &json)
{
    return boost::json::serialize(json);
}

namespace detail {

void writeJson(Json &out, bool value)
{
    out = value;
}

void writeJson(Json &out, std::int64_t value)
{
    out = value;
}

void writeJson(Json &out, double value)
{
    // JSON has no NaN: a figure nobody knows is absent, which an optional says before it comes here.
    if (std::isfinite(value))
        out = value;
    else
        out = nullptr;
}

void writeJson(Json &out, const std::string &value)
{
    out = std::string_view(value);
}

void writeJson(Json &out, Id value)
{
    out = std::string_view(std::to_string(value.value));
}

void writeJson(Json &out, Time value)
{
    out = std::string_view(formatRfc3339(value));
}

void writeJson(Json &out, const Json &value)
{
    out = value;
}

void readJson(const Json &in, bool &value, const std::string &path, Problems &problems)
{
    if (const bool *flag = in.if_bool())
        value = *flag;
    else
        problems.add(path, "is not true or false");
}

void readJson(const Json &in, std::int64_t &value, const std::string &path, Problems &problems)
{
    boost::system::error_code error;
    const auto number = in.to_number<std::int64_t>(error);
    if (error)
        problems.add(path, "is not a whole number");
    else
        value = number;
}

void readJson(const Json &in, double &value, const std::string &path, Problems &problems)
{
    boost::system::error_code error;
    const auto number = in.to_number<double>(error);
    if (error)
        problems.add(path, "is not a number");
    else
        value = number;
}

void readJson(const Json &in, std::string &value, const std::string &path, Problems &problems)
{
    if (const auto *text = in.if_string())
        value.assign(text->data(), text->size());
    else
        problems.add(path, "is not a text");
}

void readJson(const Json &in, Id &value, const std::string &path, Problems &problems)
{
    const auto *text = in.if_string();
    const char *end = text ? text->data() + text->size() : nullptr;
    std::int64_t number = 0;
    if (text && !text->empty()) {
        const auto [last, error] = std::from_chars(text->data(), end, number);
        if (error == std::errc() && last == end) {
            value.value = number;
            return;
        }
    }
    problems.add(path, "is not an id (decimal digits in a string)");
}

void readJson(const Json &in, Time &value, const std::string &path, Problems &problems)
{
    const auto *text = in.if_string();
    const auto time = text ? parseRfc3339(std::string_view(*text)) : fail(ErrorCode::InvalidInput, {});
    if (time)
        value = *time;
    else
        problems.add(path, "is not an RFC 3339 time");
}

void readJson(const Json &in, Json &value, const std::string &, Problems &)
{
    value = in;
}

Error invalid(Problems problems)
{
    std::string text;
    for (const FieldProblem &problem : problems.list)
        text.append(text.empty() ? "" : "; ").append(problem.field).append(" ").append(problem.problem);
    return Error{ErrorCode::InvalidInput, std::move(text), std::move(problems.list), {}};
}

}  // namespace detail
}  // namespace cm::api
