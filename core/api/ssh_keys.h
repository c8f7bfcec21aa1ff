// SPDX-License-Identifier: GPL-3.0-or-later
// Keys for uploads over ssh, and what else an admin sees and does of a person. A key is public; what is kept of it is
// kept for good, so that old uses stay attributed. Plain values, any thread.
#pragma once

#include "core/api/types.h"

namespace cm::api {

enum class SshKeyState { Active, Expired, Revoked };
template <>
struct EnumNames<SshKeyState> {
    static constexpr std::array values{std::pair{SshKeyState::Active, std::string_view("active")},
                                       std::pair{SshKeyState::Expired, std::string_view("expired")},
                                       std::pair{SshKeyState::Revoked, std::string_view("revoked")}};
};

struct SshKey {
    Id id;
    std::string user;
    // As OpenSSH names it: "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com".
    std::string type;
    // Of the modulus or the curve.
    std::int64_t bits = 0;
    // "SHA256:…", as ssh-keygen -l prints it.
    std::string fingerprint;
    // What its owner calls it.
    std::string title;
    // Normalised names; empty: every project of the user.
    std::vector<std::string> projects;
    SshKeyState state = SshKeyState::Active;
    Time created;
    std::string addedBy;
    std::optional<Time> expires;
    std::optional<Time> revoked;
    std::string revokedBy;
    std::string revokeReason;
    std::optional<Time> lastUsed;
    // The address of that use.
    std::string lastUsedFrom;
    friend bool operator==(const SshKey &, const SshKey &) = default;
    BOOST_DESCRIBE_CLASS(SshKey, (),
                         (id, user, type, bits, fingerprint, title, projects, state, created, addedBy, expires, revoked, revokedBy,
                          revokeReason, lastUsed, lastUsedFrom),
                         (), ())
};

struct ListSshKeys {
    // Somebody else's keys need a role of the staff; empty: one's own.
    std::string user;
    // Of everybody, for the staff; then `user` is empty.
    bool everybody = false;
    // Part of a user's name, a title or a fingerprint.
    std::string query;
    // Expired and revoked ones as well.
    bool ended = false;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListSshKeys, (), (user, everybody, query, ended, offset, limit), (), ())
};

struct AddSshKey {
    // Somebody else's needs the role admin; empty: one's own.
    std::string user;
    // A line of a .pub file: type, base64, and a comment that becomes the title when none is given.
    std::string publicKey;
    std::string title;
    std::vector<std::string> projects;
    // 0: does not expire.
    std::int64_t expiresDays = 0;
    BOOST_DESCRIBE_CLASS(AddSshKey, (), (user, publicKey, title, projects, expiresDays), (), ())
};

struct ChangeSshKey {
    Id key;
    std::vector<std::string> projects;
    // Absent: does not expire.
    std::optional<Time> expires;
    std::string reason;
    BOOST_DESCRIBE_CLASS(ChangeSshKey, (), (key, projects, expires, reason), (), ())
};

struct RevokeSshKey {
    Id key;
    std::string reason;
    BOOST_DESCRIBE_CLASS(RevokeSshKey, (), (key, reason), (), ())
};

// A person's role on one project.
struct UserProject {
    std::string project;
    ProjectRole role = ProjectRole::Maintainer;
    Time since;
    friend bool operator==(const UserProject &, const UserProject &) = default;
    BOOST_DESCRIBE_CLASS(UserProject, (), (project, role, since), (), ())
};

struct ListUserProjects {
    std::string user;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListUserProjects, (), (user, offset, limit), (), ())
};

// A frozen person keeps everything and can do nothing: no signing in, no token, no key.
struct SetUserActive {
    std::string user;
    bool active = true;
    std::string reason;
    BOOST_DESCRIBE_CLASS(SetUserActive, (), (user, active, reason), (), ())
};

struct SetUserEmail {
    std::string user;
    std::string email;
    std::string reason;
    BOOST_DESCRIBE_CLASS(SetUserEmail, (), (user, email, reason), (), ())
};

}  // namespace cm::api
