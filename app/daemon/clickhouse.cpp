// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/clickhouse.h"

#include "core/host/whole_file.h"

namespace cm::daemon {

Result<std::unique_ptr<metrics::ClickHouse>> clickHouseOf(const config::ServeConfig &config, metrics::ClickHousePatience patience)
{
    const config::ClickHouse &told = config.clickHouse;
    if (told.url.empty())
        return nullptr;
    metrics::ClickHouseOptions options;
    options.url = told.url;
    options.patience = patience;
    options.database = told.database;
    options.user = told.user;
    options.password = told.password;
    options.caFile = told.ca.string();
    if (!told.passwordFile.empty()) {
        CM_TRY_ASSIGN(options.password, host::readFirstLine(told.passwordFile));
    }
    return metrics::ClickHouse::create(options);
}

}  // namespace cm::daemon
