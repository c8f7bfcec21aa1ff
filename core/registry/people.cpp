// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/people.h"

#include "core/pypi/names.h"
#include "core/registry/passwords.h"
#include "core/registry/recorder.h"
#include "core/registry/rights.h"
#include "core/registry/text.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <fmt/core.h>

namespace cm::registry {

namespace {

namespace json = boost::json;

constexpr std::size_t maxUserName = 50;
constexpr std::size_t maxAddress = 254;

tl::unexpected<Error> invalid(std::string field, std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, field + ": " + problem, {{field, problem}}, {}});
}

json::object described(const catalog::UserRow &user)
{
    return {{"name", user.name}, {"role", catalog::registryRoleName(user.role)}, {"active", user.active}};
}

// Empty, or what a mail can be sent to: it also stands in the head of one.
bool isAddress(std::string_view email)
{
    const auto at = email.find('@');
    const auto plain = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; };
    return email.empty() || (at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
                             email.size() <= maxAddress && isUtf8(email) && std::all_of(email.begin(), email.end(), plain));
}

std::string lowered(std::string_view text)
{
    std::string out(text);
    for (char &c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

tl::unexpected<Error> guarded(std::string guard, std::string problem)
{
    std::string detail = problem;
    return fail(Error{ErrorCode::GuardFailed, std::move(detail), {{std::move(guard), std::move(problem)}}, {}});
}

// An admin may not leave the registry without one.
Result<void> keepAnAdmin(catalog::Reader &reader, const catalog::UserRow &leaving)
{
    if (leaving.role != catalog::RegistryRole::Admin)
        return {};
    catalog::UserQuery others;
    others.role = catalog::RegistryRole::Admin;
    others.active = true;
    others.limit = 2;
    CM_TRY_ASSIGN(const catalog::UserPage admins, reader.users(others));
    for (const catalog::UserRow &admin : admins.users) {
        if (admin.id != leaving.id)
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
    return lowered(name);
}

Result<Change> People::createUser(const Principal &by, const NewUser &user)
{
    CM_TRY(require(by, Action::ManageUsers));
    catalog::UserRow row;
    CM_TRY_ASSIGN(row.normalizedName, normalizeUserName(user.name));
    row.name = user.name;
    row.email = trimmed(user.email);
    if (!isAddress(row.email))
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
                        fmt::format("{} is {} already", before.name, active ? "active" : "frozen"));
        if (!active) {
            if (before.id == by.userId)
                return guarded("oneself", "somebody else has to freeze you");
            if (m_access.isLocal(before.normalizedName))
                return guarded("local-user", "the desktop that started this registry comes in by this name");
            CM_TRY(keepAnAdmin(writer, before));
        }
        CM_TRY(writer.setUserActive(before.id, active));
        catalog::UserRow after = before;
        after.active = active;
        Recorder recorder(writer, by, m_clock.now());
        CM_TRY(recorder.audit(
            {active ? "user.unfreeze" : "user.freeze", "user", name, reason, described(before), described(after)}));
        CM_TRY(recorder.event(active ? "user.unfrozen" : "user.frozen", name));
        return recorder.change();
    });
}

Result<Change> People::setUserEmail(const Principal &by, std::string_view user, std::string_view email,
                                    std::string_view reason)
{
    CM_TRY(require(by, Action::ManageUsers));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    const std::string address(trimmed(email));
    if (!isAddress(address))
        return invalid("email", "is no address");
    return m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::UserRow row, writer.findUser(name));
        if (row.email == address)
            return fail(ErrorCode::Conflict, fmt::format("{} has that address already", row.name));
        CM_TRY(writer.setUserEmail(row.id, address));
        Recorder recorder(writer, by, m_clock.now());
        CM_TRY(recorder.audit({"user.set-email", "user", name, reason, json::object{{"email", row.email}},
                               json::object{{"email", address}}}));
        CM_TRY(recorder.event("user.email_changed", name));
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

Result<PersonPage> People::users(const Principal &by, catalog::UserQuery query)
{
    CM_TRY(require(by, Action::ReadRegistry));
    query.search = lowered(trimmed(query.search));
    query.name = lowered(query.name);
    return m_catalog.read([&](catalog::Reader &reader) -> Result<PersonPage> {
        PersonPage page;
        CM_TRY_ASSIGN(catalog::UserPage found, reader.users(query));
        page.total = found.total;
        for (catalog::UserRow &row : found.users) {
            CM_TRY_ASSIGN(const auto memberships, reader.projectsOfUser(row.id));
            page.people.push_back({std::move(row), static_cast<std::int64_t>(memberships.size())});
        }
        return page;
    });
}

Result<MembershipPage> People::projects(const Principal &by, std::string_view user, std::int64_t offset,
                                        std::int64_t limit)
{
    CM_TRY(require(by, Action::ReadRegistry));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    return m_catalog.read([&](catalog::Reader &reader) -> Result<MembershipPage> {
        CM_TRY_ASSIGN(const catalog::UserRow row, reader.findUser(name));
        CM_TRY_ASSIGN(auto all, reader.projectsOfUser(row.id));
        MembershipPage page;
        page.total = static_cast<std::int64_t>(all.size());
        const auto first = all.begin() + std::clamp<std::int64_t>(offset, 0, page.total);
        const auto last = first + std::clamp<std::int64_t>(limit, 0, all.end() - first);
        page.memberships.assign(std::make_move_iterator(first), std::make_move_iterator(last));
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
