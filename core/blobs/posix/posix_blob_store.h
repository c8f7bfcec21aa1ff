// SPDX-License-Identifier: GPL-3.0-or-later
// Blobs in a folder of a POSIX file system (a local disk or a GlusterFS mount): staging in
// <root>/tmp, blobs below <root>/packages. Owned by the composition root; any thread.
#pragma once

#include "core/blobs/blob_store.h"
#include "core/blobs/posix/sync_group.h"

namespace cm::blobs {

class PosixBlobStore final : public BlobStore {
public:
    using BlobStore::commit;

    // Makes the folders when missing. Unavailable with the reason when that fails.
    static Result<std::unique_ptr<PosixBlobStore>> open(std::string root);
    ~PosixBlobStore() override;

    Result<std::unique_ptr<StagedBlob>> stage() override;
    Result<void> commit(std::vector<Placement> placements) override;
    [[nodiscard]] Result<OpenBlob> open(std::string_view path) const override;
    [[nodiscard]] Result<std::string> absolutePath(std::string_view path) const override;
    [[nodiscard]] Result<BlobInfo> stat(std::string_view path) const override;
    Result<void> remove(std::string_view path) override;
    Result<void> list(const std::function<bool(const BlobInfo &)> &visitor) const override;
    Result<std::size_t> sweepStaging() override;
    [[nodiscard]] StoreHealth health() const override;

private:
    PosixBlobStore(std::string root, int rootFd);

    std::string m_root;
    std::string m_packages;
    std::string m_staging;
    int m_rootFd;
    SyncGroup m_sync;
};

}  // namespace cm::blobs
