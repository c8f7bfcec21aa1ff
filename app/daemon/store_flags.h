// SPDX-License-Identifier: GPL-3.0-or-later
// The flags that say which registry is meant, the same for `serve` and every `admin` command, and the
// configuration they lead to. Values; one thread.
#pragma once

#include "core/config/serve_config.h"

#include <functional>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cm::daemon {

struct StoreFlags {
    std::optional<std::string> configFile;
    std::optional<std::string> data;
    std::optional<std::string> files;
    std::optional<std::string> database;
};

void addStoreFlags(CLI::App &command, StoreFlags &flags);
// Flags over environment over file. `inputs` brings what else the command knows.
Result<config::ServeConfig> configurationOf(const StoreFlags &flags, config::Inputs inputs = {});

// Runs `work`, which answers the exit code; complains when the configuration is wrong.
int withConfiguration(const StoreFlags &flags, const std::function<int(const config::ServeConfig &)> &work);

}  // namespace cm::daemon
