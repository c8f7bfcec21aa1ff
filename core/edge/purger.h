// SPDX-License-Identifier: GPL-3.0-or-later
// Tells every cache in front of this registry what has changed, each on a thread of its own: one that does not
// answer holds up neither an upload nor the others. A change is purged when this node has left it behind, so that
// whatever a node gave away before goes when that node knows better. How far a cache has been told is kept in a
// folder of the node's own; what is not yet told is read from the journal, so a backlog may grow as long as it likes.
// Owned by the composition root; any thread.
#pragma once

#include "core/base/log.h"
#include "core/edge/backlog.h"
#include "core/edge/purge_driver.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cm::edge {

// What the purger knows of the registry.
struct Journal {
    // The serial up to which this node has dropped what it had prepared.
    std::function<Result<std::int64_t>()> seen;
    // Rising serials above `since`, at most `limit`.
    std::function<Result<std::vector<Change>>(std::int64_t since, std::int64_t limit)> changes;
};

struct LaneState {
    std::string name;
    std::string kind;
    std::size_t pending = 0;
    std::int64_t purged = 0;  // serial up to which it was told
    bool more = false;        // the journal goes on after what is counted as pending
    std::optional<Time> pendingSince;
    std::optional<Time> lastSuccess;
    std::optional<Time> lastErrorAt;  // since then nothing has succeeded, where it is later than that
    std::string lastError;
};

class Lane;

class Purger {
public:
    // Without drivers it does nothing. `folder` is made when it is needed.
    Purger(std::vector<std::unique_ptr<PurgeDriver>> drivers, Journal journal, std::filesystem::path folder, Log &log,
           const Clock &clock);
    ~Purger();
    Purger(const Purger &) = delete;
    Purger &operator=(const Purger &) = delete;

    // Unavailable when the folder cannot be used.
    Result<void> start();
    void stop();
    // Something was committed. Quick.
    void wake();
    // Keys to be purged in every cache, besides what has changed; kept over a restart. Conflict without any cache.
    Result<void> order(const std::vector<std::string> &keys, bool soft);
    [[nodiscard]] std::vector<LaneState> state() const;

private:
    std::filesystem::path m_folder;
    std::vector<std::unique_ptr<Lane>> m_lanes;
};

}  // namespace cm::edge
