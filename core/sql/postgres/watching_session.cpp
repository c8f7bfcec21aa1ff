// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/watching_session.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace cm::sql {
namespace {

using Clock = std::chrono::steady_clock;

std::string oneLine(const char *text)
{
    std::string line = text ? text : "";
    std::replace(line.begin(), line.end(), '\n', ' ');
    while (line.ends_with(' '))
        line.pop_back();
    return line;
}

bool isAddress(const std::string &host)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// Waits for the socket in steps, so that a stop is noticed.
Result<void> waitFor(int socket, short events, Session::Deadline deadline, const std::stop_token &stop)
{
    constexpr auto step = std::chrono::milliseconds(200);
    for (;;) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "stopped");
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0)
            return fail(ErrorCode::Timeout, "postgres: no answer in time");
        pollfd descriptor{socket, events, 0};
        if (::poll(&descriptor, 1, static_cast<int>(std::min(left, step).count())) > 0)
            return {};
    }
}

Error connectError(PGconn *connection)
{
    const std::string words = oneLine(PQerrorMessage(connection));
    const auto says = [&](std::string_view part) { return words.find(part) != std::string::npos; };
    if (says("authentication failed") || says("no pg_hba.conf entry") || says("no password supplied") ||
        says("does not exist") || says("permission denied"))
        return {ErrorCode::Unauthorized, words, {}, {}};
    if (says("Connection refused"))
        return {ErrorCode::Unavailable, "connection refused", {}, {}};
    // The server's own words; where it stands is known to who asks.
    constexpr std::string_view refusal = "FATAL:  ";
    const auto at = words.rfind(refusal);
    return {ErrorCode::Unavailable, at == std::string::npos ? words : words.substr(at + refusal.size()), {}, {}};
}

class WatchingSession final : public Session {
public:
    explicit WatchingSession(PGconn *connection) : m_connection(connection) {}
    ~WatchingSession() override { PQfinish(m_connection); }
    WatchingSession(const WatchingSession &) = delete;
    WatchingSession &operator=(const WatchingSession &) = delete;

    [[nodiscard]] bool isOpen() const override { return !m_over && PQstatus(m_connection) == CONNECTION_OK; }

    Result<void> open(Deadline deadline, const std::stop_token &stop)
    {
        PostgresPollingStatusType state = PGRES_POLLING_WRITING;
        while (state != PGRES_POLLING_OK) {
            if (state == PGRES_POLLING_FAILED)
                return fail(connectError(m_connection));
            CM_TRY(waitFor(PQsocket(m_connection), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline, stop));
            state = PQconnectPoll(m_connection);
        }
        PQsetnonblocking(m_connection, 1);
        return {};
    }

    Result<Table> ask(const std::string &sql, Deadline deadline, std::stop_token stop) override
    {
        if (PQsendQuery(m_connection, sql.c_str()) != 1)
            return over(Error{ErrorCode::Unavailable, oneLine(PQerrorMessage(m_connection)), {}, {}});
        for (int unsent = PQflush(m_connection); unsent != 0; unsent = PQflush(m_connection)) {
            if (unsent < 0)
                return over(Error{ErrorCode::Unavailable, oneLine(PQerrorMessage(m_connection)), {}, {}});
            if (auto ready = waitFor(PQsocket(m_connection), POLLOUT, deadline, stop); !ready)
                return over(ready.error());
        }
        Result<Table> answer = Table();
        for (;;) {
            while (PQisBusy(m_connection) == 1) {
                if (auto ready = waitFor(PQsocket(m_connection), POLLIN, deadline, stop); !ready)
                    return over(ready.error());
                if (PQconsumeInput(m_connection) != 1)
                    return over(Error{ErrorCode::Unavailable, oneLine(PQerrorMessage(m_connection)), {}, {}});
            }
            PGresult *result = PQgetResult(m_connection);
            if (!result)
                return answer;
            if (answer)
                answer = read(result);
            PQclear(result);
        }
    }

private:
    // An answer may still come on this connection: nobody asks on it again.
    tl::unexpected<Error> over(Error error)
    {
        m_over = true;
        return fail(std::move(error));
    }

    static Result<Table> read(const PGresult *result)
    {
        const ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
            const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            const std::string code = state ? state : "";
            const ErrorCode kind = code == "42501"          ? ErrorCode::Forbidden
                                   : code.starts_with("57") ? ErrorCode::Unavailable
                                   : code == "25006"        ? ErrorCode::Unsupported
                                   : code == "42P01"        ? ErrorCode::NotFound
                                                            : ErrorCode::Internal;
            return fail(kind, oneLine(PQresultErrorMessage(result)));
        }
        Table table;
        for (int column = 0; column < PQnfields(result); ++column)
            table.columns.emplace_back(PQfname(result, column));
        for (int row = 0; row < PQntuples(result); ++row) {
            auto &values = table.rows.emplace_back();
            for (int column = 0; column < PQnfields(result); ++column) {
                if (PQgetisnull(result, row, column) == 1)
                    values.emplace_back();
                else
                    values.emplace_back(std::string(PQgetvalue(result, row, column),
                                                    static_cast<std::size_t>(PQgetlength(result, row, column))));
            }
        }
        return table;
    }

    PGconn *m_connection;
    bool m_over = false;
};

}  // namespace

Result<std::unique_ptr<Session>> connectWatching(const SessionAddress &address, Session::Deadline deadline,
                                                 std::stop_token stop)
{
    const std::string port = std::to_string(address.port);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    const std::string options = fmt::format("-c statement_timeout={} -c lock_timeout={}", std::max<std::int64_t>(left, 1),
                                            std::max<std::int64_t>(left, 1));
    std::vector<const char *> keys{isAddress(address.host) ? "hostaddr" : "host", "port", "user", "dbname",
                                   "application_name", "client_encoding", "gssencmode"};
    std::vector<const char *> values{address.host.c_str(), port.c_str(), address.user.c_str(), address.database.c_str(),
                                     address.application.c_str(), "UTF8", "disable"};
    const auto add = [&](const char *key, const std::string &value) {
        keys.push_back(key);
        values.push_back(value.c_str());
    };
    if (!address.password.empty())
        add("password", address.password);
    if (address.serverTimeouts)
        add("options", options);
    keys.push_back(nullptr);
    values.push_back(nullptr);
    PGconn *connection = PQconnectStartParams(keys.data(), values.data(), 0);
    if (!connection)
        return fail(ErrorCode::Internal, "postgres: no memory");
    auto session = std::make_unique<WatchingSession>(connection);
    if (PQstatus(connection) == CONNECTION_BAD)
        return fail(connectError(connection));
    CM_TRY(session->open(deadline, stop));
    return session;
}

}  // namespace cm::sql
