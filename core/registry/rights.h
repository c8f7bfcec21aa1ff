// SPDX-License-Identifier: GPL-3.0-or-later
// Who may do what, as one pure function; the verbs ask it, and so does whoever draws buttons. The
// names are those of the admin contract's endpoints. Any thread.
#pragma once

#include "core/base/result.h"
#include "core/registry/identity.h"

#include <string_view>
#include <vector>

namespace cm::registry {

enum class Action {
    ReadProject,
    Upload,
    YankRelease,
    UnyankRelease,
    QuarantineProject,
    LiftQuarantine,
    SetProjectStatus,
    SetProjectLimits,
    DeleteProject,
    RestoreProject,
    DeleteRelease,
    RestoreRelease,
    DeleteFile,
    RestoreFile,
    SetRole,
    RemoveRole,
    PutDocumentation,
    RemoveDocumentation,
    RestoreDocumentation,
    SetLatestDocumentation,
    // Without a project:
    CreateProject,
    ReadRegistry,  // users, audit, deleted things
    ManageUsers,
    CreateToken,
    AddSshKey,
    OperateRegistry,  // its read-only mode
    RunDeprecations,
};

// "quarantine-project"
[[nodiscard]] std::string_view actionName(Action action) noexcept;
// `role` is the principal's on the project named; both are left empty for the last group.
[[nodiscard]] bool may(const Principal &principal, Action action, std::string_view normalizedProject = {},
                       std::optional<catalog::ProjectRole> role = std::nullopt);
// Forbidden, saying who may.
[[nodiscard]] Result<void> require(const Principal &principal, Action action, std::string_view normalizedProject = {},
                                   std::optional<catalog::ProjectRole> role = std::nullopt);
// Of the actions on one project.
[[nodiscard]] std::vector<std::string_view> allowedActions(const Principal &principal,
                                                           std::string_view normalizedProject,
                                                           std::optional<catalog::ProjectRole> role);

}  // namespace cm::registry
