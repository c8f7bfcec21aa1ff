// SPDX-License-Identifier: GPL-3.0-or-later
// What a registry was configured to do. A value, fixed for the life of the process.
#pragma once

#include "core/checks/documentation.h"
#include "core/checks/facts.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace cm::registry {

// The longest life of a token that has an end.
inline constexpr std::int64_t maxTokenDays = 3650;

struct Settings {
    std::string name = "cheesemonger";
    checks::Policies policies;
    std::chrono::days retention{30};  // from deletion to purge
    std::chrono::hours session{12};   // life of a token from sign-in
    std::chrono::hours eventRetention{24};
    bool newProjectsOverSsh = false;
    bool hostsDocumentation = true;
    checks::DocumentationLimits documentation;
    std::optional<std::int64_t> newProjectsPerHour;  // of one user; none: as many as they like
};

}  // namespace cm::registry
