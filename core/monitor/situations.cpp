// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/situations.h"

#include "core/monitor/probes/agent_probe.h"

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

constexpr std::string_view notInTime = "it did not answer in time";

template <class Inputs>
void silenceBefore(Inputs &inputs, Time begun)
{
    for (auto &input : inputs) {
        if (input.watched.answers() && input.watched.asked < begun) {
            input.watched.outcome = Outcome::Silent;
            input.watched.problem = notInTime;
        }
    }
}

}  // namespace

void forgetBefore(Snapshot &board, Time begun, Time slow, std::chrono::milliseconds hurry)
{
    silenceBefore(board.webs, begun);
    silenceBefore(board.databases, begun);
    silenceBefore(board.certificates, begun);
    silenceBefore(board.mirrors, begun);
    silenceBefore(board.edges, begun);
    silenceBefore(board.etcds, begun);
    for (PoolInput &pool : board.pools) {
        auto &watched = pool.watched;
        const bool told = watched.asked >= begun || (watched.taken >= slow && watched.taken - watched.asked > hurry);
        if (watched.answers() && !told) {
            watched.outcome = Outcome::Silent;
            watched.problem = notInTime;
        }
    }
}

void takeFromAgents(Situation &now, const Surroundings &around)
{
    for (const auto &server : around.topology.glusters) {
        const HostAgent *agent = now.agentOn(server.host);
        for (VolumeInput &volume : now.volumes) {
            if (agent && volume.name == server.name)
                record(volume.watched, agent->state ? volumeIn(*agent->state) : fail(ErrorCode::Timeout, std::string(notInTime)), now.stillFresh, now.now);
        }
    }
    for (const auto &certificate : around.topology.certificates) {
        const HostAgent *agent = now.agentOn(certificate.host);
        if (!agent || !agent->state || certificate.file.empty())
            continue;
        for (CertificateSeen &seen : now.certificates) {
            if (seen.name != certificate.name || !seen.pair)
                continue;
            auto told = certificateIn(*agent->state, certificate.file);
            seen.pair->onDisk = told ? std::optional(std::move(*told)) : std::nullopt;
        }
    }
}

std::vector<Place> placesOf(const Surroundings &around)
{
    const config::Topology &topology = around.topology;
    std::vector<Place> places;
    for (const auto &web : topology.webs)
        places.push_back({web.name, "web", web.host});
    for (const auto &database : topology.databases)
        places.push_back({database.name, "postgres", database.host});
    for (const auto &mirror : topology.mirrors)
        places.push_back({mirror.name, "mirror", mirror.host});
    for (const auto &cdn : topology.cdns)
        places.push_back({cdn.name, "cdn", cdn.host});
    for (const auto &server : topology.glusters)
        places.push_back({server.name, "gluster", server.host});
    return places;
}

Situation situationOf(const Surroundings &around, Snapshot board, std::vector<HostAgent> agents, Time stillFresh, Time time)
{
    const config::Topology &topology = around.topology;
    Situation now;
    now.now = time;
    now.stillFresh = stillFresh;
    now.places = placesOf(around);
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
