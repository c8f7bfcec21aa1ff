// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/writer.h"

#include <fmt/format.h>

namespace cm::catalog {

namespace {

// Files in one statement: an archive has thousands, and every other writer waits meanwhile.
constexpr std::size_t rowsAtOnce = 100;
constexpr std::size_t rowWidth = 5;

std::string insertionOf(std::size_t rows)
{
    std::string text = "INSERT INTO documentation_files (documentation_id, path, size, blake2b256, blob) VALUES ";
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = row * rowWidth;
        text += fmt::format("{}(${}, ${}, ${}, ${}, ${})", row == 0 ? "" : ", ", at + 1, at + 2, at + 3, at + 4, at + 5);
    }
    return text;
}

}  // namespace

Result<DocumentationRow> Writer::createDocumentation(const DocumentationRow &documentation,
                                                     std::span<const DocumentationFileRow> files)
{
    DocumentationRow row = documentation;
    row.files = static_cast<std::int64_t>(files.size());
    row.size = 0;
    for (const DocumentationFileRow &file : files)
        row.size += file.size;
    row.replaced = false;
    row.deletion.reset();
    CM_TRY_ASSIGN(row.id, insert(m_connection,
                                 "INSERT INTO documentation (project_id, release_id, archive_size, archive_sha256,"
                                 " total_size, file_count, uploaded, uploaded_by)"
                                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                                 {row.projectId, row.releaseId, row.archiveSize, row.archiveSha256, row.size, row.files,
                                  micros(row.uploaded), row.uploadedBy},
                                 "the release has documentation already, or is not there"));
    const std::string many = insertionOf(rowsAtOnce);
    const std::string single = insertionOf(1);
    std::vector<sql::Param> params;
    while (!files.empty()) {
        const std::size_t taken = files.size() >= rowsAtOnce ? rowsAtOnce : 1;
        params.clear();
        for (const DocumentationFileRow &file : files.first(taken))
            params.insert(params.end(), {row.id, file.path, file.size, file.blake2b256, file.blob});
        CM_TRY(conflictAs(m_connection.execute(taken == rowsAtOnce ? many : single, std::span<const sql::Param>(params)),
                          "a file is in the documentation twice"));
        files = files.subspan(taken);
    }
    return row;
}

Result<void> Writer::removeDocumentation(Id id, const Deletion &deletion, bool replaced)
{
    return changeOne(m_connection,
                     "UPDATE documentation SET deleted_at = $1, deleted_by = $2, delete_reason = $3, purge_after = $4,"
                     " replaced = $5 WHERE id = $6 AND deleted_at IS NULL",
                     {micros(deletion.at), deletion.by, deletion.reason, micros(deletion.purgeAfter), replaced, id},
                     "documentation");
}

Result<void> Writer::restoreDocumentation(Id id)
{
    CM_TRY_ASSIGN(const DocumentationRow row, documentation(id));
    if (!row.deletion)
        return fail(ErrorCode::Conflict, "the documentation is not removed");
    CM_TRY(conflictAs(m_connection.execute("UPDATE documentation SET deleted_at = NULL, deleted_by = NULL,"
                                           " delete_reason = NULL, purge_after = NULL, replaced = FALSE WHERE id = $1",
                                           {id}),
                      "the release has other documentation by now"));
    return {};
}

Result<void> Writer::expireReplaced(Id releaseId, Time at)
{
    CM_TRY(m_connection.execute("UPDATE documentation SET purge_after = $1 WHERE release_id = $2 AND replaced = TRUE"
                                " AND deleted_at IS NOT NULL AND purge_after > $1",
                                {micros(at), releaseId}));
    return {};
}

Result<void> Writer::chooseDocumentation(Id projectId, std::optional<Id> releaseId)
{
    CM_TRY(m_connection.execute("DELETE FROM documentation_latest WHERE project_id = $1", {projectId}));
    if (releaseId)
        CM_TRY(m_connection.execute("INSERT INTO documentation_latest (project_id, release_id) VALUES ($1, $2)",
                                    {projectId, *releaseId}));
    return {};
}

// `condition` names the documentation with $1. Before its rows go: their blobs have nobody else, perhaps.
Result<void> Writer::idleDocumentation(std::string_view condition, std::int64_t param)
{
    CM_TRY(m_connection.execute("INSERT INTO idle_blobs (path) SELECT DISTINCT f.blob FROM documentation_files f"
                                " JOIN documentation d ON d.id = f.documentation_id WHERE " +
                                    std::string(condition) + " ON CONFLICT (path) DO NOTHING",
                                {param}));
    return {};
}

Result<void> Writer::purgeDocumentation(Time now)
{
    CM_TRY(idleDocumentation("d.deleted_at IS NOT NULL AND d.purge_after <= $1", micros(now)));
    CM_TRY(m_connection.execute("DELETE FROM documentation WHERE deleted_at IS NOT NULL AND purge_after <= $1",
                                {micros(now)}));
    // Named again meanwhile.
    CM_TRY(m_connection.execute("DELETE FROM idle_blobs WHERE EXISTS"
                                " (SELECT 1 FROM documentation_files f WHERE f.blob = idle_blobs.path)"));
    return {};
}

Result<void> Writer::forgetIdleBlobs(std::span<const std::string> paths)
{
    for (const std::string &path : paths)
        CM_TRY(m_connection.execute("DELETE FROM idle_blobs WHERE path = $1", {path}));
    return {};
}

}  // namespace cm::catalog
