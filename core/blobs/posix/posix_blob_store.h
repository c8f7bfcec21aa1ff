// SPDX-License-Identifier: GPL-3.0-or-later
// Blobs in a folder of a POSIX file system (a local disk or a GlusterFS mount): staging in
// <root>/<staging>, blobs below <root>/packages. Nodes that share a root each have a staging folder
// of their own. Owned by the composition root; any thread.
#pragma once

#include "core/blobs/blob_store.h"
#include "core/blobs/posix/sync_group.h"

#include <mutex>
#include <optional>
#include <span>
#include <unordered_set>

namespace cm::blobs {

class PosixBlobStore final : public BlobStore {
public:
    using BlobStore::commit;

    // Makes the folders when missing. Unavailable with the reason when that fails.
    static Result<std::unique_ptr<PosixBlobStore>> create(const std::string &root, const std::string &staging = "tmp");

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
    // Makes blobs of another store durable here as well: links to the same bytes, or copies where that
    // cannot be; answers how many were copied. What lies here already is compared, and replaced.
    Result<std::size_t> adopt(const PosixBlobStore &other, std::span<const std::string> paths);

private:
    PosixBlobStore(std::string root, std::string packages, std::string staging)
        : m_root(std::move(root)), m_packages(std::move(packages)), m_staging(std::move(staging)), m_sync(m_packages)
    {
    }
    // What one commit must sync.
    struct Unsynced {
        std::vector<int> files;
        std::vector<OpenBlob> kept;  // owners of those that lay there already
        std::vector<std::string> folders;
        std::vector<Placed> placed;
    };
    Result<void> placeAll(std::vector<Placement> &placements, Unsynced &unsynced);
    Result<void> place(Placement &placement, Unsynced &unsynced);
    // The placement meets something at `target`. False when that has gone again.
    Result<bool> settle(Placement &placement, const std::string &target, Unsynced &unsynced);
    Result<void> makeFolders(std::string_view path, std::vector<std::string> &changed);
    bool isDurable(const std::string &folder);
    void withdraw(const Placed &placed);
    Result<std::unique_ptr<StagedBlob>> copyOf(const PosixBlobStore &other, std::string_view path);
    [[nodiscard]] Result<std::size_t> sweepFolder(const std::string &folder, std::optional<Time> before) const;

    std::string m_root;
    std::string m_packages;
    std::string m_staging;
    SyncGroup m_sync;
    std::mutex m_mutex;
    // Shared folders whose own entries are known to be on disk: they need no further sync.
    std::unordered_set<std::string> m_durable;
};

}  // namespace cm::blobs
