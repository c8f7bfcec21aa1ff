// SPDX-License-Identifier: GPL-3.0-or-later
// A blob on its way in: bytes in the store's own staging folder, seen by nobody. Owned by whoever
// staged it and used by one thread at a time; destroying it without BlobStore::commit discards it.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace cm::blobs {

class StagedBlob {
public:
    virtual ~StagedBlob() = default;

    // Unavailable when the disk is full or fails. After a failure the blob can only be discarded.
    virtual Result<void> append(std::span<const std::byte> bytes) = 0;
    // Bytes appended so far.
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    // A file that holds what was appended so far, for reading (archive checks) until commit.
    [[nodiscard]] virtual const std::string &localPath() const = 0;
};

}  // namespace cm::blobs
