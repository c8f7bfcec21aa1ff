// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"
#include "core/catalog/row_mapping.h"

namespace cm::catalog {

Result<ReleaseRow> Reader::release(Id id)
{
    return one<ReleaseRow>(m_connection,
                           "SELECT " CM_RELEASE_COLUMNS ", " CM_RELEASE_TEXTS " FROM releases r WHERE r.id = $1", {id},
                           wholeReleaseOf, "release");
}

Result<ReleaseRow> Reader::findRelease(Id projectId, std::string_view canonicalVersion)
{
    return one<ReleaseRow>(m_connection,
                           "SELECT " CM_RELEASE_COLUMNS ", " CM_RELEASE_TEXTS " FROM releases r"
                           " WHERE r.project_id = $1 AND r.canonical_version = $2 AND r.deleted_at IS NULL",
                           {projectId, canonicalVersion}, wholeReleaseOf, "release");
}

Result<std::vector<ReleaseRow>> Reader::releases(Id projectId)
{
    return all<ReleaseRow>(m_connection,
                           "SELECT " CM_RELEASE_COLUMNS " FROM releases r WHERE r.project_id = $1"
                           " AND r.deleted_at IS NULL ORDER BY r.created DESC, r.id DESC",
                           {projectId}, releaseOf);
}

Result<std::vector<ReleaseRow>> Reader::deletedReleases(Id projectId)
{
    return all<ReleaseRow>(m_connection,
                           "SELECT " CM_RELEASE_COLUMNS " FROM releases r WHERE r.project_id = $1"
                           " AND r.deleted_at IS NOT NULL AND r.deleted_with = ''"
                           " ORDER BY r.created DESC, r.id DESC",
                           {projectId}, releaseOf);
}

Result<FileRow> Reader::file(Id id)
{
    return one<FileRow>(m_connection, "SELECT " CM_FILE_COLUMNS " FROM files f WHERE f.id = $1", {id}, fileOf, "file");
}

Result<std::vector<ListedFile>> Reader::filesOfProject(Id projectId)
{
    return all<ListedFile>(m_connection,
                           "SELECT " CM_FILE_COLUMNS ", r.version, r.yanked, r.yanked_reason, r.quarantined_at"
                           " FROM files f JOIN releases r ON r.id = f.release_id"
                           " WHERE f.project_id = $1 AND f.deleted_at IS NULL ORDER BY f.upload_time, f.id",
                           {projectId}, listedFileOf);
}

Result<std::vector<FileRow>> Reader::filesOfRelease(Id releaseId)
{
    return all<FileRow>(m_connection,
                        "SELECT " CM_FILE_COLUMNS " FROM files f WHERE f.release_id = $1 AND f.deleted_at IS NULL"
                        " ORDER BY f.upload_time, f.id",
                        {releaseId}, fileOf);
}

Result<std::vector<FileRow>> Reader::deletedFiles(Id projectId)
{
    return all<FileRow>(m_connection,
                        "SELECT " CM_FILE_COLUMNS " FROM files f WHERE f.project_id = $1 AND f.deleted_at IS NOT NULL"
                        " AND f.deleted_with = '' ORDER BY f.upload_time, f.id",
                        {projectId}, fileOf);
}

Result<FileRow> Reader::findFile(std::string_view filename)
{
    return one<FileRow>(m_connection,
                        "SELECT " CM_FILE_COLUMNS " FROM files f WHERE f.filename = $1 AND f.deleted_at IS NULL",
                        {filename}, fileOf, "file");
}

Result<FileRow> Reader::findFileByBlake2(std::string_view blake2b256)
{
    return one<FileRow>(m_connection,
                        "SELECT " CM_FILE_COLUMNS " FROM files f WHERE f.blake2b256 = $1 AND f.deleted_at IS NULL"
                        " ORDER BY f.id",
                        {blake2b256}, fileOf, "file");
}

Result<FileRow> Reader::findFileByPath(std::string_view path)
{
    // The last segment of a path is its file name, which has an index and is unique.
    const std::size_t slash = path.rfind('/');
    const std::string_view filename = slash == std::string_view::npos ? path : path.substr(slash + 1);
    return one<FileRow>(m_connection,
                        "SELECT " CM_FILE_COLUMNS " FROM files f WHERE f.filename = $1 AND f.path = $2"
                        " AND f.deleted_at IS NULL",
                        {filename, path}, fileOf, "file");
}

Result<bool> Reader::filenameUsed(std::string_view filename)
{
    CM_TRY_ASSIGN(const std::int64_t used,
                  number(m_connection, "SELECT count(*) FROM used_filenames WHERE filename = $1", {filename}));
    return used > 0;
}

Result<void> Reader::forEachBlob(const std::function<bool(const NamedBlob &)> &visitor)
{
    {
        CM_TRY_ASSIGN(const auto rows,
                      m_connection.stream("SELECT f.path, f.size, f.sha256, f.metadata_sha256 FROM files f"));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                break;
            if (!visitor({rows->string(0), rows->integer(1), rows->string(2), {}, optionalStringAt(*rows, 3)}))
                return {};
        }
    }
    CM_TRY_ASSIGN(const auto pages, m_connection.stream("SELECT DISTINCT f.blob, f.size, f.blake2b256"
                                                        " FROM documentation_files f"));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, pages->next());
        if (!more || !visitor({pages->string(0), pages->integer(1), {}, pages->string(2), {}}))
            return {};
    }
}

}  // namespace cm::catalog
