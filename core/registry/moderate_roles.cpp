// SPDX-License-Identifier: GPL-3.0-or-later
// Roles on projects.
#include "core/registry/moderate.h"
#include "core/registry/moderation.h"
#include "core/registry/people.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/core.h>

namespace cm::registry {

namespace {

namespace json = boost::json;
using catalog::MemberRow;
using catalog::ProjectRole;
using catalog::ProjectRow;
using catalog::Writer;

json::value roleState(std::string_view user, std::optional<ProjectRole> role)
{
    if (!role)
        return nullptr;
    return json::object{{"user", user}, {"role", catalog::projectRoleName(*role)}};
}

Result<void> keepAnOwner(catalog::Reader &reader, const Principal &by, const ProjectRow &project, catalog::Id leaving)
{
    CM_TRY_ASSIGN(const auto members, reader.membersOfProject(project.id));
    const auto owns = [&](const MemberRow &member) { return member.role == ProjectRole::Owner; };
    const bool leaves = std::any_of(members.begin(), members.end(),
                                    [&](const MemberRow &member) { return owns(member) && member.userId == leaving; });
    if (!leaves || std::count_if(members.begin(), members.end(), owns) > 1 || by.role == catalog::RegistryRole::Admin)
        return {};
    return fail(Error{ErrorCode::GuardFailed,
                      "a project needs an owner",
                      {{"last-owner", "somebody else has to be Owner first"}},
                      {}});
}

}  // namespace

Result<Change> Moderator::setRole(const Principal &by, std::string_view project, std::string_view user,
                                  ProjectRole role, std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    const Time now = m_clock.now();
    return transact(m_catalog, m_changes, by, now, [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::SetRole, project));
        CM_TRY_ASSIGN(const catalog::UserRow person, writer.findUser(name));
        CM_TRY_ASSIGN(const auto before, writer.roleOf(person.id, row.id));
        if (before == role)
            return fail(ErrorCode::Conflict,
                        fmt::format("{} is {} already", person.name, catalog::projectRoleName(role)));
        if (role != ProjectRole::Owner)
            CM_TRY(keepAnOwner(writer, by, row, person.id));
        CM_TRY(writer.setProjectRole(row.id, person.id, role, now));
        CM_TRY(recorder.journal(
            row, std::nullopt,
            fmt::format("{} {} {}", before ? "change" : "add", catalog::projectRoleName(role), person.name)));
        CM_TRY(recorder.audit({"role.set", "project", row.normalizedName, why, roleState(person.name, before),
                               roleState(person.name, role)}));
        CM_TRY(recorder.event("role.set", row.normalizedName));
        return row.normalizedName;
    });
}

Result<Change> Moderator::removeRole(const Principal &by, std::string_view project, std::string_view user,
                                     std::string_view reason)
{
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    return transact(
        m_catalog, m_changes, by, m_clock.now(), [&](Writer &writer, Recorder &recorder) -> Result<std::string> {
            CM_TRY_ASSIGN(const ProjectRow row, projectFor(writer, by, Action::RemoveRole, project));
            CM_TRY_ASSIGN(const catalog::UserRow person, writer.findUser(name));
            CM_TRY_ASSIGN(const auto before, writer.roleOf(person.id, row.id));
            if (!before)
                return fail(ErrorCode::NotFound, fmt::format("{} has no role on this project", person.name));
            CM_TRY(keepAnOwner(writer, by, row, person.id));
            CM_TRY(writer.removeProjectRole(row.id, person.id));
            CM_TRY(recorder.journal(row, std::nullopt,
                                    fmt::format("remove {} {}", catalog::projectRoleName(*before), person.name)));
            CM_TRY(recorder.audit(
                {"role.remove", "project", row.normalizedName, why, roleState(person.name, before), nullptr}));
            CM_TRY(recorder.event("role.removed", row.normalizedName));
            return row.normalizedName;
        });
}

}  // namespace cm::registry
