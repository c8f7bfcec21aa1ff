// SPDX-License-Identifier: GPL-3.0-or-later
// Where a server is reached: an address in one of libpq's forms (several hosts allowed) and what is
// known of the way there. Owned by PostgresDatabase; any thread. While a server is gone callers
// wait for it together for a few seconds, as a failover takes, and try one after the other, so that a server that
// comes back is not met by all at once again and again; later ones are told at once.
#pragma once

#include "core/base/result.h"
#include "core/sql/postgres/answering_hosts.h"
#include "core/sql/postgres/pqxx_facade.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

namespace cm::sql::pg {

// Primary: writes, and reads that have to see them. Replica: reads that may be behind.
enum class Purpose { Primary, Replica };

class Endpoint {
public:
    Endpoint(std::string url, Purpose purpose, std::chrono::milliseconds patience);

    // A session that is set up. Unavailable when none comes about in time, or after close().
    Result<std::unique_ptr<Link>> connect();
    // Ends all waiting.
    void close();
    // Waits; false when close() was called meanwhile.
    bool pause(std::chrono::milliseconds time);
    [[nodiscard]] Purpose purpose() const { return m_purpose; }
    // Without the password, should it stand in the text.
    [[nodiscard]] Error hidden(Error error) const;

private:
    using Moment = std::chrono::steady_clock::time_point;

    // Until this caller may try; the last failure when it need not, or close() was called.
    std::optional<Error> turn();

    Outcome<std::unique_ptr<Link>> tryOnce() const;

    AnsweringHosts m_hosts;
    std::string m_password;
    Purpose m_purpose;
    std::chrono::milliseconds m_patience;
    std::mutex m_mutex;
    std::condition_variable m_changed;  // closed, or the server is back
    bool m_closed = false;
    std::optional<Moment> m_goneSince;
    Moment m_nextTry;      // while it is gone
    Error m_lastFailure;   // while it is gone
};

// `url` with `key=value` unless it names the key itself. Both forms of libpq.
std::string withDefault(std::string url, std::string_view key, std::string_view value);

}  // namespace cm::sql::pg
