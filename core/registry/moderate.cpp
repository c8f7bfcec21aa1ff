// SPDX-License-Identifier: GPL-3.0-or-later
// Yank, quarantine, status, limits.
#include "core/registry/moderate.h"

#include "core/registry/moderation.h"

#include <boost/json.hpp>
#include <fmt/core.h>

namespace cm::registry {

namespace {

namespace json = boost::json;
using catalog::ProjectRow;
using catalog::ReleaseRow;
using catalog::Writer;

json::object yankState(bool yanked, std::string_view reason)
{
    return {{"yanked", yanked}, {"reason", reason}};
}

json::object statusState(std::string_view status, std::string_view reason)
{
    return {{"status", status}, {"reason", reason}};
}

json::value limitValue(std::optional<std::int64_t> limit)
{
    return limit ? json::value(*limit) : json::value(nullptr);
}

json::object limitState(std::optional<std::int64_t> file, std::optional<std::int64_t> total)
{
    return {{"file_limit", limitValue(file)}, {"total_limit", limitValue(total)}};
}

// The more generous of default and own limit holds, so a smaller one would do nothing.
Result<void> checkLimit(std::string_view field, std::optional<std::int64_t> limit, std::uint64_t registryLimit)
{
    constexpr std::int64_t most = std::int64_t{1} << 50;
    if (!limit || (*limit >= static_cast<std::int64_t>(registryLimit) && *limit <= most))
        return {};
    return fail(Error{
        ErrorCode::InvalidInput,
        fmt::format("{}: no such limit", field),
        {{std::string(field), fmt::format("is at least the registry's {} bytes and at most 1 PiB", registryLimit)}},
        {}});
}

}  // namespace

Result<Change> Moderator::yankRelease(const Principal &by, std::string_view project, std::string_view version,
                                      std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    return transact(m_catalog, m_changes, by, m_clock.now(),
                    [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
                        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::YankRelease, project));
                        CM_TRY_ASSIGN(const ReleaseRow release, releaseOf(writer, row, version));
                        if (release.yanked && release.yankedReason == why)
                            return fail(ErrorCode::Conflict, "the release is yanked already");
                        CM_TRY(writer.setReleaseYanked(release.id, true, why));
                        const std::string subject = releaseSubject(row, release.version);
                        CM_TRY(recorder.journal(row, release.version, "yank release"));
                        CM_TRY(recorder.audit({"release.yank", "release", subject, why,
                                               yankState(release.yanked, release.yankedReason), yankState(true, why)}));
                        CM_TRY(recorder.event("release.yanked", subject));
                        return row.normalizedName;
                    });
}

Result<Change> Moderator::unyankRelease(const Principal &by, std::string_view project, std::string_view version,
                                        std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    return transact(m_catalog, m_changes, by, m_clock.now(),
                    [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
                        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::UnyankRelease, project));
                        CM_TRY_ASSIGN(const ReleaseRow release, releaseOf(writer, row, version));
                        if (!release.yanked)
                            return fail(ErrorCode::Conflict, "the release is not yanked");
                        CM_TRY(writer.setReleaseYanked(release.id, false, {}));
                        const std::string subject = releaseSubject(row, release.version);
                        CM_TRY(recorder.journal(row, release.version, "unyank release"));
                        CM_TRY(recorder.audit({"release.unyank", "release", subject, why,
                                               yankState(true, release.yankedReason), yankState(false, {})}));
                        CM_TRY(recorder.event("release.unyanked", subject));
                        return row.normalizedName;
                    });
}

Result<Change> Moderator::quarantineProject(const Principal &by, std::string_view project, std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    const Time now = m_clock.now();
    return transact(m_catalog, m_changes, by, now, [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::QuarantineProject, project));
        CM_TRY(writer.quarantineProject(row.id, {now, by.name, why, row.status}));
        CM_TRY(recorder.journal(row, std::nullopt, "project quarantined"));
        CM_TRY(recorder.audit({"project.quarantine", "project", row.normalizedName, why,
                               statusState(row.status, row.statusReason), statusState("quarantined", why)}));
        CM_TRY(recorder.event("project.quarantined", row.normalizedName));
        return row.normalizedName;
    });
}

Result<Change> Moderator::liftQuarantine(const Principal &by, std::string_view project, std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    return transact(
        m_catalog, m_changes, by, m_clock.now(), [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
            CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::LiftQuarantine, project));
            CM_TRY(writer.liftProjectQuarantine(row.id));
            CM_TRY_ASSIGN(const ProjectRow after, writer.project(row.id));
            CM_TRY(recorder.journal(row, std::nullopt, "project quarantine cleared"));
            CM_TRY(recorder.audit({"project.lift", "project", row.normalizedName, why,
                                   statusState(row.status, row.quarantine ? row.quarantine->reason : std::string()),
                                   statusState(after.status, after.statusReason)}));
            CM_TRY(recorder.event("project.lifted", row.normalizedName));
            return row.normalizedName;
        });
}

Result<Change> Moderator::setProjectStatus(const Principal &by, std::string_view project, pypi::ProjectStatus status,
                                           std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    if (status == pypi::ProjectStatus::Quarantined) {
        return fail(Error{ErrorCode::InvalidInput,
                          "quarantine has a verb of its own",
                          {{"status", "is active, archived or deprecated"}},
                          {}});
    }
    const std::string name(pypi::projectStatusName(status));
    // The reason belongs to the status and is shown with it (PEP 792); active needs none.
    const std::string shown = status == pypi::ProjectStatus::Active ? std::string() : why;
    return transact(m_catalog, m_changes, by, m_clock.now(),
                    [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
                        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::SetProjectStatus, project));
                        if (row.quarantine)
                            return fail(ErrorCode::Conflict, "the project is in quarantine: lift that first");
                        if (row.status == name && row.statusReason == shown)
                            return fail(ErrorCode::Conflict, fmt::format("the project is {} already", name));
                        CM_TRY(writer.setProjectStatus(row.id, name, shown));
                        CM_TRY(recorder.journal(row, std::nullopt, "change status to " + name));
                        CM_TRY(recorder.audit({"project.set-status", "project", row.normalizedName, why,
                                               statusState(row.status, row.statusReason), statusState(name, shown)}));
                        CM_TRY(recorder.event("project.status_changed", row.normalizedName));
                        return row.normalizedName;
                    });
}

Result<Change> Moderator::setProjectLimits(const Principal &by, std::string_view project,
                                           std::optional<std::int64_t> fileLimit,
                                           std::optional<std::int64_t> totalLimit, std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    CM_TRY(checkLimit("file_limit", fileLimit, m_settings.policies.fileLimit));
    CM_TRY(checkLimit("total_limit", totalLimit, m_settings.policies.projectLimit));
    return transact(
        m_catalog, m_changes, by, m_clock.now(), [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
            CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::SetProjectLimits, project));
            CM_TRY(writer.setProjectLimits(row.id, fileLimit, totalLimit));
            // Nothing that a client of the index could see has changed: no journal.
            CM_TRY(recorder.audit({"project.set-limits", "project", row.normalizedName, why,
                                   limitState(row.fileLimit, row.totalLimit), limitState(fileLimit, totalLimit)}));
            CM_TRY(recorder.event("project.limits_changed", row.normalizedName));
            return row.normalizedName;
        });
}

}  // namespace cm::registry
