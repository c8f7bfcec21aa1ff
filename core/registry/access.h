// SPDX-License-Identifier: GPL-3.0-or-later
// Tells who is behind a request: passwords, API tokens, sessions, the one-time token of a bundled
// core. Owned by the composition root; any thread. Tokens cost microseconds and, as long as nothing
// was committed, no query; passwords cost some 30 ms: call identify() on an executor. A revoked token
// stops working with the commit that revokes it, whichever process that was.
#pragma once

#include "core/catalog/catalog.h"
#include "core/registry/identity.h"
#include "core/registry/node_key.h"

#include <memory>
#include <string>
#include <string_view>

namespace cm::registry {

// As the Authorization header of a request offers them.
struct Credentials {
    enum class Kind { None, Basic, Bearer, Ssh };
    Kind kind = Kind::None;
    std::string user;    // Basic only; "__token__" means that the secret is a token
    std::string secret;  // the password's bytes as they came, or a token; of Ssh the header as it came
};

// Why a key opens nothing any more; nothing: it is live.
[[nodiscard]] std::optional<std::string> endOf(const catalog::SshKeyRow &key, Time now);

class Access {
public:
    // `localToken` empty: there is none.
    // Without `sshSecret` nobody comes over ssh.
    Access(catalog::Catalog &catalog, const NodeKey &key, const Clock &clock, std::string localToken = {},
           std::optional<ssh::Secret> sshSecret = std::nullopt);
    ~Access();
    Access(const Access &) = delete;
    Access &operator=(const Access &) = delete;

    // An Error only when the catalog cannot be asked, or when a password may not be tried just now:
    // RateLimited (too many wrong ones of that account from that address) and Unavailable (too many are
    // hashed already), both with retryAfter.
    Result<Identification> identify(const Credentials &credentials, const Origin &origin);
    // The same for a caller who must be somebody: Unauthorized with the reason.
    Result<Principal> authenticate(const Credentials &credentials, const Origin &origin);
    // Unauthorized when these can be nobody's by their mere shape. No query, no waiting: also for a thread
    // that must not block.
    [[nodiscard]] Result<void> checkShape(const Credentials &credentials) const;
    // Sees to the user `local` (admin, no password) behind the one-time token.
    Result<void> ensureLocalUser();
    // Whether somebody comes in by that name with the one-time token.
    [[nodiscard]] bool isLocal(std::string_view normalizedName) const;

    // With which the hosts of sshd sign; nothing: there are none.
    [[nodiscard]] const std::optional<ssh::Secret> &sshSecret() const { return m_sshSecret; }

    // Uses of tokens and keys since the last call, as one change; call it each minute and at the end.
    Result<void> flushLastUsed();

private:
    struct State;
    Result<Identification> byPassword(const Credentials &credentials, const Origin &origin);
    Result<Identification> bySsh(const std::string &header, const Origin &origin);
    Result<Identification> byToken(const std::string &token, const Origin &origin);

    catalog::Catalog &m_catalog;
    const NodeKey &m_key;
    const Clock &m_clock;
    std::string m_localToken;
    std::optional<ssh::Secret> m_sshSecret;
    std::unique_ptr<State> m_state;
};

}  // namespace cm::registry
