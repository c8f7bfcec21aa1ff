// SPDX-License-Identifier: GPL-3.0-or-later
// A spool's folder as the last process left it, made whole. Blocks on the disk; one thread, before anything else is done there.
#pragma once

#include "core/base/log.h"
#include "core/metrics/intake/spool.h"

namespace cm::metrics::intake {

struct Spool::Recovered {
    std::string id;
    std::vector<std::int64_t> starts;
    std::int64_t end = 0;
    std::uint64_t cut = 0;  // bytes behind the last sound block, which are gone
    Tails tails;
    std::uint32_t nextStream = 1;
};

}  // namespace cm::metrics::intake
