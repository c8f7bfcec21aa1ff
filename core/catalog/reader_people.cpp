// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"
#include "core/catalog/row_mapping.h"

#include <fmt/format.h>

namespace cm::catalog {

namespace {

#define CM_MEMBER_QUERY                                                                           \
    "SELECT m.project_id, p.normalized_name, m.user_id, u.name, m.role, m.since FROM members m" \
    " JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id"

std::optional<ProjectRole> roleColumnOf(const sql::Cursor &row)
{
    return projectRoleFromName(row.text(0));
}

// What may most comes first, whatever the names' order of letters is.
constexpr std::string_view byRole = "CASE u.role WHEN 'admin' THEN 0 WHEN 'operator' THEN 1 WHEN 'moderator' THEN 2"
                                    " WHEN 'observer' THEN 3 ELSE 4 END";

std::string_view sortColumn(UserSort sort)
{
    switch (sort) {
    case UserSort::Role:
        return byRole;
    case UserSort::Created:
        return "u.created";
    case UserSort::Name:
        break;
    }
    return "u.normalized_name";
}

}  // namespace

Result<UserRow> Reader::user(Id id)
{
    return one<UserRow>(m_connection, "SELECT " CM_USER_COLUMNS " FROM users u WHERE u.id = $1", {id}, userOf, "user");
}

Result<UserRow> Reader::findUser(std::string_view normalizedName)
{
    return one<UserRow>(m_connection, "SELECT " CM_USER_COLUMNS " FROM users u WHERE u.normalized_name = $1",
                        {normalizedName}, userOf, "user");
}

Result<UserPage> Reader::users(const UserQuery &query)
{
    std::string where = "1 = 1";
    std::vector<sql::Param> params;
    if (!query.name.empty()) {
        params.emplace_back(query.name);
        where += " AND u.normalized_name = $1";
    }
    if (!query.search.empty()) {
        params.emplace_back(query.search);
        // A literal part: LIKE would read % and _ in it.
        where += fmt::format(" AND (replace(u.normalized_name, ${0}, '') <> u.normalized_name"
                             " OR replace(lower(u.email), ${0}, '') <> lower(u.email))",
                             params.size());
    }
    if (query.role) {
        params.emplace_back(registryRoleName(*query.role));
        where += fmt::format(" AND u.role = ${}", params.size());
    }
    if (query.active) {
        params.emplace_back(*query.active);
        where += fmt::format(" AND u.active = ${}", params.size());
    }
    UserPage page;
    CM_TRY_ASSIGN(page.total, number(m_connection, "SELECT count(*) FROM users u WHERE " + where, params));
    if (query.limit <= 0 || query.offset < 0 || query.offset >= page.total)
        return page;
    const std::string_view direction = query.descending ? "DESC" : "ASC";
    const std::string text =
        fmt::format("SELECT " CM_USER_COLUMNS " FROM users u WHERE {0} ORDER BY {1} {2}, u.normalized_name {2} LIMIT ${3} OFFSET ${4}",
                    where, sortColumn(query.sort), direction, params.size() + 1, params.size() + 2);
    params.emplace_back(query.limit);
    params.emplace_back(query.offset);
    CM_TRY_ASSIGN(page.users, all<UserRow>(m_connection, text, std::span<const sql::Param>(params), userOf));
    return page;
}

Result<std::optional<ProjectRole>> Reader::roleOf(Id userId, Id projectId)
{
    CM_TRY_ASSIGN(const auto role, first<std::optional<ProjectRole>>(
                                       m_connection,
                                       "SELECT m.role FROM members m WHERE m.project_id = $1 AND m.user_id = $2",
                                       {projectId, userId}, roleColumnOf));
    return role ? *role : std::nullopt;
}

Result<std::vector<MemberRow>> Reader::membersOfProject(Id projectId)
{
    return all<MemberRow>(m_connection, CM_MEMBER_QUERY " WHERE m.project_id = $1 ORDER BY u.normalized_name",
                          {projectId}, memberOf);
}

Result<std::vector<MemberRow>> Reader::projectsOfUser(Id userId)
{
    return all<MemberRow>(m_connection,
                          CM_MEMBER_QUERY " WHERE m.user_id = $1 AND p.deleted_at IS NULL ORDER BY p.normalized_name",
                          {userId}, memberOf);
}

Result<TokenRow> Reader::findToken(std::string_view macaroonId)
{
    return one<TokenRow>(m_connection, "SELECT " CM_TOKEN_COLUMNS " FROM tokens t WHERE t.macaroon_id = $1",
                         {macaroonId}, tokenOf, "token");
}

Result<TokenRow> Reader::token(Id id)
{
    return one<TokenRow>(m_connection, "SELECT " CM_TOKEN_COLUMNS " FROM tokens t WHERE t.id = $1", {id}, tokenOf,
                         "token");
}

Result<TokenRow> Reader::newestToken()
{
    return one<TokenRow>(m_connection, "SELECT " CM_TOKEN_COLUMNS " FROM tokens t WHERE t.revoked IS NULL"
                         " ORDER BY t.id DESC LIMIT 1", {}, tokenOf, "token");
}

Result<std::vector<TokenRow>> Reader::tokensOfUser(Id userId, TokenKind kind)
{
    return all<TokenRow>(m_connection,
                         "SELECT " CM_TOKEN_COLUMNS " FROM tokens t WHERE t.user_id = $1 AND t.kind = $2"
                         " ORDER BY t.created DESC, t.id DESC",
                         {userId, tokenKindName(kind)}, tokenOf);
}

}  // namespace cm::catalog
