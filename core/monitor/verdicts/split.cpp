// SPDX-License-Identifier: GPL-3.0-or-later
// Two that take writes, two that say otherwise, one that takes none: what tells who is right, by name, and the act
// that follows from it where the facts decide one.
#include "core/api/actions.h"
#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

struct Writer {
    std::string name;
    std::int64_t timeline = 0;
    std::size_t used = 0;  // by so many pgpools that serve
};

bool isFresh(const PoolInput &pool, Time stillFresh)
{
    return pool.watched.answers() && pool.watched.taken >= stillFresh;
}

bool holds(const PoolInput &pool, const std::string &server, const std::vector<KnownBackend> &databases)
{
    const auto &backends = pool.watched.facts->backends();
    return std::any_of(backends.begin(), backends.end(), [&](const PoolBackendFacts &backend) {
        return backend.role == "primary" && backendName(backend, databases) == server;
    });
}

std::string usedBy(const Writer &writer, std::size_t pools)
{
    return writer.used == pools ? fmt::format("every pgpool uses {}", writer.name)
           : writer.used == 0   ? fmt::format("no pgpool uses {}", writer.name)
                                : fmt::format("{} of {} pgpools use{} {}", writer.used, pools, writer.used == 1 ? "s" : "", writer.name);
}

// The one to stop: fewer use it, most use the other, and its history is not the newer one. Null: they do not decide it.
const Writer *weaker(const std::vector<Writer> &writers, std::size_t pools)
{
    if (writers.size() != 2 || pools == 0)
        return nullptr;
    for (const auto &[one, other] : {std::pair(&writers[0], &writers[1]), std::pair(&writers[1], &writers[0])}) {
        if (2 * other->used > pools && one->used < other->used && one->timeline <= other->timeline)
            return one;
    }
    return nullptr;
}

}  // namespace

void weighPrimaries(RawFindings &found, const std::vector<DatabaseInput> &servers, const std::vector<PoolInput> &pools,
                    const std::vector<KnownBackend> &databases, Time stillFresh)
{
    // One that only votes sends nobody anywhere.
    const auto serving = static_cast<std::size_t>(std::count_if(pools.begin(), pools.end(), [](const PoolInput &pool) { return !pool.witness; }));
    std::vector<Writer> writers;
    std::string words;
    for (const DatabaseInput &server : servers) {
        const auto &watched = server.watched;
        if (!watched.answers() || watched.taken < stillFresh || watched.facts->inRecovery)
            continue;
        const auto uses = [&](const PoolInput &pool) { return !pool.witness && isFresh(pool, stillFresh) && holds(pool, server.name, databases); };
        writers.push_back({server.name, watched.facts->timeline.value_or(0), static_cast<std::size_t>(std::count_if(pools.begin(), pools.end(), uses))});
        const Writer &writer = writers.back();
        words += words.empty() ? "" : ", ";
        words += serving == 0 ? fmt::format("{} on timeline {}", writer.name, writer.timeline) : fmt::format("{} (timeline {})", usedBy(writer, serving), writer.timeline);
    }
    if (words.empty())
        return;
    const Writer *stop = weaker(writers, serving);
    for (RawFinding &finding : found) {
        if (finding.code != code::splitBrain)
            continue;
        finding.statement += ": " + words;
        if (!stop) {
            finding.remedy = "The facts do not decide which of the two to fence. Order read-only mode, so that neither takes more; then compare the two on "
                             "Replication with a second person: the newer timeline, and whom the web nodes reach.";
            continue;
        }
        const Writer &keep = stop == &writers[0] ? writers[1] : writers[0];
        finding.remedy = fmt::format("Fence {}. {} stays: {}{}. What {} alone has taken stays on its disk.", stop->name, keep.name, usedBy(keep, serving),
                                     keep.timeline > stop->timeline ? ", and its timeline is the newer one" : "", stop->name);
        finding.act = api::nameOf(api::ActionKind::Fence);
        finding.actOn = stop->name;
        finding.cause = finding.node == stop->name ? std::string() : stop->name;
    }
}

void weighViews(RawFindings &found, const std::vector<DatabaseInput> &servers, const std::vector<PoolInput> &pools,
                const std::vector<KnownBackend> &databases, Time stillFresh)
{
    const auto streams = [&](const std::string &name) {
        return std::any_of(servers.begin(), servers.end(), [&](const DatabaseInput &server) {
            const auto &watched = server.watched;
            return server.name == name && watched.answers() && watched.taken >= stillFresh && watched.facts->inRecovery && watched.facts->receiver &&
                   watched.facts->receiver->status == "streaming";
        });
    };
    const PoolInput *wrong = nullptr;
    std::string about, word;
    bool reaches = false;
    std::size_t others = 0;
    for (const PoolInput &pool : pools) {
        if (pool.witness || !isFresh(pool, stillFresh))
            continue;
        const auto &backends = pool.watched.facts->backends();
        const auto out = std::find_if(backends.begin(), backends.end(), [&](const PoolBackendFacts &backend) {
            return !backend.isUp() && streams(backendName(backend, databases));
        });
        if (out == backends.end()) {
            ++others;
            continue;
        }
        // Several that keep it out may have a reason that we do not see.
        if (wrong)
            return;
        wrong = &pool;
        about = backendName(*out, databases);
        word = out->status;
        reaches = out->actualStatus != "down";
    }
    if (!wrong || others == 0)
        return;
    for (RawFinding &finding : found) {
        // One that contradicts itself is another trouble.
        if (finding.code != code::disagree || !finding.subject.empty())
            continue;
        finding.statement = fmt::format("{} has set {} aside (it says: {}), and {} answers and streams", wrong->name, about, word, about);
        // It is known who is right, and the others use the standby: nobody is hit.
        finding.verdict = Verdict::Warning;
        finding.remedy = reaches ? fmt::format("Attach {} on {} (pcp_attach_node there): {} is wrong. Nothing else needs a change.", about, wrong->name, wrong->name)
                                 : fmt::format("Repair the way from {} to {}, then attach {} there (pcp_attach_node): {} alone does not reach it.", wrong->name, about, about, wrong->name);
        finding.cause = finding.node == wrong->name ? std::string() : wrong->name;
    }
}

void nameWriter(RawFindings &found, const std::vector<WebInput> &webs, const ClusterJudgement &cluster)
{
    const std::string &primary = cluster.primary;
    const bool itself = std::any_of(found.begin(), found.end(), [&](const RawFinding &finding) { return finding.code == code::readOnlyDatabase && finding.node == primary; });
    std::vector<std::string> those;
    for (const WebInput &web : webs) {
        if (std::any_of(found.begin(), found.end(), [&](const RawFinding &finding) { return finding.code == code::readOnlyDatabase && finding.node == web.name; }))
            those.push_back(web.name);
    }
    for (RawFinding &finding : found) {
        if (finding.code != code::readOnlyDatabase)
            continue;
        if (itself && finding.node == primary)
            finding.remedy = fmt::format("Look who has made {} read-only: show default_transaction_read_only, and its log. Set it back there.", primary);
        else if (!itself && !primary.empty() && std::find(those.begin(), those.end(), finding.node) != those.end())
            finding.remedy = fmt::format("Find where writes of {} go, for {} takes them: look in the pgpool views for one that calls another server the primary, "
                                         "and restart that pgpool: it finds the primary anew. Where none does, the configuration of {} names a wrong database.",
                                         listOf(those), primary, listOf(those));
    }
}

}  // namespace cm::monitor
