// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/documentation.h"

#include "core/pypi/names.h"
#include "core/pypi/status.h"
#include "core/pypi/version.h"
#include "core/registry/moderation.h"
#include "core/registry/query.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace cm::registry {
namespace {

namespace json = boost::json;
using catalog::DocumentationRow;
using catalog::ProjectRow;
using catalog::Reader;
using catalog::ReleaseRow;
using catalog::Writer;

constexpr std::string_view indexPage = "index.html";

json::object described(const DocumentationRow &row)
{
    return {{"files", row.files}, {"size", row.size}, {"archive_sha256", row.archiveSha256}};
}

json::value versionValue(const std::string &version)
{
    return version.empty() ? json::value(nullptr) : json::value(version);
}

Result<std::string> chosenVersion(Reader &reader, const ProjectRow &project)
{
    CM_TRY_ASSIGN(const auto chosen, reader.chosenDocumentation(project.id));
    if (!chosen)
        return std::string();
    CM_TRY_ASSIGN(const ReleaseRow release, reader.release(*chosen));
    return release.deletion ? std::string() : release.version;
}

// The release of that version, or what `latest` shows.
Result<DocumentationRow> shown(Reader &reader, const ProjectRow &project, std::string_view version)
{
    if (!version.empty() && version != latestVersion) {
        CM_TRY_ASSIGN(const ReleaseRow release, releaseOf(reader, project, version));
        return reader.documentationOfRelease(release.id);
    }
    CM_TRY_ASSIGN(const auto rows, reader.documentationOfProject(project.id));
    CM_TRY_ASSIGN(const auto chosen, reader.chosenDocumentation(project.id));
    const DocumentationRow *latest = latestDocumentation(rows, chosen);
    if (latest == nullptr)
        return fail(ErrorCode::NotFound, "the project has no documentation");
    return *latest;
}

// NotFound as nothing.
Result<std::optional<catalog::DocumentationFileRow>> fileOf(Reader &reader, catalog::Id id, std::string_view path)
{
    auto file = reader.documentationFile(id, path);
    if (file)
        return std::optional(std::move(*file));
    if (file.error().code == ErrorCode::NotFound)
        return std::optional<catalog::DocumentationFileRow>();
    return fail(std::move(file.error()));
}

}  // namespace

const DocumentationRow *latestDocumentation(const std::vector<DocumentationRow> &rows,
                                            std::optional<catalog::Id> chosenRelease)
{
    std::vector<ReleaseRow> releases;
    for (const DocumentationRow &row : rows) {
        if (row.releaseQuarantined)
            continue;
        if (chosenRelease && row.releaseId == *chosenRelease)
            return &row;
        ReleaseRow &release = releases.emplace_back();
        release.id = row.releaseId;
        release.version = row.version;
        release.yanked = row.yanked;
    }
    const ReleaseRow *latest = latestRelease(releases);
    if (latest == nullptr)
        return nullptr;
    return &*std::find_if(rows.begin(), rows.end(), [&](const DocumentationRow &row) { return row.releaseId == latest->id; });
}

std::unique_ptr<DocumentationUpload> Documentation::begin(Identification who)
{
    return std::make_unique<DocumentationUpload>(*this, std::move(who));
}

Result<DocumentationList> Documentation::list(const Principal &by, std::string_view project)
{
    return m_catalog.read([&](Reader &reader) -> Result<DocumentationList> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(reader, by, Action::ReadProject, project));
        DocumentationList out;
        out.project = row.name;
        out.normalizedName = row.normalizedName;
        CM_TRY_ASSIGN(out.versions, reader.documentationOfProject(row.id));
        CM_TRY_ASSIGN(out.removed, reader.removedDocumentation(row.id));
        CM_TRY_ASSIGN(const auto chosen, reader.chosenDocumentation(row.id));
        if (const DocumentationRow *latest = latestDocumentation(out.versions, chosen))
            out.latest = latest->version;
        CM_TRY_ASSIGN(out.chosen, chosenVersion(reader, row));
        std::stable_sort(out.versions.begin(), out.versions.end(), [](const DocumentationRow &a, const DocumentationRow &b) {
            return pypi::compareVersions(a.version, b.version) > 0;
        });
        return out;
    });
}

Result<Change> Documentation::remove(const Principal &by, std::string_view project, std::string_view version,
                                     std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    const Time now = m_clock.now();
    return transact(m_catalog, m_changes, by, now, [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::RemoveDocumentation, project));
        CM_TRY_ASSIGN(const DocumentationRow present, shown(writer, row, version));
        CM_TRY(writer.removeDocumentation(present.id, {now, by.name, why, now + m_settings.retention}, false));
        const std::string subject = releaseSubject(row, present.version);
        // The word of the old index for it, which mirrors know.
        CM_TRY(recorder.journal(row, present.version, "docdestroy"));
        CM_TRY(recorder.audit({"documentation.remove", "documentation", subject, why, described(present), nullptr}));
        CM_TRY(recorder.event("documentation.removed", subject));
        return row.normalizedName;
    });
}

Result<Change> Documentation::restore(const Principal &by, std::string_view project, std::string_view version,
                                      std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    const Time now = m_clock.now();
    return transact(m_catalog, m_changes, by, now, [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::RestoreDocumentation, project));
        CM_TRY_ASSIGN(const ReleaseRow release, releaseOf(writer, row, version));
        CM_TRY_ASSIGN(const auto removed, writer.removedDocumentation(row.id));
        const auto last = std::find_if(removed.begin(), removed.end(), [&](const DocumentationRow &candidate) {
            return candidate.releaseId == release.id && candidate.deletion->purgeAfter > now;
        });
        if (last == removed.end())
            return fail(ErrorCode::NotFound, "no documentation of this version can be restored");
        CM_TRY(requireOwnDeletion(writer, by, row, last->deletion));
        json::value was = nullptr;
        auto present = writer.documentationOfRelease(release.id);
        if (!present && present.error().code != ErrorCode::NotFound)
            return fail(std::move(present.error()));
        if (present) {
            was = described(*present);
            CM_TRY(writer.removeDocumentation(present->id, {now, by.name, "replaced", now + m_settings.retention}, true));
        }
        CM_TRY(writer.restoreDocumentation(last->id));
        const std::string subject = releaseSubject(row, release.version);
        CM_TRY(recorder.journal(row, release.version, "restore documentation"));
        CM_TRY(recorder.audit({"documentation.restore", "documentation", subject, why, was, described(*last)}));
        CM_TRY(recorder.event("documentation.restored", subject));
        return row.normalizedName;
    });
}

Result<Change> Documentation::chooseLatest(const Principal &by, std::string_view project, std::string_view version,
                                           std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    return transact(
        m_catalog, m_changes, by, m_clock.now(), [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
            CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::SetLatestDocumentation, project));
            CM_TRY_ASSIGN(const std::string before, chosenVersion(writer, row));
            std::string after;
            std::optional<catalog::Id> chosen;
            if (!version.empty() && version != latestVersion) {
                CM_TRY_ASSIGN(const ReleaseRow release, releaseOf(writer, row, version));
                CM_TRY(writer.documentationOfRelease(release.id));
                chosen = release.id;
                after = release.version;
            }
            if (before == after)
                return fail(ErrorCode::Conflict, after.empty() ? "latest is the newest version already"
                                                               : fmt::format("latest is {} already", after));
            CM_TRY(writer.chooseDocumentation(row.id, chosen));
            CM_TRY(recorder.journal(row, std::nullopt, fmt::format("latest documentation {}", after.empty() ? "newest" : after)));
            CM_TRY(recorder.audit({"documentation.choose", "project", row.normalizedName, why,
                                   json::object{{"latest", versionValue(before)}},
                                   json::object{{"latest", versionValue(after)}}}));
            CM_TRY(recorder.event("documentation.chosen", row.normalizedName));
            return row.normalizedName;
        });
}

Result<DocumentationPage> Documentation::page(std::string_view normalizedProject, std::string_view version,
                                              std::string_view path)
{
    return m_catalog.read([&](Reader &reader) -> Result<DocumentationPage> {
        CM_TRY_ASSIGN(const ProjectRow project, reader.findProject(normalizedProject));
        const auto status = pypi::projectStatusFromName(project.status);
        if (!status || !pypi::offersFiles(*status))
            return fail(ErrorCode::NotFound, "no such page");
        CM_TRY_ASSIGN(const DocumentationRow row, shown(reader, project, version));
        if (row.releaseQuarantined)
            return fail(ErrorCode::NotFound, "no such page");
        DocumentationPage page;
        page.project = project.normalizedName;
        const bool latest = version == latestVersion;
        const std::string base = fmt::format("/{}/{}/", project.normalizedName, latest ? latestVersion : std::string_view(row.version));
        // One address a page.
        if (!latest && version != row.version) {
            page.location = base + std::string(path);
            return page;
        }
        const bool folder = path.empty() || path.ends_with('/');
        CM_TRY_ASSIGN(auto found, fileOf(reader, row.id, folder ? fmt::format("{}{}", path, indexPage) : std::string(path)));
        if (found) {
            page.file = std::move(*found);
            return page;
        }
        if (!folder) {
            CM_TRY_ASSIGN(found, fileOf(reader, row.id, fmt::format("{}/{}", path, indexPage)));
        }
        if (!found)
            return fail(ErrorCode::NotFound, "no such page");
        page.location = fmt::format("{}{}/", base, path);
        return page;
    });
}

}  // namespace cm::registry
