// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd ssh-gateway: the forced command of a key
#include "app/daemon/command.h"
#include "app/daemon/ssh_options.h"
#include "core/ssh/gateway.h"
#include "core/ssh/reply.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>
#include <syslog.h>
#include <unistd.h>

namespace cm::daemon {
namespace {

struct GatewayFlags {
    std::string configFile = defaultConfiguration;
    std::int64_t keyId = 0;
    bool probe = false;
};

// Whatever goes wrong inside, nothing of a session stays: neither a process nor a file of the wrong size or a core.
void bound(const config::SshConfig &config)
{
    const auto most = config.receive + config.follow + std::chrono::minutes(5);
    ::alarm(static_cast<unsigned>(most.count()));
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    const auto file = static_cast<rlim_t>(config.fileLimit + (1U << 20));
    const rlimit bytes{file, file};
    ::setrlimit(RLIMIT_FSIZE, &bytes);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

// sshd's word, not the client's: its address and port, then ours.
std::string remoteAddress()
{
    const char *connection = std::getenv("SSH_CONNECTION");
    const std::string_view text = connection != nullptr ? connection : "";
    const std::string_view address = text.substr(0, text.find(' '));
    return address.size() <= 64 ? ssh::oneLine(address) : std::string();
}

ssh::GatewayOptions optionsOf(const config::SshConfig &config)
{
    ssh::GatewayOptions options;
    options.nodes = nodesOf(config);
    options.spool = config.spool;
    options.places = config.atOnce;
    options.limits.fileBytes = config.fileLimit;
    options.limits.total = config.receive;
    options.follow = config.follow;
    return options;
}

int answerAnyhow(const Error &error)
{
    ::syslog(LOG_ERR, "ssh-gateway: %s", error.detail.c_str());
    const std::string reply = ssh::replyOf(500, "The upload channel is set up wrongly; its operator finds the cause in the log of the ssh host");
    return ::write(STDOUT_FILENO, reply.data(), reply.size()) == static_cast<ssize_t>(reply.size()) ? exitDone : exitFailed;
}

int run(const GatewayFlags &flags)
{
    ::openlog("cheesemongerd", LOG_PID, LOG_AUTH);
    const auto setup = sshSetup(flags.configFile);
    if (flags.probe && !setup)
        return complain(setup.error(), exitUsage);
    if (!setup)
        return answerAnyhow(setup.error());
    bound(setup->config);
    const SystemClock clock;
    ssh::Gateway gateway(optionsOf(setup->config), setup->secret, clock);
    if (flags.probe) {
        const auto node = gateway.probe();
        if (!node)
            return complain(node.error());
        std::printf("ready %s\n", node->c_str());
        return exitDone;
    }
    ssh::Session session;
    session.keyId = flags.keyId;
    session.remoteAddress = remoteAddress();
    return gateway.serve(session) ? exitDone : exitFailed;
}

}  // namespace

void addSshGateway(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<GatewayFlags>();
    CLI::App *gateway = app.add_subcommand("ssh-gateway", "Take one upload from the other end of an ssh session (a key's forced command)");
    gateway->add_option("--config", flags->configFile, "Configuration file with an [ssh] section, TOML (/etc/cheesemonger/cheesemongerd.toml)")
        ->type_name("FILE");
    auto *key = gateway->add_option("--key-id", flags->keyId, "The key that has let the client in")->type_name("N");
    auto *probe = gateway->add_flag("--probe", flags->probe, "Only say which node would store an upload now; exit code 1: none");
    key->excludes(probe);
    gateway->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
