// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/postgres_connection.h"

#include "core/base/hash.h"
#include "core/sql/postgres/bound_params.h"
#include "core/sql/postgres/postgres_cursor.h"
#include "core/sql/postgres/postgres_error.h"

#include <fmt/format.h>

namespace cm::sql {

namespace {

using pg::Failure;
using pg::Rows;

// "cheesemo": of all writers of a database, on every node.
constexpr std::int64_t writersLock = 0x6368656573656d6f;
// How many commits are remembered by their tickets.
constexpr int keptTickets = 1000;

// Only these can be prepared and are worth it.
bool isPreparable(std::string_view sql)
{
    for (const std::string_view verb : {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}) {
        if (sql.starts_with(verb))
            return true;
    }
    return false;
}

// Names one try to commit, so that it can be found again when its answer was lost.
std::string newTicket()
{
    return toHex(randomBytes(16));
}

}  // namespace

// pgpool sends a read of a transaction that has written nothing yet to any server, unless told not to.
std::string PostgresConnection::hinted(std::string_view sql) const
{
    return m_endpoint.purpose() == pg::Purpose::Primary ? "/*NO LOAD BALANCE*/ " + std::string(sql) : std::string(sql);
}

void PostgresConnection::drop()
{
    m_link.reset();
    m_prepared.clear();
    m_access.reset();
}

tl::unexpected<Error> PostgresConnection::failed(const Failure &failure, std::string_view doing)
{
    if (pg::endsSession(failure))
        drop();
    return fail(m_endpoint.hidden(pg::postgresError(failure, doing)));
}

Result<void> PostgresConnection::connect()
{
    drop();
    CM_TRY_ASSIGN(m_link, m_endpoint.connect());
    return {};
}

Result<Rows> PostgresConnection::runPlain(const std::string &sql)
{
    if (!m_link)
        return fail(ErrorCode::Unavailable, "postgres: the connection was lost");
    auto rows = m_link->run(sql);
    if (!rows)
        return failed(rows.error(), sql);
    return std::move(*rows);
}

pg::Outcome<std::string> PostgresConnection::prepared(std::string_view sql)
{
    if (const std::string *found = m_prepared.find(sql))
        return *found;
    if (m_prepared.isFull()) {
        if (auto gone = m_link->run("DEALLOCATE " + *m_prepared.takeOldest()); !gone)
            return tl::unexpected(gone.error());
    }
    std::string name = fmt::format("s{}", ++m_named);
    if (auto done = m_link->prepare(name, hinted(sql)); !done)
        return tl::unexpected(done.error());
    m_prepared.add(sql, name);
    return name;
}

Result<Rows> PostgresConnection::run(std::string_view sql, std::span<const Param> params)
{
    if (!isPreparable(sql))
        return runPlain(std::string(sql));
    if (!m_link)
        return fail(ErrorCode::Unavailable, "postgres: the connection was lost");
    CM_TRY_ASSIGN(const pg::BoundParams bound, pg::BoundParams::of(params));
    if (!m_prepared.isKept(sql)) {
        auto once = m_link->run(hinted(sql), bound.pointers());
        if (!once)
            return failed(once.error(), sql);
        return std::move(*once);
    }
    const auto name = prepared(sql);
    if (!name)
        return failed(name.error(), sql);
    auto rows = m_link->runPrepared(*name, bound.pointers());
    if (!rows)
        return failed(rows.error(), sql);
    return std::move(*rows);
}

Result<std::unique_ptr<Cursor>> PostgresConnection::query(std::string_view sql, std::span<const Param> params)
{
    CM_TRY_ASSIGN(Rows rows, run(sql, params));
    return std::make_unique<PostgresCursor>(std::move(rows));
}

Result<std::unique_ptr<Cursor>> PostgresConnection::stream(std::string_view sql, std::span<const Param> params)
{
    if (!inTransaction())
        return fail(ErrorCode::Internal, "postgres: rows can be streamed in a transaction only");
    CM_TRY_ASSIGN(const pg::BoundParams bound, pg::BoundParams::of(params));
    std::string name = fmt::format("walk{}", ++m_cursors);
    auto opened = m_link->run(hinted(fmt::format("DECLARE {} NO SCROLL CURSOR FOR {}", name, sql)), bound.pointers());
    if (!opened)
        return failed(opened.error(), sql);
    return std::make_unique<PostgresCursor>(*this, std::move(name), m_transaction);
}

Result<Rows> PostgresConnection::fetch(const std::string &cursor, int count)
{
    return runPlain(fmt::format("FETCH FORWARD {} FROM {}", count, cursor));
}

void PostgresConnection::closeCursor(const std::string &cursor, std::int64_t transaction)
{
    if (inTransaction() && transaction == m_transaction)
        (void)runPlain("CLOSE " + cursor);
}

Result<std::int64_t> PostgresConnection::execute(std::string_view sql, std::span<const Param> params)
{
    CM_TRY_ASSIGN(const Rows rows, run(sql, params));
    return rows.affected();
}

Result<void> PostgresConnection::script(std::string_view sql)
{
    CM_TRY(runPlain(std::string(sql)));
    return {};
}

Result<void> PostgresConnection::begin(Access access)
{
    // A session that lay idle may have died meanwhile, or its server become a standby: asking anew is
    // safe, for nothing was done.
    const bool mayBeStale = m_link != nullptr;
    if (!m_link)
        CM_TRY(connect());
    Result<void> begun = beginOnce(access);
    if (!begun && !m_link && mayBeStale) {
        CM_TRY(connect());
        begun = beginOnce(access);
    }
    if (!begun)
        rollback();
    return begun;
}

Result<void> PostgresConnection::beginOnce(Access access)
{
    // Of the writers each statement must see what the holder of the lock before it has committed.
    CM_TRY(runPlain(access == Access::Write ? "BEGIN ISOLATION LEVEL READ COMMITTED"
                                            : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    m_access = access;
    ++m_transaction;
    if (access == Access::Write) {
        auto locked = run("SELECT pg_advisory_xact_lock($1), current_setting('transaction_read_only')",
                          std::array{Param(writersLock)});
        if (!locked && locked.error().retryAfter.count() > 0)
            locked.error().detail = "postgres: other writers hold the database";
        if (!locked)
            return fail(locked.error());
        if (locked->text(0, 1) == "on")
            return failed(Failure{"25006", "this server takes no writes now", false}, "begin");
        return {};
    }
    CM_TRY_ASSIGN(const Rows newest, run("SELECT coalesce(max(number), 0) FROM cheesemonger_commits", {}));
    m_seen = newest.integer(0, 0);
    return {};
}

Result<void> PostgresConnection::commit()
{
    if (m_access != Access::Write) {
        rollback();
        return {};
    }
    const std::string ticket = newTicket();
    // Also refused, by the engine, when a statement before it failed and nobody minded.
    CM_TRY_ASSIGN(const Rows numbered,
                  run("WITH newest AS (SELECT coalesce(max(number), 0) AS number FROM cheesemonger_commits),"
                      " forgotten AS (DELETE FROM cheesemonger_commits"
                      " WHERE number = (SELECT number FROM newest) - $2::bigint)"
                      " INSERT INTO cheesemonger_commits (number, ticket) SELECT number + 1, $1 FROM newest"
                      " RETURNING number",
                      std::array{Param(ticket), Param(keptTickets)}));
    const std::int64_t number = numbered.integer(0, 0);
    if (number <= m_freshness.known()) {
        rollback();
        return fail(ErrorCode::Unavailable, "postgres: the database lacks commits that this node has seen: was an older"
                                            " copy put in its place? Restart the node when that is as it should be");
    }
    const auto done = m_link->run("COMMIT");
    if (!done && pg::endsSession(done.error())) {
        CM_TRY(settle(ticket));
    } else if (!done) {
        return failed(done.error(), "COMMIT");
    }
    m_access.reset();
    m_freshness.raise(number);
    return {};
}

// The session broke while it committed: only the database knows whether it did.
Result<void> PostgresConnection::settle(const std::string &ticket)
{
    Result<bool> stored = fail(ErrorCode::Unavailable, "");
    for (int attempt = 0; attempt < 2 && !stored; ++attempt) {
        drop();
        stored = isStored(ticket);
    }
    if (!stored)
        return fail(ErrorCode::Timeout, "the database was lost in the middle of a commit: it is not known whether this"
                                        " was stored; repeat it");
    if (!*stored)
        return fail(ErrorCode::Unavailable, "the database was lost before this was stored; repeat it");
    return {};
}

// Whoever has the lock of the writers knows that the transaction in question has ended. That it is on this server
// alone does not suffice: a commit after it, which waits for the standby, takes it along.
Result<bool> PostgresConnection::isStored(const std::string &ticket)
{
    CM_TRY(begin(Access::Write));
    auto found = run("UPDATE cheesemonger_commits SET ticket = ticket WHERE ticket = $1 RETURNING number", std::array{Param(ticket)});
    const bool stored = found && found->size() > 0;
    if (!stored) {
        rollback();
        return found ? Result<bool>(false) : fail(found.error());
    }
    const auto done = m_link->run("COMMIT");
    m_access.reset();
    if (!done) {
        drop();
        return fail(ErrorCode::Unavailable, "postgres: the database was lost again before its word could be taken");
    }
    return true;
}

void PostgresConnection::rollback()
{
    if (inTransaction() && !runPlain("ROLLBACK"))
        drop();
    m_access.reset();
}

Result<std::int64_t> PostgresConnection::newestCommit()
{
    constexpr std::string_view question = "SELECT coalesce(max(number), 0) FROM cheesemonger_commits";
    const bool mayBeStale = m_link != nullptr;
    if (!m_link)
        CM_TRY(connect());
    Result<Rows> newest = run(question, {});
    if (!newest && !m_link && mayBeStale) {
        CM_TRY(connect());
        newest = run(question, {});
    }
    if (!newest)
        return fail(newest.error());
    return newest->integer(0, 0);
}

}  // namespace cm::sql
