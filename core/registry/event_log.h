// SPDX-License-Identifier: GPL-3.0-or-later
// The live feed's record of the last day, for whoever passes it on to clients. Owned by the
// composition root; any thread, blocks on the catalog.
#pragma once

#include "core/catalog/catalog.h"

#include <cstdint>
#include <vector>

namespace cm::registry {

class EventLog {
public:
    explicit EventLog(catalog::Catalog &catalog) : m_catalog(catalog) {}

    // Rising ids above `id`.
    Result<std::vector<catalog::EventRow>> since(std::int64_t id, std::int64_t limit);
    // 0 when there is none.
    Result<std::int64_t> oldest();
    Result<std::int64_t> newest();

private:
    catalog::Catalog &m_catalog;
};

}  // namespace cm::registry
