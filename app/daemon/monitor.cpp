// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd monitor
#include "app/daemon/command.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/receivers.h"
#include "app/daemon/watch.h"
#include "core/config/topology.h"
#include "core/http/server.h"
#include "core/monitor/monitor_application.h"
#include "core/monitor/topology_hands.h"
#include "core/sql/postgres/watching_session.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <unistd.h>

namespace cm::daemon {
namespace {

constexpr auto drainLimit = std::chrono::seconds(10);
constexpr std::size_t apiThreads = 4;
constexpr std::size_t queueLength = 1000;

struct MonitorFlags {
    std::string topology;
    std::string configFile;
    std::string secrets;
    std::string data;
    std::string listen;
    std::string name;
    bool checkConfig = false;
};

struct MonitorPlan {
    monitor::Surroundings around;
    config::MonitorConfig config;
};

Result<MonitorPlan> planOf(const MonitorFlags &flags)
{
    MonitorPlan plan;
    CM_TRY_ASSIGN(plan.config, config::loadMonitorConfig(flags.configFile));
    CM_TRY_ASSIGN(plan.around.topology, config::loadTopology(flags.topology));
    CM_TRY_ASSIGN(const config::TopologyMonitor self, monitor::findMonitor(plan.around.topology, flags.name));
    if (!flags.secrets.empty())
        plan.config.secrets = flags.secrets;
    if (!plan.config.secrets.empty()) {
        CM_TRY_ASSIGN(plan.around.secrets, config::loadMonitorSecrets(plan.config.secrets));
    }
    if (!self.listen.empty())
        plan.config.listen = self.listen;
    if (!flags.listen.empty())
        plan.config.listen = flags.listen;
    plan.around.name = self.name;
    plan.around.interval = self.interval;
    plan.around.caFile = plan.config.caFile.string();
    plan.around.fastlyApi = plan.config.fastlyApi;
    plan.around.twoPeople = plan.config.twoPeople;
    plan.around.agents = plan.config.agents;
    plan.around.ssh = plan.config.ssh;
    plan.around.connect = sql::connectWatching;
    CM_TRY(monitor::checkSurroundings(plan.around));
    CM_TRY(receiversOf(plan.config, plan.around.secrets));
    return plan;
}

http::ServerOptions listenersOf(const config::MonitorConfig &config)
{
    http::ServerOptions options;
    options.threads = 1;
    options.listeners.push_back({config.listen, config.tlsCert.string(), config.tlsKey.string()});
    return options;
}

Result<void> watchRegistry(const MonitorFlags &flags, const MonitorPlan &plan)
{
    CM_TRY_ASSIGN(Watch watch, Watch::open(0));
    CM_TRY_ASSIGN(const DataFolder folder, DataFolder::open(flags.data, true));
    CM_TRY_ASSIGN(const ServeLock lock, ServeLock::take(folder));
    CM_TRY_ASSIGN(auto receivers, receiversOf(plan.config, plan.around.secrets));
    Log log(LogLevel::Info);
    const SystemClock clock;
    CM_TRY_ASSIGN(const auto database, sql::SqliteDatabase::open((folder.path() / "monitor.sqlite").string()));
    monitor::Monitor monitor(plan.around, std::move(receivers), *database, clock, log);
    CM_TRY(monitor.open(CHEESEMONGER_VERSION));
    Executor executor("monitor", apiThreads, queueLength);
    monitor::TopologyHands hands(plan.around);
    monitor::Operations operations(monitor, hands, clock, log);
    CM_TRY(operations.open());
    monitor::MonitorApplication application(monitor, operations, executor, log, CHEESEMONGER_VERSION);
    http::Server server(listenersOf(plan.config), application, clock, log);
    CM_TRY(server.start());
    const std::string url = (plan.config.tlsCert.empty() ? "http://" : "https://") + server.addresses().front() + "/";
    monitor.start(url);
    log.info("watching", {{"url", std::string_view(url)}, {"monitor", std::string_view(plan.around.name)}});
    std::printf("ready %s\n", url.c_str());
    std::fflush(stdout);
    for (auto event = watch.next(); event != Watch::Event::Stop; event = watch.next()) {
        if (event != Watch::Event::Reload)
            continue;
        if (const auto reloaded = server.reloadTls(); !reloaded)
            log.error("tls.kept", {{"detail", std::string_view(reloaded.error().detail)}});
    }
    monitor.feed().stop();
    server.drain(drainLimit);
    operations.stop();
    monitor.stop();
    executor.stop();
    log.info("stopped");
    log.flush();
    return {};
}

int run(const MonitorFlags &flags)
{
    const auto plan = planOf(flags);
    if (!plan)
        return complain(plan.error(), exitUsage);
    if (flags.checkConfig) {
        std::puts("Topology and configuration are sound.");
        for (const std::string &spot : monitor::blindSpotsOf(plan->around))
            std::printf("blind spot: %s\n", spot.c_str());
        return exitDone;
    }
    const auto watched = watchRegistry(flags, *plan);
    return watched ? exitDone : complain(watched.error());
}

}  // namespace

void addMonitor(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<MonitorFlags>();
    CLI::App *monitor = app.add_subcommand("monitor", "Watch a registry's topology until SIGTERM");
    monitor->add_option("--topology", flags->topology, "What stands where, TOML")->required()->type_name("FILE");
    monitor->add_option("--data", flags->data, "Folder of its own store")->required()->type_name("DIR");
    monitor->add_option("--config", flags->configFile, "Configuration file with a [monitor] section, TOML")->type_name("FILE");
    monitor->add_option("--secrets", flags->secrets, "Passwords and tokens to look with, TOML, mode 600")->type_name("FILE");
    monitor->add_option("--listen", flags->listen, "Address and port; port 0 takes a free one (127.0.0.1:8428)")
        ->type_name("HOST:PORT");
    monitor->add_option("--name", flags->name, "Which monitor of the topology this is")->type_name("NAME");
    monitor->add_flag("--check-config", flags->checkConfig, "List every problem and what nobody watches, then end");
    monitor->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
