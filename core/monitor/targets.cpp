// SPDX-License-Identifier: GPL-3.0-or-later
// The probes of a topology, each bound to its place on the board.
#include "core/api/codec.h"
#include "core/monitor/landscape.h"
#include "core/monitor/peer_probe.h"
#include "core/monitor/probes/agent_probe.h"
#include "core/monitor/probes/edge_probe.h"
#include "core/monitor/probes/fastly_probe.h"
#include "core/monitor/probes/host_probe.h"
#include "core/monitor/probes/etcd_probe.h"
#include "core/monitor/probes/ingest_probe.h"
#include "core/monitor/probes/mirror_probe.h"
#include "core/monitor/probes/pgpool_probe.h"
#include "core/monitor/probes/postgres_probe.h"
#include "core/monitor/probes/ssh_probe.h"
#include "core/monitor/probes/web_probe.h"
#include "core/monitor/topology_hands.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr auto certificateEvery = std::chrono::seconds(5);
// A login costs both sides more than a request does, and waits for a node that is silent, in the place of which another is asked.
constexpr auto sessionEvery = std::chrono::seconds(5), sessionTimeout = std::chrono::seconds(10);
constexpr auto peerEvery = std::chrono::seconds(3);
// One file of each mirror; and how long its page, the origin's and its bytes may take.
constexpr auto sampleEvery = std::chrono::seconds(30), sampleTimeout = std::chrono::seconds(15);
// Fastly tells each second; what it has not got at once it waits for.
constexpr auto fastlyEvery = std::chrono::seconds(2), fastlyTimeout = std::chrono::seconds(5);
constexpr std::size_t mostPoints = DiskInput::span / DiskInput::between;

// A target that looks by `probe` and writes to the place that `place` names.
template <class Facts, class Place>
Watcher::Target target(Board &board, const Clock &clock, std::shared_ptr<Probe<Facts>> probe,
                       std::chrono::milliseconds every, std::chrono::milliseconds timeout, Place place, const char *role)
{
    return {every, timeout, [&board, &clock, probe = std::move(probe), place](const ProbeTime &time) {
                const Time asked = clock.now();
                auto looked = probe->look(time);
                if (!looked && looked.error().code == ErrorCode::Cancelled)
                    return;
                board.change([&](Snapshot &all) { record(place(all), std::move(looked), asked, clock.now()); });
            }, role};
}

void remember(DiskInput &disk)
{
    const auto &watched = disk.watched;
    if (!watched.answers())
        return;
    if (!disk.points.empty() && watched.taken - disk.points.back().taken < DiskInput::between)
        return;
    disk.points.push_back({watched.taken, watched.facts->available});
    if (disk.points.size() > mostPoints)
        disk.points.erase(disk.points.begin());
}

class Targets {
public:
    Targets(const Surroundings &around, Board &board, const Clock &clock)
        : m_around(around), m_board(board), m_clock(clock), m_host(std::make_shared<LocalHost>())
    {}

    std::vector<Watcher::Target> make()
    {
        addWebs();
        addDatabases();
        addPools();
        addAgents();
        addHostFacts();
        addVolumes();
        addMirrors();
        addEdges();
        addIngests();
        addSshes();
        addEtcds();
        addPeers();
        return std::move(m_out);
    }

private:
    // `role`: what a plan that rests on it has looked at; empty: nothing rests on it alone.
    template <class Facts, class Place>
    void add(const char *role, std::shared_ptr<Probe<Facts>> probe, Place place, std::chrono::milliseconds every,
             std::optional<std::chrono::milliseconds> timeout = {})
    {
        m_out.push_back(target<Facts>(m_board, m_clock, std::move(probe), every, timeout.value_or(m_around.timeout()), place, role));
    }

    [[nodiscard]] bool isLocal(const config::TopologyPart &part) const
    {
        return std::any_of(m_around.topology.monitors.begin(), m_around.topology.monitors.end(), [&](const auto &monitor) {
            return monitor.name == m_around.name && monitor.host == part.host;
        });
    }

    void addWebs()
    {
        const config::Topology &topology = m_around.topology;
        for (std::size_t i = 0; i < topology.webs.size(); ++i) {
            const auto &web = topology.webs[i];
            WebTarget to{web.address, web.port, web.tls, {}, m_around.caFile, m_around.secrets.probeToken,
                         topology.canaryProject, topology.canaryFile, !topology.cdns.empty(), m_around.secrets.uploadToken, {}, {}, web.docsPort};
            if (const auto docs = http::parseHttpUrl(topology.canaryDocs)) {
                to.docsPage = docs->target;
                to.docsHost = docs->port == (docs->tls ? 443 : 80) ? docs->host : fmt::format("{}:{}", docs->host, docs->port);
            }
            add<WebFacts>("web", std::make_shared<WebProbe>(to), [i](Snapshot &all) -> auto & { return all.webs[i].watched; },
                          m_around.interval);
        }
    }

    void addDatabases()
    {
        for (std::size_t i = 0; i < m_around.topology.databases.size(); ++i) {
            const auto &database = m_around.topology.databases[i];
            const sql::SessionAddress address{database.address, database.port, database.monitorUser,
                                              m_around.secrets.monitorPassword, database.database};
            add<PostgresFacts>("postgres", std::make_shared<PostgresProbe>(m_around.connect, address, m_around.name),
                               [i](Snapshot &all) -> auto & { return all.databases[i].watched; }, m_around.interval);
        }
    }

    void addPools()
    {
        for (std::size_t i = 0; i < m_around.topology.pools.size(); ++i) {
            const auto &pool = m_around.topology.pools[i];
            PoolTarget to{pool.address, pool.pcpPort, pool.pcpUser, m_around.secrets.pcpPassword, std::nullopt, m_around.timeout()};
            if (pool.port != 0 && !pool.witness)
                to.sql = sql::SessionAddress{pool.address, pool.port, pool.user, m_around.secrets.monitorPassword, "postgres",
                                             "cheesemongerd monitor", false};
            add<PoolFacts>("pgpool", std::make_shared<PgpoolProbe>(m_around.connect, to),
                           [i](Snapshot &all) -> auto & { return all.pools[i].watched; }, m_around.interval, m_around.poolTimeout());
        }
    }

    void addAgents()
    {
        std::size_t place = 0;
        for (const auto &agent : m_around.topology.agents) {
            if (agentOn(m_around, agent.host) != &agent)
                continue;
            const auto target = agentTarget(m_around, agent);
            auto probe = std::make_shared<AgentProbe>(target.value_or(AgentTarget()), m_around.freshFor());
            m_agents[agent.host] = probe;
            add<AgentFacts>("", std::move(probe), [place](Snapshot &all) -> auto & { return all.agents[place].watched; }, m_around.interval);
            ++place;
        }
    }

    // Who tells of a host's disks and files; null: nobody.
    [[nodiscard]] std::shared_ptr<HostFacts> factsOf(const config::TopologyPart &part) const
    {
        const auto agent = m_agents.find(part.host);
        return isLocal(part) ? m_host : agent == m_agents.end() ? nullptr : agent->second;
    }

    void addHostFacts()
    {
        std::size_t place = 0;
        for (const auto &certificate : m_around.topology.certificates) {
            const std::shared_ptr<HostFacts> host = factsOf(certificate);
            if (certificate.port == 0 && !host)
                continue;
            CertificateTarget to{certificate.address, certificate.port, certificate.serverName,
                                 host ? certificate.file : std::string()};
            add<CertificatePair>("certificate", std::make_shared<CertificateProbe>(host, to),
                                 [place](Snapshot &all) -> auto & { return all.certificates[place].watched; },
                                 std::min<std::chrono::milliseconds>(m_around.interval * 5, certificateEvery));
            ++place;
        }
        place = 0;
        for (const auto &disk : m_around.topology.disks) {
            const std::shared_ptr<HostFacts> host = factsOf(disk);
            if (!host)
                continue;
            auto probe = std::make_shared<DiskProbe>(host, disk.path);
            m_out.push_back({m_around.interval, m_around.timeout(), [&board = m_board, &clock = m_clock, probe, place](const ProbeTime &time) {
                                 const Time asked = clock.now();
                                 auto looked = probe->look(time);
                                 if (!looked && looked.error().code == ErrorCode::Cancelled)
                                     return;
                                 board.change([&](Snapshot &all) {
                                     record(all.disks[place].watched, std::move(looked), asked, clock.now());
                                     remember(all.disks[place]);
                                 });
                             }});
            ++place;
        }
    }

    void addVolumes()
    {
        std::size_t place = 0;
        for (const auto &server : m_around.topology.glusters) {
            const auto agent = m_agents.find(server.host);
            if (agent == m_agents.end())
                continue;
            add<VolumeFacts>("", std::make_shared<VolumeProbe>(agent->second), [place](Snapshot &all) -> auto & { return all.volumes[place].watched; },
                             m_around.interval);
            ++place;
        }
    }

    void addMirrors()
    {
        const config::Topology &topology = m_around.topology;
        for (std::size_t i = 0; i < topology.mirrors.size(); ++i) {
            const auto &mirror = topology.mirrors[i];
            const MirrorTarget to{mirror.address, mirror.port, mirror.name, mirror.tls, m_around.caFile, mirror.prefix, originOf(m_around, mirror),
                                  topology.canaryProject, topology.canaryFile};
            add<MirrorFacts>("mirror", std::make_shared<MirrorProbe>(to, m_clock), [i](Snapshot &all) -> auto & { return all.mirrors[i].watched; }, m_around.interval);
            // It is looked at more often than it looks, so that it is due where the interval is short.
            const auto every = std::min<std::chrono::milliseconds>(sampleEvery, m_around.interval * 30);
            add<SampleFacts>("", std::make_shared<SampleProbe>(to, every, m_clock), [i](Snapshot &all) -> auto & { return all.mirrors[i].sampled; }, every,
                             sampleTimeout);
        }
    }

    void addEdges()
    {
        const config::Topology &topology = m_around.topology;
        const auto registry = http::parseHttpUrl(topology.registryUrl);
        for (std::size_t i = 0; i < topology.cdns.size(); ++i) {
            const auto &cdn = topology.cdns[i];
            const EdgeTarget to{cdn.address, cdn.port, registry ? registry->host : std::string(), topology.canaryProject, topology.canaryFile};
            add<EdgeCompared>("", std::make_shared<EdgeCompareProbe>(to, headsOf(m_around)), [i](Snapshot &all) -> auto & { return all.edges[i].compared; },
                              m_around.interval);
            add<EdgeFacts>("cdn", std::make_shared<EdgeProbe>(to), [i](Snapshot &all) -> auto & { return all.edges[i].watched; }, m_around.interval);
            const auto agent = m_agents.find(cdn.host);
            if (cdn.kind == "fastly" && !m_around.secrets.fastlyToken.empty())
                add<EdgeRates>("", std::make_shared<FastlyProbe>(FastlyTarget{m_around.fastlyApi, cdn.service, m_around.secrets.fastlyToken}),
                               [i](Snapshot &all) -> auto & { return all.edges[i].rates; }, std::max<std::chrono::milliseconds>(m_around.interval, fastlyEvery),
                               fastlyTimeout);
            else if (cdn.kind != "fastly" && agent != m_agents.end())
                add<EdgeRates>("", std::make_shared<EdgeRateProbe>(agent->second), [i](Snapshot &all) -> auto & { return all.edges[i].rates; }, m_around.interval);
        }
    }

    void addIngests()
    {
        const config::Topology &topology = m_around.topology;
        for (std::size_t i = 0; i < topology.ingests.size(); ++i) {
            const auto &ingest = topology.ingests[i];
            add<IngestFacts>("", std::make_shared<IngestProbe>(IngestTarget{ingest.address, ingest.statusPort}),
                             [i](Snapshot &all) -> auto & { return all.ingests[i].watched; }, m_around.interval);
        }
    }

    void addSshes()
    {
        std::size_t place = 0;
        for (const auto &ssh : m_around.topology.sshes) {
            if (m_around.ssh.key.empty())
                return;
            const SshTarget to{ssh.address, ssh.port, ssh.user, m_around.ssh.key.string(), m_around.ssh.knownHosts.string()};
            add<SshFacts>("", std::make_shared<SshProbe>(to), [place](Snapshot &all) -> auto & { return all.sshes[place].watched; },
                          std::min<std::chrono::milliseconds>(m_around.interval * 5, sessionEvery), sessionTimeout);
            ++place;
        }
    }

    void addEtcds()
    {
        const config::Topology &topology = m_around.topology;
        for (std::size_t i = 0; i < topology.etcds.size(); ++i) {
            const auto &member = topology.etcds[i];
            add<EtcdFacts>("etcd", std::make_shared<EtcdProbe>(EtcdTarget{member.address, member.port}),
                           [i](Snapshot &all) -> auto & { return all.etcds[i].watched; }, m_around.interval);
        }
    }

    void addPeers()
    {
        std::size_t place = 0;
        for (const auto &monitor : m_around.topology.monitors) {
            if (monitor.name == m_around.name || monitor.listen.empty() || m_around.secrets.peerToken.empty())
                continue;
            add<PeerFacts>("", std::make_shared<PeerProbe>(monitor.listen, m_around.secrets.peerToken, m_around.caFile),
                           [place](Snapshot &all) -> auto & { return all.peers[place].watched; },
                           std::max<std::chrono::milliseconds>(m_around.interval, peerEvery));
            ++place;
        }
    }

    const Surroundings &m_around;
    Board &m_board;
    const Clock &m_clock;
    std::shared_ptr<HostFacts> m_host;
    std::map<std::string, std::shared_ptr<AgentProbe>> m_agents;  // by host
    std::vector<Watcher::Target> m_out;
};

}  // namespace

Result<PeerFacts> PeerProbe::look(const ProbeTime &time)
{
    // Nobody takes a token over plain HTTP from another machine.
    const std::string_view address = m_address;
    const bool here = address.starts_with("127.") || address.starts_with("[::1]") || address.starts_with("localhost:");
    CM_TRY_ASSIGN(const http::HttpUrl url,
                  http::parseHttpUrl((here ? "http://" : "https://") + m_address + "/admin/v1/monitor/state"));
    http::ClientOptions options;
    options.tls = options.verify = !here;
    options.caFile = m_caFile;
    options.host = url.host;
    options.port = url.port;
    options.connectTimeout = options.totalTimeout = time.left();
    options.maxBody = 16U << 20;
    http::HttpClient client(options);
    CM_TRY_ASSIGN(const http::ClientAnswer answer,
                  client.send({"GET", url.target, {{"Authorization", "Bearer " + m_token}}, {}}, time.stop));
    if (answer.status == 401 || answer.status == 403)
        return fail(ErrorCode::Unauthorized, "it does not take the peer token");
    if (answer.status != 200)
        return fail(ErrorCode::Internal, "it answers " + std::to_string(answer.status));
    CM_TRY_ASSIGN(api::MonitorState state, api::fromJsonText<api::MonitorState>(answer.body));
    return PeerFacts{std::move(state)};
}

std::vector<Watcher::Target> targetsOf(const Surroundings &around, Board &board, const Clock &clock)
{
    return Targets(around, board, clock).make();
}

}  // namespace cm::monitor
