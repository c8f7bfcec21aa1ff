// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of each table in a fixed order and how they become rows. Queries select these lists
// with the aliases p (projects), r (releases), f (files), u (users), t (tokens). Internal to
// core/catalog, any thread.
#pragma once

#include "core/catalog/people.h"
#include "core/catalog/records.h"
#include "core/sql/cursor.h"

namespace cm::catalog {

#define CM_PROJECT_COLUMNS                                                                             \
    "p.id, p.normalized_name, p.name, p.similarity_key, p.status, p.status_reason, p.quarantined_at, " \
    "p.quarantined_by, p.quarantine_reason, p.quarantine_previous_status, p.file_limit, p.total_limit, " \
    "p.created, p.last_activity, p.last_serial, p.release_count, p.file_count, p.total_size, "         \
    "p.deleted_at, p.deleted_by, p.delete_reason, p.purge_after"

// The texts of a release can be megabytes each: lists leave them out.
#define CM_RELEASE_COLUMNS                                                                              \
    "r.id, r.project_id, r.version, r.canonical_version, r.created, r.yanked, r.yanked_reason, "        \
    "r.quarantined_at, r.quarantined_by, r.quarantine_reason, r.summary, r.requires_python, "           \
    "r.uploaded_by, r.deleted_at, r.deleted_by, r.delete_reason, r.purge_after, r.description_content_type"
#define CM_RELEASE_TEXTS "r.metadata_json, r.description"

#define CM_FILE_COLUMNS                                                                              \
    "f.id, f.project_id, f.release_id, f.filename, f.packagetype, f.python_version, f.size, f.sha256, " \
    "f.md5, f.blake2b256, f.upload_time, f.uploaded_by, f.path, f.metadata_sha256, f.requires_python, " \
    "f.comment, f.deleted_at, f.deleted_by, f.delete_reason, f.purge_after"

#define CM_USER_COLUMNS "u.id, u.normalized_name, u.name, u.email, u.role, u.password_hash, u.active, u.created"

#define CM_TOKEN_COLUMNS                                                                     \
    "t.id, t.macaroon_id, t.user_id, t.kind, t.description, t.encrypted_key, t.projects, t.created, " \
    "t.expires, t.last_used, t.revoked"

#define CM_AUDIT_COLUMNS                                                                               \
    "id, time, actor, role, channel, action, subject_kind, subject, reason, before_json, after_json, " \
    "request_id, previous_hash, hash"

// Columns `at`…: deleted_at, deleted_by, delete_reason, purge_after.
std::optional<Deletion> deletionAt(const sql::Cursor &row, int at);
ProjectRow projectOf(const sql::Cursor &row);
ReleaseRow releaseOf(const sql::Cursor &row);
// After CM_RELEASE_COLUMNS also CM_RELEASE_TEXTS.
ReleaseRow wholeReleaseOf(const sql::Cursor &row);
FileRow fileOf(const sql::Cursor &row);
// After CM_FILE_COLUMNS: r.version, r.yanked, r.yanked_reason, r.quarantined_at.
ListedFile listedFileOf(const sql::Cursor &row);
UserRow userOf(const sql::Cursor &row);
// project_id, normalized_name, user_id, name, role, since.
MemberRow memberOf(const sql::Cursor &row);
TokenRow tokenOf(const sql::Cursor &row);
// serial, project, normalized_name, version, action, actor, time.
JournalRow journalOf(const sql::Cursor &row);
AuditRow auditOf(const sql::Cursor &row);
// id, time, name, subject, serial, actor.
EventRow eventOf(const sql::Cursor &row);
std::string textOf(const sql::Cursor &row);
std::int64_t integerOf(const sql::Cursor &row);

// A list of names in one column, one a line.
std::vector<std::string> linesOf(std::string_view text);
std::string asLines(const std::vector<std::string> &names);

std::string_view tokenKindName(TokenKind kind) noexcept;

}  // namespace cm::catalog
