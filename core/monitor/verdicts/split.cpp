// SPDX-License-Identifier: GPL-3.0-or-later
// Two that take writes: what tells them apart, for whoever has to fence one of them.
#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

std::size_t followers(const std::string &server, const std::vector<PoolInput> &pools, const std::vector<KnownBackend> &databases, Time stillFresh)
{
    return static_cast<std::size_t>(std::count_if(pools.begin(), pools.end(), [&](const PoolInput &pool) {
        if (!pool.watched.answers() || pool.watched.taken < stillFresh)
            return false;
        const auto &backends = pool.watched.facts->byControl;
        return std::any_of(backends.begin(), backends.end(), [&](const PoolBackendFacts &backend) {
            return backend.role == "primary" && backendName(backend, databases) == server;
        });
    }));
}

}  // namespace

void weighPrimaries(RawFindings &found, const std::vector<DatabaseInput> &servers, const std::vector<PoolInput> &pools,
                    const std::vector<KnownBackend> &databases, Time stillFresh)
{
    std::string words;
    for (const DatabaseInput &server : servers) {
        const auto &watched = server.watched;
        if (!watched.answers() || watched.taken < stillFresh || watched.facts->inRecovery)
            continue;
        words += fmt::format("{}{} on timeline {}", words.empty() ? "" : ", ", server.name, watched.facts->timeline.value_or(0));
        if (!pools.empty())
            words += fmt::format(" and for {} of {} pgpools", followers(server.name, pools, databases, stillFresh), pools.size());
    }
    if (words.empty())
        return;
    for (RawFinding &finding : found) {
        if (finding.code == api::finding::splitBrain)
            finding.statement += ": " + words;
    }
}

}  // namespace cm::monitor
