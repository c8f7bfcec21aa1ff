// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/changes.h"

#include <map>

namespace cm::registry {

namespace {
constexpr std::int64_t rowsAtOnce = 1000;
}

void Changes::observe(ChangeObserver observer)
{
    const std::unique_lock lock(m_observersMutex);
    m_observers.push_back(std::move(observer));
}

Result<void> Changes::start()
{
    const std::lock_guard lock(m_pollMutex);
    CM_TRY_ASSIGN(m_dataVersion, m_catalog.dataVersion());
    CM_TRY_ASSIGN(m_serial, m_catalog.read([](catalog::Reader &reader) { return reader.lastSerial(); }));
    return {};
}

Result<void> Changes::poll()
{
    const std::lock_guard lock(m_pollMutex);
    CM_TRY_ASSIGN(const std::int64_t version, m_catalog.dataVersion());
    if (version == m_dataVersion)
        return {};
    for (;;) {
        CM_TRY_ASSIGN(const auto rows, m_catalog.read([this](catalog::Reader &reader) {
            return reader.journalSince(m_serial, rowsAtOnce);
        }));
        std::map<std::string_view, catalog::Serial> latest;
        for (const catalog::JournalRow &row : rows)
            latest[row.normalizedName] = row.serial;
        for (const auto &[project, serial] : latest)
            announce(project, serial);
        if (!rows.empty())
            m_serial = rows.back().serial;
        if (static_cast<std::int64_t>(rows.size()) < rowsAtOnce)
            break;
    }
    m_dataVersion = version;
    announceCommit();
    return {};
}

Result<catalog::Serial> Changes::seen()
{
    CM_TRY(poll());
    const std::lock_guard lock(m_pollMutex);
    return m_serial;
}

void Changes::announce(std::string_view normalizedProject, catalog::Serial serial)
{
    const std::shared_lock lock(m_observersMutex);
    for (const ChangeObserver &observer : m_observers) {
        if (observer.projectChanged)
            observer.projectChanged(normalizedProject, serial);
    }
}

void Changes::announceCommit()
{
    const std::shared_lock lock(m_observersMutex);
    for (const ChangeObserver &observer : m_observers) {
        if (observer.committed)
            observer.committed();
    }
}

}  // namespace cm::registry
