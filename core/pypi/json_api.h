// SPDX-License-Identifier: GPL-3.0-or-later
// The JSON API: /pypi/<name>/json and /pypi/<name>/<version>/json. Texts that a client needs as
// strings are never null (pypi2deb); `releases` is what mirrors read. Pure, any thread.
#pragma once

#include "core/base/clock.h"
#include "core/pypi/metadata.h"
#include "core/pypi/package_type.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cm::pypi {

struct JsonFile {
    std::string filename;
    std::string url;
    PackageType type = PackageType::Sdist;
    std::string pythonVersion;  // "source" for an sdist
    std::string comment;
    std::string md5;
    std::string sha256;
    std::string blake2b256;
    std::string metadataSha256;  // empty: none
    std::uint64_t size = 0;
    Time uploadTime{};
    std::string requiresPython;
    bool yanked = false;
    std::string yankedReason;
};

struct JsonRelease {
    std::string version;
    std::vector<JsonFile> files;
};

struct JsonRole {
    std::string role;
    std::string user;
};

struct JsonProject {
    std::string name;     // as its owner writes it
    Metadata info;        // of the release shown
    std::string version;  // of the release shown
    bool yanked = false;  // of the release shown
    std::string yankedReason;
    std::int64_t serial = 0;
    std::string projectUrl;  // of the project's page
    std::string releaseUrl;
    std::string docsUrl;                // empty: none
    std::vector<JsonFile> urls;         // the files of the release shown
    std::vector<JsonRelease> releases;  // ascending
    std::vector<JsonRole> roles;
};

// `withReleases`: the project's address, which lists every release; the address of one release does not.
[[nodiscard]] std::string renderJsonApi(const JsonProject &project, bool withReleases);

}  // namespace cm::pypi
