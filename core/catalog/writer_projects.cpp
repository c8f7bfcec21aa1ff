// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/row_mapping.h"
#include "core/catalog/writer.h"

#include <fmt/format.h>

namespace cm::catalog {

Result<ProjectRow> Writer::createProject(const ProjectRow &project)
{
    ProjectRow row = project;
    CM_TRY_ASSIGN(row.id, insert(
        m_connection,
        "INSERT INTO projects (normalized_name, name, similarity_key, status, status_reason, file_limit, total_limit,"
        " created, last_activity) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id",
        {project.normalizedName, project.name, project.similarityKey, project.status, project.statusReason,
         project.fileLimit, project.totalLimit, micros(project.created)},
        fmt::format("project name {} is taken", project.normalizedName)));
    row.lastActivity = row.created;
    row.lastSerial = row.releaseCount = row.fileCount = row.totalSize = 0;
    row.quarantine.reset();
    row.deletion.reset();
    CM_TRY(count("projects", 1));
    CM_TRY(count("projects." + row.status, 1));
    return row;
}

Result<ProjectRow> Writer::liveProject(Id id)
{
    CM_TRY_ASSIGN(ProjectRow row, project(id));
    if (row.deletion)
        return fail(ErrorCode::NotFound, "no such project");
    return row;
}

Result<void> Writer::renameProject(Id id, std::string_view displayName)
{
    return changeOne(m_connection, "UPDATE projects SET name = $1 WHERE id = $2 AND deleted_at IS NULL",
                     {displayName, id}, "project");
}

Result<void> Writer::moveStatus(const ProjectRow &project, std::string_view status)
{
    CM_TRY(count("projects." + project.status, -1));
    return count("projects." + std::string(status), 1);
}

Result<void> Writer::setProjectStatus(Id id, std::string_view status, std::string_view reason)
{
    CM_TRY_ASSIGN(const ProjectRow row, liveProject(id));
    CM_TRY(moveStatus(row, status));
    return changeOne(m_connection, "UPDATE projects SET status = $1, status_reason = $2 WHERE id = $3",
                     {status, reason, id}, "project");
}

Result<void> Writer::quarantineProject(Id id, const Quarantine &quarantine)
{
    CM_TRY_ASSIGN(const ProjectRow row, liveProject(id));
    if (row.quarantine)
        return fail(ErrorCode::Conflict, "the project is in quarantine already");
    CM_TRY(moveStatus(row, "quarantined"));
    return changeOne(m_connection,
                     "UPDATE projects SET status = 'quarantined', quarantined_at = $1, quarantined_by = $2,"
                     " quarantine_reason = $3, quarantine_previous_status = $4 WHERE id = $5",
                     {micros(quarantine.since), quarantine.by, quarantine.reason, row.status, id}, "project");
}

Result<void> Writer::liftProjectQuarantine(Id id)
{
    CM_TRY_ASSIGN(const ProjectRow row, liveProject(id));
    if (!row.quarantine)
        return fail(ErrorCode::Conflict, "the project is not in quarantine");
    CM_TRY(moveStatus(row, row.quarantine->previousStatus));
    return changeOne(m_connection,
                     "UPDATE projects SET status = $1, quarantined_at = NULL, quarantined_by = NULL,"
                     " quarantine_reason = NULL, quarantine_previous_status = NULL WHERE id = $2",
                     {row.quarantine->previousStatus, id}, "project");
}

Result<void> Writer::setProjectLimits(Id id, std::optional<std::int64_t> file, std::optional<std::int64_t> total)
{
    return changeOne(m_connection,
                     "UPDATE projects SET file_limit = $1, total_limit = $2 WHERE id = $3 AND deleted_at IS NULL",
                     {file, total, id}, "project");
}

Result<void> Writer::count(std::string_view counter, std::int64_t by)
{
    if (by == 0)
        return {};
    CM_TRY(m_connection.execute("INSERT INTO counters (name, value) VALUES ($1, $2)"
                                " ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value",
                                {counter, by}));
    return {};
}

Result<void> Writer::recount(Id projectId)
{
    CM_TRY_ASSIGN(const ProjectRow before, project(projectId));
    CM_TRY_ASSIGN(const std::int64_t releaseCount,
                  number(m_connection, "SELECT count(*) FROM releases WHERE project_id = $1 AND deleted_at IS NULL",
                         {projectId}));
    std::int64_t fileCount = 0;
    std::int64_t totalSize = 0;
    {
        CM_TRY_ASSIGN(const auto files,
                      m_connection.query("SELECT count(*), coalesce(sum(size), 0) FROM files"
                                         " WHERE project_id = $1 AND deleted_at IS NULL",
                                         {projectId}));
        CM_TRY(files->next());
        fileCount = files->integer(0);
        totalSize = files->integer(1);
    }
    CM_TRY(m_connection.execute(
        "UPDATE projects SET release_count = $1, file_count = $2, total_size = $3 WHERE id = $4",
        {releaseCount, fileCount, totalSize, projectId}));
    CM_TRY(count("releases", releaseCount - before.releaseCount));
    CM_TRY(count("files", fileCount - before.fileCount));
    return count("bytes", totalSize - before.totalSize);
}

}  // namespace cm::catalog
