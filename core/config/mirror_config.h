// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of `cheesemongerd mirror`: flags over CHEESEMONGER_MIRROR_* over the [mirror] section of the one TOML
// file over the defaults below (resources/config/cheesemongerd.toml says what each means). Values, any thread; reading
// blocks on the file. InvalidInput lists all problems at once, as for `serve`.
#pragma once

#include "core/config/serve_config.h"

namespace cm::config {

struct MirrorConfig {
    std::string from;           // address of the registry
    std::filesystem::path to;   // folder of the mirror; web servers are given its "web"
    std::string baseUrl;        // of the mirror, without a slash at the end; empty: not known
    std::filesystem::path ca;   // PEM; empty: the system's
    std::chrono::seconds every{60};
    std::int64_t jobs = 8;
    std::uint64_t bandwidth = 0;  // bytes a second; 0: no bound
    std::chrono::seconds slowAfter{60};
    double scrubPercent = 1;      // of the files and pages, a day
    double brakePercent = 5;
    std::int64_t brakeProjects = 10;
    std::chrono::seconds grace{3600};
    std::chrono::seconds indexEvery{300};
    std::chrono::hours compareEvery{24};
    std::vector<std::string> allow, deny, platforms;
    bool prereleases = true;
    bool sdists = true;
    std::int64_t latest = 0;
    LogLevel logLevel = LogLevel::Info;
    std::string logFile;  // empty: standard error
};

// `defaultData` and `embedded` of the inputs mean nothing here.
Result<MirrorConfig> loadMirrorConfig(const Inputs &inputs);
// Every key, as it stands below [mirror].
std::vector<std::string_view> mirrorKeys();

// "60s", "5m", "2h", "1d", "90". InvalidInput.
Result<std::chrono::seconds> parseDuration(std::string_view text);

}  // namespace cm::config
