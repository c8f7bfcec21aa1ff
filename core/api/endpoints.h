// SPDX-License-Identifier: GPL-3.0-or-later
// Every verb of the admin API, /admin/v1, each named once. The server registers its handlers from
// this list, the desktop calls from it, OpenAPI is generated from it and tests walk it.
#pragma once

#include "core/api/cdn.h"
#include "core/api/deprecation_endpoints.h"
#include "core/api/documentation.h"
#include "core/api/downloads.h"
#include "core/api/endpoint.h"
#include "core/api/operations.h"
#include "core/api/people.h"
#include "core/api/projects.h"
#include "core/api/ssh_keys.h"

#include <tuple>

namespace cm::api::endpoints {

inline constexpr Endpoint<SignIn, Session> signIn{
    {"sign-in", Method::Post, "/admin/v1/session", access::anyone, "Exchange a name and password for a 12 h token", true,
     8 * 1024}};
inline constexpr Endpoint<Nothing, Nothing> signOut{
    {"sign-out", Method::Delete, "/admin/v1/session", access::signedIn, "Revoke the token of this session", true}};
inline constexpr Endpoint<Nothing, Who> whoAmI{
    {"who-am-i", Method::Get, "/admin/v1/me", access::signedIn, "The caller's name and role"}};
inline constexpr Endpoint<Nothing, RegistryInfo> registryInfo{
    {"registry-info", Method::Get, "/admin/v1/registry", access::signedIn, "What this registry is, its counters and limits"}};
inline constexpr Endpoint<Nothing, NodeList> listNodes{
    {"list-nodes", Method::Get, "/admin/v1/nodes", access::staff, "Nodes with their signals"}};

inline constexpr Endpoint<SetReadOnly, Change> setReadOnly{
    {"set-read-only", Method::Post, "/admin/v1/registry/read-only", access::operators,
     "Refuse all changes, on every node, until a time at most a day ahead"}};
inline constexpr Endpoint<EndReadOnly, Change> endReadOnly{
    {"end-read-only", Method::Post, "/admin/v1/registry/read-only/end", access::operators,
     "Take changes again before that time"}};

inline constexpr Endpoint<Nothing, CdnState> cdnState{
    {"cdn-state", Method::Get, "/admin/v1/cdn", access::staff, "What the caches in front have still to be told"}};
inline constexpr Endpoint<PurgeCdn, Change> purgeCdn{
    {"purge-cdn", Method::Post, "/admin/v1/cdn/purge", access::operators,
     "Have the caches in front let go of keys, or of everything"}};

// For monitors: a database that takes no writes answers every question of a reader.
inline constexpr Endpoint<Nothing, WriteProbe> writeProbe{
    {"write-probe", Method::Post, "/admin/v1/write-probe", access::staff,
     "Write to the database: that the caller's API token was used", true}};

inline constexpr Endpoint<ListProjects, Page<ProjectSummary>> listProjects{
    {"list-projects", Method::Get, "/admin/v1/projects", access::signedIn, "Search projects; users see their own"}};
inline constexpr Endpoint<ProjectRef, ProjectDetail> getProject{
    {"get-project", Method::Get, "/admin/v1/projects/{project}", access::staffOrMaintainers, "One project with its releases"}};
inline constexpr Endpoint<ReleaseRef, ReleaseDetail> getRelease{
    {"get-release", Method::Get, "/admin/v1/projects/{project}/releases/{version}", access::staffOrMaintainers,
     "One release with its metadata and files"}};
inline constexpr Endpoint<ReleaseAction, Change> yankRelease{
    {"yank-release", Method::Post, "/admin/v1/projects/{project}/releases/{version}/yank", access::moderatorsOrMaintainers,
     "Yank a release (PEP 592)"}};
inline constexpr Endpoint<ReleaseAction, Change> unyankRelease{
    {"unyank-release", Method::Post, "/admin/v1/projects/{project}/releases/{version}/unyank",
     access::moderatorsOrMaintainers, "Take a yank back"}};
inline constexpr Endpoint<ProjectAction, Change> quarantineProject{
    {"quarantine-project", Method::Post, "/admin/v1/projects/{project}/quarantine", access::moderators,
     "Remove a project from sight (PEP 792)"}};
inline constexpr Endpoint<ProjectAction, Change> liftQuarantine{
    {"lift-quarantine", Method::Post, "/admin/v1/projects/{project}/lift", access::moderators,
     "Undo a quarantine, with every side effect"}};
inline constexpr Endpoint<SetProjectStatus, Change> setProjectStatus{
    {"set-project-status", Method::Put, "/admin/v1/projects/{project}/status", access::moderatorsOrOwners,
     "Make a project active, archived or deprecated"}};
inline constexpr Endpoint<SetProjectLimits, Change> setProjectLimits{
    {"set-project-limits", Method::Put, "/admin/v1/projects/{project}/limits", access::moderators,
     "Set or clear a project's own size limits"}};
inline constexpr Endpoint<DeleteProject, Change> deleteProject{
    {"delete-project", Method::Delete, "/admin/v1/projects/{project}", access::adminsOrOwners,
     "Delete a project; restorable within the retention time"}};
inline constexpr Endpoint<ProjectAction, Change> restoreProject{
    {"restore-project", Method::Post, "/admin/v1/projects/{project}/restore", access::adminsOrOwners,
     "Bring a deleted project back"}};
inline constexpr Endpoint<DeleteRelease, Change> deleteRelease{
    {"delete-release", Method::Delete, "/admin/v1/projects/{project}/releases/{version}", access::adminsOrOwners,
     "Delete a release; restorable within the retention time"}};
inline constexpr Endpoint<ReleaseAction, Change> restoreRelease{
    {"restore-release", Method::Post, "/admin/v1/projects/{project}/releases/{version}/restore", access::adminsOrOwners,
     "Bring a deleted release back"}};
inline constexpr Endpoint<DeleteFile, Change> deleteFile{
    {"delete-file", Method::Delete, "/admin/v1/files/{filename}", access::adminsOrOwners,
     "Delete a file; restorable within the retention time"}};
inline constexpr Endpoint<FileAction, Change> restoreFile{
    {"restore-file", Method::Post, "/admin/v1/files/{filename}/restore", access::adminsOrOwners,
     "Bring a deleted file back"}};
inline constexpr Endpoint<ListDeleted, Page<DeletedThing>> listDeleted{
    {"list-deleted", Method::Get, "/admin/v1/deleted", access::staff, "What can still be restored"}};
inline constexpr Endpoint<SetRole, Change> setRole{
    {"set-role", Method::Put, "/admin/v1/projects/{project}/roles/{user}", access::adminsOrOwners,
     "Give a person a role on a project"}};
inline constexpr Endpoint<RemoveRole, Change> removeRole{
    {"remove-role", Method::Delete, "/admin/v1/projects/{project}/roles/{user}", access::adminsOrOwners,
     "Take a person's role on a project away"}};

inline constexpr Endpoint<ProjectRef, DocumentationList> listDocumentation{
    {"list-documentation", Method::Get, "/admin/v1/projects/{project}/documentation", access::staffOrMaintainers,
     "Documentation of a project's releases, and what can be restored of it"}};
inline constexpr Endpoint<DocumentationRef, DocumentationReceipt> putDocumentation{
    {"put-documentation", Method::Put, "/admin/v1/projects/{project}/documentation/{version}",
     access::adminsOrMaintainers, "Take a zip archive with index.html as the documentation of a release", false, 0, true}};
inline constexpr Endpoint<DocumentationAction, Change> removeDocumentation{
    {"remove-documentation", Method::Delete, "/admin/v1/projects/{project}/documentation/{version}",
     access::adminsOrMaintainers, "Remove a release's documentation; restorable within the retention time"}};
inline constexpr Endpoint<DocumentationAction, Change> restoreDocumentation{
    {"restore-documentation", Method::Post, "/admin/v1/projects/{project}/documentation/{version}/restore",
     access::adminsOrMaintainers, "Bring back the documentation that was removed or replaced last"}};
inline constexpr Endpoint<DocumentationAction, Change> setLatestDocumentation{
    {"set-latest-documentation", Method::Put, "/admin/v1/projects/{project}/latest-documentation",
     access::adminsOrMaintainers, "Choose the version that latest shows; none: the newest"}};

inline constexpr Endpoint<UploadPreflight, PreflightAnswer> uploadPreflight{
    {"upload-preflight", Method::Post, "/admin/v1/upload-preflight", access::signedIn,
     "What would happen to these files, without sending them", true, 1024 * 1024}};
inline constexpr Endpoint<FileRef, ArchiveListing> listMembers{
    {"list-members", Method::Get, "/admin/v1/files/{filename}/members", access::staffOrMaintainers,
     "What lies inside a file"}};
inline constexpr Endpoint<ReadMember, MemberContent> readMember{
    {"read-member", Method::Get, "/admin/v1/files/{filename}/member", access::staffOrMaintainers,
     "One member of a file as text"}};

inline constexpr Endpoint<ListUsers, Page<User>> listUsers{
    {"list-users", Method::Get, "/admin/v1/users", access::staff, "People with their roles"}};
inline constexpr Endpoint<CreateUser, Change> createUser{
    {"create-user", Method::Post, "/admin/v1/users", access::admins, "Add a person"}};
inline constexpr Endpoint<SetUserRole, Change> setUserRole{
    {"set-user-role", Method::Put, "/admin/v1/users/{user}/role", access::admins, "Change what a person may do"}};
inline constexpr Endpoint<ListTokens, Page<Token>> listTokens{
    {"list-tokens", Method::Get, "/admin/v1/tokens", access::signedIn, "API tokens, without their secrets"}};
inline constexpr Endpoint<CreateToken, NewToken> createToken{
    {"create-token", Method::Post, "/admin/v1/tokens", access::makers, "Make an API token; its secret is shown once"}};
inline constexpr Endpoint<TokenRef, Change> revokeToken{
    {"revoke-token", Method::Delete, "/admin/v1/tokens/{token}", access::makers, "Revoke one of one's own tokens"}};

inline constexpr Endpoint<ListUserProjects, Page<UserProject>> listUserProjects{
    {"list-user-projects", Method::Get, "/admin/v1/users/{user}/projects", access::staff, "A person's roles on projects"}};
inline constexpr Endpoint<SetUserActive, Change> setUserActive{
    {"set-user-active", Method::Put, "/admin/v1/users/{user}/active", access::admins, "Freeze a person, or let go on"}};
inline constexpr Endpoint<SetUserEmail, Change> setUserEmail{
    {"set-user-email", Method::Put, "/admin/v1/users/{user}/email", access::admins, "Change where a person is written to"}};
inline constexpr Endpoint<ListSshKeys, Page<SshKey>> listSshKeys{
    {"list-ssh-keys", Method::Get, "/admin/v1/ssh-keys", access::signedIn, "Keys for uploads over ssh"}};
inline constexpr Endpoint<AddSshKey, Change> addSshKey{
    {"add-ssh-key", Method::Post, "/admin/v1/ssh-keys", access::makers, "Add a key for uploads over ssh"}};
inline constexpr Endpoint<ChangeSshKey, Change> changeSshKey{
    {"change-ssh-key", Method::Put, "/admin/v1/ssh-keys/{key}", access::makers, "Change its projects and its end"}};
inline constexpr Endpoint<RevokeSshKey, Change> revokeSshKey{
    {"revoke-ssh-key", Method::Delete, "/admin/v1/ssh-keys/{key}", access::makers,
     "Revoke a key: closed on every node within 5 s"}};

inline constexpr Endpoint<DownloadSeriesQuery, DownloadSeries> downloadSeries{
    {"download-series", Method::Get, "/admin/v1/downloads/series", access::staff,
     "Downloads over time, of the registry or of projects"}};
inline constexpr Endpoint<DownloadTrendsQuery, DownloadTrends> downloadTrends{
    {"download-trends", Method::Get, "/admin/v1/downloads/trends", access::staff,
     "Downloads of up to 100 projects a day, for small charts in lists"}};
inline constexpr Endpoint<DownloadShareQuery, DownloadShares> downloadShares{
    {"download-shares", Method::Get, "/admin/v1/downloads/shares", access::staff,
     "Shares of a window: top projects, and any breakdown"}};
inline constexpr Endpoint<ProjectSeriesQuery, DownloadSeries> projectDownloadSeries{
    {"project-download-series", Method::Get, "/admin/v1/projects/{project}/downloads/series", access::staffOrMaintainers,
     "Downloads of one project over time"}};
inline constexpr Endpoint<ProjectShareQuery, DownloadShares> projectDownloadShares{
    {"project-download-shares", Method::Get, "/admin/v1/projects/{project}/downloads/shares", access::staffOrMaintainers,
     "Shares of a window of one project: top versions, and any breakdown"}};
inline constexpr Endpoint<CompletenessQuery, DownloadCompleteness> downloadCompleteness{
    {"download-completeness", Method::Get, "/admin/v1/downloads/completeness", access::staff,
     "What became of the lines of the log, and of which minutes nothing is known"}};
inline constexpr Endpoint<EvidenceQuery, DownloadEvidence> downloadEvidence{
    {"download-evidence", Method::Get, "/admin/v1/downloads/evidence", access::staff,
     "How often a kind of client downloads, with the interval of 95 %"}};
inline constexpr Endpoint<ListAnnotations, AnnotationList> listAnnotations{
    {"list-annotations", Method::Get, "/admin/v1/downloads/annotations", access::staff,
     "What people say of stretches of time: gaps, deploys, changes of definition"}};
inline constexpr Endpoint<AddAnnotation, Change> addAnnotation{
    {"add-annotation", Method::Post, "/admin/v1/downloads/annotations", access::operators,
     "Say something of a stretch of time"}};
inline constexpr Endpoint<RemoveAnnotation, Change> removeAnnotation{
    {"remove-annotation", Method::Delete, "/admin/v1/downloads/annotations/{annotation}", access::operators,
     "Take it back"}};

inline constexpr Endpoint<ListJournal, Page<JournalEntry>> listJournal{
    {"list-journal", Method::Get, "/admin/v1/journal", access::signedIn, "The public record of changes, newest first"}};
inline constexpr Endpoint<ListAudit, Page<AuditEntry>> listAudit{
    {"list-audit", Method::Get, "/admin/v1/audit", access::staff, "Who did what, newest first"}};
inline constexpr Endpoint<Nothing, AuditProof> verifyAudit{
    {"verify-audit", Method::Get, "/admin/v1/audit/proof", access::staff, "Check the audit log's chain of hashes"}};
// Answers text/event-stream: `id`, `event: noun.verb`, `data` an Event; honours Last-Event-ID, and
// sends `event: reset` when that is older than what is kept.
inline constexpr Endpoint<Nothing, Event> events{
    {"events", Method::Get, "/admin/v1/events", access::signedIn, "Live events (SSE)"}};

inline constexpr auto all = std::make_tuple(
    signIn, signOut, whoAmI, registryInfo, setReadOnly, endReadOnly, listNodes, cdnState, purgeCdn, writeProbe, listProjects, getProject, getRelease, yankRelease, unyankRelease,
    quarantineProject, liftQuarantine, setProjectStatus, setProjectLimits, deleteProject, restoreProject, deleteRelease,
    restoreRelease, deleteFile, restoreFile, listDeleted, setRole, removeRole, listDocumentation, putDocumentation,
    removeDocumentation, restoreDocumentation, setLatestDocumentation, uploadPreflight, listMembers, readMember,
    listUsers, createUser, setUserRole, setUserActive, setUserEmail, listUserProjects, listTokens, createToken, revokeToken,
    listSshKeys, addSshKey, changeSshKey, revokeSshKey, downloadSeries, downloadTrends, downloadShares,
    projectDownloadSeries, projectDownloadShares, downloadCompleteness, downloadEvidence, listAnnotations, addAnnotation,
    removeAnnotation, listDeprecations, proposeDeprecation, getDeprecation, editDeprecation,
    deprecationEvidence, planDeprecationStep, takeDeprecationStep, confirmDeprecationStep,
    watchBrownOut, endBrownOut, exemptFromDeprecation, answerDeprecation, draftDeprecationMessages,
    writeDeprecationMessages, deprecationMentions, deprecationReport, listServingNodes, forgetServingNode, listJournal, listAudit, verifyAudit, events);

}  // namespace cm::api::endpoints
