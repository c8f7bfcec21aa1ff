// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: projects, releases, files, roles.
#include "core/api/codec.h"
#include "core/server/admin_handlers.h"
#include "core/server/convert.h"

namespace cm::server {

CM_ANSWER(listProjects)
{
    registry::ProjectListQuery query;
    query.query.search = request.query;
    if (request.status)
        query.query.status = std::string(api::nameOf(*request.status));
    query.query.sort = fromApi(request.sort);
    query.query.descending = request.descending;
    query.query.offset = windowOffset(request.offset);
    query.query.limit = windowLimit(request.limit);
    query.mine = request.mine;
    CM_TRY_ASSIGN(const registry::ProjectLines lines, call.services.browser.projects(call.by, query));
    api::Page<api::ProjectSummary> page;
    page.total = lines.total;
    page.offset = query.query.offset;
    page.serial = lines.serial;
    page.items.reserve(lines.projects.size());
    for (const registry::ProjectLine &line : lines.projects)
        page.items.push_back(toApi(line));
    return page;
}

CM_ANSWER(getProject)
{
    CM_TRY_ASSIGN(const registry::ProjectDetail found, call.services.browser.project(call.by, request.project));
    api::ProjectDetail detail;
    detail.project = toApi(found.line);
    detail.statusReason =
        found.line.project.quarantine ? found.line.project.quarantine->reason : found.line.project.statusReason;
    detail.statusActor = found.statusActor;
    detail.statusSince = found.statusSince;
    detail.fileLimit = found.fileLimit;
    detail.totalLimit = found.totalLimit;
    detail.ownLimits = found.ownLimits;
    for (const catalog::MemberRow &member : found.members)
        detail.roles.push_back({member.userName, toApi(member.role)});
    for (const registry::ReleaseLine &line : found.releases)
        detail.releases.push_back(toApi(line));
    detail.allowed.assign(found.allowed.begin(), found.allowed.end());
    return detail;
}

CM_ANSWER(getRelease)
{
    CM_TRY_ASSIGN(const registry::ReleaseDetail found,
                  call.services.browser.release(call.by, request.project, request.version));
    api::ReleaseDetail detail;
    detail.project = found.project;
    detail.release = toApi(found.line);
    detail.summary = found.line.release.summary;
    detail.description = found.description;
    detail.descriptionContentType = found.line.release.descriptionContentType;
    CM_TRY_ASSIGN(detail.metadata, api::parseJson(found.metadataJson.empty() ? "{}" : found.metadataJson));
    for (const catalog::FileRow &file : found.files)
        detail.files.push_back(toApi(file, found.line.release.version));
    return detail;
}

CM_ANSWER(yankRelease)
{
    return toApi(call.services.moderator.yankRelease(call.by, request.project, request.version, request.reason));
}

CM_ANSWER(unyankRelease)
{
    return toApi(call.services.moderator.unyankRelease(call.by, request.project, request.version, request.reason));
}

CM_ANSWER(quarantineProject)
{
    return toApi(call.services.moderator.quarantineProject(call.by, request.project, request.reason));
}

CM_ANSWER(liftQuarantine)
{
    return toApi(call.services.moderator.liftQuarantine(call.by, request.project, request.reason));
}

CM_ANSWER(setProjectStatus)
{
    if (request.status == api::ProjectStatus::Quarantined)
        return fail(Error{ErrorCode::InvalidInput,
                          "quarantine has an endpoint of its own",
                          {{"status", "is none of: active, archived, deprecated"}},
                          {}});
    return toApi(
        call.services.moderator.setProjectStatus(call.by, request.project, fromApi(request.status), request.reason));
}

CM_ANSWER(setProjectLimits)
{
    return toApi(call.services.moderator.setProjectLimits(call.by, request.project, request.fileLimit,
                                                          request.totalLimit, request.reason));
}

CM_ANSWER(deleteProject)
{
    return toApi(call.services.moderator.deleteProject(call.by, request.project, request.confirm, request.reason));
}

CM_ANSWER(restoreProject)
{
    return toApi(call.services.moderator.restoreProject(call.by, request.project, request.reason));
}

CM_ANSWER(deleteRelease)
{
    return toApi(call.services.moderator.deleteRelease(call.by, request.project, request.version, request.confirm,
                                                       request.reason));
}

CM_ANSWER(restoreRelease)
{
    return toApi(call.services.moderator.restoreRelease(call.by, request.project, request.version, request.reason));
}

CM_ANSWER(deleteFile)
{
    return toApi(call.services.moderator.deleteFile(call.by, request.filename, request.confirm, request.reason));
}

CM_ANSWER(restoreFile)
{
    return toApi(call.services.moderator.restoreFile(call.by, request.filename, request.reason));
}

CM_ANSWER(listDeleted)
{
    const std::int64_t offset = windowOffset(request.offset);
    CM_TRY_ASSIGN(const catalog::DeletedPage found,
                  call.services.browser.deleted(call.by, offset, windowLimit(request.limit)));
    api::Page<api::DeletedThing> page;
    page.total = found.total;
    page.offset = offset;
    for (const catalog::DeletedThing &thing : found.things)
        page.items.push_back(toApi(thing));
    return page;
}

CM_ANSWER(setRole)
{
    return toApi(
        call.services.moderator.setRole(call.by, request.project, request.user, fromApi(request.role), request.reason));
}

CM_ANSWER(removeRole)
{
    return toApi(call.services.moderator.removeRole(call.by, request.project, request.user, request.reason));
}

}  // namespace cm::server
