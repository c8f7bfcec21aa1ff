// SPDX-License-Identifier: GPL-3.0-or-later
// Who is asking, and by which way: handed to every verb of core/registry and written into journal,
// audit and events. Values made by Access or by the composition root; any thread.
#pragma once

#include "core/catalog/people.h"
#include "core/ssh/trust/statement.h"

#include <optional>
#include <string>
#include <vector>

namespace cm::registry {

// Where a request came from.
struct Origin {
    std::string channel;  // "https upload", "ssh upload", "admin api", "command line"
    std::string requestId;
    std::string remoteAddress;
};

struct Principal {
    catalog::Id userId = 0;  // 0: the machine itself (command line, housekeeping)
    std::string name;
    catalog::RegistryRole role = catalog::RegistryRole::User;
    std::optional<catalog::Id> tokenId;
    std::optional<catalog::Id> sshKeyId;
    std::optional<ssh::Statement> stated;   // what a host of sshd says is sent, with sshKeyId
    bool byPassword = false;
    bool scoped = false;                    // the token or key covers only projectScope
    std::vector<std::string> projectScope;  // normalised names
    bool local = false;                     // the one-time token of a bundled core
    std::optional<Time> until;              // when a token that was made to end does; not of a session
    Origin origin;

    [[nodiscard]] bool covers(std::string_view normalizedProject) const;
};

// Somebody with a shell on the machine that holds the data: the role admin.
[[nodiscard]] Principal commandLinePrincipal();

// What the credentials of a request came to. Neither principal nor problem: none were given, or name
// and password do not fit (which of the two is not told).
struct Identification {
    std::optional<Principal> principal;
    bool attempted = false;    // credentials were given
    std::string tokenProblem;  // why a token or key does not hold, such as "token is expired"
    bool overSsh = false;      // it was said by a host of sshd
};

// What every change answers.
struct Change {
    catalog::Serial serial = 0;  // after it; 0 when the public journal did not move
    catalog::Id audit = 0;
};

}  // namespace cm::registry
