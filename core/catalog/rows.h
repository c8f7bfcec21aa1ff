// SPDX-License-Identifier: GPL-3.0-or-later
// What the catalog stores about projects, releases and files, as plain values: one struct a row.
// Any thread. Times are UTC, sizes are bytes, digests are lower-case hexadecimal.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cm::catalog {

using Id = std::int64_t;
using Serial = std::int64_t;

// A soft deletion: out of sight at once, gone for good some time after `purgeAfter`.
struct Deletion {
    Time at{};
    std::string by;
    std::string reason;
    Time purgeAfter{};
};

struct Quarantine {
    Time since{};
    std::string by;
    std::string reason;
    std::string previousStatus;  // what lifting it returns to; empty for releases
};

struct ProjectRow {
    Id id = 0;
    std::string normalizedName;
    std::string name;           // as its owner writes it
    std::string similarityKey;  // the ultranormalized name
    std::string status = "active";  // PEP 792
    std::string statusReason;
    std::optional<Quarantine> quarantine;
    std::optional<std::int64_t> fileLimit;   // none: the registry's default
    std::optional<std::int64_t> totalLimit;  // none: the registry's default
    Time created{};
    Time lastActivity{};
    Serial lastSerial = 0;
    std::int64_t releaseCount = 0;  // live ones, as the next two; of a deleted project: what restoring brings
    std::int64_t fileCount = 0;
    std::int64_t totalSize = 0;
    std::optional<Deletion> deletion;
};

// One line of the simple index.
struct ProjectIndexEntry {
    std::string normalizedName;
    std::string name;
    Serial lastSerial = 0;
    std::string status;
};

// The bytes that a row speaks of; their metadata lies beside them.
struct NamedBlob {
    std::string path;
    std::int64_t size = 0;
    std::string sha256;      // of a file
    std::string blake2b256;  // of a page of documentation
    std::optional<std::string> metadataSha256;
};

struct ReleaseRow {
    Id id = 0;
    Id projectId = 0;
    std::string version;           // as first uploaded
    std::string canonicalVersion;  // PEP 440 canonical form
    Time created{};
    bool yanked = false;
    std::string yankedReason;
    std::optional<Quarantine> quarantine;
    std::string summary;
    std::string requiresPython;
    std::string metadataJson;  // the whole core metadata of its first file, less the description
    std::string description;
    std::string descriptionContentType;
    std::string uploadedBy;
    std::optional<Deletion> deletion;
};

struct FileRow {
    Id id = 0;
    Id projectId = 0;
    Id releaseId = 0;
    std::string filename;
    std::string packagetype;    // sdist | bdist_wheel
    std::string pythonVersion;  // source, or the wheel's python tag
    std::int64_t size = 0;
    std::string sha256;
    std::optional<std::string> md5;
    std::string blake2b256;
    Time uploadTime{};
    std::string uploadedBy;
    std::string path;                           // of the blob
    std::optional<std::string> metadataSha256;  // of the sibling <path>.metadata, when there is one
    std::string requiresPython;
    std::string comment;
    std::optional<Deletion> deletion;
};

// A file with what a project's pages need of its release.
struct ListedFile {
    FileRow file;
    std::string version;
    bool yanked = false;
    std::string yankedReason;
    bool releaseQuarantined = false;
};

enum class ProjectSort { Name, LastActivity, FileCount, TotalSize, Created };

struct ProjectQuery {
    // A part of the normalised name; of one or two characters, its beginning; empty: all.
    std::string search;
    std::optional<std::string> status;  // none: any
    ProjectSort sort = ProjectSort::Name;
    bool descending = false;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
};

struct ProjectPage {
    std::vector<ProjectRow> projects;
    std::int64_t total = 0;  // of the whole query
};

struct DeletedThing {
    enum class Kind { Project, Release, File, Documentation };
    Kind kind = Kind::Project;
    std::string project;   // display name
    std::string version;   // of a release, file or documentation
    std::string filename;  // of a file
    Deletion deletion;
};

struct DeletedPage {
    std::vector<DeletedThing> things;
    std::int64_t total = 0;
};

// For the overview. `uploadsSince` counts files uploaded from a given time on,
// those deleted meanwhile included.
struct Counters {
    std::int64_t projects = 0;
    std::int64_t releases = 0;
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    std::int64_t users = 0;
    std::int64_t quarantined = 0;
    std::int64_t uploadsSince = 0;
};

}  // namespace cm::catalog
