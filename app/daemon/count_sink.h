// SPDX-License-Identifier: GPL-3.0-or-later
// The counts in the registry's database, which is opened when it can be: an ingester takes lines also while its database
// is away. Any thread; every call blocks.
#pragma once

#include "app/daemon/data_folder.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/catalog/catalog.h"
#include "core/config/serve_config.h"
#include "core/metrics/store/count_database.h"
#include "core/sql/database.h"

#include <memory>
#include <mutex>

namespace cm::daemon {

class CountSink final : public metrics::CountStore {
public:
    // All of them outlive it.
    CountSink(const config::ServeConfig &config, const DataFolder &folder, metrics::Mode mode, const Clock &clock)
        : m_config(config), m_folder(folder), m_mode(mode), m_clock(clock)
    {}

    // Makes tables where there are none. As often as one likes.
    Result<void> open();
    Result<std::int64_t> position(const std::string &source) override;
    Result<void> add(const metrics::Batch &batch) override;
    // Each minute: drops what is past its time.
    void minute(Log &log);

private:
    const config::ServeConfig &m_config;
    const DataFolder &m_folder;
    const metrics::Mode m_mode;
    const Clock &m_clock;
    std::mutex m_mutex;  // of opening
    std::unique_ptr<sql::Database> m_database;
    std::unique_ptr<catalog::Catalog> m_catalog;
    std::unique_ptr<metrics::CountDatabase> m_counts;
};

}  // namespace cm::daemon
