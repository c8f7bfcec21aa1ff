// SPDX-License-Identifier: GPL-3.0-or-later
// Shares the cost of durability: of the threads that wait, one leads and syncs the files and the
// distinct directories of all, the others are answered with it. One thread syncing in a row lets
// the file system commit its journal once for the whole group instead of once for each. Owned by a
// blob store; any thread, sync() blocks.
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
    // `root` lies in the file system of all that is synced.
    explicit SyncGroup(std::string root);

    // Returns when the bytes of `files` (open until then) and every entry made in `directories`
    // (absolute) before the call are on disk.
    Result<void> sync(const std::vector<int> &files, const std::vector<std::string> &directories);

private:
    struct Batch {
        std::vector<int> files;
        std::set<std::string> directories;
        Result<void> outcome;
        bool done = false;
    };

    Result<void> syncAll(const Batch &batch) const;
    Result<void> syncFileSystem() const;

    const std::string m_root;
    const bool m_wholeSync;  // syncfs does here what it says
    const bool m_filesCarryNames;  // folders are not synchronised by what says so
    std::mutex m_mutex;
    std::condition_variable m_finished;
    std::shared_ptr<Batch> m_collecting;
    bool m_leading = false;
};

}  // namespace cm::blobs
