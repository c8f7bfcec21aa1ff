// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/blob_store.h"

namespace cm::blobs {

Result<void> BlobStore::commit(std::unique_ptr<StagedBlob> blob, std::string path)
{
    std::vector<Placement> placements;
    placements.push_back({std::move(blob), std::move(path)});
    CM_TRY(commit(std::move(placements)));
    return {};
}

Result<void> BlobStore::put(std::string path, std::string_view bytes)
{
    CM_TRY(checkBlobPath(path));
    CM_TRY_ASSIGN(auto blob, stage());
    CM_TRY(blob->append(std::as_bytes(std::span(bytes))));
    return commit(std::move(blob), std::move(path));
}

}  // namespace cm::blobs
