// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/status.h"

#include <array>
#include <utility>

namespace cm::pypi {
namespace {

constexpr std::array statuses{
    std::pair<ProjectStatus, std::string_view>{ProjectStatus::Active, "active"},
    std::pair<ProjectStatus, std::string_view>{ProjectStatus::Archived, "archived"},
    std::pair<ProjectStatus, std::string_view>{ProjectStatus::Deprecated, "deprecated"},
    std::pair<ProjectStatus, std::string_view>{ProjectStatus::Quarantined, "quarantined"},
};

}  // namespace

std::string_view projectStatusName(ProjectStatus status) noexcept
{
    for (const auto &[value, name] : statuses) {
        if (value == status)
            return name;
    }
    return "active";
}

std::optional<ProjectStatus> projectStatusFromName(std::string_view name) noexcept
{
    for (const auto &[value, text] : statuses) {
        if (text == name)
            return value;
    }
    return std::nullopt;
}

}  // namespace cm::pypi
