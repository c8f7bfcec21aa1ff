// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/people.h"

#include <array>
#include <utility>

namespace cm::catalog {

namespace {

constexpr std::array<std::pair<RegistryRole, std::string_view>, 5> registryRoles{{
    {RegistryRole::User, "user"},
    {RegistryRole::Observer, "observer"},
    {RegistryRole::Moderator, "moderator"},
    {RegistryRole::Operator, "operator"},
    {RegistryRole::Admin, "admin"},
}};

}  // namespace

std::string_view registryRoleName(RegistryRole role) noexcept
{
    for (const auto &[known, name] : registryRoles) {
        if (known == role)
            return name;
    }
    return "user";
}

std::optional<RegistryRole> registryRoleFromName(std::string_view name) noexcept
{
    for (const auto &[role, known] : registryRoles) {
        if (known == name)
            return role;
    }
    return std::nullopt;
}

std::string_view projectRoleName(ProjectRole role) noexcept
{
    return role == ProjectRole::Owner ? "Owner" : "Maintainer";
}

std::optional<ProjectRole> projectRoleFromName(std::string_view name) noexcept
{
    if (name == "Owner")
        return ProjectRole::Owner;
    if (name == "Maintainer")
        return ProjectRole::Maintainer;
    return std::nullopt;
}

}  // namespace cm::catalog
