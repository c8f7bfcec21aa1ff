// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: documentation.
#include "core/server/admin_handlers.h"
#include "core/server/convert.h"
#include "core/server/docs_site.h"

namespace cm::server {
namespace {

api::RemovedDocumentation removedOf(const catalog::DocumentationRow &row)
{
    api::RemovedDocumentation out;
    out.version = row.version;
    out.files = row.files;
    out.size = row.size;
    out.uploaded = row.uploaded;
    out.uploadedBy = row.uploadedBy;
    out.replaced = row.replaced;
    out.removed = row.deletion->at;
    out.actor = row.deletion->by;
    out.reason = row.deletion->reason;
    out.purgeAfter = row.deletion->purgeAfter;
    return out;
}

}  // namespace

CM_ANSWER(listDocumentation)
{
    CM_TRY_ASSIGN(const registry::DocumentationList found, call.services.documentation.list(call.by, request.project));
    const std::string base = docsBaseFor(call.services, call.options, call.head);
    const auto urlOf = [&](std::string_view version) {
        return base.empty() ? std::string() : base + "/" + found.normalizedName + "/" + http::percentEncode(version) + "/";
    };
    api::DocumentationList list;
    list.project = found.project;
    list.normalizedName = found.normalizedName;
    list.latest = found.latest;
    list.chosen = found.chosen;
    if (!found.latest.empty())
        list.url = urlOf(registry::latestVersion);
    for (const catalog::DocumentationRow &row : found.versions)
        list.versions.push_back({row.version, row.version == found.latest, row.files, row.size, row.archiveSize,
                                 row.archiveSha256, row.uploaded, row.uploadedBy, urlOf(row.version)});
    for (const catalog::DocumentationRow &row : found.removed)
        list.removed.push_back(removedOf(row));
    return list;
}

CM_ANSWER(removeDocumentation)
{
    return toApi(call.services.documentation.remove(call.by, request.project, request.version, request.reason));
}

CM_ANSWER(restoreDocumentation)
{
    return toApi(call.services.documentation.restore(call.by, request.project, request.version, request.reason));
}

CM_ANSWER(setLatestDocumentation)
{
    return toApi(call.services.documentation.chooseLatest(call.by, request.project, request.version, request.reason));
}

}  // namespace cm::server
