// SPDX-License-Identifier: GPL-3.0-or-later
// The flags of `cheesemongerd ingest` and the configurations they lead to. Values; one thread.
#pragma once

#include "app/daemon/store_flags.h"
#include "core/config/ingest_config.h"
#include "core/metrics/mode.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cm::daemon {

struct IngestFlags {
    bool parse = false;
    std::optional<metrics::Mode> mode;
    std::vector<std::string> files;
    StoreFlags store;
    std::map<std::string, std::optional<std::string>> settings;  // by key
    bool checkConfig = false;
};

// Files were named, and somewhere to listen; or what --parse does not heed.
[[nodiscard]] std::optional<std::string> contradictionOf(const IngestFlags &flags);
void addIngestFlags(CLI::App &command, IngestFlags &flags);

// What an ingester runs with: its own section, and the registry's database as `serve` finds it.
struct IngestSettings {
    config::IngestConfig ingest;
    config::ServeConfig registry;
};
Result<IngestSettings> ingestSettingsOf(const IngestFlags &flags);

}  // namespace cm::daemon
