// SPDX-License-Identifier: GPL-3.0-or-later
// Keys with which people upload over ssh: adding, listing, changing, revoking, each with audit and event. A key
// belongs to one person for good. Owned by the composition root; any thread, blocks. Errors: Forbidden, NotFound,
// Conflict (it is there already, is another's, is revoked), InvalidInput (fields).
#pragma once

#include "core/catalog/catalog.h"
#include "core/registry/changes.h"
#include "core/registry/identity.h"

namespace cm::registry {

struct NewSshKey {
    std::string user;       // empty: one's own; another's needs the role admin
    std::string publicKey;  // a line of a .pub file
    std::string title;      // empty: its comment
    std::vector<std::string> projects;  // any spelling; empty: everything the user may
    std::int64_t expiresDays = 0;       // 0: never
};

struct SshKeyListing {
    std::string user;  // empty: one's own
    bool everybody = false;
    std::string part;
    bool ended = false;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
};

class SshKeys {
public:
    SshKeys(catalog::Catalog &catalog, Changes &changes, const Clock &clock)
        : m_catalog(catalog), m_changes(changes), m_clock(clock)
    {}

    Result<catalog::SshKeyPage> list(const Principal &by, const SshKeyListing &listing);
    Result<Change> add(const Principal &by, const NewSshKey &key);
    // One's own, or as an admin anybody's, as the next.
    Result<Change> change(const Principal &by, catalog::Id key, const std::vector<std::string> &projects,
                          std::optional<Time> expires, std::string_view reason);
    Result<Change> revoke(const Principal &by, catalog::Id key, std::string_view reason);

    // For sshd, as of this moment: nothing that a standby alone has. Of a fingerprint: that key, if it is live.
    Result<std::vector<catalog::SshKeyRow>> live();
    Result<std::optional<catalog::SshKeyRow>> liveWithFingerprint(std::string_view fingerprint);
    // Whether the database that takes writes answers: Unavailable.
    Result<void> reachable();

private:
    catalog::Catalog &m_catalog;
    Changes &m_changes;
    const Clock &m_clock;
};

}  // namespace cm::registry
