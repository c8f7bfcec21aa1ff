// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd serve
#include "app/daemon/clickhouse.h"
#include "app/daemon/command.h"
#include "app/daemon/compose.h"
#include "app/daemon/descriptors.h"
#include "app/daemon/store_flags.h"
#include "app/daemon/watch.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace cm::daemon {
namespace {

constexpr auto drainLimit = std::chrono::seconds(30);

struct ServeFlags {
    StoreFlags store;
    std::optional<std::string> listen;
    std::optional<std::string> tlsCert;
    std::optional<std::string> tlsKey;
    bool checkConfig = false;
    int tokenFd = -1;
    int parentPid = 0;
    int readyFd = STDOUT_FILENO;
};

std::vector<std::string> environmentNames()
{
    std::vector<std::string> names;
    for (char **entry = environ; *entry != nullptr; ++entry)
        names.emplace_back(*entry, std::strcspn(*entry, "="));
    return names;
}

Result<config::ServeConfig> configurationOf(const ServeFlags &flags)
{
    config::Inputs inputs;
    const auto add = [&](const char *key, const std::optional<std::string> &value, const char *origin) {
        if (value)
            inputs.flags.push_back({key, *value, origin});
    };
    add("listen", flags.listen, "--listen");
    add("tls.cert", flags.tlsCert, "--tls-cert");
    add("tls.key", flags.tlsKey, "--tls-key");
    inputs.embedded = flags.tokenFd >= 0;
    return configurationOf(flags.store, std::move(inputs));
}

// One line; the writing end may stay open.
Result<std::string> readToken(int fd)
{
    std::string token;
    char c = 0;
    ssize_t got = 0;
    while (token.size() < 256 && (got = ::read(fd, &c, 1)) == 1 && c != '\n')
        token.push_back(c);
    if (fd > STDERR_FILENO)
        ::close(fd);
    if (got < 0 || token.size() < 32)
        return fail(ErrorCode::InvalidInput, "--one-time-token-fd gave no token of 32 to 256 characters");
    return token;
}

Result<void> announce(int fd, const std::string &url)
{
    const std::string line = "ready " + url + "/\n";
    if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        return fail(ErrorCode::Unavailable, "cannot write to --ready-fd");
    if (fd > STDERR_FILENO)
        ::close(fd);
    return {};
}

void watchUntilStop(Watch &watch, Service &service, Log &log)
{
    int minutes = 0;
    for (;;) {
        switch (watch.next()) {
        case Watch::Event::Stop:
            return;
        case Watch::Event::ParentGone:
            log.info("parent.gone");
            return;
        case Watch::Event::Reload:
            if (const auto reloaded = service.reloadTls(); reloaded)
                log.info("tls.reloaded");
            else
                log.error("tls.kept", {{"detail", std::string_view(reloaded.error().detail)}});
            break;
        case Watch::Event::Now:  // there is nothing that it could do sooner
            break;
        case Watch::Event::Minute:
            service.minute();
            if (++minutes % 60 == 0)
                service.hour();
            break;
        }
    }
}

Result<void> serve(const ServeFlags &flags, const config::ServeConfig &config)
{
    CM_TRY(checkDescriptorLimit(raiseDescriptorLimit()));
    CM_TRY_ASSIGN(Watch watch, Watch::open(flags.parentPid));
    std::string token;
    if (flags.tokenFd >= 0) {
        CM_TRY_ASSIGN(token, readToken(flags.tokenFd));
    }
    CM_TRY_ASSIGN(const DataFolder folder, DataFolder::open(config.data, true));
    CM_TRY_ASSIGN(const ServeLock lock, ServeLock::take(folder));
    CM_TRY_ASSIGN(const std::string files, filesOf(config, folder));
    CM_TRY_ASSIGN(const FilesLock filesLock, FilesLock::share(files));
    Log log(config.logLevel, config.logFile);
    CM_TRY_ASSIGN(std::unique_ptr<Store> store, Store::open(config, folder, token));
    if (!token.empty())
        CM_TRY(store->access.ensureLocalUser());
    Companions companions;
    CM_TRY_ASSIGN(companions.edges, edgesOf(config));
    CM_TRY_ASSIGN(companions.clickHouse, clickHouseOf(config, clickHouseReads));
    CM_TRY_ASSIGN(companions.alerts, alertsOf(config));
    CM_TRY_ASSIGN(companions.sendMail, sendMailOf(config, store->clock));
    Service service(std::move(store), std::move(companions), folder, config, log);
    CM_TRY(service.start());
    for (const std::string &stray : config::strayVariables(environmentNames()))
        log.warning("environment.stray", {{"detail", std::string_view(stray)}});
    log.info("serving", {{"url", std::string_view(service.url())}, {"version", CHEESEMONGER_VERSION}});
    if (const std::string docs = service.docsAddress(); !docs.empty())
        log.info("serving.docs", {{"address", std::string_view(docs)}});
    CM_TRY(announce(flags.readyFd, service.url()));
    watchUntilStop(watch, service, log);
    log.info("draining");
    const bool whole = service.stop(drainLimit);
    log.info("stopped", {{"whole", whole}});
    log.flush();
    return {};
}

int run(const ServeFlags &flags)
{
    const auto config = configurationOf(flags);
    if (!config)
        return complain(config.error(), exitUsage);
    if (flags.checkConfig) {
        for (const std::string &stray : config::strayVariables(environmentNames()))
            std::fprintf(stderr, "cheesemongerd: %s\n", stray.c_str());
        std::puts("The configuration is sound.");
        return exitDone;
    }
    const auto served = serve(flags, *config);
    return served ? exitDone : complain(served.error());
}

}  // namespace

void addServe(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<ServeFlags>();
    CLI::App *serve = app.add_subcommand("serve", "Serve a registry until SIGTERM");
    addStoreFlags(*serve, flags->store);
    serve->add_option("--listen", flags->listen, "Address and port; port 0 takes a free one (127.0.0.1:8427)")
        ->type_name("HOST:PORT");
    serve->add_option("--tls-cert", flags->tlsCert, "Certificate chain, PEM; SIGHUP reads it again")->type_name("FILE");
    serve->add_option("--tls-key", flags->tlsKey, "Its private key, PEM")->type_name("FILE");
    serve->add_flag("--check-config", flags->checkConfig, "List every problem of the configuration, then end");
    serve->add_option("--one-time-token-fd", flags->tokenFd, "Read the token of the local admin from this descriptor")
        ->type_name("N");
    serve->add_option("--parent-pid", flags->parentPid, "End when this process ends")->type_name("PID");
    serve
        ->add_option("--ready-fd", flags->readyFd,
                     "Write `ready URL` there once requests are answered (standard output)")
        ->type_name("N");
    serve->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
