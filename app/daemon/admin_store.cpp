// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin fsck | migrate
#include "app/daemon/command.h"
#include "app/daemon/compose.h"
#include "app/daemon/fsck_report.h"
#include "app/daemon/store_flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cm::daemon {
namespace {

struct CheckFlags {
    StoreFlags store;
    registry::FsckOptions fsck;
};

Result<bool> fsck(const CheckFlags &flags, const config::ServeConfig &config)
{
    CM_TRY_ASSIGN(const DataFolder folder, DataFolder::open(config.data, false));
    std::optional<FilesLock> lock;
    if (flags.fsck.removeOrphans) {
        // An upload in flight, on any node, looks like an orphan.
        CM_TRY_ASSIGN(const std::string files, filesOf(config, folder));
        CM_TRY_ASSIGN(FilesLock taken, FilesLock::own(files));
        lock.emplace(std::move(taken));
    }
    CM_TRY_ASSIGN(const std::unique_ptr<Store> store, Store::open(config, folder));
    Log log(LogLevel::Warning);
    registry::Housekeeping housekeeping(*store->catalog, *store->blobs, log, store->clock, store->settings);
    CM_TRY_ASSIGN(const registry::FsckReport report, housekeeping.fsck(flags.fsck));
    printReport(report);
    return report.sound();
}

Result<void> migrate(const config::ServeConfig &config)
{
    // Opening brings the schema up to date.
    CM_TRY(openForAdmin(config, false));
    return {};
}

}  // namespace

void addAdminStore(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<CheckFlags>();
    CLI::App *checking = admin.add_subcommand("fsck", "Check every file against the catalog; exit code 3 means damage");
    checking->add_flag("--rehash", flags->fsck.rehash, "Read every byte and compare digests");
    checking->add_flag("--remove-orphans", flags->fsck.removeOrphans,
                       "Remove files that no release names; not while it serves");
    addStoreFlags(*checking, flags->store);
    checking->callback([flags, &chosen] {
        chosen = [flags] {
            return withConfiguration(flags->store, [flags](const config::ServeConfig &config) {
                const auto sound = fsck(*flags, config);
                if (!sound)
                    return complain(sound.error());
                return *sound ? exitDone : exitDamaged;
            });
        };
    });
    CLI::App *migrating = admin.add_subcommand("migrate", "Bring the catalog's schema up to date");
    addStoreFlags(*migrating, flags->store);
    migrating->callback([flags, &chosen] {
        chosen = [flags] {
            return withConfiguration(flags->store, [](const config::ServeConfig &config) {
                const auto done = migrate(config);
                if (!done)
                    return complain(done.error());
                std::puts("The catalog is up to date.");
                return exitDone;
            });
        };
    });
}

}  // namespace cm::daemon
