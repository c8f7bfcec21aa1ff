// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/ssh_options.h"

namespace cm::daemon {

Result<SshSetup> sshSetup(const std::string &configFile)
{
    CM_TRY_ASSIGN(config::SshConfig config, config::loadSshConfig(configFile));
    CM_TRY_ASSIGN(ssh::Secret secret, ssh::Secret::read(config.keyFile));
    return SshSetup{std::move(config), secret};
}

ssh::NodesOptions nodesOf(const config::SshConfig &config)
{
    return {config.nodes, config.ca.string()};
}

}  // namespace cm::daemon
