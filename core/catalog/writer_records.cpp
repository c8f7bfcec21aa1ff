// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/row_mapping.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

struct ChainEnd {
    Id id;
    std::string hash;
};

ChainEnd chainEndOf(const sql::Cursor &row)
{
    return {row.integer(0), row.string(1)};
}

}  // namespace

Result<Serial> Writer::addJournal(const JournalRow &row)
{
    // Counted here, where one writer is at a time: a sequence of the engine has gaps.
    CM_TRY_ASSIGN(const Serial serial, insert(
        m_connection,
        "INSERT INTO journal (serial, project, normalized_name, version, action, actor, time)"
        " VALUES ((SELECT coalesce(max(serial), 0) + 1 FROM journal), $1, $2, $3, $4, $5, $6) RETURNING serial",
        {row.project, row.normalizedName, row.version, row.action, row.actor, micros(row.time)}, "journal"));
    // Nothing to move when the row tells of a project that is gone.
    CM_TRY(m_connection.execute("UPDATE projects SET last_serial = $1, last_activity = $2 WHERE normalized_name = $3",
                                {serial, micros(row.time), row.normalizedName}));
    return serial;
}

Result<void> Writer::giveIdentity(std::int64_t identity)
{
    CM_TRY(m_connection.execute("INSERT INTO counters (name, value) VALUES ('identity', $1) ON CONFLICT (name) DO NOTHING",
                                {identity}));
    return {};
}

Result<AuditRow> Writer::addAudit(AuditRow row)
{
    CM_TRY_ASSIGN(const auto end, first<ChainEnd>(m_connection, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1",
                                                  {}, chainEndOf));
    row.id = end ? end->id + 1 : 1;
    row.previousHash = end ? end->hash : std::string(64, '0');
    row.hash = auditHash(row);
    CM_TRY(m_connection.execute("INSERT INTO audit (" CM_AUDIT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                                " $10, $11, $12, $13, $14)",
                                {row.id, micros(row.time), row.actor, row.role, row.channel, row.action,
                                 row.subjectKind, row.subject, row.reason, row.before, row.after, row.requestId,
                                 row.previousHash, row.hash}));
    CM_TRY(count("audit", 1));
    return row;
}

Result<std::int64_t> Writer::addEvent(const EventRow &row)
{
    return insert(m_connection,
                  "INSERT INTO events (time, name, subject, serial, actor) VALUES ($1, $2, $3, $4, $5) RETURNING id",
                  {micros(row.time), row.name, row.subject, row.serial, row.actor}, "events");
}

Result<std::int64_t> Writer::pruneEvents(Time before)
{
    return m_connection.execute("DELETE FROM events WHERE time < $1", {micros(before)});
}

}  // namespace cm::catalog
