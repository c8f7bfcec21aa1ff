// SPDX-License-Identifier: GPL-3.0-or-later
// Shares the cost of making directory entries durable: of the threads that wait, one leads and
// syncs the distinct directories of all, the others are answered with it. Owned by a blob store;
// any thread, sync() blocks.
#pragma once

#include "core/base/result.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace cm::blobs {

class SyncGroup {
public:
    // Returns when every entry made in `directories` (absolute) before the call is on disk.
    Result<void> sync(const std::vector<std::string> &directories);

private:
    struct Batch {
        std::set<std::string> directories;
        Result<void> outcome;
        bool done = false;
    };

    static Result<void> syncAll(const std::set<std::string> &directories);

    std::mutex m_mutex;
    std::condition_variable m_finished;
    std::shared_ptr<Batch> m_collecting;
    bool m_leading = false;
};

}  // namespace cm::blobs
