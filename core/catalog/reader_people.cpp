// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"
#include "core/catalog/row_mapping.h"

namespace cm::catalog {

namespace {

#define CM_MEMBER_QUERY                                                                           \
    "SELECT m.project_id, p.normalized_name, m.user_id, u.name, m.role, m.since FROM members m" \
    " JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id"

std::optional<ProjectRole> roleColumnOf(const sql::Cursor &row)
{
    return projectRoleFromName(row.text(0));
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

Result<std::vector<UserRow>> Reader::users(std::string_view search, std::int64_t offset, std::int64_t limit)
{
    // A literal part of the name: LIKE would read % and _ in it.
    return all<UserRow>(m_connection,
                        "SELECT " CM_USER_COLUMNS " FROM users u"
                        " WHERE $1 = '' OR replace(u.normalized_name, $1, '') <> u.normalized_name"
                        " ORDER BY u.normalized_name LIMIT $2 OFFSET $3",
                        {search, limit, offset}, userOf);
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
