// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"
#include "core/catalog/row_mapping.h"

#include <fmt/format.h>

namespace cm::catalog {

namespace {

#define CM_JOURNAL_COLUMNS "serial, project, normalized_name, version, action, actor, time"
#define CM_EVENT_COLUMNS "id, time, name, subject, serial, actor"

struct AuditFilter {
    std::string sql;  // empty, or " WHERE …"
    std::vector<sql::Param> params;
    std::string prefixEnd;

    void add(std::string_view condition, sql::Param param)
    {
        params.push_back(param);
        sql += sql.empty() ? " WHERE " : " AND ";
        sql += fmt::format("{} ${}", condition, params.size());
    }
};

// Fills `filter`, whose params view into it and into `query`.
void fill(AuditFilter &filter, const AuditQuery &query)
{
    if (!query.actor.empty())
        filter.add("actor =", query.actor);
    if (!query.subjectKind.empty())
        filter.add("subject_kind =", query.subjectKind);
    if (!query.subject.empty())
        filter.add("subject =", query.subject);
    if (!query.subjectPart.empty()) {
        // LIKE would read % and _ in it.
        filter.params.push_back(query.subjectPart);
        filter.sql += filter.sql.empty() ? " WHERE " : " AND ";
        filter.sql += fmt::format("replace(subject, ${}, '') <> subject", filter.params.size());
    }
    if (!query.actionPrefix.empty()) {
        // A range, so that the index serves; action names are ASCII.
        filter.prefixEnd = query.actionPrefix + "\x7f";
        filter.add("action >=", query.actionPrefix);
        filter.add("action <", filter.prefixEnd);
    }
    if (query.from)
        filter.add("time >=", micros(*query.from));
    if (query.until)
        filter.add("time <", micros(*query.until));
}

}  // namespace

std::string auditHash(const AuditRow &row)
{
    // Each field with its length in front, so that no two rows read alike.
    std::string canonical = row.previousHash;
    const auto add = [&canonical](std::string_view field) { canonical += fmt::format("{}:{},", field.size(), field); };
    add(std::to_string(row.id));
    add(std::to_string(micros(row.time)));
    for (const std::string *field : {&row.actor, &row.role, &row.channel, &row.action, &row.subjectKind, &row.subject,
                                     &row.reason, &row.before, &row.after, &row.requestId})
        add(*field);
    return hashHex(HashKind::Sha256, canonical);
}

Result<Serial> Reader::lastSerial()
{
    return number(m_connection, "SELECT max(serial) FROM journal");
}

Result<std::int64_t> Reader::identity()
{
    return number(m_connection, "SELECT value FROM counters WHERE name = 'identity'");
}

Result<std::vector<JournalRow>> Reader::journalSince(Serial serial, std::int64_t limit)
{
    return all<JournalRow>(m_connection,
                           "SELECT " CM_JOURNAL_COLUMNS " FROM journal WHERE serial > $1 ORDER BY serial LIMIT $2",
                           {serial, limit}, journalOf);
}

Result<std::vector<JournalRow>> Reader::journalOfProject(std::string_view normalizedName, std::int64_t offset,
                                                         std::int64_t limit)
{
    return all<JournalRow>(m_connection,
                           "SELECT " CM_JOURNAL_COLUMNS " FROM journal WHERE normalized_name = $1"
                           " ORDER BY serial DESC LIMIT $2 OFFSET $3",
                           {normalizedName, limit, offset}, journalOf);
}

Result<AuditPage> Reader::audit(const AuditQuery &query)
{
    AuditFilter filter;
    fill(filter, query);
    AuditPage page;
    // Ids have no gaps, so the newest one is the count of all.
    const std::string countText = filter.sql.empty() ? "SELECT max(id) FROM audit" : "SELECT count(*) FROM audit" + filter.sql;
    CM_TRY_ASSIGN(page.total, number(m_connection, countText, filter.params));
    std::int64_t offset = query.offset;
    if (filter.sql.empty() && offset > 0) {
        filter.add("id <=", page.total - offset);
        offset = 0;
    }
    const std::string text = fmt::format("SELECT " CM_AUDIT_COLUMNS " FROM audit{} ORDER BY id DESC LIMIT ${} OFFSET ${}",
                                         filter.sql, filter.params.size() + 1, filter.params.size() + 2);
    filter.params.emplace_back(query.limit);
    filter.params.emplace_back(offset);
    CM_TRY_ASSIGN(page.rows, all<AuditRow>(m_connection, text, filter.params, auditOf));
    return page;
}

Result<std::int64_t> Reader::verifyAudit()
{
    CM_TRY_ASSIGN(const auto rows, m_connection.stream("SELECT " CM_AUDIT_COLUMNS " FROM audit ORDER BY id"));
    std::string previous(64, '0');
    for (std::int64_t count = 0;; ++count) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more) {
            CM_TRY_ASSIGN(const std::int64_t written,
                          number(m_connection, "SELECT value FROM counters WHERE name = 'audit'"));
            if (written != count)
                return fail(ErrorCode::Corrupt, fmt::format("audit: {} rows of {} are there", count, written));
            return count;
        }
        const AuditRow row = auditOf(*rows);
        if (row.id != count + 1 || row.previousHash != previous || row.hash != auditHash(row))
            return fail(ErrorCode::Corrupt, fmt::format("audit: row {} does not follow from the rows before it", row.id));
        previous = row.hash;
    }
}

Result<std::vector<EventRow>> Reader::eventsSince(std::int64_t id, std::int64_t limit)
{
    return all<EventRow>(m_connection, "SELECT " CM_EVENT_COLUMNS " FROM events WHERE id > $1 ORDER BY id LIMIT $2",
                         {id, limit}, eventOf);
}

Result<std::int64_t> Reader::oldestEventId()
{
    return number(m_connection, "SELECT min(id) FROM events");
}

Result<std::int64_t> Reader::newestEventId()
{
    return number(m_connection, "SELECT max(id) FROM events");
}

}  // namespace cm::catalog
