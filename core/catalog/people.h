// SPDX-License-Identifier: GPL-3.0-or-later
// What the catalog stores about people and their rights, as plain values. Any thread. Secrets are
// here only hashed (passwords) or encrypted (token keys).
#pragma once

#include "core/catalog/rows.h"

#include <string_view>

namespace cm::catalog {

enum class RegistryRole { User, Observer, Moderator, Operator, Admin };
enum class ProjectRole { Maintainer, Owner };

// The names used in the store, in JSON and on the command line: "admin", "Owner".
std::string_view registryRoleName(RegistryRole role) noexcept;
std::optional<RegistryRole> registryRoleFromName(std::string_view name) noexcept;
std::string_view projectRoleName(ProjectRole role) noexcept;
std::optional<ProjectRole> projectRoleFromName(std::string_view name) noexcept;

struct UserRow {
    Id id = 0;
    std::string normalizedName;  // lower case: how it is found
    std::string name;            // as given
    std::string email;
    RegistryRole role = RegistryRole::User;
    std::optional<std::string> passwordHash;  // none: cannot sign in with a password
    bool active = true;
    Time created{};
};

// By role: from those who may most.
enum class UserSort { Name, Role, Created };

struct UserQuery {
    std::string name;    // normalised, the whole of it; empty: any
    std::string search;  // a part of the normalised name or of the address, in lower case; empty: all
    std::optional<RegistryRole> role;
    std::optional<bool> active;
    UserSort sort = UserSort::Name;
    bool descending = false;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
};

struct UserPage {
    std::vector<UserRow> users;
    std::int64_t total = 0;  // of the whole query
};

struct MemberRow {  // one project role
    Id projectId = 0;
    std::string projectName;  // normalised
    Id userId = 0;
    std::string userName;  // as given
    ProjectRole role = ProjectRole::Maintainer;
    Time since{};
};

enum class TokenKind { Api, Session };

struct TokenRow {
    Id id = 0;
    std::string macaroonId;
    Id userId = 0;
    TokenKind kind = TokenKind::Api;
    std::string description;
    std::string encryptedKey;           // bytes, sealed with the node's key file
    std::vector<std::string> projects;  // normalised names; empty: everything its user may
    Time created{};
    std::optional<Time> expires;
    std::optional<Time> lastUsed;
    std::optional<Time> revoked;
};

}  // namespace cm::catalog
