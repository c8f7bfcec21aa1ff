// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/ingest_config.h"

#include "core/config/flat_section.h"

#include <array>

namespace cm::config {
namespace {

constexpr std::uint64_t leastSpool = 16'000'000;

Problem setListen(std::string_view text, std::string &out)
{
    if (!text.empty()) {
        if (const auto listen = parseListen(text); !listen)
            return listen.error().detail;
    }
    out = text;
    return std::nullopt;
}

using Key = FlatKey<IngestConfig>;
using Config = IngestConfig;

constexpr std::array keys{
    Key{"listen.relp", [](Config &config, std::string_view text) { return setListen(text, config.relp); }},
    Key{"listen.tcp", [](Config &config, std::string_view text) { return setListen(text, config.tcp); }},
    Key{"listen.tls", [](Config &config, std::string_view text) { return setListen(text, config.tls); }},
    Key{"listen.udp", [](Config &config, std::string_view text) { return setListen(text, config.udp); }},
    Key{"status",
        [](Config &config, std::string_view text) {
            if (text == "none") {
                config.status = text;
                return Problem();
            }
            return text.empty() ? Problem("has to be an address and port, or none") : setListen(text, config.status);
        }},
    Key{"spool", [](Config &config, std::string_view text) { return text.empty() ? Problem() : setPath(text, config.spool); }},
    Key{"spool_limit",
        [](Config &config, std::string_view text) {
            auto problem = setSize(text, config.spoolLimit);
            if (!problem && config.spoolLimit < leastSpool)
                problem = "has to be at least 16MB";
            return problem;
        }},
    Key{"mode",
        [](Config &config, std::string_view text) {
            config.strict = text == "strict";
            return config.strict || text == "compatible" ? Problem() : Problem("has to be compatible or strict");
        }},
    Key{"earliest",
        [](Config &config, std::string_view text) {
            const auto time = parseRfc3339(std::string(text) + "T00:00:00Z");
            if (!time || time->time_since_epoch().count() < 0)
                return Problem("has to be a date as 2014-01-31");
            config.earliest = *time;
            return Problem();
        }},
    Key{"window", [](Config &config, std::string_view text) { return setNumber(text, 1, 16'384, config.window); }},
    Key{"max_connections", [](Config &config, std::string_view text) { return setNumber(text, 1, 100'000, config.maxConnections); }},
    Key{"max_connections_of_address",
        [](Config &config, std::string_view text) { return setNumber(text, 1, 100'000, config.maxConnectionsOfAddress); }},
    Key{"idle", [](Config &config, std::string_view text) { return setDuration(text, std::chrono::seconds(0), config.idle); }},
    Key{"tls.cert", [](Config &config, std::string_view text) { return text.empty() ? Problem() : setPath(text, config.tlsCert); }},
    Key{"tls.key", [](Config &config, std::string_view text) { return text.empty() ? Problem() : setPath(text, config.tlsKey); }},
    Key{"tls.client_ca", [](Config &config, std::string_view text) { return text.empty() ? Problem() : setPath(text, config.tlsClientCa); }},
    Key{"log.level", [](Config &config, std::string_view text) { return setLevel(text, config.logLevel); }},
    Key{"log.file",
        [](Config &config, std::string_view text) {
            config.logFile = text;
            return Problem();
        }},
};

}  // namespace

Result<IngestConfig> loadIngestConfig(const Inputs &inputs)
{
    IngestConfig config;
    FlatSection<IngestConfig> section(inputs, config, "ingest", "ingest.", keys);
    section.read();
    if (config.tlsCert.empty() != config.tlsKey.empty())
        section.report("tls", "needs both cert and key");
    if (!config.tls.empty() && config.tlsCert.empty())
        section.report("listen.tls", "needs a certificate: tls.cert and tls.key");
    if (config.tls.empty() && !(config.tlsCert.empty() && config.tlsClientCa.empty()))
        section.report("tls", "is of listen.tls, which is not set: nothing would be encrypted");
    CM_TRY(section.verdict());
    return config;
}

std::vector<std::string_view> ingestKeys()
{
    std::vector<std::string_view> names;
    for (const Key &key : keys)
        names.push_back(key.name);
    return names;
}

}  // namespace cm::config
