// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/row_mapping.h"
#include "core/catalog/writer.h"

#include <fmt/format.h>

namespace cm::catalog {

Result<ReleaseRow> Writer::createRelease(const ReleaseRow &release)
{
    ReleaseRow row = release;
    CM_TRY_ASSIGN(row.id, insert(
        m_connection,
        "INSERT INTO releases (project_id, version, canonical_version, created, summary, requires_python,"
        " uploaded_by, description_content_type, metadata_json, description)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        {release.projectId, release.version, release.canonicalVersion, micros(release.created), release.summary,
         release.requiresPython, release.uploadedBy, release.descriptionContentType, release.metadataJson,
         release.description},
        fmt::format("release {} is there already, or its project is not", release.canonicalVersion)));
    row.yanked = false;
    row.yankedReason.clear();
    row.quarantine.reset();
    row.deletion.reset();
    CM_TRY(changeOne(m_connection,
                     "UPDATE projects SET release_count = release_count + 1 WHERE id = $1 AND deleted_at IS NULL",
                     {release.projectId}, "project"));
    CM_TRY(count("releases", 1));
    return row;
}

Result<void> Writer::setReleaseYanked(Id id, bool yanked, std::string_view reason)
{
    return changeOne(m_connection,
                     "UPDATE releases SET yanked = $1, yanked_reason = $2 WHERE id = $3 AND deleted_at IS NULL",
                     {yanked, reason, id}, "release");
}

Result<void> Writer::quarantineRelease(Id id, const Quarantine &quarantine)
{
    CM_TRY_ASSIGN(const ReleaseRow row, release(id));
    if (row.quarantine)
        return fail(ErrorCode::Conflict, "the release is in quarantine already");
    return changeOne(m_connection,
                     "UPDATE releases SET quarantined_at = $1, quarantined_by = $2, quarantine_reason = $3"
                     " WHERE id = $4 AND deleted_at IS NULL",
                     {micros(quarantine.since), quarantine.by, quarantine.reason, id}, "release");
}

Result<void> Writer::liftReleaseQuarantine(Id id)
{
    CM_TRY_ASSIGN(const ReleaseRow row, release(id));
    if (!row.quarantine)
        return fail(ErrorCode::Conflict, "the release is not in quarantine");
    return changeOne(m_connection,
                     "UPDATE releases SET quarantined_at = NULL, quarantined_by = NULL, quarantine_reason = NULL"
                     " WHERE id = $1 AND deleted_at IS NULL",
                     {id}, "release");
}

Result<FileRow> Writer::createFile(const FileRow &file)
{
    CM_TRY(conflictAs(m_connection.execute("INSERT INTO used_filenames (filename) VALUES ($1)", {file.filename}),
                      fmt::format("file name {} was used before", file.filename)));
    FileRow row = file;
    CM_TRY_ASSIGN(row.id, insert(
        m_connection,
        "INSERT INTO files (project_id, release_id, filename, packagetype, python_version, size, sha256, md5,"
        " blake2b256, upload_time, uploaded_by, path, metadata_sha256, requires_python, comment)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id",
        {file.projectId, file.releaseId, file.filename, file.packagetype, file.pythonVersion, file.size, file.sha256,
         file.md5, file.blake2b256, micros(file.uploadTime), file.uploadedBy, file.path, file.metadataSha256,
         file.requiresPython, file.comment},
        fmt::format("a file {} is there already, or its release is not", file.filename)));
    row.deletion.reset();
    CM_TRY(changeOne(m_connection,
                     "UPDATE projects SET file_count = file_count + 1, total_size = total_size + $1"
                     " WHERE id = $2 AND deleted_at IS NULL",
                     {file.size, file.projectId}, "project"));
    CM_TRY(count("files", 1));
    CM_TRY(count("bytes", file.size));
    return row;
}

}  // namespace cm::catalog
