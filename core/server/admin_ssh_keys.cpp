// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: keys for uploads over ssh.
#include "core/server/admin_handlers.h"
#include "core/server/convert.h"

namespace cm::server {
namespace {

api::SshKey toApi(const catalog::SshKeyRow &row, Time now)
{
    api::SshKey key;
    key.id = api::Id{row.id};
    key.user = row.userName;
    key.type = row.type;
    key.bits = row.bits;
    key.fingerprint = row.fingerprint;
    key.title = row.title;
    key.projects = row.projects;
    key.state = row.revoked                            ? api::SshKeyState::Revoked
                : row.expires && *row.expires <= now ? api::SshKeyState::Expired
                                                     : api::SshKeyState::Active;
    key.created = row.created;
    key.addedBy = row.addedBy;
    key.expires = row.expires;
    key.revoked = row.revoked;
    key.revokedBy = row.revokedBy;
    key.revokeReason = row.revokeReason;
    key.lastUsed = row.lastUsed;
    key.lastUsedFrom = row.lastUsedFrom;
    return key;
}

}  // namespace

CM_ANSWER(listSshKeys)
{
    const std::int64_t offset = windowOffset(request.offset);
    CM_TRY_ASSIGN(const catalog::SshKeyPage found,
                  call.services.sshKeys.list(call.by, {request.user, request.everybody, request.query, request.ended, offset,
                                                       windowLimit(request.limit)}));
    api::Page<api::SshKey> page;
    page.total = found.total;
    page.offset = offset;
    const Time now = call.services.clock.now();
    for (const catalog::SshKeyRow &row : found.keys)
        page.items.push_back(toApi(row, now));
    return page;
}

CM_ANSWER(addSshKey)
{
    return toApi(call.services.sshKeys.add(
        call.by, {request.user, request.publicKey, request.title, request.projects, request.expiresDays}));
}

CM_ANSWER(changeSshKey)
{
    return toApi(call.services.sshKeys.change(call.by, request.key.value, request.projects, request.expires, request.reason));
}

CM_ANSWER(revokeSshKey)
{
    return toApi(call.services.sshKeys.revoke(call.by, request.key.value, request.reason));
}

}  // namespace cm::server
