// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/ingest_options.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>

namespace cm::daemon {
namespace {

struct Setting {
    const char *key;
    const char *flag;
    const char *type;
    const char *words;
};

constexpr std::array settings{
    Setting{"listen.relp", "--relp", "HOST:PORT", "Listen for RELP, which loses nothing"},
    Setting{"listen.tcp", "--tcp", "HOST:PORT", "Listen for syslog over TCP"},
    Setting{"listen.tls", "--tls", "HOST:PORT", "Listen for syslog over TLS"},
    Setting{"listen.udp", "--udp", "HOST:PORT", "Listen for syslog over UDP"},
    Setting{"tls.cert", "--tls-cert", "FILE", "Certificate chain for --tls, PEM; SIGHUP reads it again"},
    Setting{"tls.key", "--tls-key", "FILE", "Its private key, PEM"},
    Setting{"tls.client_ca", "--tls-client-ca", "FILE", "Authorities of one of which a sender over TLS needs a certificate, PEM"},
    Setting{"earliest", "--earliest", "DATE", "Refuse lines of days before this one, as 2014-01-31 (2003-01-01)"},
    Setting{"spool", "--spool", "DIR", "Folder of the lines that wait to be counted (spool in the data folder)"},
    Setting{"spool_limit", "--spool-limit", "SIZE", "How much of it there may be (10GB)"},
    Setting{"status", "--status", "HOST:PORT", "Where monitors ask for /status and /metrics, or none (127.0.0.1:8430)"},
};

// What --parse would pass over without a word.
const char *unheededOf(const IngestFlags &flags)
{
    for (const Setting &setting : settings) {
        if (flags.settings.at(setting.key))
            return setting.flag;
    }
    return flags.store.data         ? "--data"
           : flags.store.database   ? "--database"
           : flags.store.configFile ? "--config"
           : flags.checkConfig      ? "--check-config"
                                    : nullptr;
}

}  // namespace

void addIngestFlags(CLI::App &command, IngestFlags &flags)
{
    command.add_flag("--parse", flags.parse,
                     "Count nothing; print one JSON object for each line: outcome, reason, class, record. Reads as PyPI's own parser without --mode, "
                     "whatever counting is configured to");
    command.add_option("FILE", flags.files, "Files of lines to count, also gzip, each line once however often; - is the standard input");
    command
        .add_option_function<std::string>(
            "--mode",
            [&flags](const std::string &name) {
                if (name != "compatible" && name != "strict")
                    throw CLI::ValidationError("--mode", "'" + name + "' is none: compatible and strict are");
                flags.mode = name == "strict" ? metrics::Mode::Strict : metrics::Mode::Compatible;
            },
            "How lines are read: compatible (as PyPI's own parser, the default of --parse), strict (its quirks mended, the default of counting)")
        ->type_name("compatible|strict");
    for (const Setting &setting : settings)
        command.add_option(setting.flag, flags.settings[setting.key], setting.words)->type_name(setting.type);
    command.add_option("--data", flags.store.data, "Folder of the registry")->type_name("DIR");
    command.add_option("--database", flags.store.database, "PostgreSQL instead of SQLite, without a password here")->type_name("URL");
    command.add_option("--config", flags.store.configFile, "Configuration file with [serve] and [ingest] sections, TOML")->type_name("FILE");
    command.add_flag("--check-config", flags.checkConfig, "List every problem of the configuration, then end");
}

std::optional<std::string> contradictionOf(const IngestFlags &flags)
{
    for (const Setting &setting : settings) {
        if (!flags.files.empty() && std::string_view(setting.key).starts_with("listen.") && flags.settings.at(setting.key))
            return std::string(setting.flag) + " listens until it is stopped, and files are counted or printed and that is all: give one of the two";
    }
    if (!flags.parse)
        return std::nullopt;
    if (flags.files.empty())
        return "--parse needs files: - is the standard input";
    if (const char *unheeded = unheededOf(flags))
        return std::string("--parse prints what lines say and heeds --mode alone: leave out ") + unheeded;
    return std::nullopt;
}

Result<IngestSettings> ingestSettingsOf(const IngestFlags &flags)
{
    config::Inputs inputs;
    inputs.file = flags.store.configFile.value_or(std::string());
    inputs.environment = [](const std::string &name) -> std::optional<std::string> {
        const char *value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
    for (const Setting &setting : settings) {
        if (const auto &value = flags.settings.at(setting.key))
            inputs.flags.push_back({setting.key, *value, setting.flag});
    }
    if (flags.mode)
        inputs.flags.push_back({"mode", *flags.mode == metrics::Mode::Strict ? "strict" : "compatible", "--mode"});
    IngestSettings found;
    CM_TRY_ASSIGN(found.ingest, config::loadIngestConfig(inputs));
    CM_TRY_ASSIGN(found.registry, configurationOf(flags.store));
    return found;
}

}  // namespace cm::daemon
