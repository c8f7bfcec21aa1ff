// SPDX-License-Identifier: GPL-3.0-or-later
// What operators say of stretches of time in charts of downloads, with audit and event; also while the registry is
// read-only, which is a thing to be said. Owned by the composition root; any thread, blocks.
// Errors: Forbidden, InvalidInput (fields), NotFound.
#pragma once

#include "core/catalog/catalog.h"
#include "core/registry/changes.h"
#include "core/registry/identity.h"

namespace cm::registry {

class Annotations {
public:
    Annotations(catalog::Catalog &catalog, Changes &changes, const Clock &clock)
        : m_catalog(catalog), m_changes(changes), m_clock(clock)
    {}

    // `row` as somebody asks for it: id, author and time are ours.
    Result<Change> add(const Principal &by, catalog::DownloadAnnotationRow row, std::string_view reason);
    Result<Change> remove(const Principal &by, catalog::Id id, std::string_view reason);

private:
    catalog::Catalog &m_catalog;
    Changes &m_changes;
    const Clock &m_clock;
};

}  // namespace cm::registry
