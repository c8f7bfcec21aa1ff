// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/clickhouse/clickhouse.h"

#include "core/metrics/clickhouse/schema.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <charconv>
#include <fmt/format.h>

namespace cm::metrics {
namespace {

namespace json = boost::json;

// Codes of ClickHouse's ErrorCodes.cpp after which the same may succeed later.
constexpr std::array passing{159, 164, 173, 202, 203, 209, 210, 241, 242, 243, 252, 285, 319, 439, 473, 499};
constexpr std::array unknownThing{60, 81};
constexpr std::array notAllowed{192, 193, 194, 195, 497, 516};
constexpr std::size_t mostAnswer = 64U << 20;

template <std::size_t N>
bool isOneOf(int code, const std::array<int, N> &codes)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

void appendEncoded(std::string &out, std::string_view text)
{
    for (const char byte : text) {
        const auto value = static_cast<unsigned char>(byte);
        const bool plain = (value >= '0' && value <= '9') || (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') || value == '_' || value == '-' ||
                           value == '.';
        if (plain)
            out += byte;
        else
            out += fmt::format("%{:02X}", value);
    }
}

Error errorOf(const http::ClientAnswer &answer)
{
    const std::string_view header = answer.header("X-ClickHouse-Exception-Code");
    int code = 0;
    std::from_chars(header.data(), header.data() + header.size(), code);
    const std::string said = answer.body.substr(0, std::min<std::size_t>(answer.body.find('\n'), 400));
    const ErrorCode meaning = isOneOf(code, notAllowed) || answer.status == 401 || answer.status == 403 ? ErrorCode::Unauthorized
                              : isOneOf(code, unknownThing)                                             ? ErrorCode::NotFound
                              : isOneOf(code, passing) || (code == 0 && answer.status >= 500)           ? ErrorCode::Unavailable
                                                                                                        : ErrorCode::Internal;
    return {meaning, fmt::format("ClickHouse answers {}: {}", answer.status, said), {}, {}};
}

}  // namespace

void appendField(std::string &row, std::string_view text, char end)
{
    for (const char byte : text) {
        switch (byte) {
        case '\\': row += "\\\\"; break;
        case '\t': row += "\\t"; break;
        case '\n': row += "\\n"; break;
        case '\r': row += "\\r"; break;
        case '\0': row += "\\0"; break;
        default: row += byte;
        }
    }
    row += end;
}

void appendField(std::string &row, std::int64_t number, char end)
{
    std::array<char, 24> digits{};
    row.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
    row += end;
}

ClickHouse::ClickHouse(ClickHouseOptions options, http::ClientOptions client) : m_options(std::move(options)), m_client(std::move(client)) {}

Result<std::unique_ptr<ClickHouse>> ClickHouse::create(const ClickHouseOptions &options)
{
    CM_TRY_ASSIGN(const http::HttpUrl url, http::parseHttpUrl(options.url));
    http::ClientOptions client = http::optionsFor(url);
    client.verify = url.tls;
    client.caFile = options.caFile;
    client.totalTimeout = options.patience.timeout;
    client.maxBody = mostAnswer;
    return std::unique_ptr<ClickHouse>(new ClickHouse(options, std::move(client)));
}

Result<std::string> ClickHouse::send(const std::vector<std::pair<std::string, std::string>> &arguments, std::string body)
{
    http::ClientRequest request{"POST", "/", {{"X-ClickHouse-User", m_options.user}}, std::move(body)};
    if (!m_options.password.empty())
        request.headers.push_back({"X-ClickHouse-Key", m_options.password});
    char separator = '?';
    for (const auto &[name, value] : arguments) {
        request.target += std::exchange(separator, '&');
        request.target += name;
        request.target += '=';
        appendEncoded(request.target, value);
    }
    const std::unique_lock lock(m_mutex, m_options.patience.timeout);
    if (!lock)
        return fail(ErrorCode::Unavailable, "ClickHouse is busy with what others ask");
    // Also those who waited for the one that had no answer.
    if (std::chrono::steady_clock::now() < m_restsUntil)
        return fail(ErrorCode::Unavailable, "ClickHouse did not answer in time a moment ago");
    auto sent = m_client.send(request);
    if (!sent && sent.error().code == ErrorCode::Timeout && m_options.patience.rest.count() > 0)
        m_restsUntil = std::chrono::steady_clock::now() + m_options.patience.rest;
    CM_TRY_ASSIGN(http::ClientAnswer answer, std::move(sent));
    if (answer.status != 200)
        return fail(errorOf(answer));
    // A failure after the answer has begun stands at its end.
    if (!answer.header("X-ClickHouse-Exception-Code").empty())
        return fail(errorOf(answer));
    return std::move(answer.body);
}

Result<void> ClickHouse::prepare()
{
    const auto made = send({}, fmt::format("CREATE DATABASE IF NOT EXISTS `{}`", m_options.database));
    // Who may not make databases may have been given one.
    if (!made && made.error().code != ErrorCode::Unauthorized)
        return fail(made.error());
    for (const std::string_view statement : clickHouseSchema())
        CM_TRY(send({{"database", m_options.database}}, std::string(statement)));
    return {};
}

Result<std::vector<json::array>> ClickHouse::rows(std::string_view select, const ClickHouseParameters &parameters)
{
    std::vector<std::pair<std::string, std::string>> arguments{{"database", m_options.database},
                                                               {"default_format", "JSONCompactEachRow"},
                                                               {"output_format_json_quote_64bit_integers", "0"},
                                                               {"wait_end_of_query", "1"}};
    for (const auto &[name, value] : parameters)
        arguments.emplace_back("param_" + name, value);
    CM_TRY_ASSIGN(const std::string body, send(arguments, std::string(select)));
    std::vector<json::array> out;
    for (std::size_t at = 0; at < body.size();) {
        const std::size_t end = std::min(body.find('\n', at), body.size());
        boost::system::error_code error;
        json::value row = json::parse({body.data() + at, end - at}, error);
        if (error || !row.is_array())
            return fail(ErrorCode::Internal, "ClickHouse answers with what is no row");
        out.push_back(std::move(row.as_array()));
        at = end + 1;
    }
    return out;
}

Result<void> ClickHouse::insert(std::string_view table, std::string_view columns, std::string rows, const std::string &token)
{
    // One block, so that it is there as a whole or not at all; its token is known again by the table.
    CM_TRY(send({{"database", m_options.database},
                 {"query", fmt::format("INSERT INTO {} ({}) FORMAT TabSeparated", table, columns)},
                 {"insert_deduplicate", "1"},
                 {"insert_deduplication_token", token},
                 {"max_insert_block_size", "10000000"},
                 {"min_insert_block_size_rows", "10000000"},
                 {"min_insert_block_size_bytes", "0"},
                 {"max_partitions_per_insert_block", "0"},
                 {"input_format_parallel_parsing", "0"},
                 {"wait_end_of_query", "1"}},
                std::move(rows)));
    return {};
}

}  // namespace cm::metrics
