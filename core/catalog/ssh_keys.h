// SPDX-License-Identifier: GPL-3.0-or-later
// Keys with which people upload over ssh: a row each, kept for good. Plain values, any thread.
#pragma once

#include "core/catalog/rows.h"

namespace cm::catalog {

struct SshKeyRow {
    Id id = 0;
    Id userId = 0;
    std::string userName;  // as given; read only
    bool userActive = true;  // read only
    std::string type;        // as OpenSSH names it
    std::string data;        // base64
    std::int64_t bits = 0;
    std::string fingerprint;  // "SHA256:…"
    std::string title;
    std::vector<std::string> projects;  // normalised names; empty: everything its user may
    Time created{};
    std::string addedBy;
    std::optional<Time> expires;
    std::optional<Time> revoked;
    std::string revokedBy;
    std::string revokeReason;
    std::optional<Time> lastUsed;
    std::string lastUsedFrom;

    // Neither revoked nor at its end, and its person not frozen.
    [[nodiscard]] bool isLive(Time now) const { return !revoked && userActive && (!expires || now < *expires); }
};

struct SshKeyQuery {
    std::optional<Id> userId;  // none: of everybody
    std::string part;          // literal, of a user's name, a title or a fingerprint; empty: any
    bool ended = false;        // revoked and expired ones too
    Time now{};
    std::int64_t offset = 0;
    std::int64_t limit = 100;
};

struct SshKeyPage {
    std::vector<SshKeyRow> keys;  // newest first
    std::int64_t total = 0;
};

}  // namespace cm::catalog
