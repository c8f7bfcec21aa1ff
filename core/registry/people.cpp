// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/people.h"

#include "core/pypi/names.h"
#include "core/registry/passwords.h"
#include "core/registry/recorder.h"
#include "core/registry/rights.h"
#include "core/registry/text.h"

#include <boost/json.hpp>
#include <cctype>
#include <fmt/core.h>

namespace cm::registry {

namespace {

namespace json = boost::json;

constexpr std::size_t maxUserName = 50;
constexpr std::int64_t allUsers = 1'000'000;

tl::unexpected<Error> invalid(std::string field, std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, field + ": " + problem, {{field, problem}}, {}});
}

json::object described(const catalog::UserRow &user)
{
    return {{"name", user.name}, {"role", catalog::registryRoleName(user.role)}, {"active", user.active}};
}

// An admin may not leave the registry without one.
Result<void> keepAnAdmin(catalog::Reader &reader, const catalog::UserRow &leaving)
{
    if (leaving.role != catalog::RegistryRole::Admin)
        return {};
    CM_TRY_ASSIGN(const auto users, reader.users({}, 0, allUsers));
    for (const catalog::UserRow &user : users) {
        if (user.id != leaving.id && user.active && user.role == catalog::RegistryRole::Admin)
            return {};
    }
    return fail(Error{ErrorCode::GuardFailed,
                      "this is the last admin",
                      {{"last-admin", "somebody else has to be an admin first"}},
                      {}});
}

}  // namespace

Result<std::string> normalizeUserName(std::string_view name)
{
    if (name.size() > maxUserName || !pypi::isValidName(name))
        return invalid("name", "has 1 to 50 letters, digits, \".\", \"_\" and \"-\"");
    std::string normalized(name);
    for (char &c : normalized)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return normalized;
}

Result<Change> People::createUser(const Principal &by, const NewUser &user)
{
    CM_TRY(require(by, Action::ManageUsers));
    catalog::UserRow row;
    CM_TRY_ASSIGN(row.normalizedName, normalizeUserName(user.name));
    row.name = user.name;
    row.email = trimmed(user.email);
    if (!row.email.empty() &&
        (row.email.find('@') == std::string::npos || row.email.size() > 254 || !isUtf8(row.email)))
        return invalid("email", "is no address");
    row.role = user.role;
    row.created = m_clock.now();
    if (!user.password.empty()) {
        CM_TRY_ASSIGN(row.passwordHash, hashPassword(user.password));
    }
    return m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::UserRow created, writer.createUser(row));
        Recorder recorder(writer, by, row.created);
        CM_TRY(recorder.audit({"user.create", "user", created.normalizedName, {}, nullptr, described(created)}));
        CM_TRY(recorder.event("user.created", created.normalizedName));
        return recorder.change();
    });
}

Result<Change> People::setUserRole(const Principal &by, std::string_view user, catalog::RegistryRole role,
                                   std::string_view reason)
{
    CM_TRY(require(by, Action::ManageUsers));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    return m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::UserRow before, writer.findUser(name));
        if (before.role == role)
            return fail(ErrorCode::Conflict, fmt::format("{} has that role already", before.name));
        CM_TRY(keepAnAdmin(writer, before));
        CM_TRY(writer.setUserRole(before.id, role));
        catalog::UserRow after = before;
        after.role = role;
        Recorder recorder(writer, by, m_clock.now());
        CM_TRY(recorder.audit({"user.set-role", "user", name, reason, described(before), described(after)}));
        CM_TRY(recorder.event("user.role_changed", name));
        return recorder.change();
    });
}

Result<Change> People::setUserActive(const Principal &by, std::string_view user, bool active, std::string_view reason)
{
    CM_TRY(require(by, Action::ManageUsers));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    return m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::UserRow before, writer.findUser(name));
        if (before.active == active)
            return fail(ErrorCode::Conflict,
                        fmt::format("{} is {} already", before.name, active ? "active" : "disabled"));
        if (!active)
            CM_TRY(keepAnAdmin(writer, before));
        CM_TRY(writer.setUserActive(before.id, active));
        catalog::UserRow after = before;
        after.active = active;
        Recorder recorder(writer, by, m_clock.now());
        CM_TRY(recorder.audit(
            {active ? "user.enable" : "user.disable", "user", name, reason, described(before), described(after)}));
        CM_TRY(recorder.event(active ? "user.enabled" : "user.disabled", name));
        return recorder.change();
    });
}

Result<Change> People::setPassword(const Principal &by, std::string_view user, std::string_view password)
{
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    const auto own = normalizeUserName(by.name);
    if (by.userId == 0 || !own || name != *own)
        CM_TRY(require(by, Action::ManageUsers));
    else if (by.scoped)
        return fail(ErrorCode::Forbidden, "the token used does not cover this");
    std::optional<std::string> hash;
    if (!password.empty()) {
        CM_TRY_ASSIGN(hash, hashPassword(password));
    }
    return m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::UserRow row, writer.findUser(name));
        CM_TRY(writer.setUserPassword(row.id, hash));
        Recorder recorder(writer, by, m_clock.now());
        CM_TRY(recorder.audit({"user.set-password",
                               "user",
                               name,
                               {},
                               json::object{{"password", row.passwordHash.has_value()}},
                               json::object{{"password", hash.has_value()}}}));
        CM_TRY(recorder.event("user.password_changed", name));
        return recorder.change();
    });
}

Result<PersonPage> People::users(const Principal &by, std::string_view search, std::int64_t offset, std::int64_t limit)
{
    CM_TRY(require(by, Action::ReadRegistry));
    return m_catalog.read([&](catalog::Reader &reader) -> Result<PersonPage> {
        PersonPage page;
        CM_TRY_ASSIGN(auto rows, reader.users(search, offset, limit));
        for (catalog::UserRow &row : rows) {
            CM_TRY_ASSIGN(const auto memberships, reader.projectsOfUser(row.id));
            page.people.push_back({std::move(row), static_cast<std::int64_t>(memberships.size())});
        }
        page.total = offset + static_cast<std::int64_t>(page.people.size());
        if (static_cast<std::int64_t>(page.people.size()) == limit || (page.people.empty() && offset > 0)) {
            CM_TRY_ASSIGN(const auto everybody, reader.users(search, 0, allUsers));
            page.total = static_cast<std::int64_t>(everybody.size());
        }
        return page;
    });
}

Result<std::int64_t> People::projectCount(const Principal &principal)
{
    return m_catalog.read([&](catalog::Reader &reader) -> Result<std::int64_t> {
        CM_TRY_ASSIGN(const auto memberships, reader.projectsOfUser(principal.userId));
        return static_cast<std::int64_t>(memberships.size());
    });
}

}  // namespace cm::registry
