// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/descriptors.h"

#include "core/http/server.h"

#include <algorithm>
#include <string>
#include <sys/resource.h>
#include <thread>

namespace cm::daemon {
namespace {

// SQLite's three files for each of some forty threads, what uploads stage and read, two archives of documentation
// that are unpacked, listeners, log.
constexpr std::size_t reserved = 448;
// What POSIX promises, should the system not tell.
constexpr std::size_t fewest = 256;
constexpr std::size_t fewestConnections = 32;

}  // namespace

std::size_t raiseDescriptorLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fewest;
    rlimit wanted = limit;
    wanted.rlim_cur = wanted.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? wanted.rlim_cur : limit.rlim_cur;
}

Result<void> checkDescriptorLimit(std::size_t limit)
{
    if (limit >= leastDescriptors)
        return {};
    return fail(ErrorCode::Unavailable,
                "no more than " + std::to_string(limit) + " files may be open at once, and serving takes at least " +
                    std::to_string(leastDescriptors) + ": raise the limit (ulimit -n, LimitNOFILE)");
}

DescriptorBudget divideDescriptors(std::size_t limit, std::size_t threads)
{
    const http::Limits most;
    threads = std::max<std::size_t>(threads == 0 ? std::thread::hardware_concurrency() : threads, 1);
    const std::size_t spare = limit - std::min(limit, reserved);
    DescriptorBudget budget;
    budget.cachedFiles = std::clamp<std::size_t>(spare / 8 / threads, 1, most.cachedFiles);
    // A connection is a socket and, while it is sent, a file that the cache may have let go.
    const std::size_t left = spare - std::min(spare, budget.cachedFiles * threads);
    budget.connections = std::clamp<std::size_t>(left / 2, fewestConnections, most.maxConnections);
    return budget;
}

}  // namespace cm::daemon
