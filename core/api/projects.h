// SPDX-License-Identifier: GPL-3.0-or-later
// Projects, releases and files as the admin contract speaks of them. Sizes are bytes. A `project`
// in a request may be written in any spelling; answers carry the display name and the normalised
// one (PEP 503).
#pragma once

#include "core/api/types.h"

namespace cm::api {

struct ProjectSummary {
    std::string name;
    std::string normalizedName;
    ProjectStatus status = ProjectStatus::Active;
    std::string summary;
    std::string latestVersion;
    std::int64_t releases = 0;
    std::int64_t files = 0;
    std::int64_t totalSize = 0;
    Time created;
    Time lastActivity;
    std::int64_t lastSerial = 0;
    friend bool operator==(const ProjectSummary &, const ProjectSummary &) = default;
    BOOST_DESCRIBE_CLASS(ProjectSummary, (),
                         (name, normalizedName, status, summary, latestVersion, releases, files, totalSize, created,
                          lastActivity, lastSerial),
                         (), ())
};

struct ListProjects {
    // Part of the name, in any spelling; of one or two characters, its beginning.
    std::string query;
    std::optional<ProjectStatus> status;
    // Only projects on which the caller has a role.
    bool mine = false;
    ProjectSort sort = ProjectSort::Name;
    bool descending = false;
    std::int64_t offset = 0;
    std::int64_t limit = 256;
    BOOST_DESCRIBE_CLASS(ListProjects, (), (query, status, mine, sort, descending, offset, limit), (), ())
};

struct RoleEntry {
    std::string user;
    ProjectRole role = ProjectRole::Maintainer;
    friend bool operator==(const RoleEntry &, const RoleEntry &) = default;
    BOOST_DESCRIBE_CLASS(RoleEntry, (), (user, role), (), ())
};

struct FileInfo {
    std::string filename;
    // "bdist_wheel" or "sdist".
    std::string packageType;
    std::string pythonVersion;
    std::string version;
    std::int64_t size = 0;
    std::string sha256;
    std::string blake2b256;
    // Absent when no client gave one and nothing asked for it.
    std::optional<std::string> md5;
    std::string requiresPython;
    Time uploaded;
    std::string uploadedBy;
    // Relative to the registry's base URL: /packages/…
    std::string path;
    bool hasMetadata = false;
    friend bool operator==(const FileInfo &, const FileInfo &) = default;
    BOOST_DESCRIBE_CLASS(FileInfo, (),
                         (filename, packageType, pythonVersion, version, size, sha256, blake2b256, md5, requiresPython,
                          uploaded, uploadedBy, path, hasMetadata),
                         (), ())
};

struct ReleaseSummary {
    std::string version;
    Time created;
    bool yanked = false;
    std::string yankedReason;
    bool prerelease = false;
    std::int64_t files = 0;
    std::int64_t size = 0;
    std::string requiresPython;
    friend bool operator==(const ReleaseSummary &, const ReleaseSummary &) = default;
    BOOST_DESCRIBE_CLASS(ReleaseSummary, (),
                         (version, created, yanked, yankedReason, prerelease, files, size, requiresPython), (), ())
};

struct ProjectDetail {
    ProjectSummary project;
    std::string statusReason;
    // Who set the status and when; absent for a project that was always active.
    std::string statusActor;
    std::optional<Time> statusSince;
    // Limits in force, and whether they are this project's own.
    std::int64_t fileLimit = 0;
    std::int64_t totalLimit = 0;
    bool ownLimits = false;
    std::vector<RoleEntry> roles;
    // Newest version first (PEP 440).
    std::vector<ReleaseSummary> releases;
    // What the caller may do here: names of endpoints, such as "quarantine-project".
    std::vector<std::string> allowed;
    friend bool operator==(const ProjectDetail &, const ProjectDetail &) = default;
    BOOST_DESCRIBE_CLASS(ProjectDetail, (),
                         (project, statusReason, statusActor, statusSince, fileLimit, totalLimit, ownLimits, roles,
                          releases, allowed),
                         (), ())
};

struct ReleaseDetail {
    std::string project;
    ReleaseSummary release;
    std::string summary;
    std::string description;
    std::string descriptionContentType;
    // Core metadata of the first file: field name to text or list of texts.
    Json metadata;
    std::vector<FileInfo> files;
    friend bool operator==(const ReleaseDetail &, const ReleaseDetail &) = default;
    BOOST_DESCRIBE_CLASS(ReleaseDetail, (),
                         (project, release, summary, description, descriptionContentType, metadata, files), (), ())
};

struct ProjectRef {
    std::string project;
    BOOST_DESCRIBE_CLASS(ProjectRef, (), (project), (), ())
};

struct ReleaseRef {
    std::string project;
    std::string version;
    BOOST_DESCRIBE_CLASS(ReleaseRef, (), (project, version), (), ())
};

// An action on a project; the reason goes to the audit log and, where PEP 592 or 792 has a place
// for it, to installers.
struct ProjectAction {
    std::string project;
    std::string reason;
    BOOST_DESCRIBE_CLASS(ProjectAction, (), (project, reason), (), ())
};

struct ReleaseAction {
    std::string project;
    std::string version;
    std::string reason;
    BOOST_DESCRIBE_CLASS(ReleaseAction, (), (project, version, reason), (), ())
};

struct FileAction {
    std::string filename;
    std::string reason;
    BOOST_DESCRIBE_CLASS(FileAction, (), (filename, reason), (), ())
};

struct SetProjectStatus {
    std::string project;
    // Active, archived or deprecated; quarantine has endpoints of its own.
    ProjectStatus status = ProjectStatus::Active;
    std::string reason;
    BOOST_DESCRIBE_CLASS(SetProjectStatus, (), (project, status, reason), (), ())
};

struct SetProjectLimits {
    std::string project;
    // Bytes; absent: the registry's default.
    std::optional<std::int64_t> fileLimit;
    std::optional<std::int64_t> totalLimit;
    std::string reason;
    BOOST_DESCRIBE_CLASS(SetProjectLimits, (), (project, fileLimit, totalLimit, reason), (), ())
};

// Deletions hide at once and can be restored until the retention time has passed. `confirm` repeats
// the name of what goes: the project's display name, the version, the file name.
struct DeleteProject {
    std::string project;
    std::string confirm;
    std::string reason;
    BOOST_DESCRIBE_CLASS(DeleteProject, (), (project, confirm, reason), (), ())
};

struct DeleteRelease {
    std::string project;
    std::string version;
    std::string confirm;
    std::string reason;
    BOOST_DESCRIBE_CLASS(DeleteRelease, (), (project, version, confirm, reason), (), ())
};

struct DeleteFile {
    std::string filename;
    std::string confirm;
    std::string reason;
    BOOST_DESCRIBE_CLASS(DeleteFile, (), (filename, confirm, reason), (), ())
};

struct DeletedThing {
    // "project", "release", "file" or "documentation".
    std::string kind;
    std::string project;
    std::string version;
    std::string filename;
    Time deleted;
    std::string actor;
    std::string reason;
    // Until then it can be restored.
    Time purgeAfter;
    friend bool operator==(const DeletedThing &, const DeletedThing &) = default;
    BOOST_DESCRIBE_CLASS(DeletedThing, (), (kind, project, version, filename, deleted, actor, reason, purgeAfter), (),
                         ())
};

struct ListDeleted {
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListDeleted, (), (offset, limit), (), ())
};

struct SetRole {
    std::string project;
    std::string user;
    ProjectRole role = ProjectRole::Maintainer;
    std::string reason;
    BOOST_DESCRIBE_CLASS(SetRole, (), (project, user, role, reason), (), ())
};

struct RemoveRole {
    std::string project;
    std::string user;
    std::string reason;
    BOOST_DESCRIBE_CLASS(RemoveRole, (), (project, user, reason), (), ())
};

}  // namespace cm::api
