// SPDX-License-Identifier: GPL-3.0-or-later
// The names of distribution files: what they say about project, version, build and tags (PEP 427,
// PEP 625, PEP 425). Pure functions, any thread.
#pragma once

#include "core/base/result.h"
#include "core/pypi/package_type.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::pypi {

struct WheelName {
    std::string name;     // as written, "_" not undone
    std::string version;  // as written
    std::string build;    // empty when there is none
    std::vector<std::string> pythonTags;
    std::vector<std::string> abiTags;
    std::vector<std::string> platformTags;

    // "py2.py3", as the upload form's pyversion has it.
    [[nodiscard]] std::string pyversion() const;
    friend bool operator==(const WheelName &, const WheelName &) = default;
};

struct SdistName {
    std::string name;
    std::string version;
    std::string extension;  // ".tar.gz" or ".zip"
    friend bool operator==(const SdistName &, const SdistName &) = default;
};

// InvalidInput with the reason in `detail` when the name is not one of a wheel.
[[nodiscard]] Result<WheelName> parseWheelName(std::string_view filename);
// Splits at the last "-" that leaves a PEP 440 version; InvalidInput when there is none.
[[nodiscard]] Result<SdistName> parseSdistName(std::string_view filename);
// PEP 625's name for a source distribution: "my_project-1.0.tar.gz".
[[nodiscard]] std::string pep625Name(std::string_view project, std::string_view version);

// The platform tags that a wheel may be uploaded with. `plainLinux` adds linux_x86_64 and its
// like, which say nothing about the C library and so only make sense inside one house.
struct PlatformTagPolicy {
    bool plainLinux = false;
};
[[nodiscard]] bool isAllowedPlatformTag(std::string_view tag, PlatformTagPolicy policy = {});

}  // namespace cm::pypi
