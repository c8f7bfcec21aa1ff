// SPDX-License-Identifier: GPL-3.0-or-later
// Changes to the catalog within one transaction: rows first, then the records (journal, audit,
// event) that tell of them. Handed to the closure of Catalog::write, valid only inside it, on the
// writer's thread: keep it short, no disk and no network. Verbs act on rows; policy lies in
// core/registry. Errors besides Reader's: Conflict (taken name, or not in the state asked for).
// Counts and sizes on project rows are kept here; ids, serials and hashes of given rows are ignored.
#pragma once

#include "core/catalog/reader.h"

#include <span>

namespace cm::catalog {

class Writer : public Reader {
public:
    explicit Writer(sql::Connection &connection) : Reader(connection) {}

    // Projects. Create: Conflict when the name is taken, also by a deleted project.
    Result<ProjectRow> createProject(const ProjectRow &project);
    Result<void> renameProject(Id id, std::string_view displayName);
    Result<void> setProjectStatus(Id id, std::string_view status, std::string_view reason);
    // Status becomes quarantined; Conflict when it is already. Lifting restores previousStatus.
    Result<void> quarantineProject(Id id, const Quarantine &quarantine);
    Result<void> liftProjectQuarantine(Id id);
    Result<void> setProjectLimits(Id id, std::optional<std::int64_t> file, std::optional<std::int64_t> total);

    // Soft deletion takes what is below along; restoring brings exactly that back. Purging removes
    // the rows for good (file names stay reserved) and returns the blobs that no row names any more.
    Result<void> deleteProject(Id id, const Deletion &deletion);
    Result<void> restoreProject(Id id);
    Result<std::vector<std::string>> purgeProject(Id id);
    Result<void> deleteRelease(Id id, const Deletion &deletion);
    Result<void> restoreRelease(Id id);
    Result<void> deleteFile(Id id, const Deletion &deletion);
    Result<void> restoreFile(Id id);
    // Everything whose purgeAfter has passed, as above. Blobs of documentation become idle instead: other rows
    // may name them.
    Result<std::vector<std::string>> purgeExpired(Time now);

    // Releases and files.
    Result<ReleaseRow> createRelease(const ReleaseRow &release);
    Result<void> setReleaseYanked(Id id, bool yanked, std::string_view reason);
    Result<void> quarantineRelease(Id id, const Quarantine &quarantine);
    Result<void> liftReleaseQuarantine(Id id);
    Result<FileRow> createFile(const FileRow &file);

    // Documentation. Create: counts and sizes are those of `files`; Conflict when the release has some.
    Result<DocumentationRow> createDocumentation(const DocumentationRow &documentation,
                                                 std::span<const DocumentationFileRow> files);
    Result<void> removeDocumentation(Id id, const Deletion &deletion, bool replaced);
    Result<void> restoreDocumentation(Id id);  // Conflict when the release has other by now
    // What was replaced at the release goes with the next purge, that which was replaced last as well.
    Result<void> expireReplaced(Id releaseId, Time at);
    Result<void> chooseDocumentation(Id projectId, std::optional<Id> releaseId);  // none: the newest
    Result<void> forgetIdleBlobs(std::span<const std::string> paths);

    // People.
    Result<UserRow> createUser(const UserRow &user);
    Result<void> setUserRole(Id id, RegistryRole role);
    Result<void> setUserActive(Id id, bool active);
    Result<void> setUserEmail(Id id, std::string_view email);
    Result<void> setUserPassword(Id id, std::optional<std::string> passwordHash);
    // Adds the role or changes it.
    Result<void> setProjectRole(Id projectId, Id userId, ProjectRole role, Time since);
    Result<void> removeProjectRole(Id projectId, Id userId);
    Result<TokenRow> createToken(const TokenRow &token);
    Result<void> revokeToken(Id id, Time at);
    Result<std::int64_t> revokeAllTokens(Time at);  // sessions too; how many ended
    Result<void> touchToken(Id id, Time lastUsed);
    // Sessions that ended before `before`.
    Result<std::int64_t> pruneSessions(Time before);

    // Keys for ssh. Add: Conflict when one of that fingerprint is not revoked.
    Result<Id> addSshKey(const SshKeyRow &key);
    Result<void> changeSshKey(Id id, const std::vector<std::string> &projects, std::optional<Time> expires);
    Result<void> revokeSshKey(Id id, Time at, std::string_view by, std::string_view reason);
    Result<void> touchSshKey(Id id, Time lastUsed, std::string_view from);

    // Records. The journal also moves the project's lastSerial and lastActivity.
    Result<Serial> addJournal(const JournalRow &row);
    // Once: an identity that is there stays.
    Result<void> giveIdentity(std::int64_t identity);
    Result<AuditRow> addAudit(AuditRow row);
    Result<std::int64_t> addEvent(const EventRow &row);
    Result<std::int64_t> pruneEvents(Time before);

    // In the place of what was ordered before.
    Result<void> setReadOnly(const ReadOnlyRow &mode);
    Result<void> clearReadOnly();

    Result<Id> addDownloadAnnotation(const DownloadAnnotationRow &row);
    Result<void> removeDownloadAnnotation(Id id);

    // What is on its way out. Change: every column but id, created and createdBy, as given.
    Result<Id> createDeprecation(const DeprecationRow &row);
    Result<void> changeDeprecation(const DeprecationRow &row);
    Result<void> addDeprecationStep(const DeprecationStepRow &row);
    Result<Id> addBrownOut(const BrownOutRow &row);
    Result<void> endBrownOut(Id id, Time at, std::string_view by, std::string_view reason);
    Result<void> setDeprecationExemption(const DeprecationExemptionRow &row);
    Result<Id> addDeprecationAnswer(const DeprecationAnswerRow &row);
    Result<void> addDeprecationMessage(const DeprecationMessageRow &row);
    Result<void> setDeprecationProof(const DeprecationProofRow &row);
    Result<void> noteServingNode(const ServingNodeRow &row);
    Result<void> forgetServingNode(std::string_view node);
    Result<void> addUse(const UseRow &row);
    Result<void> noteUsesLost(std::int64_t uses);
    // Once: a moment that is there stays.
    Result<void> beginUses(Time now);
    Result<std::int64_t> pruneUses(Time before);

private:
    Result<void> count(std::string_view counter, std::int64_t by);
    Result<void> recount(Id projectId);
    Result<void> countProject(const ProjectRow &row, std::int64_t sign);
    Result<void> moveStatus(const ProjectRow &project, std::string_view status);
    Result<ProjectRow> liveProject(Id id);
    Result<void> idleDocumentation(std::string_view condition, std::int64_t param);
    Result<void> purgeDocumentation(Time now);
    Result<void> collectBlobs(std::string_view condition, std::int64_t param, std::vector<std::string> &paths);
};

}  // namespace cm::catalog
