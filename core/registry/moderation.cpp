// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/moderation.h"

#include "core/pypi/names.h"
#include "core/pypi/version.h"
#include "core/registry/text.h"

#include <algorithm>
#include <fmt/core.h>

namespace cm::registry {

namespace {
constexpr std::size_t maxReason = 2000;
}

Result<void> requireOn(catalog::Reader &reader, const Principal &by, Action action, const catalog::ProjectRow &project)
{
    CM_TRY_ASSIGN(const auto role, reader.roleOf(by.userId, project.id));
    return require(by, action, project.normalizedName, role);
}

Result<catalog::ProjectRow> projectFor(catalog::Reader &reader, const Principal &by, Action action,
                                       std::string_view name)
{
    CM_TRY_ASSIGN(catalog::ProjectRow row, reader.findProject(pypi::normalizeName(name)));
    CM_TRY(requireOn(reader, by, action, row));
    return row;
}

Result<void> requireOwnDeletion(catalog::Reader &reader, const Principal &by, const catalog::ProjectRow &project,
                                const std::optional<catalog::Deletion> &deletion)
{
    if (by.role == catalog::RegistryRole::Admin || !deletion)
        return {};
    CM_TRY_ASSIGN(const auto members, reader.membersOfProject(project.id));
    // A role given afterwards does not count, or owners would give the admin one and undo the deletion.
    const bool own = std::any_of(members.begin(), members.end(), [&](const catalog::MemberRow &member) {
        return member.userName == deletion->by && member.since <= deletion->at;
    });
    if (own)
        return {};
    return fail(ErrorCode::Forbidden,
                fmt::format("it was deleted by {}, who has no role on the project: only admins restore it", deletion->by));
}

Result<catalog::ReleaseRow> releaseOf(catalog::Reader &reader, const catalog::ProjectRow &project,
                                      std::string_view version)
{
    return reader.findRelease(project.id, pypi::canonicalVersion(version));
}

Result<std::string> checkedReason(std::string_view reason, bool needed)
{
    const std::string_view text = trimmed(reason);
    const auto invalid = [](std::string problem) {
        return fail(Error{ErrorCode::InvalidInput, "reason: " + problem, {{"reason", problem}}, {}});
    };
    if (text.empty() && needed)
        return invalid("is required");
    if (text.size() > maxReason)
        return invalid("is longer than 2000 bytes");
    if (!isUtf8(text) || std::any_of(text.begin(), text.end(), [](char c) { return c == '\0' || c == '\x7f'; }))
        return invalid("is no text");
    // It goes into one line of a page and of a terminal.
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return line;
}

Result<void> checkConfirmed(std::string_view given, std::string_view expected)
{
    if (given == expected)
        return {};
    return fail(Error{ErrorCode::GuardFailed,
                      fmt::format("confirm by repeating {}", expected),
                      {{"confirm", fmt::format("has to be {}", expected)}},
                      {}});
}

std::string releaseSubject(const catalog::ProjectRow &project, std::string_view version)
{
    return fmt::format("{}/{}", project.normalizedName, version);
}

std::string fileSubject(const catalog::ProjectRow &project, std::string_view version, std::string_view filename)
{
    return fmt::format("{}/{}/{}", project.normalizedName, version, filename);
}

}  // namespace cm::registry
