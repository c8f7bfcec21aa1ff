// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/row_mapping.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

#define CM_MARK_DELETED "deleted_at = $1, deleted_by = $2, delete_reason = $3, purge_after = $4"
#define CM_CLEAR_DELETED "deleted_at = NULL, deleted_by = NULL, delete_reason = NULL, purge_after = NULL"

struct Owner {
    Id projectId;
    Id releaseId;
    bool deleted;
    std::string deletedWith;
};

Owner ownerOf(const sql::Cursor &row)
{
    return {row.integer(0), row.integer(1), !row.isNull(2), row.string(3)};
}

struct BlobNames {
    std::string path;
    bool metadata;
};

BlobNames blobNamesOf(const sql::Cursor &row)
{
    return {row.string(0), !row.isNull(1)};
}

// Only what was deleted by itself can be restored or purged by itself.
Result<void> checkDeletedAlone(const Owner &owner)
{
    if (!owner.deleted)
        return fail(ErrorCode::Conflict, "it is not deleted");
    if (!owner.deletedWith.empty())
        return fail(ErrorCode::Conflict, "it was deleted along with its " + owner.deletedWith);
    return {};
}

}  // namespace

Result<void> Writer::deleteProject(Id id, const Deletion &deletion)
{
    CM_TRY_ASSIGN(const ProjectRow row, liveProject(id));
    const auto mark = [&](std::string_view text) -> Result<void> {
        CM_TRY(m_connection.execute(
            text, {micros(deletion.at), deletion.by, deletion.reason, micros(deletion.purgeAfter), id}));
        return {};
    };
    CM_TRY(mark("UPDATE files SET " CM_MARK_DELETED ", deleted_with = 'project'"
                " WHERE project_id = $5 AND deleted_at IS NULL"));
    CM_TRY(mark("UPDATE releases SET " CM_MARK_DELETED ", deleted_with = 'project'"
                " WHERE project_id = $5 AND deleted_at IS NULL"));
    CM_TRY(mark("UPDATE projects SET " CM_MARK_DELETED " WHERE id = $5"));
    return countProject(row, -1);
}

Result<void> Writer::restoreProject(Id id)
{
    CM_TRY_ASSIGN(const ProjectRow row, project(id));
    if (!row.deletion)
        return fail(ErrorCode::Conflict, "the project is not deleted");
    CM_TRY(m_connection.execute("UPDATE files SET " CM_CLEAR_DELETED ", deleted_with = ''"
                                " WHERE project_id = $1 AND deleted_with = 'project'",
                                {id}));
    CM_TRY(m_connection.execute("UPDATE releases SET " CM_CLEAR_DELETED ", deleted_with = ''"
                                " WHERE project_id = $1 AND deleted_with = 'project'",
                                {id}));
    CM_TRY(m_connection.execute("UPDATE projects SET " CM_CLEAR_DELETED " WHERE id = $1", {id}));
    return countProject(row, 1);
}

// A whole project comes into sight (+1) or goes (-1), with all that its row counts.
Result<void> Writer::countProject(const ProjectRow &row, std::int64_t sign)
{
    CM_TRY(count("projects", sign));
    CM_TRY(count("projects." + row.status, sign));
    CM_TRY(count("releases", sign * row.releaseCount));
    CM_TRY(count("files", sign * row.fileCount));
    return count("bytes", sign * row.totalSize);
}

Result<void> Writer::deleteRelease(Id id, const Deletion &deletion)
{
    CM_TRY_ASSIGN(const Owner owner, one<Owner>(m_connection,
                                                "SELECT project_id, id, deleted_at, deleted_with FROM releases"
                                                " WHERE id = $1 AND deleted_at IS NULL",
                                                {id}, ownerOf, "release"));
    const std::initializer_list<sql::Param> params{micros(deletion.at), deletion.by, deletion.reason,
                                                   micros(deletion.purgeAfter), id};
    CM_TRY(m_connection.execute("UPDATE files SET " CM_MARK_DELETED ", deleted_with = 'release'"
                                " WHERE release_id = $5 AND deleted_at IS NULL",
                                params));
    CM_TRY(m_connection.execute("UPDATE releases SET " CM_MARK_DELETED " WHERE id = $5", params));
    return recount(owner.projectId);
}

Result<void> Writer::restoreRelease(Id id)
{
    CM_TRY_ASSIGN(const Owner owner,
                  one<Owner>(m_connection, "SELECT project_id, id, deleted_at, deleted_with FROM releases WHERE id = $1",
                             {id}, ownerOf, "release"));
    CM_TRY(checkDeletedAlone(owner));
    CM_TRY(liveProject(owner.projectId));
    CM_TRY(conflictAs(m_connection.execute("UPDATE releases SET " CM_CLEAR_DELETED " WHERE id = $1", {id}),
                      "a release of this version was made meanwhile"));
    CM_TRY(m_connection.execute("UPDATE files SET " CM_CLEAR_DELETED ", deleted_with = ''"
                                " WHERE release_id = $1 AND deleted_with = 'release'",
                                {id}));
    return recount(owner.projectId);
}

Result<void> Writer::deleteFile(Id id, const Deletion &deletion)
{
    CM_TRY_ASSIGN(const Owner owner, one<Owner>(m_connection,
                                                "SELECT project_id, release_id, deleted_at, deleted_with FROM files"
                                                " WHERE id = $1 AND deleted_at IS NULL",
                                                {id}, ownerOf, "file"));
    CM_TRY(m_connection.execute(
        "UPDATE files SET " CM_MARK_DELETED " WHERE id = $5",
        {micros(deletion.at), deletion.by, deletion.reason, micros(deletion.purgeAfter), id}));
    return recount(owner.projectId);
}

Result<void> Writer::restoreFile(Id id)
{
    CM_TRY_ASSIGN(const Owner owner,
                  one<Owner>(m_connection,
                             "SELECT project_id, release_id, deleted_at, deleted_with FROM files WHERE id = $1", {id},
                             ownerOf, "file"));
    CM_TRY(checkDeletedAlone(owner));
    CM_TRY_ASSIGN(const ReleaseRow parent, release(owner.releaseId));
    if (parent.deletion)
        return fail(ErrorCode::Conflict, "the release of the file is deleted: restore it first");
    CM_TRY(m_connection.execute("UPDATE files SET " CM_CLEAR_DELETED " WHERE id = $1", {id}));
    return recount(owner.projectId);
}

// `condition` names the files with $1; their blobs with siblings, before the rows go.
Result<void> Writer::collectBlobs(std::string_view condition, std::int64_t param, std::vector<std::string> &paths)
{
    const std::string text = "SELECT f.path, f.metadata_sha256 FROM files f WHERE " + std::string(condition);
    CM_TRY_ASSIGN(const auto blobs, all<BlobNames>(m_connection, text, {param}, blobNamesOf));
    for (const BlobNames &blob : blobs) {
        paths.push_back(blob.path);
        if (blob.metadata)
            paths.push_back(blob.path + ".metadata");
    }
    return {};
}

Result<std::vector<std::string>> Writer::purgeProject(Id id)
{
    CM_TRY_ASSIGN(const ProjectRow row, project(id));
    if (!row.deletion)
        return fail(ErrorCode::Conflict, "the project is not deleted");
    std::vector<std::string> paths;
    CM_TRY(collectBlobs("f.project_id = $1", id, paths));
    CM_TRY(idleDocumentation("d.project_id = $1", id));
    CM_TRY(m_connection.execute("DELETE FROM projects WHERE id = $1", {id}));
    return paths;
}

Result<std::vector<std::string>> Writer::purgeExpired(Time now)
{
    CM_TRY_ASSIGN(const auto projects,
                  all<std::int64_t>(m_connection,
                                    "SELECT id FROM projects WHERE deleted_at IS NOT NULL AND purge_after <= $1",
                                    {micros(now)}, integerOf));
    std::vector<std::string> paths;
    for (const std::int64_t id : projects) {
        CM_TRY_ASSIGN(const auto more, purgeProject(id));
        paths.insert(paths.end(), more.begin(), more.end());
    }
    CM_TRY_ASSIGN(const auto releases,
                  all<std::int64_t>(m_connection,
                                    "SELECT id FROM releases WHERE deleted_at IS NOT NULL AND deleted_with = ''"
                                    " AND purge_after <= $1",
                                    {micros(now)}, integerOf));
    for (const std::int64_t id : releases) {
        CM_TRY(collectBlobs("f.release_id = $1", id, paths));
        CM_TRY(idleDocumentation("d.release_id = $1", id));
        CM_TRY(m_connection.execute("DELETE FROM releases WHERE id = $1", {id}));
    }
    CM_TRY(collectBlobs("f.deleted_at IS NOT NULL AND f.deleted_with = '' AND f.purge_after <= $1", micros(now), paths));
    CM_TRY(m_connection.execute(
        "DELETE FROM files WHERE deleted_at IS NOT NULL AND deleted_with = '' AND purge_after <= $1", {micros(now)}));
    CM_TRY(purgeDocumentation(now));
    return paths;
}

}  // namespace cm::catalog
