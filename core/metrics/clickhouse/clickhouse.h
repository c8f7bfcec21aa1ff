// SPDX-License-Identifier: GPL-3.0-or-later
// A ClickHouse server over its HTTP interface (its manual, "HTTP Interface"): one statement a request. Owned by
// whoever asks; any thread, one at a time; every call blocks within its deadline, and as long at most until it is its turn.
// Errors: Unavailable (nobody listens, it did not answer lately, too busy, out of memory, read-only), Timeout (no answer in time;
// whether a write took place is not known), NotFound (no such table or database), Unauthorized, Cancelled, Internal with the
// server's words.
#pragma once

#include "core/base/result.h"
#include "core/http/client/http_client.h"

#include <boost/json/array.hpp>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::metrics {

struct ClickHousePatience {
    std::chrono::milliseconds timeout{30'000};  // of each statement
    // For so long after one that had no answer in time nobody asks again: whoever would is told at once. 0: each asks.
    std::chrono::milliseconds rest{0};
};

struct ClickHouseOptions {
    std::string url;  // "https://clickhouse.example:8443/"
    std::string database = "cheesemonger";
    std::string user = "default";
    std::string password;
    std::string caFile;  // empty: the system's roots
    ClickHousePatience patience;
};

// {name:Type} of a statement, bound by the server: never part of its text.
using ClickHouseParameters = std::vector<std::pair<std::string, std::string>>;

class ClickHouse {
public:
    // InvalidInput for a URL that is none.
    static Result<std::unique_ptr<ClickHouse>> create(const ClickHouseOptions &options);

    // Makes the database and its tables where they are not there.
    Result<void> prepare();
    // The rows of a SELECT, each an array of its columns; 64-bit integers are numbers.
    Result<std::vector<boost::json::array>> rows(std::string_view select, const ClickHouseParameters &parameters = {});
    // `rows` are tab separated. Rows of one token are there once, however often they are sent.
    Result<void> insert(std::string_view table, std::string_view columns, std::string rows, const std::string &token);

private:
    ClickHouse(ClickHouseOptions options, http::ClientOptions client);
    Result<std::string> send(const std::vector<std::pair<std::string, std::string>> &arguments, std::string body);

    const ClickHouseOptions m_options;
    std::timed_mutex m_mutex;
    http::HttpClient m_client;
    std::chrono::steady_clock::time_point m_restsUntil{};
};

// A value of a tab separated row, and the tab or newline that ends it.
void appendField(std::string &row, std::string_view text, char end = '\t');
void appendField(std::string &row, std::int64_t number, char end = '\t');

}  // namespace cm::metrics
