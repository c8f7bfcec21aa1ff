// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/package_type.h"

namespace cm::pypi {

std::string_view packageTypeName(PackageType type) noexcept
{
    return type == PackageType::Sdist ? "sdist" : "bdist_wheel";
}

std::optional<PackageType> packageTypeFromName(std::string_view name) noexcept
{
    if (name == "sdist")
        return PackageType::Sdist;
    if (name == "bdist_wheel")
        return PackageType::BdistWheel;
    return std::nullopt;
}

std::optional<PackageType> packageTypeOfFile(std::string_view filename) noexcept
{
    if (filename.ends_with(".whl"))
        return PackageType::BdistWheel;
    if (filename.ends_with(".tar.gz") || filename.ends_with(".zip"))
        return PackageType::Sdist;
    return std::nullopt;
}

}  // namespace cm::pypi
