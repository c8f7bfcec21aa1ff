// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/ssh_keys.h"

#include "core/catalog/queries.h"
#include "core/catalog/row_mapping.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

#define CM_SSH_KEY_QUERY                                                                                            \
    "SELECT k.id, k.user_id, u.name, u.active, k.type, k.key_data, k.bits, k.fingerprint, k.title, k.projects, "     \
    "k.created, k.added_by, k.expires, k.revoked, k.revoked_by, k.revoke_reason, k.last_used, k.last_used_from"     \
    " FROM ssh_keys k JOIN users u ON u.id = k.user_id"

// $1 the person or null, $2 a part or '', $3 whether ended ones too, $4 now. LIKE would read % and _ in a part.
#define CM_SSH_KEY_WANTED                                                                                           \
    " WHERE (CAST($1 AS BIGINT) IS NULL OR k.user_id = $1)"                                                         \
    " AND ($2 = '' OR replace(u.normalized_name, lower($2), '') <> u.normalized_name"                               \
    " OR replace(lower(k.title), lower($2), '') <> lower(k.title) OR replace(k.fingerprint, $2, '') <> k.fingerprint)" \
    " AND ($3 OR (k.revoked IS NULL AND (k.expires IS NULL OR k.expires > $4)))"

SshKeyRow keyOf(const sql::Cursor &row)
{
    SshKeyRow key;
    key.id = row.integer(0);
    key.userId = row.integer(1);
    key.userName = row.string(2);
    key.userActive = row.boolean(3);
    key.type = row.string(4);
    key.data = row.string(5);
    key.bits = row.integer(6);
    key.fingerprint = row.string(7);
    key.title = row.string(8);
    key.projects = linesOf(row.text(9));
    key.created = timeAt(row, 10);
    key.addedBy = row.string(11);
    key.expires = optionalTimeAt(row, 12);
    key.revoked = optionalTimeAt(row, 13);
    key.revokedBy = row.string(14);
    key.revokeReason = row.string(15);
    key.lastUsed = optionalTimeAt(row, 16);
    key.lastUsedFrom = row.string(17);
    return key;
}

}  // namespace

Result<SshKeyRow> Reader::sshKey(Id id)
{
    return one<SshKeyRow>(m_connection, CM_SSH_KEY_QUERY " WHERE k.id = $1", {id}, keyOf, "ssh key");
}

Result<std::vector<SshKeyRow>> Reader::sshKeysWithFingerprint(std::string_view fingerprint)
{
    return all<SshKeyRow>(m_connection, CM_SSH_KEY_QUERY " WHERE k.fingerprint = $1 ORDER BY k.id DESC", {fingerprint}, keyOf);
}

Result<std::vector<SshKeyRow>> Reader::liveSshKeys(Time now)
{
    return all<SshKeyRow>(m_connection,
                          CM_SSH_KEY_QUERY " WHERE k.revoked IS NULL AND u.active AND (k.expires IS NULL OR k.expires > $1)"
                                           " ORDER BY k.id",
                          {micros(now)}, keyOf);
}

Result<SshKeyPage> Reader::sshKeys(const SshKeyQuery &query)
{
    SshKeyPage page;
    CM_TRY_ASSIGN(page.keys, all<SshKeyRow>(m_connection,
                                            CM_SSH_KEY_QUERY CM_SSH_KEY_WANTED " ORDER BY k.id DESC LIMIT $5 OFFSET $6",
                                            {query.userId, query.part, query.ended, micros(query.now), query.limit, query.offset},
                                            keyOf));
    CM_TRY_ASSIGN(page.total, number(m_connection,
                                     "SELECT count(*) FROM ssh_keys k JOIN users u ON u.id = k.user_id" CM_SSH_KEY_WANTED,
                                     {query.userId, query.part, query.ended, micros(query.now)}));
    return page;
}

Result<Id> Writer::addSshKey(const SshKeyRow &key)
{
    return insert(m_connection,
                  "INSERT INTO ssh_keys (user_id, type, key_data, bits, fingerprint, title, projects, created, added_by, expires)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
                  {key.userId, key.type, key.data, key.bits, key.fingerprint, key.title, asLines(key.projects),
                   micros(key.created), key.addedBy, micros(key.expires)},
                  "the key is there already, or its user is not");
}

Result<void> Writer::changeSshKey(Id id, const std::vector<std::string> &projects, std::optional<Time> expires)
{
    return changeOne(m_connection, "UPDATE ssh_keys SET projects = $1, expires = $2 WHERE id = $3",
                     {asLines(projects), micros(expires), id}, "ssh key");
}

Result<void> Writer::revokeSshKey(Id id, Time at, std::string_view by, std::string_view reason)
{
    return changeOne(m_connection,
                     "UPDATE ssh_keys SET revoked = $1, revoked_by = $2, revoke_reason = $3 WHERE id = $4 AND revoked IS NULL",
                     {micros(at), by, reason, id}, "ssh key that is not revoked");
}

Result<void> Writer::touchSshKey(Id id, Time lastUsed, std::string_view from)
{
    // Nodes tell of their uses in no order: the latest stays. Of a key whose row is as new nothing is to be told.
    CM_TRY(m_connection.execute("UPDATE ssh_keys SET last_used = $1, last_used_from = $2"
                                " WHERE id = $3 AND (last_used IS NULL OR last_used < $1)",
                                {micros(lastUsed), from, id}));
    return {};
}

}  // namespace cm::catalog
