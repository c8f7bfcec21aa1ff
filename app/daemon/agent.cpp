// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd agent
#include "app/daemon/command.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/watch.h"
#include "core/agent/agent_application.h"
#include "core/http/server.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <unistd.h>

namespace cm::daemon {
namespace {

constexpr auto drainLimit = std::chrono::seconds(10);
// One carries out an order; the others answer meanwhile.
constexpr std::size_t threads = 4;
constexpr std::size_t queueLength = 100;

struct AgentFlags {
    std::string configFile;
    std::string listen;
    bool checkConfig = false;
};

std::string machineName()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

http::ServerOptions listenersOf(const config::AgentConfig &config)
{
    http::ServerOptions options;
    options.threads = 1;
    options.listeners.push_back({config.listen, config.tlsCert.string(), config.tlsKey.string(), config.clientCa.string()});
    return options;
}

Result<void> speakForHost(const config::AgentConfig &config)
{
    CM_TRY_ASSIGN(Watch watch, Watch::open(0));
    CM_TRY_ASSIGN(const DataFolder folder, DataFolder::open(config.state, true));
    CM_TRY_ASSIGN(const ServeLock lock, ServeLock::take(folder));
    Log log(LogLevel::Info);
    const SystemClock clock;
    agent::Agent agent(config, machineName(), CHEESEMONGER_VERSION, clock, log);
    Executor executor("agent", threads, queueLength);
    agent::AgentApplication application(agent, executor, log);
    http::Server server(listenersOf(config), application, clock, log);
    CM_TRY(agent.start());
    CM_TRY(server.start());
    const std::string url = "https://" + server.addresses().front() + "/";
    log.info("agent", {{"url", std::string_view(url)}, {"version", CHEESEMONGER_VERSION}});
    std::printf("ready %s\n", url.c_str());
    std::fflush(stdout);
    for (auto event = watch.next(); event != Watch::Event::Stop; event = watch.next()) {
        if (event != Watch::Event::Reload)
            continue;
        if (const auto reloaded = server.reloadTls(); reloaded)
            log.info("tls.reloaded");
        else
            log.error("tls.kept", {{"detail", std::string_view(reloaded.error().detail)}});
    }
    server.drain(drainLimit);
    agent.stop();
    executor.stop();
    log.info("stopped");
    log.flush();
    return {};
}

int run(const AgentFlags &flags)
{
    auto config = config::loadAgentConfig(flags.configFile);
    if (!config)
        return complain(config.error(), exitUsage);
    if (!flags.listen.empty())
        config->listen = flags.listen;
    if (flags.checkConfig) {
        std::puts("The configuration is sound.");
        return exitDone;
    }
    const auto spoken = speakForHost(*config);
    return spoken ? exitDone : complain(spoken.error());
}

}  // namespace

void addAgent(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<AgentFlags>();
    CLI::App *agent = app.add_subcommand("agent", "Tell a monitor of this host, and do there what it is told, until SIGTERM");
    agent->add_option("--config", flags->configFile, "Configuration file with an [agent] section, TOML")->required()->type_name("FILE");
    agent->add_option("--listen", flags->listen, "Address and port; port 0 takes a free one (127.0.0.1:8429)")->type_name("HOST:PORT");
    agent->add_flag("--check-config", flags->checkConfig, "List every problem of the configuration, then end");
    agent->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
