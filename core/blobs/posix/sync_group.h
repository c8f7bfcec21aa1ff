// SPDX-License-Identifier: GPL-3.0-or-later
// Shares the cost of durability: what waits is synced together, by one thread in a row, which lets the file system commit
// its journal once for the whole group instead of once for each. That thread alone may hang in a call: who waits for it is
// let go after the store's patience, and others go on with another thread. Owned by a blob store; any thread, sync() blocks.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cm::blobs {

// Answers as fsync does. Called by threads that may outlive the group.
using SyncCall = std::function<int(int descriptor)>;

class SyncGroup {
public:
    // `root` lies in the file system of all that is synced. A call that takes longer than `patience` is given up; `file` syncs
    // one file, and is chosen by the file system when empty.
    SyncGroup(std::string root, std::chrono::milliseconds patience, SyncCall file = {});
    ~SyncGroup();
    SyncGroup(const SyncGroup &) = delete;
    SyncGroup &operator=(const SyncGroup &) = delete;

    // Returns when the bytes of `files` and every entry made in `directories` (absolute) before the call are on disk, or
    // with Unavailable and retryAfter when the file system takes too long: then nothing is known of them. `owner` keeps
    // the files open for as long as anybody needs them, which may be longer than the call.
    Result<void> sync(const std::vector<int> &files, const std::vector<std::string> &directories, std::shared_ptr<void> owner = nullptr);
    // How long the oldest call that has not returned has taken; zero: there is none.
    [[nodiscard]] std::chrono::milliseconds waitsFor() const;
    // So many calls hang that no more are made until one of them returns: sync() fails at once.
    [[nodiscard]] bool isGivenUp() const;

private:
    struct State;
    void startThread();
    void giveUp();

    const std::shared_ptr<State> m_state;
};

}  // namespace cm::blobs
