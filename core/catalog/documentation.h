// SPDX-License-Identifier: GPL-3.0-or-later
// What the catalog stores about the documentation of releases, as plain values. Any thread.
#pragma once

#include "core/catalog/rows.h"

namespace cm::catalog {

// One archive that was taken.
struct DocumentationRow {
    Id id = 0;
    Id projectId = 0;
    Id releaseId = 0;
    std::int64_t archiveSize = 0;  // bytes, as it came
    std::string archiveSha256;
    std::int64_t size = 0;  // bytes, of all files
    std::int64_t files = 0;
    Time uploaded{};
    std::string uploadedBy;
    bool replaced = false;  // a later archive took its place
    std::optional<Deletion> deletion;
    // Of its release:
    std::string version;
    bool yanked = false;
    bool releaseQuarantined = false;
};

struct DocumentationFileRow {
    std::string path;  // in the archive, UTF-8
    std::int64_t size = 0;
    std::string blake2b256;
    std::string blob;  // path in the store
};

}  // namespace cm::catalog
