// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to the catalog within one transaction, so that all answers agree. Handed to the closure
// of Catalog::read or Catalog::write and valid only inside it; the thread of that closure. Deleted
// things answer NotFound or are left out unless a verb says otherwise. Names are normalised by the
// caller (core/pypi). Errors: NotFound, Unavailable (busy, failing disk), Corrupt.
#pragma once

#include "core/base/result.h"
#include "core/catalog/deprecations.h"
#include "core/catalog/documentation.h"
#include "core/catalog/download_annotations.h"
#include "core/catalog/people.h"
#include "core/catalog/read_only.h"
#include "core/catalog/records.h"
#include "core/catalog/rows.h"
#include "core/catalog/ssh_keys.h"

#include <functional>
#include <span>
#include <string_view>

namespace cm::sql {
class Connection;
}

namespace cm::catalog {

class Reader {
public:
    explicit Reader(sql::Connection &connection) : m_connection(connection) {}
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

    // Projects.
    Result<ProjectRow> project(Id id);  // deleted ones too
    Result<ProjectRow> findProject(std::string_view normalizedName);
    Result<ProjectRow> findDeletedProject(std::string_view normalizedName);
    // Names, deleted projects included, that look the same.
    Result<std::vector<ProjectRow>> projectsWithSimilarityKey(std::string_view key);
    Result<ProjectPage> listProjects(const ProjectQuery &query);
    // The largest limit of a single file that any project has of its own, deleted ones included; 0: none has.
    Result<std::uint64_t> largestFileLimit();
    Result<std::vector<ProjectRow>> deletedProjects(std::int64_t offset, std::int64_t limit);
    // By normalised name, one at a time; ends early when the visitor returns false.
    Result<void> forEachProject(const std::function<bool(const ProjectIndexEntry &)> &visitor);

    // Releases: newest created first. Lists leave out metadataJson and description.
    Result<ReleaseRow> release(Id id);  // deleted ones too
    Result<ReleaseRow> findRelease(Id projectId, std::string_view canonicalVersion);
    Result<std::vector<ReleaseRow>> releases(Id projectId);
    // Deleted on their own, not along with their project.
    Result<std::vector<ReleaseRow>> deletedReleases(Id projectId);

    // Files: by upload time.
    Result<FileRow> file(Id id);  // deleted ones too
    Result<std::vector<ListedFile>> filesOfProject(Id projectId);
    Result<std::vector<FileRow>> filesOfRelease(Id releaseId);
    Result<std::vector<FileRow>> deletedFiles(Id projectId);  // on their own
    Result<FileRow> findDeletedFile(std::string_view filename);
    // Projects, releases, files and documentation that can be restored by themselves, newest deletion first.
    Result<DeletedPage> deletedThings(std::int64_t offset, std::int64_t limit);
    Result<FileRow> findFile(std::string_view filename);
    Result<FileRow> findFileByBlake2(std::string_view blake2b256);
    Result<FileRow> findFileByPath(std::string_view path);
    // Used now or ever: such a name is never given to other bytes.
    Result<bool> filenameUsed(std::string_view filename);
    // Every blob a row names, deleted ones included (their bytes stay until the purge).
    Result<void> forEachBlob(const std::function<bool(const NamedBlob &)> &visitor);

    // Documentation, of releases that are not deleted. Lists: newest first.
    Result<DocumentationRow> documentation(Id id);  // removed, and of deleted releases, too
    Result<std::vector<DocumentationRow>> documentationOfProject(Id projectId);
    Result<std::vector<DocumentationRow>> removedDocumentation(Id projectId);
    // Bytes of both, unpacked.
    Result<std::int64_t> documentationSize(Id projectId);
    Result<DocumentationRow> documentationOfRelease(Id releaseId);
    // The release that somebody has chosen for `latest`; it may have no documentation by now.
    Result<std::optional<Id>> chosenDocumentation(Id projectId);
    Result<DocumentationFileRow> documentationFile(Id documentationId, std::string_view path);
    Result<std::vector<DocumentationFileRow>> documentationFiles(Id documentationId);
    // Blobs that were purged and that no row names, in the order of their paths, behind `after`.
    Result<std::vector<std::string>> idleBlobs(std::string_view after, std::int64_t limit);

    // People.
    Result<UserRow> user(Id id);
    Result<UserRow> findUser(std::string_view normalizedName);
    Result<UserPage> users(const UserQuery &query);
    Result<std::optional<ProjectRole>> roleOf(Id userId, Id projectId);
    Result<std::vector<MemberRow>> membersOfProject(Id projectId);
    Result<std::vector<MemberRow>> projectsOfUser(Id userId);
    Result<TokenRow> findToken(std::string_view macaroonId);  // revoked and expired ones too
    Result<TokenRow> token(Id id);
    Result<TokenRow> newestToken();  // of those that are not revoked
    Result<std::vector<TokenRow>> tokensOfUser(Id userId, TokenKind kind);

    // Keys for ssh, with the names of their people.
    Result<SshKeyRow> sshKey(Id id);
    Result<std::vector<SshKeyRow>> sshKeysWithFingerprint(std::string_view fingerprint);  // revoked ones too, newest first
    Result<std::vector<SshKeyRow>> liveSshKeys(Time now);  // by id
    Result<SshKeyPage> sshKeys(const SshKeyQuery &query);

    // Journal: 0 when empty.
    Result<Serial> lastSerial();
    // A random number by which one registry is told from another, wherever its rows go; 0: none was given yet.
    Result<std::int64_t> identity();
    Result<std::vector<JournalRow>> journalSince(Serial serial, std::int64_t limit);  // rising
    Result<std::vector<JournalRow>> journalOfProject(std::string_view normalizedName, std::int64_t offset,
                                                     std::int64_t limit);  // newest first

    // Audit.
    Result<AuditPage> audit(const AuditQuery &query);
    // Walks the whole chain: the number of rows when it holds, Corrupt naming the first bad row.
    Result<std::int64_t> verifyAudit();

    // Events: rising. The oldest id still kept lets the feed answer "reset"; 0 when there is none.
    Result<std::vector<EventRow>> eventsSince(std::int64_t id, std::int64_t limit);
    Result<std::int64_t> oldestEventId();
    Result<std::int64_t> newestEventId();

    Result<Counters> counters(Time uploadsSince);
    // Nothing when there is no such order, or it has come to its end.
    Result<std::optional<ReadOnlyRow>> readOnly(Time now);
    Result<DownloadAnnotationRow> downloadAnnotation(Id id);

    // What is on its way out; lists are in the order in which they were added.
    Result<std::vector<DeprecationRow>> deprecations();
    Result<DeprecationRow> deprecation(Id id);
    Result<std::vector<DeprecationStepRow>> deprecationSteps(Id deprecation);
    Result<std::vector<BrownOutRow>> brownOuts(Id deprecation);
    Result<BrownOutRow> brownOut(Id id);
    Result<std::vector<DeprecationExemptionRow>> deprecationExemptions(Id deprecation);  // also those that are over
    Result<std::vector<DeprecationAnswerRow>> deprecationAnswers(Id deprecation);
    Result<std::vector<DeprecationMessageRow>> deprecationMessages(Id deprecation);
    Result<std::vector<DeprecationProofRow>> deprecationProofs(Id deprecation);
    Result<std::vector<ServingNodeRow>> servingNodes();
    // Uses, by what has been summed up of them: from the day on in which `from` lies. Lists of people, last use first.
    Result<bool> hasNewUses();  // that are not yet in the sums
    Result<std::vector<UseKindRow>> useKinds();
    Result<UseTotals> useTotals(const UseFilter &filter, Time from);
    Result<std::int64_t> useProjects(const UseFilter &filter, Time from);
    Result<std::int64_t> unattributedUses(const UseFilter &filter, Time from);
    Result<std::vector<UseDayRow>> useDays(const UseFilter &filter, Time from);
    Result<std::vector<UseClientRow>> useClients(const UseFilter &filter, Time from, std::int64_t limit);
    Result<std::vector<UseClassRow>> useClasses(const UseFilter &filter, Time from);
    Result<std::vector<UseNetworkRow>> useNetworks(const UseFilter &filter, Time from, std::int64_t limit);
    Result<std::vector<UsePersonRow>> usePeople(const UseFilter &filter, Time from, Time recentFrom, std::int64_t limit);
    Result<std::vector<UseDetailRow>> useDetails(const UseFilter &filter, Time from, std::span<const Id> users);
    Result<std::vector<OtherUseRow>> otherUses(const UseFilter &filter, Time from, std::span<const Id> users);
    Result<std::vector<BrownOutUseRow>> brownOutUses(Id deprecation);
    Result<std::int64_t> refusedInBrownOut(Id brownOut);
    Result<std::optional<Time>> usesSince();  // nothing: none was ever recorded
    // Newest first.
    Result<std::vector<UseGapRow>> useGaps(Time endedAfter);
    Result<std::vector<CollateralRow>> brownOutCollateral(Id brownOut);
    // Whose end lies before, and whose sums are not kept with them.
    Result<std::vector<BrownOutRow>> brownOutsWithoutFigures(Time endedBefore);

protected:
    sql::Connection &m_connection;
};

}  // namespace cm::catalog
