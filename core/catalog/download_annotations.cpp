// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/download_annotations.h"

#include "core/catalog/queries.h"
#include "core/catalog/writer.h"

namespace cm::catalog {

namespace {

DownloadAnnotationRow annotationOf(const sql::Cursor &row)
{
    return {row.integer(0),   row.string(1), row.string(2), timeAt(row, 3),
            optionalTimeAt(row, 4), row.string(5), row.string(6), timeAt(row, 7)};
}

}  // namespace

Result<DownloadAnnotationRow> Reader::downloadAnnotation(Id id)
{
    return one<DownloadAnnotationRow>(m_connection,
                                      "SELECT id, kind, project, begins, ends, text, author, created FROM download_annotations"
                                      " WHERE id = $1",
                                      {id}, annotationOf, "annotation");
}

Result<Id> Writer::addDownloadAnnotation(const DownloadAnnotationRow &row)
{
    return insert(m_connection,
                  "INSERT INTO download_annotations (kind, project, begins, ends, text, author, created)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
                  {row.kind, row.project, micros(row.begins), micros(row.ends), row.text, row.author, micros(row.created)},
                  "the annotation is there already");
}

Result<void> Writer::removeDownloadAnnotation(Id id)
{
    return changeOne(m_connection, "DELETE FROM download_annotations WHERE id = $1", {id}, "annotation");
}

}  // namespace cm::catalog
