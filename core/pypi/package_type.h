// SPDX-License-Identifier: GPL-3.0-or-later
// What a distribution file is: the two kinds that are still uploaded (PEP 527, PEP 715), with the
// names they have in the upload form and the JSON API. A value; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace cm::pypi {

enum class PackageType { Sdist, BdistWheel };

// "sdist" or "bdist_wheel".
[[nodiscard]] std::string_view packageTypeName(PackageType type) noexcept;
[[nodiscard]] std::optional<PackageType> packageTypeFromName(std::string_view name) noexcept;
// By the ending: .whl is a wheel, .tar.gz and .zip are sdists.
[[nodiscard]] std::optional<PackageType> packageTypeOfFile(std::string_view filename) noexcept;

}  // namespace cm::pypi
