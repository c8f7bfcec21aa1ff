// SPDX-License-Identifier: GPL-3.0-or-later
// Deletion and restoration.
#include "core/pypi/names.h"
#include "core/pypi/package_type.h"
#include "core/pypi/version.h"
#include "core/registry/moderate.h"
#include "core/registry/moderation.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/core.h>

namespace cm::registry {

namespace {

namespace json = boost::json;
using catalog::Deletion;
using catalog::FileRow;
using catalog::ProjectRow;
using catalog::ReleaseRow;
using catalog::Writer;

json::object described(const ProjectRow &row)
{
    return {{"name", row.name},
            {"status", row.status},
            {"releases", row.releaseCount},
            {"files", row.fileCount},
            {"size", row.totalSize}};
}

json::object described(const ReleaseRow &row)
{
    return {{"version", row.version}, {"yanked", row.yanked}};
}

json::object described(const FileRow &row)
{
    return {{"filename", row.filename}, {"size", row.size}, {"sha256", row.sha256}};
}

// After a restoration: Conflict, which undoes it, when the project is now over its limit.
Result<void> checkTotal(Writer &writer, const Settings &settings, catalog::Id projectId)
{
    CM_TRY_ASSIGN(const ProjectRow row, writer.project(projectId));
    const std::uint64_t own = row.totalLimit ? static_cast<std::uint64_t>(*row.totalLimit) : 0;
    const std::uint64_t limit = std::max(own, settings.policies.projectLimit);
    if (static_cast<std::uint64_t>(row.totalSize) <= limit)
        return {};
    return fail(ErrorCode::Conflict, fmt::format("{} would hold {} bytes, and its limit is {}: delete something else or "
                                                 "raise the limit first",
                                                 row.name, row.totalSize, limit));
}

// A release has one sdist.
Result<void> checkOneSdist(Writer &writer, const FileRow &file, const ReleaseRow &release)
{
    constexpr auto sdist = pypi::PackageType::Sdist;
    if (file.packagetype != pypi::packageTypeName(sdist))
        return {};
    CM_TRY_ASSIGN(const auto files, writer.filesOfRelease(release.id));
    for (const FileRow &other : files) {
        if (other.packagetype == file.packagetype)
            return fail(ErrorCode::Conflict, fmt::format("release {} has a source distribution already: {}",
                                                         release.version, other.filename));
    }
    return {};
}

}  // namespace

Result<Change> Moderator::deleteProject(const Principal &by, std::string_view project, std::string_view confirm,
                                        std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    const Time now = m_clock.now();
    return transact(m_catalog, m_changes, by, now, [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::DeleteProject, project));
        CM_TRY(checkConfirmed(confirm, row.name));
        CM_TRY(writer.deleteProject(row.id, Deletion{now, by.name, why, now + m_settings.retention}));
        CM_TRY(recorder.journal(row, std::nullopt, "remove project"));
        CM_TRY(recorder.audit({"project.delete", "project", row.normalizedName, why, described(row), nullptr}));
        CM_TRY(recorder.event("project.deleted", row.normalizedName));
        return row.normalizedName;
    });
}

Result<Change> Moderator::restoreProject(const Principal &by, std::string_view project, std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    return transact(
        m_catalog, m_changes, by, m_clock.now(), [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
            CM_TRY_ASSIGN(const ProjectRow row, writer.findDeletedProject(pypi::normalizeName(project)));
            CM_TRY(requireOn(writer, by, Action::RestoreProject, row));
            CM_TRY(requireOwnDeletion(writer, by, row, row.deletion));
            CM_TRY(writer.restoreProject(row.id));
            CM_TRY(recorder.journal(row, std::nullopt, "restore project"));
            CM_TRY(recorder.audit({"project.restore", "project", row.normalizedName, why, nullptr, described(row)}));
            CM_TRY(recorder.event("project.restored", row.normalizedName));
            return row.normalizedName;
        });
}

Result<Change> Moderator::deleteRelease(const Principal &by, std::string_view project, std::string_view version,
                                        std::string_view confirm, std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    const Time now = m_clock.now();
    return transact(m_catalog, m_changes, by, now, [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::DeleteRelease, project));
        CM_TRY_ASSIGN(const ReleaseRow release, releaseOf(writer, row, version));
        CM_TRY(checkConfirmed(confirm, release.version));
        CM_TRY(writer.deleteRelease(release.id, Deletion{now, by.name, why, now + m_settings.retention}));
        const std::string subject = releaseSubject(row, release.version);
        CM_TRY(recorder.journal(row, release.version, "remove release"));
        CM_TRY(recorder.audit({"release.delete", "release", subject, why, described(release), nullptr}));
        CM_TRY(recorder.event("release.deleted", subject));
        return row.normalizedName;
    });
}

Result<Change> Moderator::restoreRelease(const Principal &by, std::string_view project, std::string_view version,
                                         std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    return transact(
        m_catalog, m_changes, by, m_clock.now(), [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
            CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::RestoreRelease, project));
            CM_TRY_ASSIGN(const auto candidates, writer.deletedReleases(row.id));
            const std::string canonical = pypi::canonicalVersion(version);
            for (const ReleaseRow &release : candidates) {
                if (release.canonicalVersion != canonical)
                    continue;
                CM_TRY(requireOwnDeletion(writer, by, row, release.deletion));
                CM_TRY(writer.restoreRelease(release.id));
                CM_TRY(checkTotal(writer, m_settings, row.id));
                const std::string subject = releaseSubject(row, release.version);
                CM_TRY(recorder.journal(row, release.version, "restore release"));
                CM_TRY(recorder.audit({"release.restore", "release", subject, why, nullptr, described(release)}));
                CM_TRY(recorder.event("release.restored", subject));
                return row.normalizedName;
            }
            return fail(ErrorCode::NotFound, "no such deleted release");
        });
}

Result<Change> Moderator::deleteFile(const Principal &by, std::string_view filename, std::string_view confirm,
                                     std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    const Time now = m_clock.now();
    return transact(m_catalog, m_changes, by, now, [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
        CM_TRY_ASSIGN(const FileRow file, writer.findFile(filename));
        CM_TRY_ASSIGN(const ProjectRow row, writer.project(file.projectId));
        CM_TRY(requireOn(writer, by, Action::DeleteFile, row));
        CM_TRY_ASSIGN(const ReleaseRow release, writer.release(file.releaseId));
        CM_TRY(checkConfirmed(confirm, file.filename));
        CM_TRY(writer.deleteFile(file.id, Deletion{now, by.name, why, now + m_settings.retention}));
        const std::string subject = fileSubject(row, release.version, file.filename);
        CM_TRY(recorder.journal(row, release.version, "remove file " + file.filename));
        CM_TRY(recorder.audit({"file.delete", "file", subject, why, described(file), nullptr}));
        CM_TRY(recorder.event("file.deleted", subject));
        return row.normalizedName;
    });
}

Result<Change> Moderator::restoreFile(const Principal &by, std::string_view filename, std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    return transact(m_catalog, m_changes, by, m_clock.now(),
                    [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
                        CM_TRY_ASSIGN(const FileRow file, writer.findDeletedFile(filename));
                        CM_TRY_ASSIGN(const ProjectRow row, writer.project(file.projectId));
                        CM_TRY(requireOn(writer, by, Action::RestoreFile, row));
                        CM_TRY(requireOwnDeletion(writer, by, row, file.deletion));
                        CM_TRY_ASSIGN(const ReleaseRow release, writer.release(file.releaseId));
                        CM_TRY(checkOneSdist(writer, file, release));
                        CM_TRY(writer.restoreFile(file.id));
                        CM_TRY(checkTotal(writer, m_settings, row.id));
                        const std::string subject = fileSubject(row, release.version, file.filename);
                        CM_TRY(recorder.journal(row, release.version, "restore file " + file.filename));
                        CM_TRY(recorder.audit({"file.restore", "file", subject, why, nullptr, described(file)}));
                        CM_TRY(recorder.event("file.restored", subject));
                        return row.normalizedName;
                    });
}

}  // namespace cm::registry
