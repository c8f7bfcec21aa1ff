// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator does to the registry as a whole: its read-only mode, and what is ordered of
// caches in front, with audit and event. The public journal does not move, for nothing
// of the index changes. Owned by the composition root; any thread, blocks.
// Errors: Forbidden, InvalidInput (fields), Conflict (it is not read-only).
#pragma once

#include "core/catalog/catalog.h"
#include "core/registry/changes.h"
#include "core/registry/identity.h"

namespace cm::registry {

struct ReadOnlyOrder {
    Time until{};  // in the future, and a day at most
    std::string reason;
    std::string message;  // for uploaders; may be empty
};

struct PurgeOrder {
    std::vector<std::string> keys;  // or
    bool everything = false;
    bool soft = true;
    std::string reason;
    std::string confirm;  // for everything: the registry's name
};

class Maintenance {
public:
    Maintenance(catalog::Catalog &catalog, Changes &changes, const Clock &clock)
        : m_catalog(catalog), m_changes(changes), m_clock(clock)
    {}

    // Once this has answered no node commits a change any more. Also in the place of an order that holds, to
    // make it longer or shorter.
    Result<Change> setReadOnly(const Principal &by, const ReadOnlyOrder &order);
    // The record of an order to the caches in front, which `by` may give; also while read-only. GuardFailed("confirm").
    Result<Change> notePurge(const Principal &by, const PurgeOrder &order, std::string_view registryName);
    Result<Change> endReadOnly(const Principal &by, std::string_view reason);
    // Nothing when the registry takes changes.
    Result<std::optional<catalog::ReadOnlyRow>> readOnly();

private:
    catalog::Catalog &m_catalog;
    Changes &m_changes;
    const Clock &m_clock;
};

}  // namespace cm::registry
