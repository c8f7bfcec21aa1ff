// SPDX-License-Identifier: GPL-3.0-or-later
// The uses by which what retires is judged, by their sums.
#include "core/catalog/deprecations.h"
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"

namespace cm::catalog {

namespace {

std::int64_t dayOf(Time time)
{
    return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

std::string listOf(std::span<const Id> ids)
{
    std::string out;
    for (const Id id : ids)
        out += (out.empty() ? "" : ", ") + std::to_string(id);
    // Nothing is in an empty list, which no engine reads.
    return out.empty() ? "-1" : out;
}

// What counts at all: of these kinds, accepted or refused for this; $1 is the day, $2 what retires.
std::string counted(const UseFilter &filter)
{
    return " FROM use_days WHERE kind_id IN (" + listOf(filter.kinds) + ") AND day >= $1 AND (refused_by = 0 OR refused_by = $2)";
}

// Sums of what engines may hold as a wider type.
std::string sum(std::string_view condition, std::string_view value = "uses")
{
    return "CAST(COALESCE(SUM(CASE WHEN " + std::string(condition) + " THEN " + std::string(value) + " ELSE 0 END), 0) AS BIGINT)";
}

constexpr std::string_view isAccepted = "refused_by = 0 AND user_id <> 0";
constexpr std::string_view isRefused = "refused_by = $2 AND user_id <> 0";
constexpr std::string_view isAnonymous = "refused_by = 0 AND user_id = 0";

UseKindRow kindOf(const sql::Cursor &row)
{
    return {row.integer(0), row.string(1), row.string(2), row.string(3), row.string(4),
            row.string(5),  row.string(6), row.string(7), row.string(8), row.string(9)};
}

UseDayRow dayRowOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
}

UseClientRow clientOf(const sql::Cursor &row)
{
    return {row.string(0), row.string(1), row.integer(2), 0};
}

UseClassRow classOf(const sql::Cursor &row)
{
    return {row.string(0), row.integer(1), 0};
}

// The same with people for uses.
UseClassRow classPeopleOf(const sql::Cursor &row)
{
    return {row.string(0), 0, row.integer(1)};
}

UseClientRow clientPeopleOf(const sql::Cursor &row)
{
    return {row.string(0), row.string(1), 0, row.integer(2)};
}

UseNetworkRow networkOf(const sql::Cursor &row)
{
    return {row.string(0), row.integer(1), timeAt(row, 2)};
}

UsePersonRow personOf(const sql::Cursor &row)
{
    return {row.integer(0), timeAt(row, 1), timeAt(row, 2), row.integer(3), row.integer(4), row.integer(5), row.integer(6), row.integer(7), row.integer(8)};
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
    const std::int64_t user = row.integer(1);
    return {row.integer(0), user == 0 ? std::nullopt : std::optional(user), row.integer(2), timeAt(row, 3), timeAt(row, 4), row.string(5)};
}

UseGapRow gapOf(const sql::Cursor &row)
{
    return {row.string(0), timeAt(row, 1), timeAt(row, 2), row.string(3), row.string(4), row.string(5), optionalIntegerAt(row, 6), optionalIntegerAt(row, 7)};
}

CollateralRow collateralOf(const sql::Cursor &row)
{
    const auto counts = [&](int from) {
        return CollateralCounts{row.integer(from), row.integer(from + 1), row.integer(from + 2), row.integer(from + 3), row.integer(from + 4)};
    };
    return {row.integer(0), row.string(1), timeAt(row, 2), timeAt(row, 3), counts(4), row.isNull(9) ? std::nullopt : std::optional(counts(9))};
}

std::int64_t integerOf(const sql::Cursor &row)
{
    return row.integer(0);
}

}  // namespace

Result<bool> Reader::hasNewUses()
{
    CM_TRY_ASSIGN(const auto found, first<std::int64_t>(m_connection, "SELECT id FROM uses LIMIT 1", {}, integerOf));
    return found.has_value();
}

Result<std::vector<UseKindRow>> Reader::useKinds()
{
    return all<UseKindRow>(m_connection,
                           "SELECT id, channel, endpoint, authentication, client, client_version, client_class, file_type,"
                           " metadata_version, digest FROM use_kinds ORDER BY id",
                           {}, kindOf);
}

Result<UseTotals> Reader::useTotals(const UseFilter &filter, Time from)
{
    UseTotals out;
    const std::vector<sql::Param> params{dayOf(from), filter.deprecation};
    const auto totalsOf = [](const sql::Cursor &row) { return UseTotals{row.integer(0), row.integer(1), 0, row.integer(2), 0, row.integer(3)}; };
    CM_TRY_ASSIGN(const auto rows, all<UseTotals>(m_connection,
                                                  "SELECT " + sum(isAccepted) + ", COUNT(DISTINCT CASE WHEN user_id <> 0 THEN user_id END), " +
                                                      sum(isRefused) + ", " + sum(isAnonymous) + counted(filter),
                                                  params, +totalsOf));
    if (!rows.empty())
        out = rows.front();
    CM_TRY_ASSIGN(out.projects, useProjects(filter, from));
    CM_TRY_ASSIGN(out.unattributed, unattributedUses(filter, from));
    return out;
}

Result<std::int64_t> Reader::useProjects(const UseFilter &filter, Time from)
{
    return number(m_connection,
                  "SELECT COUNT(DISTINCT project) FROM use_details WHERE kind_id IN (" + listOf(filter.kinds) + ") AND accepted >= $1 AND project <> ''",
                  {micros(Time(std::chrono::days(dayOf(from))))});
}

// Whatever they called themselves.
Result<std::int64_t> Reader::unattributedUses(const UseFilter &filter, Time from)
{
    return number(m_connection,
                  "SELECT CAST(COALESCE(SUM(uses), 0) AS BIGINT) FROM use_days WHERE refused_by = $2 AND refused_by <> 0 AND day >= $1 AND user_id = 0",
                  {dayOf(from), filter.deprecation});
}

Result<std::vector<UseDayRow>> Reader::useDays(const UseFilter &filter, Time from)
{
    const std::vector<sql::Param> params{dayOf(from), filter.deprecation};
    return all<UseDayRow>(m_connection,
                          "SELECT day, " + sum(isAccepted) + ", " + sum(isRefused) + ", COUNT(DISTINCT CASE WHEN user_id <> 0 THEN user_id END), " +
                              sum(isAnonymous) + counted(filter) + " GROUP BY day ORDER BY day",
                          params, dayRowOf);
}

Result<std::vector<UseClientRow>> Reader::useClients(const UseFilter &filter, Time from, std::int64_t limit)
{
    const std::string kinds = listOf(filter.kinds);
    const std::vector<sql::Param> params{dayOf(from)};
    CM_TRY_ASSIGN(auto rows, all<UseClientRow>(m_connection,
                                               "SELECT k.client, k.client_version, CAST(SUM(s.uses) AS BIGINT) FROM (SELECT kind_id, SUM(uses) AS uses"
                                               " FROM use_days WHERE kind_id IN (" + kinds + ") AND day >= $1 AND refused_by = 0 GROUP BY kind_id) s"
                                               " JOIN use_kinds k ON k.id = s.kind_id GROUP BY k.client, k.client_version"
                                               " ORDER BY 3 DESC, 1, 2 LIMIT " + std::to_string(limit),
                                               params, clientOf));
    const std::vector<sql::Param> moment{micros(Time(std::chrono::days(dayOf(from))))};
    CM_TRY_ASSIGN(const auto people, all<UseClientRow>(m_connection,
                                                       "SELECT k.client, k.client_version, COUNT(DISTINCT d.user_id) FROM use_details d JOIN use_kinds k"
                                                       " ON k.id = d.kind_id WHERE d.kind_id IN (" + kinds + ") AND d.accepted >= $1"
                                                       " GROUP BY k.client, k.client_version",
                                                       moment, clientPeopleOf));
    for (const UseClientRow &known : people) {
        for (UseClientRow &row : rows) {
            if (row.client == known.client && row.version == known.version)
                row.people = known.people;
        }
    }
    return rows;
}

Result<std::vector<UseClassRow>> Reader::useClasses(const UseFilter &filter, Time from)
{
    const std::string kinds = listOf(filter.kinds);
    const std::vector<sql::Param> params{dayOf(from)};
    CM_TRY_ASSIGN(auto rows, all<UseClassRow>(m_connection,
                                              "SELECT k.client_class, CAST(SUM(s.uses) AS BIGINT) FROM (SELECT kind_id, SUM(uses) AS uses FROM use_days"
                                              " WHERE kind_id IN (" + kinds + ") AND day >= $1 AND refused_by = 0 GROUP BY kind_id) s"
                                              " JOIN use_kinds k ON k.id = s.kind_id GROUP BY k.client_class ORDER BY 2 DESC, 1",
                                              params, classOf));
    const std::vector<sql::Param> moment{micros(Time(std::chrono::days(dayOf(from))))};
    CM_TRY_ASSIGN(const auto people, all<UseClassRow>(m_connection,
                                                      "SELECT k.client_class, COUNT(DISTINCT d.user_id) FROM use_details d JOIN use_kinds k"
                                                      " ON k.id = d.kind_id WHERE d.kind_id IN (" + kinds + ") AND d.accepted >= $1 GROUP BY k.client_class",
                                                      moment, classPeopleOf));
    for (const UseClassRow &known : people) {
        for (UseClassRow &row : rows) {
            if (row.clientClass == known.clientClass)
                row.people = known.people;
        }
    }
    return rows;
}

Result<std::vector<UseNetworkRow>> Reader::useNetworks(const UseFilter &filter, Time from, std::int64_t limit)
{
    const std::vector<sql::Param> params{dayOf(from)};
    return all<UseNetworkRow>(m_connection,
                              "SELECT network, CAST(SUM(uses) AS BIGINT), MAX(last_time) FROM use_networks WHERE kind_id IN (" + listOf(filter.kinds) +
                                  ") AND day >= $1 GROUP BY network ORDER BY 2 DESC, 1 LIMIT " + std::to_string(limit),
                              params, networkOf);
}

Result<std::vector<UsePersonRow>> Reader::usePeople(const UseFilter &filter, Time from, Time recentFrom, std::int64_t limit)
{
    const std::vector<sql::Param> params{dayOf(from), filter.deprecation, dayOf(recentFrom)};
    return all<UsePersonRow>(m_connection,
                             "SELECT user_id, MIN(first_time), MAX(last_time), " + sum("day >= $3 AND refused_by = 0") + ", " + sum("refused_by = 0") +
                                 ", " + sum("refused_by = $2") + ", CAST(SUM(notices) AS BIGINT), COUNT(*) OVER (),"
                                 " CAST(SUM(CASE WHEN MAX(day) >= $3 THEN 1 ELSE 0 END) OVER () AS BIGINT)" + counted(filter) +
                                 " AND user_id <> 0 GROUP BY user_id ORDER BY 3 DESC, 1 LIMIT " + std::to_string(limit),
                             params, personOf);
}

Result<std::vector<UseDetailRow>> Reader::useDetails(const UseFilter &filter, Time from, std::span<const Id> users)
{
    const std::vector<sql::Param> params{micros(from)};
    return all<UseDetailRow>(m_connection,
                             "SELECT d.user_id, d.credential, k.client, k.client_version, d.project FROM use_details d JOIN use_kinds k ON k.id = d.kind_id"
                             " WHERE d.user_id IN (" + listOf(users) + ") AND d.kind_id IN (" + listOf(filter.kinds) + ") AND d.last_time >= $1",
                             params, detailOf);
}

Result<std::vector<OtherUseRow>> Reader::otherUses(const UseFilter &filter, Time from, std::span<const Id> users)
{
    const std::vector<sql::Param> params{dayOf(from)};
    return all<OtherUseRow>(m_connection,
                            "SELECT d.user_id, k.channel, MIN(d.first_time), MAX(d.last_time) FROM use_days d JOIN use_kinds k ON k.id = d.kind_id"
                            " WHERE d.user_id IN (" + listOf(users) + ") AND d.day >= $1 AND d.refused_by = 0 AND d.kind_id NOT IN (" +
                                listOf(filter.kinds) + ") GROUP BY d.user_id, k.channel, d.day",
                            params, otherOf);
}

// Those that came in the last seconds are counted where they came.
Result<std::vector<BrownOutUseRow>> Reader::brownOutUses(Id deprecation)
{
    return all<BrownOutUseRow>(m_connection,
                               "SELECT brown_out_id, user_id, CAST(SUM(refused) AS BIGINT), MIN(first_time), MAX(last_time), client_class FROM ("
                               "SELECT brown_out_id, user_id, refused, first_time, last_time, client_class FROM brown_out_uses"
                               " UNION ALL SELECT brown_out, COALESCE(user_id, 0), uses, time, time, client_class FROM uses WHERE brown_out IS NOT NULL) r"
                               " WHERE brown_out_id IN (SELECT id FROM brown_outs WHERE deprecation_id = $1)"
                               " GROUP BY brown_out_id, user_id, client_class",
                               {deprecation}, brownOutUseOf);
}

Result<std::int64_t> Reader::refusedInBrownOut(Id brownOut)
{
    CM_TRY_ASSIGN(const std::int64_t summed,
                  number(m_connection, "SELECT CAST(COALESCE(SUM(refused), 0) AS BIGINT) FROM brown_out_uses WHERE brown_out_id = $1 AND user_id <> 0",
                         {brownOut}));
    CM_TRY_ASSIGN(const std::int64_t fresh,
                  number(m_connection, "SELECT CAST(COALESCE(SUM(uses), 0) AS BIGINT) FROM uses WHERE brown_out = $1 AND user_id IS NOT NULL",
                         {brownOut}));
    CM_TRY_ASSIGN(const std::int64_t strangers, number(m_connection, "SELECT COUNT(*) FROM brown_out_strangers WHERE brown_out_id = $1", {brownOut}));
    return summed + fresh + strangers;
}

Result<std::optional<Time>> Reader::usesSince()
{
    return first<Time>(m_connection, "SELECT value FROM counters WHERE name = 'uses_since'", {},
                       [](const sql::Cursor &row) { return timeAt(row, 0); });
}

Result<std::vector<UseGapRow>> Reader::useGaps(Time endedAfter)
{
    return all<UseGapRow>(m_connection,
                          "SELECT node, began, ended, cause, channel, endpoint, refused_by, uses FROM use_gaps WHERE ended > $1 ORDER BY ended DESC, id DESC",
                          {micros(endedAfter)}, gapOf);
}

Result<std::vector<CollateralRow>> Reader::brownOutCollateral(Id brownOut)
{
    return all<CollateralRow>(m_connection,
                              "SELECT brown_out_id, node, from_time, to_time, uploads, uploads_refused, uploads_failed, installs, installs_failed,"
                              " before_uploads, before_uploads_refused, before_uploads_failed, before_installs, before_installs_failed"
                              " FROM brown_out_collateral WHERE brown_out_id = $1 ORDER BY node",
                              {brownOut}, collateralOf);
}

}  // namespace cm::catalog
