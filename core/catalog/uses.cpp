// SPDX-License-Identifier: GPL-3.0-or-later
// The uses by which what retires is judged.
#include "core/catalog/deprecations.h"
#include "core/catalog/queries.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

constexpr std::string_view isAccepted = "status BETWEEN 200 AND 299";

// The condition of a filter, with its values behind those that are there already.
class Condition {
public:
    Condition(const UseFilter &filter, std::vector<sql::Param> &params) : m_params(params)
    {
        same("channel", filter.channel);
        same("endpoint", filter.endpoint);
        same("client", filter.client);
        same("file_type", filter.fileType);
        same("digest", filter.digest);
        among("authentication", filter.authentications);
        among("client_version", filter.clientVersions);
        among("metadata_version", filter.metadataVersions);
    }

    [[nodiscard]] std::string text() const { return m_text.empty() ? "1 = 1" : m_text; }

private:
    void add(const std::string &condition) { m_text += (m_text.empty() ? "" : " AND ") + condition; }

    void same(std::string_view column, const std::string &value)
    {
        if (value.empty())
            return;
        m_params.emplace_back(value);
        add(std::string(column) + " = $" + std::to_string(m_params.size()));
    }

    void among(std::string_view column, const std::optional<std::vector<std::string>> &values)
    {
        if (!values)
            return;
        std::string list;
        for (const std::string &value : *values) {
            m_params.emplace_back(value);
            list += (list.empty() ? "$" : ", $") + std::to_string(m_params.size());
        }
        add(list.empty() ? std::string("1 = 0") : std::string(column) + " IN (" + list + ")");
    }

    std::vector<sql::Param> &m_params;
    std::string m_text;
};

std::string listOf(std::span<const Id> users)
{
    std::string out;
    for (const Id user : users)
        out += (out.empty() ? "" : ", ") + std::to_string(user);
    return out;
}

// Sums of what engines may hold as a wider type.
std::string sum(std::string_view condition, std::string_view value = "uses")
{
    return "CAST(COALESCE(SUM(CASE WHEN " + std::string(condition) + " THEN " + std::string(value) + " ELSE 0 END), 0) AS BIGINT)";
}

// What counts at all: accepted, or refused for this; $1 is the time, $2 what retires.
constexpr std::string_view counts = "time >= $1 AND (status BETWEEN 200 AND 299 OR refused_by = $2)";

std::string versionOf(const sql::Cursor &row)
{
    return row.string(0);
}

UseDayRow dayOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.integer(2), row.integer(3)};
}

UseClientRow clientOf(const sql::Cursor &row)
{
    return {row.string(0), row.string(1), row.integer(2), row.integer(3)};
}

UsePersonRow personOf(const sql::Cursor &row)
{
    return {row.integer(0), timeAt(row, 1), timeAt(row, 2), row.integer(3), row.integer(4), row.integer(5), row.integer(6)};
}

UseDetailRow detailOf(const sql::Cursor &row)
{
    return {row.integer(0), row.string(1), row.string(2), row.string(3), row.string(4)};
}

OtherUseRow otherOf(const sql::Cursor &row)
{
    return {row.integer(0), row.string(1), timeAt(row, 2), timeAt(row, 3)};
}

BrownOutUseRow brownOutUseOf(const sql::Cursor &row)
{
    return {row.integer(0), optionalIntegerAt(row, 1), row.integer(2), timeAt(row, 3), timeAt(row, 4), {}};
}

UseTotals totalsOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
}

}  // namespace

Result<std::vector<std::string>> Reader::useVersions(std::string_view client)
{
    if (client.empty())
        return all<std::string>(m_connection, "SELECT DISTINCT metadata_version FROM uses", {}, versionOf);
    return all<std::string>(m_connection, "SELECT DISTINCT client_version FROM uses WHERE client = $1", {client}, versionOf);
}

Result<UseTotals> Reader::useTotals(const UseFilter &filter, Time from)
{
    std::vector<sql::Param> params{micros(from), filter.deprecation};
    const Condition condition(filter, params);
    const std::string known = "user_id IS NOT NULL AND " + std::string(isAccepted);
    CM_TRY_ASSIGN(auto rows, all<UseTotals>(m_connection,
                                            "SELECT " + sum(known) + ", COUNT(DISTINCT user_id), COUNT(DISTINCT CASE WHEN " + known +
                                                " AND project <> '' THEN project END), " + sum("user_id IS NOT NULL AND refused_by = $2") + ", " +
                                                sum("user_id IS NULL") + " FROM uses WHERE " + std::string(counts) + " AND " + condition.text(),
                                            params, totalsOf));
    return rows.empty() ? UseTotals{} : rows.front();
}

Result<std::vector<UseDayRow>> Reader::useDays(const UseFilter &filter, Time from)
{
    std::vector<sql::Param> params{micros(from), filter.deprecation};
    const Condition condition(filter, params);
    return all<UseDayRow>(m_connection,
                          "SELECT time / 86400000000, " + sum(isAccepted) + ", " + sum("user_id IS NOT NULL AND refused_by = $2") +
                              ", COUNT(DISTINCT user_id) FROM uses WHERE " + std::string(counts) + " AND " + condition.text() +
                              " GROUP BY 1 ORDER BY 1",
                          params, dayOf);
}

Result<std::vector<UseClientRow>> Reader::useClients(const UseFilter &filter, Time from, std::int64_t limit)
{
    std::vector<sql::Param> params{micros(from)};
    const Condition condition(filter, params);
    return all<UseClientRow>(m_connection,
                             "SELECT client, client_version, CAST(SUM(uses) AS BIGINT), COUNT(DISTINCT user_id) FROM uses WHERE time >= $1"
                             " AND user_id IS NOT NULL AND " + std::string(isAccepted) + " AND " + condition.text() +
                                 " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT " + std::to_string(limit),
                             params, clientOf);
}

Result<std::vector<UsePersonRow>> Reader::usePeople(const UseFilter &filter, Time from, Time recentFrom, std::int64_t limit)
{
    std::vector<sql::Param> params{micros(from), filter.deprecation, micros(recentFrom)};
    const Condition condition(filter, params);
    return all<UsePersonRow>(m_connection,
                             "SELECT user_id, MIN(time), MAX(time), " + sum("time >= $3 AND " + std::string(isAccepted)) + ", " + sum(isAccepted) +
                                 ", " + sum("user_id IS NOT NULL AND refused_by = $2") + ", CAST(SUM(noticed * uses) AS BIGINT) FROM uses WHERE " + std::string(counts) +
                                 " AND user_id IS NOT NULL AND " + condition.text() +
                                 " GROUP BY user_id ORDER BY 3 DESC, 1 LIMIT " + std::to_string(limit),
                             params, personOf);
}

Result<std::vector<UseDetailRow>> Reader::useDetails(const UseFilter &filter, Time from, std::span<const Id> users)
{
    if (users.empty())
        return std::vector<UseDetailRow>();
    std::vector<sql::Param> params{micros(from), filter.deprecation};
    const Condition condition(filter, params);
    return all<UseDetailRow>(m_connection,
                             "SELECT DISTINCT user_id, credential, client, client_version, project FROM uses WHERE " + std::string(counts) +
                                 " AND user_id IN (" + listOf(users) + ") AND " + condition.text(),
                             params, detailOf);
}

Result<std::vector<OtherUseRow>> Reader::otherUses(const UseFilter &filter, Time from, std::span<const Id> users)
{
    if (users.empty())
        return std::vector<OtherUseRow>();
    std::vector<sql::Param> params{micros(from)};
    const Condition condition(filter, params);
    return all<OtherUseRow>(m_connection,
                            "SELECT user_id, channel, MIN(time), MAX(time) FROM uses WHERE time >= $1 AND user_id IN (" + listOf(users) +
                                ") AND " + std::string(isAccepted) + " AND NOT (" + condition.text() +
                                ") GROUP BY user_id, channel, time / 86400000000",
                            params, otherOf);
}

Result<std::vector<BrownOutUseRow>> Reader::brownOutUses(Id deprecation)
{
    return all<BrownOutUseRow>(m_connection,
                               "SELECT brown_out, user_id, CAST(SUM(uses) AS BIGINT), MIN(time), MAX(time) FROM uses WHERE brown_out IN"
                               " (SELECT id FROM brown_outs WHERE deprecation_id = $1) GROUP BY 1, 2",
                               {deprecation}, brownOutUseOf);
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
