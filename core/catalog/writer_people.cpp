// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/row_mapping.h"
#include "core/catalog/writer.h"

#include <fmt/format.h>

namespace cm::catalog {

Result<UserRow> Writer::createUser(const UserRow &user)
{
    UserRow row = user;
    CM_TRY_ASSIGN(row.id, insert(
        m_connection,
        "INSERT INTO users (normalized_name, name, email, role, password_hash, active, created)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        {user.normalizedName, user.name, user.email, registryRoleName(user.role), user.passwordHash, user.active,
         micros(user.created)},
        fmt::format("user name {} is taken", user.normalizedName)));
    CM_TRY(count("users", 1));
    return row;
}

Result<void> Writer::setUserRole(Id id, RegistryRole role)
{
    return changeOne(m_connection, "UPDATE users SET role = $1 WHERE id = $2", {registryRoleName(role), id}, "user");
}

Result<void> Writer::setUserActive(Id id, bool active)
{
    return changeOne(m_connection, "UPDATE users SET active = $1 WHERE id = $2", {active, id}, "user");
}

Result<void> Writer::setUserEmail(Id id, std::string_view email)
{
    return changeOne(m_connection, "UPDATE users SET email = $1 WHERE id = $2", {email, id}, "user");
}

Result<void> Writer::setUserPassword(Id id, std::optional<std::string> passwordHash)
{
    return changeOne(m_connection, "UPDATE users SET password_hash = $1 WHERE id = $2", {passwordHash, id}, "user");
}

Result<void> Writer::setProjectRole(Id projectId, Id userId, ProjectRole role, Time since)
{
    CM_TRY(m_connection.execute("INSERT INTO members (project_id, user_id, role, since) VALUES ($1, $2, $3, $4)"
                                " ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role",
                                {projectId, userId, projectRoleName(role), micros(since)}));
    return {};
}

Result<void> Writer::removeProjectRole(Id projectId, Id userId)
{
    return changeOne(m_connection, "DELETE FROM members WHERE project_id = $1 AND user_id = $2", {projectId, userId},
                     "role");
}

Result<TokenRow> Writer::createToken(const TokenRow &token)
{
    TokenRow row = token;
    CM_TRY_ASSIGN(row.id, insert(
        m_connection,
        "INSERT INTO tokens (macaroon_id, user_id, kind, description, encrypted_key, projects, created, expires)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        {token.macaroonId, token.userId, tokenKindName(token.kind), token.description,
         sql::Bytes{std::as_bytes(std::span(token.encryptedKey))}, asLines(token.projects), micros(token.created),
         micros(token.expires)},
        "a token of this id is there, or its user is not"));
    row.lastUsed.reset();
    row.revoked.reset();
    return row;
}

Result<void> Writer::revokeToken(Id id, Time at)
{
    return changeOne(m_connection, "UPDATE tokens SET revoked = coalesce(revoked, $1) WHERE id = $2", {micros(at), id},
                     "token");
}

Result<std::int64_t> Writer::revokeAllTokens(Time at)
{
    return m_connection.execute("UPDATE tokens SET revoked = $1 WHERE revoked IS NULL", {micros(at)});
}

Result<void> Writer::touchToken(Id id, Time lastUsed)
{
    // Nodes tell of their uses in no order: the latest stays.
    return changeOne(m_connection,
                     "UPDATE tokens SET last_used = CASE WHEN last_used > $1 THEN last_used ELSE $1 END WHERE id = $2",
                     {micros(lastUsed), id}, "token");
}

Result<std::int64_t> Writer::pruneSessions(Time before)
{
    return m_connection.execute("DELETE FROM tokens WHERE kind = 'session' AND expires < $1", {micros(before)});
}

}  // namespace cm::catalog
