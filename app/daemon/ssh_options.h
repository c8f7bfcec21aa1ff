// SPDX-License-Identifier: GPL-3.0-or-later
// What the two commands of sshd have in common: their configuration and the secret. Called by main, before any thread.
#pragma once

#include "core/config/ssh_config.h"
#include "core/ssh/nodes.h"
#include "core/ssh/trust/secret.h"

namespace cm::daemon {

inline constexpr const char *defaultConfiguration = "/etc/cheesemonger/cheesemongerd.toml";

struct SshSetup {
    config::SshConfig config;
    ssh::Secret secret;
};

Result<SshSetup> sshSetup(const std::string &configFile);
ssh::NodesOptions nodesOf(const config::SshConfig &config);

}  // namespace cm::daemon
