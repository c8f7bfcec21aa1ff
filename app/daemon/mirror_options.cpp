// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/mirror_options.h"

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
    Setting{"from", "--from", "URL", "Address of the registry; any that has simple JSON with serials"},
    Setting{"to", "--to", "DIR", "Folder of the mirror; web servers are given its \"web\""},
    Setting{"every", "--every", "TIME", "How often it is refreshed (60s)"},
    Setting{"jobs", "--jobs", "N", "Connections at a time (8)"},
    Setting{"bandwidth", "--bandwidth", "SIZE", "Bytes a second at most, such as 10MB"},
    Setting{"scrub_percent", "--scrub", "PERCENT", "Share of the files and pages that is read again and compared in a day (1)"},
    Setting{"projects.allow", "--allow", "PATTERNS", "Only projects of these names (\"a,b-*\")"},
    Setting{"projects.deny", "--deny", "PATTERNS", "No projects of these names"},
    Setting{"releases.latest", "--latest", "N", "Only so many of the newest releases, final ones first"},
    Setting{"releases.prereleases", "--prereleases", "true|false", "With prereleases (true)"},
    Setting{"files.platforms", "--platforms", "PATTERNS", "Only wheels for these platform tags, and for any"},
    Setting{"files.sdists", "--sdists", "true|false", "With source distributions (true)"},
    Setting{"grace", "--grace", "TIME", "How long withdrawn bytes are kept aside (1h)"},
    Setting{"base_url", "--base-url", "URL", "Address of the mirror, for the links of /pypi/NAME/json"},
    Setting{"ca", "--ca", "FILE", "Certificates by which https is trusted, PEM"},
};

}  // namespace

void addMirrorFlags(CLI::App &command, MirrorFlags &flags)
{
    for (const Setting &setting : settings)
        command.add_option(setting.flag, flags.settings[setting.key], setting.words)->type_name(setting.type);
    command.add_option("--config", flags.configFile, "Configuration file with a [mirror] section, TOML")->type_name("FILE");
    auto *once = command.add_flag("--once", flags.once, "One run, then end; exit code 1 when anything went wrong");
    auto *check = command.add_flag("--check", flags.check, "Verify every page and file of the tree, change nothing; exit code 3 for findings");
    once->excludes(check);
    command.add_flag("--allow-deletions", flags.allowDeletions, "Follow the upstream also where much of it is gone at once");
    command.add_flag("--accept-upstream", flags.acceptUpstream, "Follow another registry, or one that was restored, from now on");
    command.add_flag("--check-config", flags.checkConfig, "List every problem of the configuration, then end");
}

Result<config::MirrorConfig> mirrorConfigOf(const MirrorFlags &flags)
{
    config::Inputs inputs;
    inputs.file = flags.configFile.value_or(std::string());
    inputs.environment = [](const std::string &name) -> std::optional<std::string> {
        const char *value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
    for (const Setting &setting : settings) {
        if (const auto &value = flags.settings.at(setting.key))
            inputs.flags.push_back({setting.key, *value, setting.flag});
    }
    CM_TRY_ASSIGN(auto config, config::loadMirrorConfig(inputs));
    if (config.from.empty() && !flags.check)
        return fail(ErrorCode::InvalidInput, "from: has to be the address of the registry (--from URL)");
    if (!config.from.empty()) {
        CM_TRY_ASSIGN(config.from, mirror::registryAddress(config.from));
    }
    return config;
}

mirror::Options mirrorOptions(const config::MirrorConfig &config, const MirrorFlags &flags)
{
    mirror::Options options;
    options.upstream = config.from;
    options.root = config.to;
    options.baseUrl = config.baseUrl;
    options.filters = {config.allow, config.deny, config.prereleases, static_cast<std::size_t>(config.latest), config.platforms, config.sdists};
    options.brake = {config.brakePercent, config.brakeProjects, flags.allowDeletions};
    options.fetch.caFile = config.ca.string();
    options.fetch.slowAfter = config.slowAfter;
    options.jobs = static_cast<std::size_t>(config.jobs);
    options.bandwidth = config.bandwidth;
    options.scrubPercent = config.scrubPercent;
    options.grace = config.grace;
    options.indexEvery = config.indexEvery;
    options.reconcileEvery = config.compareEvery;
    options.acceptUpstream = flags.acceptUpstream;
    options.every = flags.once ? std::chrono::seconds(0) : config.every;
    return options;
}

}  // namespace cm::daemon
