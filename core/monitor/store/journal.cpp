// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/store/journal.h"

#include "core/api/codec.h"
#include "core/base/hash.h"
#include "core/monitor/store/migrations.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

std::int64_t micros(Time time)
{
    return time.time_since_epoch().count();
}

Time timeOf(std::int64_t value)
{
    return Time(std::chrono::microseconds(value));
}

// Every row of `sql`, read by `take`.
template <class Take>
Result<void> each(sql::Connection &connection, std::string_view sql, std::initializer_list<sql::Param> params, Take take)
{
    CM_TRY_ASSIGN(const auto rows, connection.query(sql, params));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return {};
        CM_TRY(take(*rows));
    }
}

template <class T>
Result<std::vector<T>> bodies(sql::Database &database, std::string_view sql, std::initializer_list<sql::Param> params = {})
{
    std::vector<T> out;
    CM_TRY(database.read([&](sql::Connection &connection) {
        return each(connection, sql, params, [&](sql::Cursor &row) -> Result<void> {
            CM_TRY_ASSIGN(out.emplace_back(), api::fromJsonText<T>(row.text(0)));
            return {};
        });
    }));
    return out;
}

Result<std::int64_t> oneNumber(sql::Database &database, std::string_view sql)
{
    std::int64_t number = 0;
    CM_TRY(database.read([&](sql::Connection &connection) {
        return each(connection, sql, {}, [&](sql::Cursor &row) -> Result<void> {
            number = row.isNull(0) ? 0 : row.integer(0);
            return {};
        });
    }));
    return number;
}

std::string chained(std::string_view before, std::string_view body)
{
    return hashHex(HashKind::Sha256, fmt::format("{}\n{}", before, body));
}

Result<void> appendAudit(sql::Connection &connection, const api::AuditEntry &entry)
{
    std::string before;
    CM_TRY(each(connection, "SELECT hash FROM audit ORDER BY id DESC LIMIT 1", {}, [&](sql::Cursor &row) -> Result<void> {
        before = row.string(0);
        return {};
    }));
    const std::string body = api::toJsonText(entry);
    CM_TRY(connection.execute("INSERT INTO audit (time, body, hash) VALUES ($1, $2, $3)",
                              {micros(entry.time), body, chained(before, body)}));
    return {};
}

std::optional<std::int64_t> microsOf(const std::optional<Time> &time)
{
    return time ? std::optional(micros(*time)) : std::nullopt;
}

}  // namespace

Result<void> Journal::open(Time now)
{
    return m_database.writeAlone([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(sql::migrate(connection, migrations(), micros(now)));
        return {};
    });
}

Result<void> Journal::appendEvents(sql::Connection &connection, std::vector<api::TimelineEvent> &events)
{
    for (api::TimelineEvent &event : events) {
        event.id = {};
        CM_TRY_ASSIGN(const auto made, connection.query("INSERT INTO events (time, kind, node, body) VALUES ($1, $2, $3, $4) "
                                                        "RETURNING id",
                                                        {micros(event.time), event.kind, event.node, api::toJsonText(event)}));
        CM_TRY(made->next());
        event.id = {made->integer(0)};
    }
    return {};
}

Result<void> Journal::record(std::vector<api::TimelineEvent> &events, const std::vector<api::Alert> &alerts,
                             const std::vector<api::Silence> &silences, std::vector<StoredDelivery> &deliveries,
                             const std::vector<api::AuditEntry> &audit, const std::map<std::int64_t, std::string> &headed)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(appendEvents(connection, events));
        for (const api::Alert &alert : alerts) {
            const auto told = headed.find(alert.id.value);
            const auto by = told == headed.end() ? std::nullopt : std::optional<std::string_view>(told->second);
            CM_TRY(connection.execute("INSERT INTO alerts (id, closed, body, headed) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO "
                                      "UPDATE SET closed = excluded.closed, body = excluded.body, headed = excluded.headed",
                                      {alert.id.value, microsOf(alert.closed), api::toJsonText(alert), by}));
        }
        for (const api::Silence &silence : silences)
            CM_TRY(connection.execute("INSERT INTO silences (id, ended, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE "
                                      "SET ended = excluded.ended, body = excluded.body",
                                      {silence.id.value, microsOf(silence.ended), api::toJsonText(silence)}));
        for (StoredDelivery &delivery : deliveries) {
            CM_TRY_ASSIGN(const auto made, connection.query("INSERT INTO deliveries (receiver, created, body) VALUES ($1, $2, $3) "
                                                            "RETURNING id",
                                                            {delivery.receiver, micros(delivery.created), delivery.body}));
            CM_TRY(made->next());
            delivery.id = made->integer(0);
        }
        for (const api::AuditEntry &entry : audit)
            CM_TRY(appendAudit(connection, entry));
        return {};
    });
}

Result<std::vector<api::Alert>> Journal::openAlerts()
{
    return bodies<api::Alert>(m_database, "SELECT body FROM alerts WHERE closed IS NULL");
}

Result<std::map<std::int64_t, std::string>> Journal::headedAlerts()
{
    std::map<std::int64_t, std::string> out;
    CM_TRY(m_database.read([&](sql::Connection &connection) {
        return each(connection, "SELECT id, headed FROM alerts WHERE closed IS NULL AND headed IS NOT NULL", {},
                    [&](sql::Cursor &row) -> Result<void> {
                        out[row.integer(0)] = row.string(1);
                        return {};
                    });
    }));
    return out;
}

Result<std::vector<api::Silence>> Journal::openSilences()
{
    return bodies<api::Silence>(m_database, "SELECT body FROM silences WHERE ended IS NULL");
}

Result<std::vector<api::Silence>> Journal::allSilences()
{
    return bodies<api::Silence>(m_database, "SELECT body FROM silences ORDER BY id DESC LIMIT 1000");
}

Result<api::Page<api::Alert>> Journal::closedAlerts(std::int64_t offset, std::int64_t limit)
{
    api::Page<api::Alert> page;
    page.offset = offset;
    CM_TRY_ASSIGN(page.total, oneNumber(m_database, "SELECT count(*) FROM alerts WHERE closed IS NOT NULL"));
    CM_TRY_ASSIGN(page.items, bodies<api::Alert>(m_database,
                                                 "SELECT body FROM alerts WHERE closed IS NOT NULL ORDER BY closed DESC, id "
                                                 "DESC LIMIT $1 OFFSET $2", {limit, offset}));
    return page;
}

Result<api::Alert> Journal::closedAlert(api::Id id)
{
    CM_TRY_ASSIGN(auto found, bodies<api::Alert>(m_database, "SELECT body FROM alerts WHERE id = $1 AND closed IS NOT NULL", {id.value}));
    if (found.empty())
        return fail(ErrorCode::NotFound, "there is no alert of that number");
    return std::move(found.front());
}

Result<std::int64_t> Journal::newestId()
{
    return oneNumber(m_database, "SELECT max(id) FROM (SELECT id FROM alerts UNION ALL SELECT id FROM silences) given");
}

Result<api::Page<api::TimelineEvent>> Journal::timeline(const api::ListTimeline &query)
{
    const std::int64_t from = query.from ? micros(*query.from) : 0;
    const std::int64_t until = query.until ? micros(*query.until) : std::numeric_limits<std::int64_t>::max();
    const std::string after = query.kind + "\x7f";
    constexpr std::string_view where = "FROM events WHERE time >= $1 AND time < $2 AND ($3 = '' OR node = $3) AND "
                                       "($4 = '' OR (kind >= $4 AND kind < $5))";
    api::Page<api::TimelineEvent> page;
    page.offset = query.offset;
    CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(each(connection, fmt::format("SELECT count(*) {}", where), {from, until, query.node, query.kind, after},
                    [&](sql::Cursor &row) -> Result<void> {
                        page.total = row.integer(0);
                        return {};
                    }));
        return each(connection, fmt::format("SELECT id, body {} ORDER BY id DESC LIMIT $6 OFFSET $7", where),
                    {from, until, query.node, query.kind, after, query.limit, query.offset},
                    [&](sql::Cursor &row) -> Result<void> {
                        CM_TRY_ASSIGN(page.items.emplace_back(), api::fromJsonText<api::TimelineEvent>(row.text(1)));
                        page.items.back().id = {row.integer(0)};
                        return {};
                    });
    }));
    return page;
}

Result<std::vector<api::TimelineEvent>> Journal::eventsAfter(std::int64_t id, std::int64_t limit)
{
    std::vector<api::TimelineEvent> out;
    CM_TRY(m_database.read([&](sql::Connection &connection) {
        return each(connection, "SELECT id, body FROM events WHERE id > $1 ORDER BY id LIMIT $2", {id, limit},
                    [&](sql::Cursor &row) -> Result<void> {
                        CM_TRY_ASSIGN(out.emplace_back(), api::fromJsonText<api::TimelineEvent>(row.text(1)));
                        out.back().id = {row.integer(0)};
                        return {};
                    });
    }));
    return out;
}

Result<std::vector<api::TimelineEvent>> Journal::lastVerdicts()
{
    return bodies<api::TimelineEvent>(m_database,
                                      "SELECT body FROM events WHERE id IN (SELECT max(id) FROM events WHERE kind = "
                                      "'verdict.changed' GROUP BY node)");
}

Result<std::int64_t> Journal::newestEvent()
{
    return oneNumber(m_database, "SELECT max(id) FROM events");
}

Result<std::int64_t> Journal::oldestEvent()
{
    // Of what is kept from before the 30 days the neighbours are gone.
    return oneNumber(m_database, "SELECT max(id) FROM events WHERE NOT EXISTS (SELECT 1 FROM events earlier WHERE earlier.id = events.id - 1)");
}

Result<void> Journal::recordAction(api::Action &action, std::vector<api::TimelineEvent> &events,
                                   const std::vector<api::AuditEntry> &audit)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        if (action.id.value == 0) {
            CM_TRY_ASSIGN(const auto made, connection.query("INSERT INTO actions (started, body) VALUES ($1, '') RETURNING id",
                                                            {micros(action.started)}));
            CM_TRY(made->next());
            action.id = {made->integer(0)};
        }
        CM_TRY(connection.execute("UPDATE actions SET ended = $2, body = $3 WHERE id = $1",
                                  {action.id.value, microsOf(action.ended), api::toJsonText(action)}));
        CM_TRY(appendEvents(connection, events));
        for (const api::AuditEntry &entry : audit)
            CM_TRY(appendAudit(connection, entry));
        return {};
    });
}

Result<api::Page<api::Action>> Journal::actions(std::int64_t offset, std::int64_t limit)
{
    api::Page<api::Action> page;
    page.offset = offset;
    CM_TRY_ASSIGN(page.total, oneNumber(m_database, "SELECT count(*) FROM actions"));
    CM_TRY_ASSIGN(page.items, bodies<api::Action>(m_database, "SELECT body FROM actions ORDER BY id DESC LIMIT $1 OFFSET $2", {limit, offset}));
    return page;
}

Result<api::Action> Journal::action(api::Id id)
{
    CM_TRY_ASSIGN(auto found, bodies<api::Action>(m_database, "SELECT body FROM actions WHERE id = $1", {id.value}));
    if (found.empty())
        return fail(ErrorCode::NotFound, "there is no action of that number");
    return std::move(found.front());
}

Result<std::vector<api::Action>> Journal::unfinishedActions()
{
    return bodies<api::Action>(m_database, "SELECT body FROM actions WHERE ended IS NULL");
}

Result<std::vector<StoredDelivery>> Journal::waiting()
{
    std::vector<StoredDelivery> out;
    CM_TRY(m_database.read([&](sql::Connection &connection) {
        return each(connection, "SELECT id, receiver, created, body FROM deliveries ORDER BY id LIMIT 10000", {},
                    [&](sql::Cursor &row) -> Result<void> {
                        out.push_back({row.integer(0), row.string(1), timeOf(row.integer(2)), row.string(3)});
                        return {};
                    });
    }));
    return out;
}

Result<void> Journal::delivered(const std::vector<std::int64_t> &ids)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const std::int64_t id : ids)
            CM_TRY(connection.execute("DELETE FROM deliveries WHERE id = $1", {id}));
        return {};
    });
}

Result<api::Page<api::AuditEntry>> Journal::audit(const api::ListAudit &query)
{
    api::Page<api::AuditEntry> page;
    page.offset = query.offset;
    CM_TRY(m_database.read([&](sql::Connection &connection) {
        // Few people act on a monitor: the whole log is read and held to the question.
        return each(connection, "SELECT id, body FROM audit ORDER BY id DESC", {}, [&](sql::Cursor &row) -> Result<void> {
            CM_TRY_ASSIGN(api::AuditEntry entry, api::fromJsonText<api::AuditEntry>(row.text(1)));
            entry.id = {row.integer(0)};
            const bool wanted = (query.actor.empty() || entry.actor == query.actor) &&
                                (query.subject.empty() || entry.subject.find(query.subject) != std::string::npos) &&
                                entry.action.starts_with(query.action) && (!query.from || entry.time >= *query.from) &&
                                (!query.until || entry.time < *query.until);
            if (!wanted)
                return {};
            if (page.total >= query.offset && static_cast<std::int64_t>(page.items.size()) < query.limit)
                page.items.push_back(std::move(entry));
            ++page.total;
            return {};
        });
    }));
    return page;
}

Result<api::AuditProof> Journal::verifyAudit()
{
    api::AuditProof proof;
    std::string before;
    CM_TRY(m_database.read([&](sql::Connection &connection) {
        return each(connection, "SELECT id, body, hash FROM audit ORDER BY id", {}, [&](sql::Cursor &row) -> Result<void> {
            ++proof.lines;
            if (!proof.firstBroken && row.text(2) != chained(before, row.text(1)))
                proof.firstBroken = api::Id{row.integer(0)};
            before = row.string(2);
            return {};
        });
    }));
    proof.intact = !proof.firstBroken;
    return proof;
}

Result<void> Journal::watched(Time start, Time until)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute("UPDATE watches SET until = $1 WHERE start < $1 AND until > $1", {micros(start)}));
        CM_TRY(connection.execute("INSERT INTO watches (start, until) VALUES ($1, $2) ON CONFLICT (start) DO UPDATE SET "
                                  "until = excluded.until", {micros(start), micros(until)}));
        return {};
    });
}

Result<std::vector<std::pair<Time, Time>>> Journal::watches(Time from, Time until)
{
    std::vector<std::pair<Time, Time>> out;
    CM_TRY(m_database.read([&](sql::Connection &connection) {
        return each(connection, "SELECT start, until FROM watches WHERE until >= $1 AND start < $2 ORDER BY start",
                    {micros(from), micros(until)}, [&](sql::Cursor &row) -> Result<void> {
                        out.emplace_back(std::max(from, timeOf(row.integer(0))), std::min(until, timeOf(row.integer(1))));
                        return {};
                    });
    }));
    return out;
}

Result<void> Journal::dropOld(Time now)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        // What each node was when the 30 days began is told by the last change before them, however old it is.
        CM_TRY(connection.execute("DELETE FROM events WHERE time < $1 AND id NOT IN (SELECT max(id) FROM events WHERE kind = "
                                  "'verdict.changed' AND time < $1 GROUP BY node)", {micros(now - keptEvents)}));
        CM_TRY(connection.execute("DELETE FROM watches WHERE until < $1", {micros(now - keptEvents)}));
        return {};
    });
}

}  // namespace cm::monitor
