// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/event_log.h"

namespace cm::registry {

Result<std::vector<catalog::EventRow>> EventLog::since(std::int64_t id, std::int64_t limit)
{
    return m_catalog.read([&](catalog::Reader &reader) { return reader.eventsSince(id, limit); });
}

Result<std::int64_t> EventLog::oldest()
{
    return m_catalog.read([](catalog::Reader &reader) { return reader.oldestEventId(); });
}

Result<std::int64_t> EventLog::newest()
{
    return m_catalog.read([](catalog::Reader &reader) { return reader.newestEventId(); });
}

}  // namespace cm::registry
