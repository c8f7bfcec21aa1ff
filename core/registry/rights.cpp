// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/rights.h"

#include <array>
#include <fmt/core.h>

namespace cm::registry {

namespace {

using catalog::ProjectRole;
using catalog::RegistryRole;

constexpr unsigned bit(RegistryRole role)
{
    return 1U << static_cast<unsigned>(role);
}
constexpr unsigned adminBit = bit(RegistryRole::Admin);
constexpr unsigned moderatorBits = adminBit | bit(RegistryRole::Moderator);
constexpr unsigned staffBits = moderatorBits | bit(RegistryRole::Operator) | bit(RegistryRole::Observer);
constexpr unsigned operatorBits = adminBit | bit(RegistryRole::Operator);
constexpr unsigned makerBits =
    adminBit | bit(RegistryRole::Moderator) | bit(RegistryRole::Operator) | bit(RegistryRole::User);

struct Rule {
    Action action;
    std::string_view name;
    unsigned roles;                      // of the registry
    std::optional<ProjectRole> project;  // or at least this role on the project
    std::string_view who;
};

constexpr std::array rules{
    Rule{Action::ReadProject, "get-project", staffBits, ProjectRole::Maintainer,
         "the registry's staff and its maintainers"},
    Rule{Action::Upload, "upload", adminBit, ProjectRole::Maintainer, "its owners and maintainers"},
    Rule{Action::YankRelease, "yank-release", moderatorBits, ProjectRole::Maintainer, "moderators and its maintainers"},
    Rule{Action::UnyankRelease, "unyank-release", moderatorBits, ProjectRole::Maintainer,
         "moderators and its maintainers"},
    Rule{Action::QuarantineProject, "quarantine-project", moderatorBits, std::nullopt, "moderators"},
    Rule{Action::LiftQuarantine, "lift-quarantine", moderatorBits, std::nullopt, "moderators"},
    Rule{Action::SetProjectStatus, "set-project-status", moderatorBits, ProjectRole::Owner,
         "moderators and its owners"},
    Rule{Action::SetProjectLimits, "set-project-limits", moderatorBits, std::nullopt, "moderators"},
    Rule{Action::DeleteProject, "delete-project", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::RestoreProject, "restore-project", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::DeleteRelease, "delete-release", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::RestoreRelease, "restore-release", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::DeleteFile, "delete-file", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::RestoreFile, "restore-file", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::SetRole, "set-role", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::RemoveRole, "remove-role", adminBit, ProjectRole::Owner, "admins and its owners"},
    Rule{Action::PutDocumentation, "put-documentation", adminBit, ProjectRole::Maintainer, "its owners and maintainers"},
    Rule{Action::RemoveDocumentation, "remove-documentation", adminBit, ProjectRole::Maintainer,
         "its owners and maintainers"},
    Rule{Action::RestoreDocumentation, "restore-documentation", adminBit, ProjectRole::Maintainer,
         "its owners and maintainers"},
    Rule{Action::SetLatestDocumentation, "set-latest-documentation", adminBit, ProjectRole::Maintainer,
         "its owners and maintainers"},
    Rule{Action::CreateProject, "create-project", makerBits, std::nullopt, "everybody but observers"},
    Rule{Action::ReadRegistry, "read-registry", staffBits, std::nullopt, "the registry's staff"},
    Rule{Action::ManageUsers, "manage-users", adminBit, std::nullopt, "admins"},
    Rule{Action::CreateToken, "create-token", makerBits, std::nullopt, "everybody but observers"},
    Rule{Action::AddSshKey, "add-ssh-key", makerBits, std::nullopt, "everybody but observers"},
    Rule{Action::OperateRegistry, "operate-registry", operatorBits, std::nullopt, "operators"},
    Rule{Action::RunDeprecations, "run-deprecations", adminBit, std::nullopt, "admins"},
};

constexpr bool rulesInOrder()
{
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (static_cast<std::size_t>(rules[i].action) != i)
            return false;
    }
    return true;
}
static_assert(rulesInOrder());

const Rule &ruleOf(Action action)
{
    return rules[static_cast<std::size_t>(action)];
}

bool concernsProject(Action action)
{
    return action < Action::CreateProject;
}

}  // namespace

std::string_view actionName(Action action) noexcept
{
    return ruleOf(action).name;
}

bool may(const Principal &principal, Action action, std::string_view normalizedProject, std::optional<ProjectRole> role)
{
    const Rule &rule = ruleOf(action);
    // A token for some projects opens these and nothing that concerns the registry as a whole.
    if (principal.scoped && (normalizedProject.empty() || !principal.covers(normalizedProject)))
        return false;
    if ((rule.roles & bit(principal.role)) != 0)
        return true;
    if (!concernsProject(action) || !rule.project || !role)
        return false;
    // An observer changes nothing at all, whatever role on a project is left from other days.
    if (principal.role == RegistryRole::Observer && action != Action::ReadProject)
        return false;
    return *role >= *rule.project;
}

Result<void> require(const Principal &principal, Action action, std::string_view normalizedProject,
                     std::optional<ProjectRole> role)
{
    if (may(principal, action, normalizedProject, role))
        return {};
    if (principal.scoped && !principal.covers(normalizedProject))
        return fail(ErrorCode::Forbidden, "the token used does not cover this");
    return fail(ErrorCode::Forbidden, fmt::format("{} is for {}", ruleOf(action).name, ruleOf(action).who));
}

std::vector<std::string_view> allowedActions(const Principal &principal, std::string_view normalizedProject,
                                             std::optional<ProjectRole> role)
{
    std::vector<std::string_view> allowed;
    for (const Rule &rule : rules) {
        if (concernsProject(rule.action) && may(principal, rule.action, normalizedProject, role))
            allowed.push_back(rule.name);
    }
    return allowed;
}

}  // namespace cm::registry
