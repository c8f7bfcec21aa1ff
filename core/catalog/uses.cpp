// SPDX-License-Identifier: GPL-3.0-or-later
// The uses by which what retires is judged.
#include "core/catalog/deprecations.h"
#include "core/catalog/queries.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

UseRow useOf(const sql::Cursor &row)
{
    UseRow use;
    use.time = timeAt(row, 0);
    use.userId = optionalIntegerAt(row, 1);
    use.channel = row.string(2);
    use.endpoint = row.string(3);
    use.authentication = row.string(4);
    use.client = row.string(5);
    use.clientVersion = row.string(6);
    use.credential = row.string(7);
    use.project = row.string(8);
    use.fileType = row.string(9);
    use.metadataVersion = row.string(10);
    use.digest = row.string(11);
    use.status = row.integer(12);
    use.refusedBy = optionalIntegerAt(row, 13);
    use.brownOut = optionalIntegerAt(row, 14);
    use.noticed = row.integer(15) != 0;
    use.uses = row.integer(16);
    return use;
}

UseTotal totalOf(const sql::Cursor &row)
{
    UseTotal out;
    UseRow &use = out.use;
    use.userId = optionalIntegerAt(row, 0);
    use.channel = row.string(1);
    use.endpoint = row.string(2);
    use.authentication = row.string(3);
    use.client = row.string(4);
    use.clientVersion = row.string(5);
    use.fileType = row.string(6);
    use.metadataVersion = row.string(7);
    use.digest = row.string(8);
    use.uses = row.integer(9);
    use.time = timeAt(row, 10);
    return out;
}

BrownOutRefusals refusalsOf(const sql::Cursor &row)
{
    return {row.integer(0), optionalIntegerAt(row, 1), row.integer(2), timeAt(row, 3)};
}

// The condition; `params` get what it needs.
std::string whereOf(const UseQuery &query, std::vector<sql::Param> &params)
{
    params.emplace_back(micros(query.from));
    std::string where = "time >= $1";
    if (query.until) {
        params.emplace_back(micros(*query.until));
        where += " AND time < $2";
    }
    const std::string within = where;
    const auto narrow = [&](std::string_view column, const std::string &value) {
        if (value.empty())
            return;
        params.emplace_back(value);
        where += " AND " + std::string(column) + " = $" + std::to_string(params.size());
    };
    narrow("channel", query.channel);
    narrow("endpoint", query.endpoint);
    narrow("authentication", query.authentication);
    narrow("client", query.client);
    narrow("file_type", query.fileType);
    narrow("digest", query.digest);
    if (query.wholePeople)
        where = within + " AND (user_id IN (SELECT user_id FROM uses WHERE " + where + ") OR (user_id IS NULL AND " + where + "))";
    if (query.ofRefused) {
        params.emplace_back(*query.ofRefused);
        where += " AND user_id IN (SELECT user_id FROM uses WHERE brown_out IS NOT NULL AND refused_by = $" + std::to_string(params.size()) + ")";
    }
    return where;
}

}  // namespace

Result<void> Reader::eachUse(const UseQuery &query, const std::function<void(const UseRow &)> &visit)
{
    std::vector<sql::Param> params;
    const std::string where = whereOf(query, params);
    CM_TRY_ASSIGN(const auto rows, m_connection.stream("SELECT time, user_id, channel, endpoint, authentication, client, client_version,"
                                                       " credential, project, file_type, metadata_version, digest, status, refused_by,"
                                                       " brown_out, noticed, uses FROM uses WHERE " + where + " ORDER BY time",
                                                       params));
    while (true) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return {};
        visit(useOf(*rows));
    }
}

Result<std::vector<UseTotal>> Reader::useTotals(const UseQuery &query)
{
    std::vector<sql::Param> params;
    const std::string where = whereOf(query, params);
    return all<UseTotal>(m_connection,
                         "SELECT user_id, channel, endpoint, authentication, client, client_version, file_type, metadata_version,"
                         " digest, CAST(SUM(uses) AS BIGINT), MAX(time) FROM uses WHERE status >= 200 AND status < 300 AND " +
                             where + " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
                         params, totalOf);
}

Result<std::vector<BrownOutRefusals>> Reader::brownOutRefusals(Id deprecation)
{
    return all<BrownOutRefusals>(m_connection,
                                 "SELECT brown_out, user_id, CAST(SUM(uses) AS BIGINT), MIN(time) FROM uses"
                                 " WHERE brown_out IS NOT NULL AND refused_by = $1 GROUP BY 1, 2",
                                 {deprecation}, refusalsOf);
}

Result<std::int64_t> Reader::refusedInBrownOut(Id brownOut)
{
    return number(m_connection, "SELECT CAST(SUM(uses) AS BIGINT) FROM uses WHERE brown_out = $1", {brownOut});
}

Result<std::optional<Time>> Reader::usesSince()
{
    return first<Time>(m_connection, "SELECT value FROM counters WHERE name = 'uses_since'", {},
                       [](const sql::Cursor &row) { return timeAt(row, 0); });
}

Result<std::int64_t> Reader::usesLost()
{
    return number(m_connection, "SELECT value FROM counters WHERE name = 'uses_lost'");
}

Result<void> Writer::addUse(const UseRow &row)
{
    CM_TRY(m_connection.execute(
        "INSERT INTO uses (time, channel, endpoint, authentication, client, client_version, user_id, credential, project,"
        " file_type, metadata_version, digest, status, refused_by, brown_out, noticed, uses)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        {micros(row.time), row.channel, row.endpoint, row.authentication, row.client, row.clientVersion, row.userId, row.credential,
         row.project, row.fileType, row.metadataVersion, row.digest, row.status, row.refusedBy, row.brownOut,
         std::int64_t{row.noticed ? 1 : 0}, row.uses}));
    return {};
}

Result<void> Writer::noteUsesLost(std::int64_t uses)
{
    return count("uses_lost", uses);
}

Result<void> Writer::beginUses(Time now)
{
    CM_TRY(m_connection.execute("INSERT INTO counters (name, value) VALUES ('uses_since', $1) ON CONFLICT (name) DO NOTHING",
                                {micros(now)}));
    return {};
}

Result<std::int64_t> Writer::pruneUses(Time before)
{
    return m_connection.execute("DELETE FROM uses WHERE time < $1", {micros(before)});
}

}  // namespace cm::catalog
