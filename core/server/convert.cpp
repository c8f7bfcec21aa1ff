// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/convert.h"

#include "core/api/codec.h"

#include <algorithm>

namespace cm::server {
namespace {

// JSON as it was stored; text that is none stays readable as a string.
api::Json jsonOf(std::string_view text)
{
    if (text.empty())
        return api::Json(nullptr);
    auto json = api::parseJson(text);
    return json ? std::move(*json) : api::Json(text);
}

}  // namespace

api::Role toApi(catalog::RegistryRole role)
{
    switch (role) {
    case catalog::RegistryRole::User:
        return api::Role::User;
    case catalog::RegistryRole::Observer:
        return api::Role::Observer;
    case catalog::RegistryRole::Moderator:
        return api::Role::Moderator;
    case catalog::RegistryRole::Operator:
        return api::Role::Operator;
    case catalog::RegistryRole::Admin:
        return api::Role::Admin;
    }
    return api::Role::User;
}

catalog::RegistryRole fromApi(api::Role role)
{
    switch (role) {
    case api::Role::User:
        return catalog::RegistryRole::User;
    case api::Role::Observer:
        return catalog::RegistryRole::Observer;
    case api::Role::Moderator:
        return catalog::RegistryRole::Moderator;
    case api::Role::Operator:
        return catalog::RegistryRole::Operator;
    case api::Role::Admin:
        return catalog::RegistryRole::Admin;
    }
    return catalog::RegistryRole::User;
}

api::ProjectRole toApi(catalog::ProjectRole role)
{
    return role == catalog::ProjectRole::Owner ? api::ProjectRole::Owner : api::ProjectRole::Maintainer;
}

catalog::ProjectRole fromApi(api::ProjectRole role)
{
    return role == api::ProjectRole::Owner ? catalog::ProjectRole::Owner : catalog::ProjectRole::Maintainer;
}

pypi::ProjectStatus fromApi(api::ProjectStatus status)
{
    switch (status) {
    case api::ProjectStatus::Active:
        return pypi::ProjectStatus::Active;
    case api::ProjectStatus::Archived:
        return pypi::ProjectStatus::Archived;
    case api::ProjectStatus::Deprecated:
        return pypi::ProjectStatus::Deprecated;
    case api::ProjectStatus::Quarantined:
        return pypi::ProjectStatus::Quarantined;
    }
    return pypi::ProjectStatus::Active;
}

catalog::UserSort fromApi(api::UserSort sort)
{
    switch (sort) {
    case api::UserSort::Role:
        return catalog::UserSort::Role;
    case api::UserSort::Created:
        return catalog::UserSort::Created;
    case api::UserSort::Name:
        break;
    }
    return catalog::UserSort::Name;
}

catalog::ProjectSort fromApi(api::ProjectSort sort)
{
    switch (sort) {
    case api::ProjectSort::Name:
        return catalog::ProjectSort::Name;
    case api::ProjectSort::LastActivity:
        return catalog::ProjectSort::LastActivity;
    case api::ProjectSort::Files:
        return catalog::ProjectSort::FileCount;
    case api::ProjectSort::Size:
        return catalog::ProjectSort::TotalSize;
    case api::ProjectSort::Created:
        return catalog::ProjectSort::Created;
    }
    return catalog::ProjectSort::Name;
}

api::Change toApi(const registry::Change &change)
{
    return {change.serial, api::Id{change.audit}};
}

std::optional<api::ReadOnlyMode> toApi(const std::optional<catalog::ReadOnlyRow> &mode)
{
    if (!mode)
        return std::nullopt;
    return api::ReadOnlyMode{mode->until, mode->since, mode->by, mode->reason, mode->message};
}

Result<api::Change> toApi(const Result<registry::Change> &change)
{
    if (!change)
        return fail(change.error());
    return toApi(*change);
}

api::ProjectSummary toApi(const registry::ProjectLine &line)
{
    const catalog::ProjectRow &row = line.project;
    api::ProjectSummary summary;
    summary.name = row.name;
    summary.normalizedName = row.normalizedName;
    summary.status = api::enumNamed<api::ProjectStatus>(row.status).value_or(api::ProjectStatus::Active);
    summary.summary = line.summary;
    summary.latestVersion = line.latestVersion;
    summary.releases = row.releaseCount;
    summary.files = row.fileCount;
    summary.totalSize = row.totalSize;
    summary.created = row.created;
    summary.lastActivity = row.lastActivity;
    summary.lastSerial = row.lastSerial;
    return summary;
}

api::ReleaseSummary toApi(const registry::ReleaseLine &line)
{
    api::ReleaseSummary summary;
    summary.version = line.release.version;
    summary.created = line.release.created;
    summary.yanked = line.release.yanked;
    summary.yankedReason = line.release.yankedReason;
    summary.prerelease = line.prerelease;
    summary.files = line.files;
    summary.size = line.size;
    summary.requiresPython = line.release.requiresPython;
    return summary;
}

api::FileInfo toApi(const catalog::FileRow &file, std::string_view version)
{
    api::FileInfo info;
    info.filename = file.filename;
    info.packageType = file.packagetype;
    info.pythonVersion = file.pythonVersion;
    info.version = std::string(version);
    info.size = file.size;
    info.sha256 = file.sha256;
    info.blake2b256 = file.blake2b256;
    info.md5 = file.md5;
    info.requiresPython = file.requiresPython;
    info.uploaded = file.uploadTime;
    info.uploadedBy = file.uploadedBy;
    info.path = "/packages/" + file.path;
    info.hasMetadata = file.metadataSha256.has_value();
    return info;
}

api::DeletedThing toApi(const catalog::DeletedThing &thing)
{
    api::DeletedThing out;
    switch (thing.kind) {
    case catalog::DeletedThing::Kind::Project:
        out.kind = "project";
        break;
    case catalog::DeletedThing::Kind::Release:
        out.kind = "release";
        break;
    case catalog::DeletedThing::Kind::File:
        out.kind = "file";
        break;
    case catalog::DeletedThing::Kind::Documentation:
        out.kind = "documentation";
        break;
    }
    out.project = thing.project;
    out.version = thing.version;
    out.filename = thing.filename;
    out.deleted = thing.deletion.at;
    out.actor = thing.deletion.by;
    out.reason = thing.deletion.reason;
    out.purgeAfter = thing.deletion.purgeAfter;
    return out;
}

api::User toApi(const registry::Person &person)
{
    api::User user;
    user.name = person.user.name;
    user.email = person.user.email;
    user.role = toApi(person.user.role);
    user.active = person.user.active;
    user.hasPassword = person.user.passwordHash.has_value();
    user.projects = person.projects;
    user.created = person.user.created;
    return user;
}

api::Token toApi(const catalog::TokenRow &token, std::string_view owner)
{
    api::Token out;
    out.id = api::Id{token.id};
    out.user = std::string(owner);
    out.description = token.description;
    out.projects = token.projects;
    out.created = token.created;
    out.expires = token.expires;
    out.lastUsed = token.lastUsed;
    return out;
}

api::JournalEntry toApi(const catalog::JournalRow &row)
{
    return {row.serial, row.time, row.project, row.version.value_or(""), row.action, row.actor};
}

api::AuditEntry toApi(const catalog::AuditRow &row)
{
    api::AuditEntry entry;
    entry.id = api::Id{row.id};
    entry.time = row.time;
    entry.actor = row.actor;
    entry.role = row.role;
    entry.channel = row.channel;
    entry.action = row.action;
    entry.subject = row.subject;
    entry.reason = row.reason;
    entry.before = jsonOf(row.before);
    entry.after = jsonOf(row.after);
    entry.requestId = row.requestId;
    return entry;
}

std::int64_t windowOffset(std::int64_t offset)
{
    return std::max<std::int64_t>(offset, 0);
}

std::int64_t windowLimit(std::int64_t limit)
{
    return std::clamp<std::int64_t>(limit, 1, 1'000);
}

}  // namespace cm::server
