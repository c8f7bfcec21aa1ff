// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of `cheesemongerd ssh-keys` and `cheesemongerd ssh-gateway`: the [ssh] section of the one TOML file over
// the defaults below (resources/config/cheesemongerd.toml says what each means). No flags and no environment: the client of
// an ssh session may have a say in that. Values, any thread; reading blocks on the file. InvalidInput lists all problems.
#pragma once

#include "core/config/serve_config.h"

namespace cm::config {

struct SshConfig {
    std::vector<std::string> nodes;  // "https://192.0.2.10:8427", without a slash at the end; asked in this order
    std::filesystem::path ca;        // PEM; empty: the system's roots
    std::filesystem::path keyFile;
    std::string user = "submit";
    std::string health;  // host:port; empty: none
    std::filesystem::path snapshot = "/run/cheesemonger-ssh/keys";
    std::filesystem::path spool = "/var/spool/cheesemonger-ssh";
    std::uint64_t fileLimit = 100ULL << 20;
    std::int64_t atOnce = 64;
    std::chrono::seconds follow{60};
    std::chrono::seconds receive{600};
};

Result<SshConfig> loadSshConfig(const std::filesystem::path &file);
// Every key, as it stands below [ssh].
std::vector<std::string_view> sshKeys();

}  // namespace cm::config
