// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/store_flags.h"

#include "app/daemon/command.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace cm::daemon {

void addStoreFlags(CLI::App &command, StoreFlags &flags)
{
    command.add_option("--data", flags.data, "Folder of the registry")->type_name("DIR");
    command.add_option("--files", flags.files, "Folder of the packages, when elsewhere")->type_name("DIR");
    command.add_option("--database", flags.database, "PostgreSQL instead of SQLite, without a password here")
        ->type_name("URL");
    command.add_option("--config", flags.configFile, "Configuration file, TOML")->type_name("FILE");
}

Result<config::ServeConfig> configurationOf(const StoreFlags &flags, config::Inputs inputs)
{
    if (flags.configFile && flags.configFile->empty())
        return fail(ErrorCode::InvalidInput, "--config is empty");
    inputs.file = flags.configFile.value_or(std::string());
    inputs.environment = [](const std::string &name) -> std::optional<std::string> {
        const char *value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
    const auto add = [&](const char *key, const std::optional<std::string> &value, const char *origin) {
        if (value)
            inputs.flags.push_back({key, *value, origin});
    };
    add("data", flags.data, "--data");
    add("files", flags.files, "--files");
    add("database.url", flags.database, "--database");
    inputs.defaultData = defaultDataFolder();
    return config::loadServeConfig(inputs);
}

int withConfiguration(const StoreFlags &flags, const std::function<int(const config::ServeConfig &)> &work)
{
    const auto config = configurationOf(flags);
    return config ? work(*config) : complain(config.error(), exitUsage);
}

}  // namespace cm::daemon
