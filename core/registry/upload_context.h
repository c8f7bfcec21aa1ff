// SPDX-License-Identifier: GPL-3.0-or-later
// What the registry knows about an upload before it happens, read in one transaction and put into
// the facts that core/checks judges. Used on receipt, once more inside the transaction that stores,
// and for the pre-flight. Pure but for the reader; the thread of the reader.
#pragma once

#include "core/catalog/reader.h"
#include "core/checks/facts.h"
#include "core/checks/refusal.h"
#include "core/registry/identity.h"
#include "core/registry/settings.h"

namespace cm::registry {

struct UploadTarget {
    std::string project;  // as written
    std::string version;  // as written
    std::string filename;
    std::string blake2b256;  // empty: not known yet
    std::string packagetype;
};

struct UploadContext {
    checks::Caller caller;
    checks::ProjectContext projectFacts;
    checks::StoredContext storedFacts;
    std::optional<checks::ReadOnlyOrder> readOnly;
    std::optional<catalog::ProjectRow> project;
    std::optional<catalog::ReleaseRow> release;
    std::optional<catalog::FileRow> sameName;
};

Result<UploadContext> gatherContext(catalog::Reader &reader, const Settings &settings, const Identification &who,
                                    const UploadTarget &target, Time now);

// Who it is by now: the bytes may have come in for an hour. Without a principal when the account was
// disabled or the token has ended meanwhile.
Result<Identification> identifiedNow(catalog::Reader &reader, Identification who, Time now);
// What the registry's state and the caller's credentials come to, whatever is to be uploaded.
std::optional<checks::Refusal> refusalOfCaller(const Settings &settings, const Identification &who);
// Of a caller whom a host of sshd vouches for: that what has come is what it signed for, and nothing else. A field that
// the statement leaves empty was not sent.
std::optional<checks::Refusal> refusalOfStated(const Identification &who, std::string_view action, std::string_view project,
                                               std::string_view version, std::string_view filename, std::string_view sha256);
// The part of the caller that needs no project.
checks::Caller callerOf(const Identification &who);

}  // namespace cm::registry
