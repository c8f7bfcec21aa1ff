// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"
#include "core/catalog/row_mapping.h"

namespace cm::catalog {

namespace {

// What stands for itself: what went along with a release or project comes back with that.
#define CM_DELETED_THINGS                                                                                             \
    "SELECT 0 AS kind, p.name AS project, '' AS version, '' AS filename, p.deleted_at AS at, p.deleted_by AS who,"    \
    " p.delete_reason AS why, p.purge_after AS until, p.id AS id"                                                     \
    " FROM projects p WHERE p.deleted_at IS NOT NULL"                                                                 \
    " UNION ALL SELECT 1, p.name, r.version, '', r.deleted_at, r.deleted_by, r.delete_reason, r.purge_after, r.id"    \
    " FROM releases r JOIN projects p ON p.id = r.project_id WHERE r.deleted_at IS NOT NULL AND r.deleted_with = ''"  \
    " UNION ALL SELECT 2, p.name, r.version, f.filename, f.deleted_at, f.deleted_by, f.delete_reason, f.purge_after," \
    " f.id FROM files f JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = f.project_id"                \
    " WHERE f.deleted_at IS NOT NULL AND f.deleted_with = ''"                                                         \
    " UNION ALL SELECT 3, p.name, r.version, '', d.deleted_at, d.deleted_by, d.delete_reason, d.purge_after, d.id"    \
    " FROM documentation d JOIN releases r ON r.id = d.release_id JOIN projects p ON p.id = d.project_id"             \
    " WHERE d.deleted_at IS NOT NULL AND r.deleted_at IS NULL AND d.replaced = FALSE"

DeletedThing deletedThingOf(const sql::Cursor &row)
{
    DeletedThing thing;
    thing.kind = static_cast<DeletedThing::Kind>(row.integer(0));
    thing.project = row.string(1);
    thing.version = row.string(2);
    thing.filename = row.string(3);
    thing.deletion = {timeAt(row, 4), row.string(5), row.string(6), timeAt(row, 7)};
    return thing;
}

}  // namespace

Result<DeletedPage> Reader::deletedThings(std::int64_t offset, std::int64_t limit)
{
    DeletedPage page;
    CM_TRY_ASSIGN(page.total, number(m_connection, "SELECT count(*) FROM (" CM_DELETED_THINGS ") AS things"));
    CM_TRY_ASSIGN(page.things, all<DeletedThing>(m_connection,
                                                 "SELECT kind, project, version, filename, at, who, why, until"
                                                 " FROM (" CM_DELETED_THINGS ") AS things"
                                                 " ORDER BY at DESC, kind, id DESC LIMIT $1 OFFSET $2",
                                                 {limit, offset}, deletedThingOf));
    return page;
}

Result<FileRow> Reader::findDeletedFile(std::string_view filename)
{
    return one<FileRow>(m_connection,
                        "SELECT " CM_FILE_COLUMNS " FROM files f WHERE f.filename = $1 AND f.deleted_at IS NOT NULL",
                        {filename}, fileOf, "deleted file");
}

}  // namespace cm::catalog
