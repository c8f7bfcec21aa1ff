// SPDX-License-Identifier: GPL-3.0-or-later
// The three records that every change leaves: journal (public, drives mirrors), audit (private,
// hash-chained) and events (the live feed, kept for a day). Plain values, any thread.
#pragma once

#include "core/catalog/rows.h"

namespace cm::catalog {

struct JournalRow {
    Serial serial = 0;
    std::string project;  // display name, as mirrors expect it
    std::string normalizedName;
    std::optional<std::string> version;
    std::string action;  // such as "new release" (registry.md 1.3)
    std::string actor;
    Time time{};
};

struct AuditRow {
    Id id = 0;
    Time time{};
    std::string actor;
    std::string role;         // of the actor at that moment
    std::string channel;      // https, admin, cli, …
    std::string action;       // noun.verb
    std::string subjectKind;  // project, release, file, user, token, …
    std::string subject;
    std::string reason;
    std::string before;  // JSON, or empty
    std::string after;   // JSON, or empty
    std::string requestId;
    std::string previousHash;  // of the row before; 64 zeros for the first
    std::string hash;          // SHA-256 over previousHash and every field above
};

struct AuditQuery {
    std::string actor;         // exact; empty: any
    std::string subjectKind;   // exact; empty: any
    std::string subject;       // exact; empty: any
    std::string subjectPart;   // a literal part of it; empty: any
    std::string actionPrefix;  // "project." or "project.yank"; empty: any
    std::optional<Time> from;  // inclusive
    std::optional<Time> until; // exclusive
    std::int64_t offset = 0;
    std::int64_t limit = 100;
};

struct AuditPage {
    std::vector<AuditRow> rows;  // newest first
    std::int64_t total = 0;
};

// The hash that `row` must carry, given its previousHash. Every node computes the same.
std::string auditHash(const AuditRow &row);

struct EventRow {
    std::int64_t id = 0;  // the sequence of the feed, not the serial
    Time time{};
    std::string name;  // noun.verb
    std::string subject;
    std::optional<Serial> serial;
    std::string actor;
};

}  // namespace cm::catalog
