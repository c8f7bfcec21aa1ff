// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/row_mapping.h"

#include "core/catalog/queries.h"

namespace cm::catalog {

std::vector<std::string> linesOf(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string asLines(const std::vector<std::string> &names)
{
    std::string lines;
    for (const std::string &name : names)
        lines += (lines.empty() ? "" : "\n") + name;
    return lines;
}

std::optional<Deletion> deletionAt(const sql::Cursor &row, int at)
{
    if (row.isNull(at))
        return std::nullopt;
    return Deletion{timeAt(row, at), row.string(at + 1), row.string(at + 2), timeAt(row, at + 3)};
}

ProjectRow projectOf(const sql::Cursor &row)
{
    ProjectRow project;
    project.id = row.integer(0);
    project.normalizedName = row.string(1);
    project.name = row.string(2);
    project.similarityKey = row.string(3);
    project.status = row.string(4);
    project.statusReason = row.string(5);
    if (!row.isNull(6))
        project.quarantine = Quarantine{timeAt(row, 6), row.string(7), row.string(8), row.string(9)};
    project.fileLimit = optionalIntegerAt(row, 10);
    project.totalLimit = optionalIntegerAt(row, 11);
    project.created = timeAt(row, 12);
    project.lastActivity = timeAt(row, 13);
    project.lastSerial = row.integer(14);
    project.releaseCount = row.integer(15);
    project.fileCount = row.integer(16);
    project.totalSize = row.integer(17);
    project.deletion = deletionAt(row, 18);
    return project;
}

ReleaseRow releaseOf(const sql::Cursor &row)
{
    ReleaseRow release;
    release.id = row.integer(0);
    release.projectId = row.integer(1);
    release.version = row.string(2);
    release.canonicalVersion = row.string(3);
    release.created = timeAt(row, 4);
    release.yanked = row.boolean(5);
    release.yankedReason = row.string(6);
    if (!row.isNull(7))
        release.quarantine = Quarantine{timeAt(row, 7), row.string(8), row.string(9), {}};
    release.summary = row.string(10);
    release.requiresPython = row.string(11);
    release.uploadedBy = row.string(12);
    release.deletion = deletionAt(row, 13);
    release.descriptionContentType = row.string(17);
    return release;
}

ReleaseRow wholeReleaseOf(const sql::Cursor &row)
{
    ReleaseRow release = releaseOf(row);
    release.metadataJson = row.string(18);
    release.description = row.string(19);
    return release;
}

FileRow fileOf(const sql::Cursor &row)
{
    FileRow file;
    file.id = row.integer(0);
    file.projectId = row.integer(1);
    file.releaseId = row.integer(2);
    file.filename = row.string(3);
    file.packagetype = row.string(4);
    file.pythonVersion = row.string(5);
    file.size = row.integer(6);
    file.sha256 = row.string(7);
    file.md5 = optionalStringAt(row, 8);
    file.blake2b256 = row.string(9);
    file.uploadTime = timeAt(row, 10);
    file.uploadedBy = row.string(11);
    file.path = row.string(12);
    file.metadataSha256 = optionalStringAt(row, 13);
    file.requiresPython = row.string(14);
    file.comment = row.string(15);
    file.deletion = deletionAt(row, 16);
    return file;
}

ListedFile listedFileOf(const sql::Cursor &row)
{
    return {fileOf(row), row.string(20), row.boolean(21), row.string(22), !row.isNull(23)};
}

UserRow userOf(const sql::Cursor &row)
{
    UserRow user;
    user.id = row.integer(0);
    user.normalizedName = row.string(1);
    user.name = row.string(2);
    user.email = row.string(3);
    // A role that this version does not know grants the least.
    user.role = registryRoleFromName(row.text(4)).value_or(RegistryRole::User);
    user.passwordHash = optionalStringAt(row, 5);
    user.active = row.boolean(6);
    user.created = timeAt(row, 7);
    return user;
}

MemberRow memberOf(const sql::Cursor &row)
{
    return {row.integer(0), row.string(1),   row.integer(2),
            row.string(3),  projectRoleFromName(row.text(4)).value_or(ProjectRole::Maintainer), timeAt(row, 5)};
}

TokenRow tokenOf(const sql::Cursor &row)
{
    TokenRow token;
    token.id = row.integer(0);
    token.macaroonId = row.string(1);
    token.userId = row.integer(2);
    token.kind = row.text(3) == "session" ? TokenKind::Session : TokenKind::Api;
    token.description = row.string(4);
    const auto key = row.blob(5);
    token.encryptedKey.assign(reinterpret_cast<const char *>(key.data()), key.size());
    token.projects = linesOf(row.text(6));
    token.created = timeAt(row, 7);
    token.expires = optionalTimeAt(row, 8);
    token.lastUsed = optionalTimeAt(row, 9);
    token.revoked = optionalTimeAt(row, 10);
    return token;
}

JournalRow journalOf(const sql::Cursor &row)
{
    return {row.integer(0), row.string(1), row.string(2), optionalStringAt(row, 3),
            row.string(4),  row.string(5), timeAt(row, 6)};
}

AuditRow auditOf(const sql::Cursor &row)
{
    return {row.integer(0), timeAt(row, 1),  row.string(2),  row.string(3),  row.string(4),
            row.string(5),  row.string(6),   row.string(7),  row.string(8),  row.string(9),
            row.string(10), row.string(11),  row.string(12), row.string(13)};
}

EventRow eventOf(const sql::Cursor &row)
{
    return {row.integer(0), timeAt(row, 1), row.string(2), row.string(3), optionalIntegerAt(row, 4), row.string(5)};
}

std::string textOf(const sql::Cursor &row)
{
    return row.string(0);
}

std::int64_t integerOf(const sql::Cursor &row)
{
    return row.integer(0);
}

std::string_view tokenKindName(TokenKind kind) noexcept
{
    return kind == TokenKind::Session ? "session" : "api";
}

}  // namespace cm::catalog
