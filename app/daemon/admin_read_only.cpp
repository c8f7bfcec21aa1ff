// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin read-only set | end | show
#include "app/daemon/command.h"
#include "app/daemon/compose.h"
#include "app/daemon/store_flags.h"
#include "core/registry/maintenance.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cm::daemon {
namespace {

struct ReadOnlyFlags {
    StoreFlags store;
    int minutes = 60;
    std::string reason;
    std::string message;
};

// For a script around a maintenance, and for whoever cannot reach the registry any other way.
Result<void> withMaintenance(const config::ServeConfig &config,
                             const std::function<Result<void>(registry::Maintenance &, Time now)> &step)
{
    CM_TRY_ASSIGN(const std::unique_ptr<Store> store, openForAdmin(config, false));
    registry::Changes changes(*store->catalog);
    registry::Maintenance maintenance(*store->catalog, changes, store->clock);
    return step(maintenance, store->clock.now());
}

Result<void> set(const ReadOnlyFlags &flags, registry::Maintenance &maintenance, Time now)
{
    const Time until = now + std::chrono::minutes(flags.minutes);
    CM_TRY(maintenance.setReadOnly(registry::commandLinePrincipal(), {until, flags.reason, flags.message}));
    std::printf("read-only until %s\n", formatRfc3339(until).c_str());
    return {};
}

Result<void> end(const ReadOnlyFlags &flags, registry::Maintenance &maintenance)
{
    CM_TRY(maintenance.endReadOnly(registry::commandLinePrincipal(), flags.reason));
    return {};
}

Result<void> show(registry::Maintenance &maintenance)
{
    CM_TRY_ASSIGN(const auto mode, maintenance.readOnly());
    if (mode)
        std::printf("read-only until %s by %s: %s\n", formatRfc3339(mode->until).c_str(), mode->by.c_str(), mode->reason.c_str());
    else
        std::puts("takes changes");
    return {};
}

void run(CLI::App &command, const std::shared_ptr<ReadOnlyFlags> &flags, Command &chosen,
         const std::function<Result<void>(const ReadOnlyFlags &, registry::Maintenance &, Time)> &step)
{
    addStoreFlags(command, flags->store);
    command.callback([flags, &chosen, step] {
        chosen = [flags, step] {
            return withConfiguration(flags->store, [&](const config::ServeConfig &config) {
                const auto done = withMaintenance(config, [&](registry::Maintenance &maintenance, Time now) {
                    return step(*flags, maintenance, now);
                });
                return done ? exitDone : complain(done.error());
            });
        };
    });
}

}  // namespace

void addAdminReadOnly(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<ReadOnlyFlags>();
    CLI::App *readOnly = admin.add_subcommand("read-only", "Whether the registry takes changes");
    readOnly->require_subcommand(1);
    CLI::App *setting = readOnly->add_subcommand("set", "Refuse all changes, on every node, for a while");
    setting->add_option("--minutes", flags->minutes, "For so long; a day at most")->type_name("N")->check(CLI::Range(1, 24 * 60));
    setting->add_option("--reason", flags->reason, "For the audit log and the desktop")->required()->type_name("TEXT");
    setting->add_option("--message", flags->message, "For uploaders")->type_name("TEXT");
    run(*setting, flags, chosen,
        [](const ReadOnlyFlags &given, registry::Maintenance &maintenance, Time now) { return set(given, maintenance, now); });
    CLI::App *ending = readOnly->add_subcommand("end", "Take changes again before that time");
    ending->add_option("--reason", flags->reason, "For the audit log")->type_name("TEXT");
    run(*ending, flags, chosen,
        [](const ReadOnlyFlags &given, registry::Maintenance &maintenance, Time) { return end(given, maintenance); });
    CLI::App *showing = readOnly->add_subcommand("show", "Say until when it holds");
    run(*showing, flags, chosen, [](const ReadOnlyFlags &, registry::Maintenance &maintenance, Time) { return show(maintenance); });
}

}  // namespace cm::daemon
