// SPDX-License-Identifier: GPL-3.0-or-later
// Users, sessions and API tokens: making, listing, changing, revoking, each with audit and event.
// Owned by the composition root; any thread, blocks. Errors: Forbidden, Conflict (name taken),
// NotFound, InvalidInput (fields), GuardFailed ("last-admin", "oneself", "local-user").
#pragma once

#include "core/catalog/catalog.h"
#include "core/registry/access.h"
#include "core/registry/node_key.h"
#include "core/registry/settings.h"

#include <atomic>

namespace cm::registry {

struct NewUser {
    std::string name;
    std::string email;
    catalog::RegistryRole role = catalog::RegistryRole::User;
    std::string password;  // empty: tokens only
};

struct NewToken {
    std::string description;
    std::vector<std::string> projects;  // any spelling; empty: everything the user may
    std::int64_t expiresDays = 0;       // 0: never
};

struct IssuedToken {
    std::string secret;  // nowhere else from now on
    catalog::TokenRow token;
    Change change;
};

struct Session {
    std::string secret;
    Time expires{};
    Principal principal;
};

struct Person {
    catalog::UserRow user;
    std::int64_t projects = 0;  // on which the person has a role
};

struct PersonPage {
    std::vector<Person> people;
    std::int64_t total = 0;
};

struct MembershipPage {
    std::vector<catalog::MemberRow> memberships;
    std::int64_t total = 0;
};

class People {
public:
    People(catalog::Catalog &catalog, Access &access, const NodeKey &key, const Clock &clock, const Settings &settings)
        : m_catalog(catalog), m_access(access), m_key(key), m_clock(clock), m_settings(settings)
    {}

    // Unauthorized, with one text for every cause; RateLimited and Unavailable as Access has them.
    Result<Session> signIn(std::string_view name, std::string_view password, const Origin &origin);
    // Revokes the session the principal came with; nothing to do for the one-time token, InvalidInput
    // for an API token, which lives on its own.
    Result<void> signOut(const Principal &principal);

    Result<Change> createUser(const Principal &by, const NewUser &user);
    Result<Change> setUserRole(const Principal &by, std::string_view user, catalog::RegistryRole role,
                               std::string_view reason);
    // Not active: frozen. A person who is frozen keeps everything and can do nothing; nobody freezes themselves, nor
    // the user of the desktop that started this registry, whose one-time token would open it all the same.
    Result<Change> setUserActive(const Principal &by, std::string_view user, bool active, std::string_view reason);
    Result<Change> setUserEmail(const Principal &by, std::string_view user, std::string_view email,
                                std::string_view reason);
    // One's own, or as an admin anybody's; empty takes the password away.
    Result<Change> setPassword(const Principal &by, std::string_view user, std::string_view password);
    Result<PersonPage> users(const Principal &by, catalog::UserQuery query);
    // Roles on projects that are there, by the project's name.
    Result<MembershipPage> projects(const Principal &by, std::string_view user, std::int64_t offset, std::int64_t limit);
    Result<std::int64_t> projectCount(const Principal &principal);

    // For oneself.
    Result<IssuedToken> createToken(const Principal &by, const NewToken &token);
    // For anybody: admins and the command line.
    Result<IssuedToken> createTokenFor(const Principal &by, std::string_view user, const NewToken &token);
    // Live API tokens of `user` (empty: one's own); others' need the role admin.
    Result<std::vector<catalog::TokenRow>> tokens(const Principal &by, std::string_view user,
                                                  std::string *ownerName = nullptr);
    // One's own, or as an admin anybody's.
    Result<Change> revokeToken(const Principal &by, catalog::Id token);
    // Ends every token and session of everybody, as when the node key is lost. How many there were.
    Result<std::int64_t> revokeAllTokens(const Principal &by);

private:
    Result<IssuedToken> issue(const Principal &by, const catalog::UserRow &owner, const NewToken &token);

    catalog::Catalog &m_catalog;
    Access &m_access;
    const NodeKey &m_key;
    const Clock &m_clock;
    const Settings &m_settings;
    std::atomic<int> m_signingIn{0};
};

// A user's name as it is found: ASCII lower case. InvalidInput unless it is 1 to 50 of letters,
// digits, ".", "_", "-", beginning and ending with a letter or digit.
Result<std::string> normalizeUserName(std::string_view name);
// Of tokens and keys: names of projects, normalised, each once; days until the end, 0: none. InvalidInput.
Result<std::vector<std::string>> normalizedScope(const std::vector<std::string> &projects);
Result<std::int64_t> checkedDays(std::int64_t days);

}  // namespace cm::registry
