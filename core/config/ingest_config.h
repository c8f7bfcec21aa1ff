// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of `cheesemongerd ingest`: flags over CHEESEMONGER_INGEST_* over the [ingest] section of the one TOML
// file over the defaults below (resources/config/cheesemongerd.toml says what each means). Which database the counts go to
// is said as for `serve`. Values, any thread; reading blocks on the file. InvalidInput lists all problems at once.
#pragma once

#include "core/base/clock.h"
#include "core/config/serve_config.h"

namespace cm::config {

struct IngestConfig {
    std::string relp, tcp, tls, udp;       // host:port; empty: not listened for
    std::string status = "127.0.0.1:8430";  // or "none"
    std::filesystem::path spool;            // empty: in the data folder
    std::uint64_t spoolLimit = 10'000'000'000;
    bool strict = true;
    Time earliest{std::chrono::sys_days(std::chrono::year(2003) / 1 / 1)};  // lines of before are refused
    std::int64_t window = 4096;
    std::int64_t maxConnections = 1000;
    std::int64_t maxConnectionsOfAddress = 250;
    std::chrono::seconds idle{24 * 3600};  // 0: any time
    std::filesystem::path tlsCert, tlsKey, tlsClientCa;
    LogLevel logLevel = LogLevel::Info;
    std::string logFile;  // empty: standard error
};

// `defaultData` and `embedded` of the inputs mean nothing here.
Result<IngestConfig> loadIngestConfig(const Inputs &inputs);
// Every key, as it stands below [ingest].
std::vector<std::string_view> ingestKeys();

}  // namespace cm::config
