// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin fsck | migrate
#include "app/daemon/command.h"
#include "app/daemon/compose.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cm::daemon {
namespace {

struct StoreFlags {
    std::string data;
    registry::FsckOptions fsck;
};

void print(const char *what, const std::vector<std::string> &paths)
{
    for (const std::string &path : paths)
        std::printf("%s\t%s\n", what, path.c_str());
}

Result<bool> fsck(const StoreFlags &flags)
{
    CM_TRY_ASSIGN(const DataFolder folder,
                  DataFolder::open(flags.data.empty() ? defaultDataFolder() : flags.data, false));
    std::optional<ServeLock> lock;
    if (flags.fsck.removeOrphans) {
        // An upload in flight looks like an orphan.
        CM_TRY_ASSIGN(ServeLock taken, ServeLock::take(folder));
        lock.emplace(std::move(taken));
    }
    CM_TRY_ASSIGN(const std::unique_ptr<Store> store, Store::open(folder, {}));
    Log log(LogLevel::Warning);
    registry::Housekeeping housekeeping(*store->catalog, *store->blobs, log, store->clock, store->settings);
    CM_TRY_ASSIGN(const registry::FsckReport report, housekeeping.fsck(flags.fsck));
    print("missing", report.missing);
    print("wrong-size", report.wrongSize);
    print("wrong-digest", report.wrongDigest);
    print("orphan", report.orphans);
    std::printf("%lld files, %s; %zu orphans, %lld removed\n", static_cast<long long>(report.files),
                report.sound() ? "all sound" : "DAMAGED", report.orphans.size(),
                static_cast<long long>(report.removed));
    return report.sound();
}

Result<void> migrate(const StoreFlags &flags)
{
    CM_TRY_ASSIGN(const DataFolder folder,
                  DataFolder::open(flags.data.empty() ? defaultDataFolder() : flags.data, false));
    // Opening brings the schema up to date.
    CM_TRY(Store::open(folder, {}));
    return {};
}

}  // namespace

void addAdminStore(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<StoreFlags>();
    CLI::App *checking = admin.add_subcommand("fsck", "Check every file against the catalog; exit code 3 means damage");
    checking->add_flag("--rehash", flags->fsck.rehash, "Read every byte and compare digests");
    checking->add_flag("--remove-orphans", flags->fsck.removeOrphans,
                       "Remove files that no release names; not while it serves");
    checking->add_option("--data", flags->data, "Folder of the registry")->type_name("DIR");
    checking->callback([flags, &chosen] {
        chosen = [flags] {
            const auto sound = fsck(*flags);
            if (!sound)
                return complain(sound.error());
            return *sound ? exitDone : exitDamaged;
        };
    });
    CLI::App *migrating = admin.add_subcommand("migrate", "Bring the catalog's schema up to date");
    migrating->add_option("--data", flags->data, "Folder of the registry")->type_name("DIR");
    migrating->callback([flags, &chosen] {
        chosen = [flags] {
            const auto done = migrate(*flags);
            if (!done)
                return complain(done.error());
            std::puts("The catalog is up to date.");
            return exitDone;
        };
    });
}

}  // namespace cm::daemon
