// SPDX-License-Identifier: GPL-3.0-or-later
// Blobs in a folder of a POSIX file system (a local disk or a GlusterFS mount): staging in
// <root>/<staging>, blobs below <root>/packages. Nodes that share a root each have a staging folder
// of their own. Owned by the composition root; any thread.
#pragma once

#include "core/base/log.h"
#include "core/blobs/blob_store.h"
#include "core/blobs/posix/store_watch.h"
#include "core/blobs/posix/sync_group.h"

#include <mutex>
#include <optional>
#include <span>
#include <sys/types.h>
#include <unordered_set>

namespace cm::blobs {

// What is asked of the file system below a store.
struct StoreGround {
    std::string mount;                        // where its volume has to be mounted; empty: it may lie anywhere
    std::chrono::milliseconds patience{20'000};  // how long one call may take before it is given up
    SyncCall syncFile;                        // as SyncGroup takes it
};

// Unavailable while nothing is mounted at that folder.
Result<void> checkMounted(const std::string &mount);

class PosixBlobStore final : public BlobStore {
public:
    using BlobStore::commit;

    // Makes the folders when missing, unless nothing is mounted where it should be. Unavailable with the reason when
    // that fails.
    static Result<std::unique_ptr<PosixBlobStore>> create(const std::string &root, const std::string &staging = "tmp", StoreGround ground = {});
    // From now on a volume that goes away or stands still is noticed, and nobody is let in meanwhile. Once, before the
    // store is used by several threads.
    void watch(Log &log);

    Result<std::unique_ptr<StagedBlob>> stage() override;
    // Every blob must come from stage() of this store.
    Result<std::vector<Placed>> commit(std::vector<Placement> placements) override;
    void withdraw(const std::vector<Placed> &placed) override;
    [[nodiscard]] Result<OpenBlob> open(std::string_view path) const override;
    [[nodiscard]] Result<std::string> absolutePath(std::string_view path) const override;
    [[nodiscard]] Result<BlobInfo> stat(std::string_view path) const override;
    Result<void> remove(std::string_view path) override;
    Result<bool> removeIdle(std::string_view path, Time before) override;
    Result<void> list(const std::function<bool(const BlobInfo &)> &visitor) const override;
    Result<std::size_t> sweepStaging() override;
    [[nodiscard]] StoreHealth health() const override;
    // False while its volume is away, which only a store that is watched finds out. Never blocks.
    [[nodiscard]] bool isPresent() const;
    // Makes blobs of another store durable here as well: links to the same bytes, or copies where that
    // cannot be; answers how many were copied. What lies here already is compared, and replaced.
    Result<std::size_t> adopt(const PosixBlobStore &other, std::span<const std::string> paths);

private:
    PosixBlobStore(std::string root, std::string staging, StoreGround ground);
    // What one commit holds, until its bytes are on the disk: the files to sync stay open as long.
    struct Held {
        std::vector<Placement> placements;
        std::vector<int> files;
        std::vector<OpenBlob> kept;  // owners of those that lay there already
        std::vector<std::string> folders;
        std::vector<Placed> placed;
    };
    // Unavailable while the volume is away, for writers also while writes hang.
    [[nodiscard]] Result<void> usable(bool forWriting) const;
    Result<void> placeAll(const std::shared_ptr<Held> &held);
    Result<void> place(Placement &placement, Held &held);
    // The placement meets something at `target`. False when that has gone again.
    Result<bool> settle(Placement &placement, const std::string &target, Held &held);
    Result<void> makeFolders(std::string_view path, std::vector<std::string> &changed);
    bool isDurable(const std::string &folder);
    void withdraw(const Placed &placed);
    Result<std::unique_ptr<StagedBlob>> copyOf(const PosixBlobStore &other, std::string_view path);
    [[nodiscard]] Result<std::size_t> sweepFolder(const std::string &folder, std::optional<Time> before) const;

    const std::string m_root;
    const std::string m_packages;
    const std::string m_staging;
    const StoreGround m_ground;
    std::optional<dev_t> m_below;  // the device on which the place of the mount lies
    SyncGroup m_sync;
    std::unique_ptr<StoreWatch> m_watch;
    std::mutex m_mutex;
    // Shared folders whose own entries are known to be on disk: they need no further sync.
    std::unordered_set<std::string> m_durable;
};

}  // namespace cm::blobs
