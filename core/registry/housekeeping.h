// SPDX-License-Identifier: GPL-3.0-or-later
// What a registry does for itself: sweeping, purging, pruning, and the check of store against
// catalog. Owned by the composition root; any thread, blocks. One of them per store at a time.
#pragma once

#include "core/base/log.h"
#include "core/blobs/blob_store.h"
#include "core/catalog/catalog.h"
#include "core/registry/settings.h"

#include <stop_token>

namespace cm::registry {

struct FsckOptions {
    bool rehash = false;         // read every byte again
    bool removeOrphans = false;  // only with no server running on the store: an upload in flight is
                                 // an orphan until its row is committed
};

struct FsckReport {
    std::int64_t files = 0;
    std::vector<std::string> missing;  // a row names it, no blob is there
    std::vector<std::string> wrongSize;
    std::vector<std::string> wrongDigest;  // only with rehash
    std::vector<std::string> orphans;      // a blob that no row names
    std::int64_t removed = 0;
    [[nodiscard]] bool sound() const { return missing.empty() && wrongSize.empty() && wrongDigest.empty(); }
};

struct PurgeReport {
    std::int64_t blobs = 0;
    std::int64_t events = 0;
    std::int64_t sessions = 0;
};

class Housekeeping {
public:
    Housekeeping(catalog::Catalog &catalog, blobs::BlobStore &blobs, Log &log, const Clock &clock,
                 const Settings &settings)
        : m_catalog(catalog), m_blobs(blobs), m_log(log), m_clock(clock), m_settings(settings)
    {}

    // Before serving: what a crash left in staging.
    Result<std::size_t> sweep();
    // Each hour: expired deletions with their bytes, old events, ended sessions. Nothing while the registry is
    // read-only.
    Result<PurgeReport> purge();
    // Cancelled when asked to stop.
    Result<FsckReport> fsck(const FsckOptions &options = {}, std::stop_token stop = {});

private:
    Result<std::int64_t> removeIdle(Time now);

    catalog::Catalog &m_catalog;
    blobs::BlobStore &m_blobs;
    Log &m_log;
    const Clock &m_clock;
    const Settings &m_settings;
};

}  // namespace cm::registry
