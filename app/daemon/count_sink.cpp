// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/count_sink.h"

#include "app/daemon/compose.h"

namespace cm::daemon {

Result<void> CountSink::open()
{
    const std::lock_guard lock(m_mutex);
    if (m_counts)
        return {};
    CM_TRY_ASSIGN(auto database, openDatabase(m_config, m_folder));
    CM_TRY_ASSIGN(auto catalog, catalog::Catalog::open(*database, m_clock));
    auto counts = std::make_unique<metrics::CountDatabase>(*database, m_clock);
    CM_TRY(counts->readIn(m_mode));
    m_database = std::move(database);
    m_catalog = std::move(catalog);
    m_counts = std::move(counts);
    return {};
}

Result<std::int64_t> CountSink::position(const std::string &source)
{
    CM_TRY(open());
    return m_counts->position(source);
}

Result<void> CountSink::add(const metrics::Batch &batch)
{
    CM_TRY(open());
    return m_counts->add(batch);
}

void CountSink::minute(Log &log)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_counts)
            return;
    }
    if (const auto forgotten = m_counts->forget(); !forgotten)
        log.warning("counts.kept", {{"detail", std::string_view(forgotten.error().detail)}});
}

}  // namespace cm::daemon
