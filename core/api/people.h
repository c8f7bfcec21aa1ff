// SPDX-License-Identifier: GPL-3.0-or-later
// People, sessions, tokens and the two logs, as the admin contract speaks of them.
#pragma once

#include "core/api/types.h"

namespace cm::api {

struct SignIn {
    std::string name;
    std::string password;
    friend bool operator==(const SignIn &, const SignIn &) = default;
    BOOST_DESCRIBE_CLASS(SignIn, (), (name, password), (), ())
};

struct Who {
    std::string name;
    Role role = Role::User;
    // Projects on which the person has a role.
    std::int64_t projects = 0;
    // True for the user of a bundled core that was started by a desktop.
    bool local = false;
    friend bool operator==(const Who &, const Who &) = default;
    BOOST_DESCRIBE_CLASS(Who, (), (name, role, projects, local), (), ())
};

struct Session {
    std::string token;
    Time expires;
    Who who;
    friend bool operator==(const Session &, const Session &) = default;
    BOOST_DESCRIBE_CLASS(Session, (), (token, expires, who), (), ())
};

struct User {
    std::string name;
    std::string email;
    Role role = Role::User;
    bool active = true;
    bool hasPassword = false;
    std::int64_t projects = 0;
    Time created;
    friend bool operator==(const User &, const User &) = default;
    BOOST_DESCRIBE_CLASS(User, (), (name, email, role, active, hasPassword, projects, created), (), ())
};

enum class UserSort { Name, Role, Created };
template <>
struct EnumNames<UserSort> {
    static constexpr std::array values{std::pair{UserSort::Name, std::string_view("name")},
                                       std::pair{UserSort::Role, std::string_view("role")},
                                       std::pair{UserSort::Created, std::string_view("created")}};
};

struct ListUsers {
    // Exactly this person; empty: anybody.
    std::string user;
    // Part of a name or an address.
    std::string query;
    std::optional<Role> role;
    // Absent: both those who may act and those who are frozen.
    std::optional<bool> active;
    UserSort sort = UserSort::Name;
    bool descending = false;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListUsers, (), (user, query, role, active, sort, descending, offset, limit), (), ())
};

struct CreateUser {
    std::string name;
    std::string email;
    Role role = Role::User;
    // Empty: the person signs in with tokens only.
    std::string password;
    BOOST_DESCRIBE_CLASS(CreateUser, (), (name, email, role, password), (), ())
};

struct SetUserRole {
    std::string user;
    Role role = Role::User;
    std::string reason;
    BOOST_DESCRIBE_CLASS(SetUserRole, (), (user, role, reason), (), ())
};

struct Token {
    Id id;
    std::string user;
    std::string description;
    // Empty: every project of the user.
    std::vector<std::string> projects;
    Time created;
    std::optional<Time> expires;
    std::optional<Time> lastUsed;
    friend bool operator==(const Token &, const Token &) = default;
    BOOST_DESCRIBE_CLASS(Token, (), (id, user, description, projects, created, expires, lastUsed), (), ())
};

struct ListTokens {
    // Somebody else's tokens need the role admin; empty: one's own.
    std::string user;
    BOOST_DESCRIBE_CLASS(ListTokens, (), (user), (), ())
};

struct CreateToken {
    std::string description;
    std::vector<std::string> projects;
    // 0: does not expire.
    std::int64_t expiresDays = 0;
    BOOST_DESCRIBE_CLASS(CreateToken, (), (description, projects, expiresDays), (), ())
};

struct NewToken {
    // Shown this once; the registry keeps what verifies it.
    std::string secret;
    Token token;
    friend bool operator==(const NewToken &, const NewToken &) = default;
    BOOST_DESCRIBE_CLASS(NewToken, (), (secret, token), (), ())
};

struct TokenRef {
    Id token;
    BOOST_DESCRIBE_CLASS(TokenRef, (), (token), (), ())
};

// A line of the public journal, which drives mirrors.
struct JournalEntry {
    std::int64_t serial = 0;
    Time time;
    std::string project;
    std::string version;
    std::string action;
    std::string actor;
    friend bool operator==(const JournalEntry &, const JournalEntry &) = default;
    BOOST_DESCRIBE_CLASS(JournalEntry, (), (serial, time, project, version, action, actor), (), ())
};

struct ListJournal {
    std::string project;
    // Only entries with a serial above this one.
    std::int64_t since = 0;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListJournal, (), (project, since, offset, limit), (), ())
};

// A line of the private log of actions.
struct AuditEntry {
    Id id;
    Time time;
    std::string actor;
    std::string role;
    // The way in: "https upload", "admin api", "command line".
    std::string channel;
    // noun.verb, such as "project.quarantine".
    std::string action;
    std::string subject;
    std::string reason;
    Json before;
    Json after;
    std::string requestId;
    friend bool operator==(const AuditEntry &, const AuditEntry &) = default;
    BOOST_DESCRIBE_CLASS(AuditEntry, (),
                         (id, time, actor, role, channel, action, subject, reason, before, after, requestId), (), ())
};

struct ListAudit {
    std::string actor;
    // Part of the subject's name.
    std::string subject;
    // Beginning of the action, such as "project.".
    std::string action;
    std::optional<Time> from;
    std::optional<Time> until;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListAudit, (), (actor, subject, action, from, until, offset, limit), (), ())
};

// Whether the chain of hashes over the audit log is whole.
struct AuditProof {
    bool intact = false;
    std::int64_t lines = 0;
    // The first line that does not follow from the one before it.
    std::optional<Id> firstBroken;
    friend bool operator==(const AuditProof &, const AuditProof &) = default;
    BOOST_DESCRIBE_CLASS(AuditProof, (), (intact, lines, firstBroken), (), ())
};

// Data of one live event (SSE); `noun.verb` travels as the event's name, `id` also as its id.
struct Event {
    Id id;
    Time time;
    std::string kind;
    std::optional<std::int64_t> serial;
    std::string subject;
    std::string actor;
    friend bool operator==(const Event &, const Event &) = default;
    BOOST_DESCRIBE_CLASS(Event, (), (id, time, kind, serial, subject, actor), (), ())
};

}  // namespace cm::api
