// SPDX-License-Identifier: GPL-3.0-or-later
// One session of a PostgreSQL server, made anew when it broke: begin() finds out and reconnects, for
// nothing was asked yet; inside a transaction a break is Unavailable. Owned by PostgresDatabase,
// lent to one thread at a time; statements that it uses often stay prepared.
#pragma once

#include "core/sql/connection.h"
#include "core/sql/kept_statements.h"
#include "core/sql/postgres/endpoint.h"
#include "core/sql/postgres/freshness.h"
#include "core/sql/postgres/postgres_dialect.h"

#include <memory>
#include <string>

namespace cm::sql {

class PostgresConnection final : public Connection {
public:
    using Connection::execute;
    using Connection::query;
    using Connection::stream;

    PostgresConnection(pg::Endpoint &endpoint, pg::Freshness &freshness) : m_endpoint(endpoint), m_freshness(freshness)
    {}

    Result<std::unique_ptr<Cursor>> query(std::string_view sql, std::span<const Param> params) override;
    Result<std::unique_ptr<Cursor>> stream(std::string_view sql, std::span<const Param> params) override;
    Result<std::int64_t> execute(std::string_view sql, std::span<const Param> params) override;
    Result<void> script(std::string_view sql) override;
    // Write takes the one lock of all writers of the database, of other nodes too, so that commits
    // become visible in the order of their numbers.
    Result<void> begin(Access access) override;
    // Timeout when the session broke and it cannot be found out whether the commit took place.
    Result<void> commit() override;
    void rollback() override;
    [[nodiscard]] bool inTransaction() const override { return m_link != nullptr && m_access.has_value(); }
    [[nodiscard]] const Dialect &dialect() const override { return m_dialect; }

    // Makes the table of commits when it is missing, and checks that the database is one we can use.
    Result<void> install();
    // The number of the newest commit that is visible now, in no transaction.
    Result<std::int64_t> newestCommit();
    // The newest commit that the transaction begun last can see.
    [[nodiscard]] std::int64_t seenCommit() const { return m_seen; }

    // For the cursors of stream(): the next rows, and the end.
    Result<pg::Rows> fetch(const std::string &cursor, int count);
    void closeCursor(const std::string &cursor, std::int64_t transaction);

private:
    Result<pg::Rows> run(std::string_view sql, std::span<const Param> params);
    Result<pg::Rows> runPlain(const std::string &sql);
    pg::Outcome<std::string> prepared(std::string_view sql);
    tl::unexpected<Error> failed(const pg::Failure &failure, std::string_view doing);
    Result<void> connect();
    Result<void> beginOnce(Access access);
    Result<void> lookAtDatabase();
    Result<void> settle(const std::string &ticket);
    Result<bool> isStored(const std::string &ticket);
    void drop();
    [[nodiscard]] std::string hinted(std::string_view sql) const;

    pg::Endpoint &m_endpoint;
    pg::Freshness &m_freshness;
    PostgresDialect m_dialect;
    std::unique_ptr<pg::Link> m_link;
    KeptStatements<std::string> m_prepared;  // their names
    std::int64_t m_named = 0;
    std::optional<Access> m_access;  // of the open transaction
    std::int64_t m_seen = 0;
    std::int64_t m_transaction = 0;
    std::int64_t m_cursors = 0;
};

}  // namespace cm::sql
