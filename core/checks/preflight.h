// SPDX-License-Identifier: GPL-3.0-or-later
// A local file seen as an upload: what the archive says, its digests, and the form that a legacy
// upload of it needs. Used by the desktop before sending; blocks, so call it off the GUI thread.
#pragma once

#include "core/archive/archive.h"
#include "core/base/result.h"
#include "core/checks/facts.h"
#include "core/pypi/metadata.h"
#include "core/pypi/package_type.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace cm::checks {

struct LocalCandidate {
    std::filesystem::path path;
    std::string filename;
    pypi::PackageType type = pypi::PackageType::BdistWheel;
    std::string pyversion;    // "source" for an sdist, else the wheel's python tags
    std::uint64_t size = 0;   // bytes
    pypi::Metadata metadata;  // of the archive; name and version from the file name when there is none
    archive::Facts archive;
    std::optional<BodyFacts> digests;  // set by digestCandidate()
};

// Bytes done and bytes in all.
using DigestProgress = std::function<void(std::uint64_t, std::uint64_t)>;

// InvalidInput when the name is no distribution's, NotFound when there is no such file. A damaged
// archive is a candidate too: its problems are findings.
[[nodiscard]] Result<LocalCandidate> inspectForUpload(const std::filesystem::path &path, std::stop_token stop = {});
// Reads the file once; Cancelled when `stop` is asked for.
[[nodiscard]] Result<void> digestCandidate(LocalCandidate &candidate, const DigestProgress &progress = {},
                                           std::stop_token stop = {});
// The fields of a legacy upload in order, without the file part itself ("content"). Needs the digests.
[[nodiscard]] pypi::FormFields uploadFields(const LocalCandidate &candidate);
// The candidate as the checks see it. Add what the registry's preflight endpoint says (caller,
// project, stored) before asking for findings.
[[nodiscard]] UploadFacts factsOf(const LocalCandidate &candidate);

}  // namespace cm::checks
