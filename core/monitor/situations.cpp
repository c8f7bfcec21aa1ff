// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/situations.h"

#include <algorithm>

namespace cm::monitor {
namespace {

Engine engineOf(const config::Topology &topology)
{
    const auto all = [&](auto holds) { return !topology.databases.empty() && std::all_of(topology.databases.begin(), topology.databases.end(), holds); };
    const auto hasAgent = [&](const config::TopologyPostgres &database) {
        return std::any_of(topology.agents.begin(), topology.agents.end(), [&](const auto &agent) { return agent.host == database.host; });
    };
    const auto hasPatroni = [](const config::TopologyPostgres &database) { return database.patroniPort != 0; };
    if (topology.failover == "patroni" || (topology.failover.empty() && all(hasPatroni)))
        return Engine::Patroni;
    if (topology.failover == "keepers" || (topology.failover.empty() && (all(hasAgent) || topology.pools.empty())))
        return Engine::Keepers;
    return Engine::Pgpool;
}

}  // namespace

Situation situationOf(const Surroundings &around, Snapshot board, std::vector<HostAgent> agents, Time stillFresh, Time time)
{
    const config::Topology &topology = around.topology;
    Situation now;
    now.now = time;
    now.stillFresh = stillFresh;
    for (const auto &web : topology.webs)
        now.places.push_back({web.name, "web", web.host});
    for (const auto &database : topology.databases)
        now.places.push_back({database.name, "postgres", database.host});
    for (const auto &mirror : topology.mirrors)
        now.places.push_back({mirror.name, "mirror", mirror.host});
    for (const auto &cdn : topology.cdns)
        now.places.push_back({cdn.name, "cdn", cdn.host});
    for (const auto &server : topology.glusters)
        now.places.push_back({server.name, "gluster", server.host});
    now.mirrors = std::move(board.mirrors);
    now.volumes = std::move(board.volumes);
    now.etcds = std::move(board.etcds);
    now.edges = std::move(board.edges);
    now.databases = std::move(board.databases);
    now.webs = std::move(board.webs);
    now.pools = std::move(board.pools);
    now.backends = backendsOf(around);
    for (CertificateInput &input : board.certificates) {
        for (const auto &certificate : topology.certificates) {
            if (certificate.name == input.name)
                now.certificates.push_back({input.name, certificate.host, certificate.port,
                                            input.watched.answers() ? input.watched.facts : std::nullopt});
        }
    }
    now.agents = std::move(agents);
    now.engine = engineOf(topology);
    now.cluster = judgeCluster(now.databases, stillFresh);
    return now;
}

Situation watchedSituation(const Surroundings &around, Snapshot board, Time time)
{
    const Time stillFresh = time - around.freshFor();
    std::vector<HostAgent> agents;
    for (AgentInput &input : board.agents) {
        auto &watched = input.watched;
        const bool fresh = watched.answers() && watched.taken >= stillFresh;
        agents.push_back({input.host, fresh ? std::optional(std::move(watched.facts->state)) : std::nullopt,
                          watched.problem.empty() ? "it has not been seen lately" : watched.problem});
    }
    Situation now = situationOf(around, std::move(board), std::move(agents), stillFresh, time);
    now.poolsFresh = time - around.poolFreshFor();
    now.patronisAsked = false;
    return now;
}

}  // namespace cm::monitor
