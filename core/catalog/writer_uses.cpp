// SPDX-License-Identifier: GPL-3.0-or-later
// Uses as they come, and how they are summed up.
#include "core/catalog/deprecations.h"
#include "core/catalog/queries.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

constexpr std::string_view kindColumns =
    "channel, endpoint, authentication, client, client_version, client_class, file_type, metadata_version, digest";

// New uses with their kinds; $1 is the last of them. Others than those accepted or refused for what they are were none.
constexpr std::string_view newUses =
    " FROM uses u JOIN use_kinds k ON k.channel = u.channel AND k.endpoint = u.endpoint AND k.authentication = u.authentication"
    " AND k.client = u.client AND k.client_version = u.client_version AND k.client_class = u.client_class"
    " AND k.file_type = u.file_type AND k.metadata_version = u.metadata_version AND k.digest = u.digest"
    " WHERE u.id <= $1 AND (u.status BETWEEN 200 AND 299 OR u.refused_by IS NOT NULL)";

constexpr std::string_view isAccepted = "u.status BETWEEN 200 AND 299";

// Of two values of a row that is there and one that comes.
std::string earlier(std::string_view table, std::string_view column)
{
    const std::string there = std::string(table) + "." + std::string(column);
    const std::string comes = "excluded." + std::string(column);
    return std::string(column) + " = CASE WHEN " + comes + " < " + there + " THEN " + comes + " ELSE " + there + " END";
}

std::string later(std::string_view table, std::string_view column)
{
    const std::string there = std::string(table) + "." + std::string(column);
    const std::string comes = "excluded." + std::string(column);
    return std::string(column) + " = CASE WHEN " + comes + " > " + there + " THEN " + comes + " ELSE " + there + " END";
}

std::optional<std::int64_t> part(const CollateralRow &row, std::int64_t CollateralCounts::*figure)
{
    return row.before ? std::optional((*row.before).*figure) : std::nullopt;
}

}  // namespace

Result<void> Writer::addUse(const UseRow &row)
{
    CM_TRY(m_connection.execute(
        "INSERT INTO uses (time, channel, endpoint, authentication, client, client_version, user_id, credential, project,"
        " file_type, metadata_version, digest, status, refused_by, brown_out, noticed, uses, client_class, network)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        {micros(row.time), row.channel, row.endpoint, row.authentication, row.client, row.clientVersion, row.userId, row.credential,
         row.project, row.fileType, row.metadataVersion, row.digest, row.status, row.refusedBy, row.brownOut,
         std::int64_t{row.noticed ? 1 : 0}, row.uses, row.clientClass, row.network}));
    if (row.brownOut && !row.userId)
        CM_TRY(m_connection.execute("INSERT INTO brown_out_strangers (brown_out_id, network, minute) VALUES ($1, $2, $3)"
                                    " ON CONFLICT (brown_out_id, network, minute) DO NOTHING",
                                    {row.brownOut, row.network, std::chrono::floor<std::chrono::minutes>(row.time).time_since_epoch().count()}));
    return {};
}

Result<std::int64_t> Writer::sumUses(std::int64_t most)
{
    const std::string last = "SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM uses ORDER BY id LIMIT " + std::to_string(most) + ") n";
    CM_TRY_ASSIGN(const std::int64_t through, number(m_connection, last));
    if (through == 0)
        return 0;
    const std::string kinds(kindColumns);
    const std::string from(newUses);
    const std::string accepted(isAccepted);
    CM_TRY(m_connection.execute("INSERT INTO use_kinds (" + kinds + ") SELECT DISTINCT " + kinds + " FROM uses WHERE id <= $1 ON CONFLICT (" + kinds +
                                    ") DO NOTHING",
                                {through}));
    CM_TRY(m_connection.execute("INSERT INTO use_days (kind_id, day, user_id, refused_by, uses, notices, first_time, last_time)"
                                " SELECT k.id, u.time / 86400000000, COALESCE(u.user_id, 0), CASE WHEN " + accepted + " THEN 0 ELSE u.refused_by END,"
                                " CAST(SUM(u.uses) AS BIGINT), CAST(SUM(u.noticed * u.uses) AS BIGINT), MIN(u.time), MAX(u.time)" + from +
                                    " GROUP BY 1, 2, 3, 4 ON CONFLICT (kind_id, day, user_id, refused_by) DO UPDATE SET"
                                    " uses = use_days.uses + excluded.uses, notices = use_days.notices + excluded.notices, " +
                                    earlier("use_days", "first_time") + ", " + later("use_days", "last_time"),
                                {through}));
    CM_TRY(m_connection.execute("INSERT INTO use_details (user_id, kind_id, credential, project, accepted, last_time)"
                                " SELECT u.user_id, k.id, u.credential, u.project, MAX(CASE WHEN " + accepted + " THEN u.time ELSE 0 END), MAX(u.time)" + from +
                                    " AND u.user_id IS NOT NULL GROUP BY 1, 2, 3, 4 ON CONFLICT (user_id, kind_id, credential, project) DO UPDATE SET " +
                                    later("use_details", "accepted") + ", " + later("use_details", "last_time"),
                                {through}));
    CM_TRY(m_connection.execute("INSERT INTO use_networks (kind_id, network, day, uses, last_time)"
                                " SELECT k.id, u.network, u.time / 86400000000, CAST(SUM(u.uses) AS BIGINT), MAX(u.time)" + from + " AND " + accepted +
                                    " AND u.user_id IS NULL AND u.network <> '' GROUP BY 1, 2, 3 ON CONFLICT (kind_id, network, day) DO UPDATE SET"
                                    " uses = use_networks.uses + excluded.uses, " + later("use_networks", "last_time"),
                                {through}));
    CM_TRY(m_connection.execute("INSERT INTO brown_out_uses (brown_out_id, user_id, client_class, refused, first_time, last_time)"
                                " SELECT brown_out, COALESCE(user_id, 0), client_class, CAST(SUM(uses) AS BIGINT), MIN(time), MAX(time) FROM uses"
                                " WHERE id <= $1 AND brown_out IS NOT NULL GROUP BY 1, 2, 3 ON CONFLICT (brown_out_id, user_id, client_class) DO UPDATE SET"
                                " refused = brown_out_uses.refused + excluded.refused, " + earlier("brown_out_uses", "first_time") + ", " +
                                    later("brown_out_uses", "last_time"),
                                {through}));
    return m_connection.execute("DELETE FROM uses WHERE id <= $1", {through});
}

Result<void> Writer::addUseGap(const UseGapRow &row)
{
    // Of what goes missing twice a second there is one row an hour.
    constexpr std::chrono::hours together{1};
    CM_TRY_ASSIGN(const std::int64_t joined,
                  m_connection.execute("UPDATE use_gaps SET ended = CASE WHEN ended > $3 THEN ended ELSE $3 END, uses = uses + $8"
                                       " WHERE node = $1 AND cause = $4 AND channel = $5 AND endpoint = $6 AND COALESCE(refused_by, 0) = $7"
                                       " AND began <= $2 AND began > $9 AND ended >= $9 AND uses IS NOT NULL AND $8 IS NOT NULL",
                                       {row.node, micros(row.began), micros(row.ended), row.cause, row.channel, row.endpoint,
                                        row.refusedBy.value_or(0), row.uses, micros(row.began - together)}));
    if (joined > 0)
        return {};
    CM_TRY(m_connection.execute("INSERT INTO use_gaps (node, began, ended, cause, channel, endpoint, refused_by, uses)"
                                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                                {row.node, micros(row.began), micros(row.ended), row.cause, row.channel, row.endpoint, row.refusedBy, row.uses}));
    return {};
}

Result<void> Writer::setBrownOutCollateral(const CollateralRow &row)
{
    CM_TRY(m_connection.execute("DELETE FROM brown_out_collateral WHERE brown_out_id = $1 AND node = $2", {row.brownOut, row.node}));
    CM_TRY(m_connection.execute(
        "INSERT INTO brown_out_collateral (brown_out_id, node, from_time, to_time, uploads, uploads_refused, uploads_failed, installs,"
        " installs_failed, before_uploads, before_uploads_refused, before_uploads_failed, before_installs, before_installs_failed)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        {row.brownOut, row.node, micros(row.from), micros(row.to), row.during.uploads, row.during.uploadsRefused, row.during.uploadsFailed,
         row.during.installs, row.during.installsFailed, part(row, &CollateralCounts::uploads), part(row, &CollateralCounts::uploadsRefused),
         part(row, &CollateralCounts::uploadsFailed), part(row, &CollateralCounts::installs), part(row, &CollateralCounts::installsFailed)}));
    return {};
}

Result<void> Writer::keepBrownOutFigures(Id brownOut, std::string_view json)
{
    CM_TRY(m_connection.execute("UPDATE brown_outs SET figures_json = $2 WHERE id = $1", {brownOut, json}));
    CM_TRY(m_connection.execute("DELETE FROM brown_out_uses WHERE brown_out_id = $1", {brownOut}));
    CM_TRY(m_connection.execute("DELETE FROM brown_out_strangers WHERE brown_out_id = $1", {brownOut}));
    return {};
}

Result<void> Writer::beginUses(Time now)
{
    CM_TRY(m_connection.execute("INSERT INTO counters (name, value) VALUES ('uses_since', $1) ON CONFLICT (name) DO NOTHING",
                                {micros(now)}));
    return {};
}

Result<std::int64_t> Writer::pruneUses(Time before)
{
    const std::int64_t day = std::chrono::floor<std::chrono::days>(before).time_since_epoch().count();
    // All kinds are named, as the key begins with them.
    CM_TRY_ASSIGN(const std::int64_t gone,
                  m_connection.execute("DELETE FROM use_days WHERE kind_id IN (SELECT id FROM use_kinds) AND day < $1", {day}));
    CM_TRY(m_connection.execute("DELETE FROM use_networks WHERE day < $1", {day}));
    CM_TRY(m_connection.execute("DELETE FROM use_details WHERE last_time < $1", {micros(before)}));
    CM_TRY(m_connection.execute("DELETE FROM use_gaps WHERE ended < $1", {micros(before)}));
    if (gone > 0)
        CM_TRY(m_connection.execute("DELETE FROM use_kinds WHERE NOT EXISTS (SELECT 1 FROM use_days d WHERE d.kind_id = use_kinds.id)"
                                    " AND NOT EXISTS (SELECT 1 FROM use_details d WHERE d.kind_id = use_kinds.id)"));
    CM_TRY_ASSIGN(const std::int64_t waiting, m_connection.execute("DELETE FROM uses WHERE time < $1", {micros(before)}));
    return gone + waiting;
}

}  // namespace cm::catalog
