// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"
#include "core/catalog/row_mapping.h"

namespace cm::catalog {

namespace {

#define CM_DOCUMENTATION                                                                                        \
    "SELECT d.id, d.project_id, d.release_id, d.archive_size, d.archive_sha256, d.total_size, d.file_count,"    \
    " d.uploaded, d.uploaded_by, d.replaced, d.deleted_at, d.deleted_by, d.delete_reason, d.purge_after,"       \
    " r.version, r.yanked, r.quarantined_at FROM documentation d JOIN releases r ON r.id = d.release_id"

DocumentationRow documentationOf(const sql::Cursor &row)
{
    DocumentationRow out;
    out.id = row.integer(0);
    out.projectId = row.integer(1);
    out.releaseId = row.integer(2);
    out.archiveSize = row.integer(3);
    out.archiveSha256 = row.string(4);
    out.size = row.integer(5);
    out.files = row.integer(6);
    out.uploaded = timeAt(row, 7);
    out.uploadedBy = row.string(8);
    out.replaced = row.boolean(9);
    out.deletion = deletionAt(row, 10);
    out.version = row.string(14);
    out.yanked = row.boolean(15);
    out.releaseQuarantined = !row.isNull(16);
    return out;
}

DocumentationFileRow documentationFileOf(const sql::Cursor &row)
{
    return {row.string(0), row.integer(1), row.string(2), row.string(3)};
}

}  // namespace

Result<DocumentationRow> Reader::documentation(Id id)
{
    return one<DocumentationRow>(m_connection, CM_DOCUMENTATION " WHERE d.id = $1", {id}, documentationOf,
                                 "documentation");
}

Result<std::vector<DocumentationRow>> Reader::documentationOfProject(Id projectId)
{
    return all<DocumentationRow>(m_connection,
                                 CM_DOCUMENTATION " WHERE d.project_id = $1 AND d.deleted_at IS NULL"
                                                  " AND r.deleted_at IS NULL ORDER BY d.uploaded DESC, d.id DESC",
                                 {projectId}, documentationOf);
}

Result<std::vector<DocumentationRow>> Reader::removedDocumentation(Id projectId)
{
    return all<DocumentationRow>(m_connection,
                                 CM_DOCUMENTATION " WHERE d.project_id = $1 AND d.deleted_at IS NOT NULL"
                                                  " AND r.deleted_at IS NULL ORDER BY d.deleted_at DESC, d.id DESC",
                                 {projectId}, documentationOf);
}

Result<std::int64_t> Reader::documentationSize(Id projectId)
{
    return number(m_connection,
                  "SELECT coalesce(sum(d.total_size), 0) FROM documentation d JOIN releases r ON r.id = d.release_id"
                  " WHERE d.project_id = $1 AND r.deleted_at IS NULL",
                  {projectId});
}

Result<DocumentationRow> Reader::documentationOfRelease(Id releaseId)
{
    return one<DocumentationRow>(m_connection,
                                 CM_DOCUMENTATION " WHERE d.release_id = $1 AND d.deleted_at IS NULL"
                                                  " AND r.deleted_at IS NULL",
                                 {releaseId}, documentationOf, "documentation");
}

Result<std::optional<Id>> Reader::chosenDocumentation(Id projectId)
{
    return first<Id>(m_connection, "SELECT release_id FROM documentation_latest WHERE project_id = $1", {projectId},
                     integerOf);
}

Result<DocumentationFileRow> Reader::documentationFile(Id documentationId, std::string_view path)
{
    return one<DocumentationFileRow>(m_connection,
                                     "SELECT path, size, blake2b256, blob FROM documentation_files"
                                     " WHERE documentation_id = $1 AND path = $2",
                                     {documentationId, path}, documentationFileOf, "page");
}

Result<std::vector<DocumentationFileRow>> Reader::documentationFiles(Id documentationId)
{
    return all<DocumentationFileRow>(m_connection,
                                     "SELECT path, size, blake2b256, blob FROM documentation_files"
                                     " WHERE documentation_id = $1 ORDER BY path",
                                     {documentationId}, documentationFileOf);
}

Result<std::vector<std::string>> Reader::idleBlobs(std::string_view after, std::int64_t limit)
{
    return all<std::string>(m_connection,
                            "SELECT i.path FROM idle_blobs i WHERE i.path > $1 AND NOT EXISTS"
                            " (SELECT 1 FROM documentation_files f WHERE f.blob = i.path) ORDER BY i.path LIMIT $2",
                            {after, limit}, textOf);
}

}  // namespace cm::catalog
