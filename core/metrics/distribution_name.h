// SPDX-License-Identifier: GPL-3.0-or-later
// What the name of a distribution file says of project, version and type, old kinds of files included; for lines
// that have nothing but a path. Views into the name, no memory. Pure, any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace cm::metrics {

struct DistributionName {
    std::string_view project;  // as the file spells it
    std::string_view version;
    std::string_view type;  // "sdist", "bdist_wheel", …
};

[[nodiscard]] std::optional<DistributionName> readDistributionName(std::string_view filename);
// The eight types that PyPI has known.
[[nodiscard]] std::span<const std::string_view> fileTypeNames();
[[nodiscard]] bool isFileType(std::string_view type);
// A file beside a distribution file: its metadata (PEP 658), a signature, a provenance, a digest.
[[nodiscard]] bool isSidecar(std::string_view filename);

}  // namespace cm::metrics
