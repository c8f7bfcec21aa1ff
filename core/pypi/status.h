// SPDX-License-Identifier: GPL-3.0-or-later
// The status of a project and what follows from it (PEP 792). A value; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace cm::pypi {

enum class ProjectStatus { Active, Archived, Deprecated, Quarantined };

// "active", "archived", "deprecated", "quarantined".
[[nodiscard]] std::string_view projectStatusName(ProjectStatus status) noexcept;
[[nodiscard]] std::optional<ProjectStatus> projectStatusFromName(std::string_view name) noexcept;
[[nodiscard]] constexpr bool acceptsUploads(ProjectStatus status) noexcept
{
    return status == ProjectStatus::Active || status == ProjectStatus::Deprecated;
}
[[nodiscard]] constexpr bool offersFiles(ProjectStatus status) noexcept
{
    return status != ProjectStatus::Quarantined;
}

}  // namespace cm::pypi
