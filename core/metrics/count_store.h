// SPDX-License-Identifier: GPL-3.0-or-later
// Where counts are kept, as the ingester sees it. Owned by the composition root; any thread; every call may
// block. Errors: Conflict, Unavailable (try again), Timeout (of add(): whether it took place is not known; ask
// position()), Corrupt, Internal.
#pragma once

#include "core/base/result.h"
#include "core/metrics/counts.h"

namespace cm::metrics {

class CountStore {
public:
    virtual ~CountStore() = default;

    // How far `source` is in the counts: 0 for one that was never seen.
    virtual Result<std::int64_t> position(const std::string &source) = 0;
    // All of the batch and its position in one transaction, or nothing of it. Conflict when the source stands
    // elsewhere than at `from`: somebody else was here, and nothing was added.
    virtual Result<void> add(const Batch &batch) = 0;
};

}  // namespace cm::metrics
