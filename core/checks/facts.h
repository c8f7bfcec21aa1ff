// SPDX-License-Identifier: GPL-3.0-or-later
// Everything the upload checks look at, as plain values. Whoever asks fills in what is known: a part
// that is absent is passed over, so the same checks serve the head of a request, the stored file and
// the desktop before anything is sent. A value; any thread.
#pragma once

#include "core/archive/archive.h"
#include "core/base/clock.h"
#include "core/pypi/metadata.h"
#include "core/pypi/status.h"
#include "core/pypi/upload_form.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cm::checks {

// How a file's name has to spell the project: any way that normalises to it, or exactly as PEP 625
// and the wheel specification want it.
enum class SdistNames { Normalised, Pep625 };

struct Policies {
    std::string helpUrl = "/help/uploads";  // refusals link to helpUrl#topic
    SdistNames sdistNames = SdistNames::Normalised;
    bool plainLinuxWheels = true;
    bool passwordUploads = true;
    bool uploadsDisabled = false;
    bool newProjectsDisabled = false;
    std::optional<std::chrono::days> window;   // age of a release after which it takes no new files
    std::uint64_t fileLimit = 100ULL << 20;    // bytes
    std::uint64_t projectLimit = 10ULL << 30;  // bytes
};

struct Caller {
    bool authenticated = false;
    bool byPassword = false;
    std::string user;
    bool bySsh = false;
    std::string tokenProblem;  // why the token does not hold, such as "token is expired"; empty: it holds
    bool tokenCovers = true;   // the token's scope includes the project
    bool mayUpload = false;    // a role on the project, or the right to create it when it is missing
};

struct ProjectContext {
    bool exists = false;
    std::string name;  // as stored; empty when it does not exist
    pypi::ProjectStatus status = pypi::ProjectStatus::Active;
    std::string statusReason;
    bool nameProhibited = false;
    std::string similarName;  // an existing project of the same ultranormalized name, for a new one
    bool noneOverSsh = false;  // the caller comes by a channel that creates no projects
    bool tooManyNew = false;  // the caller has created too many projects lately
    std::uint64_t storedBytes = 0;
    std::optional<std::uint64_t> fileLimit;  // of this project, over the default
    std::optional<std::uint64_t> projectLimit;
};

struct StoredFile {
    std::string filename;
    std::string sha256;
    std::string blake2b256;
};

struct StoredContext {
    std::optional<StoredFile> sameName;         // the file of that name
    std::optional<StoredFile> sameBytes;        // any file of that BLAKE2b-256
    bool filenameUsedBefore = false;            // by a file that is gone
    std::optional<std::string> sdistOfRelease;  // file name of the release's sdist
    std::optional<Time> releaseCreated;
};

// The registry takes no changes, by order of whoever operates it.
struct ReadOnlyOrder {
    Time until{};
    std::string message;  // for uploaders; may be empty
};

struct FilePart {
    bool present = false;
    std::string filename;
    std::string contentType;  // empty: the client sent none, as flit and distutils do
};

struct BodyFacts {
    std::uint64_t size = 0;  // bytes
    std::string md5;         // lower-case hexadecimal, as the next ones
    std::string sha256;
    std::string blake2b256;
    std::string blake2b512;  // needed only when the form names 128 digits
};

struct UploadFacts {
    Policies policies;
    Time now{};
    std::optional<Caller> caller;
    std::optional<ReadOnlyOrder> readOnly;
    pypi::UploadForm form;
    std::vector<std::string> unexpectedFileFields;  // file parts of fields that are none
    std::optional<FilePart> file;                   // absent: the body has not come so far
    std::optional<ProjectContext> project;
    std::optional<std::uint64_t> size;  // bytes so far or announced, before `body` is complete
    std::optional<BodyFacts> body;
    std::optional<StoredContext> stored;
    std::optional<archive::Facts> archive;
    // readArchiveMetadata() of the above, so that each check need not parse for itself.
    std::shared_ptr<const Result<pypi::Metadata>> archiveMetadata;
};

}  // namespace cm::checks
