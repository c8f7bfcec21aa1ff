// SPDX-License-Identifier: GPL-3.0-or-later
// The store of package bytes: written once under a path made of their digest, durable when commit
// returns, never changed. Owned by the composition root; any thread, every call may block on the
// disk. Errors: NotFound, TooLarge (over the store's own bound), Unavailable (full, failing,
// read-only; `detail` says which; with retryAfter while its volume is away or stands still: `detail` may then be shown to
// anybody), Corrupt (what lies at the path is no file), InvalidInput (path).
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/blobs/blob_path.h"
#include "core/blobs/open_blob.h"
#include "core/blobs/staged_blob.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cm::blobs {

struct BlobInfo {
    std::string path;
    std::uint64_t size = 0;
    Time modified{};
};

struct Placement {
    std::unique_ptr<StagedBlob> blob;
    std::string path;
};

// What commit() has put in place, for withdraw().
struct Placed {
    std::string path;
    std::int64_t stamp = 0;  // opaque; 0: the same bytes lay there before
};

struct StoreHealth {
    bool writable = false;
    bool present = true;  // false: nothing can be read either, for the volume is not mounted or does not answer
    std::uint64_t freeBytes = 0;
    std::uint64_t totalBytes = 0;
    std::chrono::milliseconds waits{0};  // how long the oldest call that has not returned has taken; 0: there is none
    std::string problem;  // empty when writable
};

class BlobStore {
public:
    virtual ~BlobStore() = default;

    virtual Result<std::unique_ptr<StagedBlob>> stage() = 0;

    // Makes all of them durable and visible, or fails. The same bytes at the path stay where they are;
    // others, which only damage can have left there, are replaced. Waiting callers share the cost of one synchronisation, so a wheel
    // and its .metadata go in one call.
    virtual Result<std::vector<Placed>> commit(std::vector<Placement> placements) = 0;
    Result<void> commit(std::unique_ptr<StagedBlob> blob, std::string path);
    // For an upload that is refused after all: takes away what it has placed, unless somebody, on any
    // node, has come to rely on it meanwhile by committing the same bytes.
    virtual void withdraw(const std::vector<Placed> &placed) = 0;
    // Stages and commits a small sibling, such as the .metadata of a wheel.
    Result<void> put(std::string path, std::string_view bytes);

    [[nodiscard]] virtual Result<OpenBlob> open(std::string_view path) const = 0;
    // Of the file itself, whether or not it is there.
    [[nodiscard]] virtual Result<std::string> absolutePath(std::string_view path) const = 0;
    [[nodiscard]] virtual Result<BlobInfo> stat(std::string_view path) const = 0;
    // Also removes the folder of its digest when that becomes empty. NotFound when there is none.
    virtual Result<void> remove(std::string_view path) = 0;
    // For bytes that several rows may name: removes them unless somebody, on any node, has committed the same
    // since `before`. False when somebody has; what is gone already is removed. The rows are asked first.
    virtual Result<bool> removeIdle(std::string_view path, Time before) = 0;
    // Every blob, in no order; ends early when the visitor returns false.
    virtual Result<void> list(const std::function<bool(const BlobInfo &)> &visitor) const = 0;
    // Removes what a crash left in staging; returns how many. Only while nobody stages here: at start. Of
    // other nodes' staging only what was abandoned long ago goes.
    virtual Result<std::size_t> sweepStaging() = 0;
    // Tries to write. Where the store is watched, a file system that does not answer is known without asking it.
    [[nodiscard]] virtual StoreHealth health() const = 0;
};

}  // namespace cm::blobs
