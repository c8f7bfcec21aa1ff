// SPDX-License-Identifier: GPL-3.0-or-later
// One session with a database server for looking at it: no pool, no transaction, no retry, and a deadline
// for each call that holds also when the server stands still. Made by a driver, used by one thread.
// Errors: Unavailable (refused says so in its detail), Timeout, Unauthorized (it answers, not to us),
// Cancelled, Internal with the server's words. After an error of the connection the session is over.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace cm::sql {

struct SessionAddress {
    std::string host;
    std::uint16_t port = 5432;
    std::string user;
    std::string password;
    std::string database;
    std::string application = "cheesemongerd monitor";
    // Let the server give up as well; a pooler in between may not take such options.
    bool serverTimeouts = true;
};

// Text as the server wrote it; nothing for NULL.
struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;

    // The value of a named column; nothing for NULL or a column that is not there.
    [[nodiscard]] std::optional<std::string> at(std::size_t row, std::string_view column) const;
};

class Session {
public:
    using Deadline = std::chrono::steady_clock::time_point;
    virtual ~Session() = default;
    // One statement without parameters.
    virtual Result<Table> ask(const std::string &sql, Deadline deadline, std::stop_token stop) = 0;
    [[nodiscard]] virtual bool isOpen() const = 0;
};

using ConnectSession =
    std::function<Result<std::unique_ptr<Session>>(const SessionAddress &, Session::Deadline, std::stop_token)>;

}  // namespace cm::sql
