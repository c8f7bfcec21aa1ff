// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/landscape.h"

#include "core/base/loopback.h"
#include "core/monitor/probes/upload_canary.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

std::string hostOf(const Surroundings &around)
{
    for (const config::TopologyMonitor &monitor : around.topology.monitors) {
        if (monitor.name == around.name)
            return monitor.host;
    }
    return {};
}

bool isLocal(const Surroundings &around, const config::TopologyPart &part)
{
    return part.host == hostOf(around);
}

// Whether somebody looks at the disks and files of the part's host.
bool isSeen(const Surroundings &around, const config::TopologyPart &part)
{
    return isLocal(around, part) || agentOn(around, part.host) != nullptr;
}

bool isPeer(const Surroundings &around, const config::TopologyMonitor &monitor)
{
    return monitor.name != around.name && !monitor.listen.empty() && !around.secrets.peerToken.empty();
}

// Without a key of its own a monitor would see a banner, which says nothing.
std::vector<config::TopologySsh> triedSshes(const Surroundings &around)
{
    return around.ssh.key.empty() ? std::vector<config::TopologySsh>() : around.topology.sshes;
}

std::string addressOf(const config::TopologyPart &part, std::uint16_t port)
{
    return port == 0 ? std::string() : fmt::format("{}:{}", part.address, port);
}

// Calls `take(part, role, port)` for everything that is watched.
template <class Take>
void eachPart(const Surroundings &around, Take take)
{
    const config::Topology &topology = around.topology;
    for (const auto &web : topology.webs)
        take(web, "web", web.port);
    for (const auto &database : topology.databases)
        take(database, "postgres", database.port);
    for (const auto &pool : topology.pools)
        take(pool, "pgpool", pool.port != 0 ? pool.port : pool.pcpPort);
    for (const auto &member : topology.etcds)
        take(member, "etcd", member.port);
    for (const auto &server : topology.glusters) {
        if (agentOn(around, server.host))
            take(server, "gluster", std::uint16_t{0});
    }
    for (const auto &cdn : topology.cdns)
        take(cdn, "cdn", cdn.port);
    for (const auto &mirror : topology.mirrors)
        take(mirror, "mirror", mirror.port);
    for (const auto &ingest : topology.ingests)
        take(ingest, "ingest", ingest.port);
    for (const auto &ssh : triedSshes(around))
        take(ssh, "ssh", ssh.port);
    for (const auto &certificate : topology.certificates) {
        if (certificate.port != 0 || isSeen(around, certificate))
            take(certificate, "certificate", certificate.port);
    }
    for (const auto &disk : topology.disks) {
        if (isSeen(around, disk))
            take(disk, "disk", std::uint16_t{0});
    }
    for (const auto &monitor : topology.monitors) {
        if (isPeer(around, monitor))
            take(monitor, "monitor", std::uint16_t{0});
    }
    for (const auto &agent : topology.agents) {
        if (agentOn(around, agent.host) == &agent)
            take(agent, "agent", std::uint16_t{0});
    }
}

}  // namespace

std::chrono::milliseconds Surroundings::timeout() const
{
    return std::clamp(2 * interval, std::chrono::milliseconds(1000), std::chrono::milliseconds(2000));
}

std::chrono::milliseconds Surroundings::poolTimeout() const
{
    return timeout() + std::chrono::milliseconds(2500) * std::min<std::size_t>(topology.databases.size(), 4);
}

Result<config::TopologyMonitor> findMonitor(const config::Topology &topology, const std::string &name)
{
    if (topology.monitors.empty()) {
        config::TopologyMonitor alone;
        alone.name = name.empty() ? "monitor" : name;
        return alone;
    }
    for (const config::TopologyMonitor &monitor : topology.monitors) {
        if (monitor.name == name || (name.empty() && topology.monitors.size() == 1))
            return monitor;
    }
    return fail(ErrorCode::InvalidInput, name.empty() ? "the topology has several monitors: say which one this is by --name"
                                                      : fmt::format("the topology has no monitor {}", name));
}

const config::TopologyAgent *agentOn(const Surroundings &around, const std::string &host)
{
    const auto found = std::find_if(around.topology.agents.begin(), around.topology.agents.end(),
                                    [&](const config::TopologyAgent &agent) { return agent.host == host; });
    return around.agents.cert.empty() || found == around.topology.agents.end() ? nullptr : &*found;
}

Origin headsOf(const Surroundings &around)
{
    Origin origin{{}, around.caFile, !around.caFile.empty() || !around.secrets.probeToken.empty()};
    for (const auto &web : around.topology.webs)
        origin.addresses.push_back(fmt::format("{}://{}:{}/", web.tls ? "https" : "http", web.address, web.port));
    return origin;
}

Origin originOf(const Surroundings &around, const config::TopologyMirror &mirror)
{
    const auto url = http::parseHttpUrl(mirror.from);
    const bool own = url && isLoopbackHost(url->host);
    if (own && !around.topology.webs.empty())
        return headsOf(around);
    const auto registry = http::parseHttpUrl(around.topology.registryUrl);
    // As web nodes are looked at: what only says that it is the registry proves nothing of a copy.
    const bool ours = own || (url && registry && url->host == registry->host);
    return {{mirror.from}, around.caFile, ours && (!around.caFile.empty() || !around.secrets.probeToken.empty())};
}

Landscape landscapeOf(const Surroundings &around)
{
    Landscape out;
    const config::Topology &topology = around.topology;
    eachPart(around, [&](const config::TopologyPart &part, const char *role, std::uint16_t) {
        const bool witness = std::any_of(topology.pools.begin(), topology.pools.end(),
                                         [&](const auto &pool) { return pool.name == part.name && pool.witness; }) ||
                             std::any_of(topology.glusters.begin(), topology.glusters.end(),
                                         [&](const auto &server) { return server.name == part.name && server.arbiter; }) ||
                             std::any_of(topology.sshes.begin(), topology.sshes.end(), [&](const auto &ssh) { return ssh.name == part.name && ssh.door; });
        out.nodes.push_back({part.name, role, part.host, part.site, !witness});
    });
    std::vector<std::string> doors;
    for (const auto &pool : topology.pools) {
        if (!pool.witness)
            doors.push_back(pool.name);
    }
    const bool pooled = !doors.empty();
    if (!pooled) {
        for (const auto &database : topology.databases)
            doors.push_back(database.name);
    }
    for (const auto &web : topology.webs) {
        for (const std::string &door : doors)
            out.dependencies.push_back({web.name, door, "requests"});
        for (const auto &server : topology.glusters) {
            if (!server.arbiter && agentOn(around, server.host))
                out.dependencies.push_back({web.name, server.name, "stores"});
        }
    }
    for (const auto &cdn : topology.cdns) {
        for (const auto &web : topology.webs)
            out.dependencies.push_back({cdn.name, web.name, "requests"});
        for (const auto &mirror : topology.mirrors)
            out.dependencies.push_back({cdn.name, mirror.name, "falls back"});
    }
    for (const auto &mirror : topology.mirrors) {
        for (const auto &web : topology.webs)
            out.dependencies.push_back({mirror.name, web.name, "copies"});
    }
    for (const auto &ingest : topology.ingests) {
        for (const auto &cdn : topology.cdns)
            out.dependencies.push_back({ingest.name, cdn.name, "counts"});
    }
    for (const auto &ssh : triedSshes(around)) {
        for (const auto &web : ssh.door ? std::vector<config::TopologyWeb>() : topology.webs)
            out.dependencies.push_back({ssh.name, web.name, "requests"});
        for (const auto &other : topology.sshes) {
            if (ssh.door && !other.door)
                out.dependencies.push_back({ssh.name, other.name, "requests"});
        }
    }
    for (const auto &pool : topology.pools) {
        // A witness serves nobody, and judges databases as the others do.
        for (const auto &database : topology.databases)
            out.dependencies.push_back({pool.name, database.name, "pools"});
        for (const auto &other : topology.pools) {
            if (other.name != pool.name)
                out.dependencies.push_back({pool.name, other.name, "watches"});
        }
    }
    for (const auto &database : topology.databases) {
        for (const auto &other : topology.databases) {
            if (other.name != database.name)
                out.dependencies.push_back({database.name, other.name, "replicates"});
        }
    }
    for (const auto &certificate : topology.certificates) {
        const auto presents = [&](const auto &node) {
            if (certificate.port != 0 && node.host == certificate.host && node.port == certificate.port)
                out.dependencies.push_back({certificate.name, node.name, "presents"});
        };
        std::for_each(topology.webs.begin(), topology.webs.end(), presents);
        std::for_each(topology.mirrors.begin(), topology.mirrors.end(), presents);
    }
    return out;
}

Result<void> checkSurroundings(const Surroundings &around)
{
    Error refused{ErrorCode::InvalidInput, {}, {}, {}};
    const bool asks = !around.secrets.probeToken.empty() || !around.secrets.uploadToken.empty();
    for (const auto &web : around.topology.webs) {
        if (asks && !web.tls && !isLoopbackHost(web.address))
            refused.fields.push_back({web.name, fmt::format("probe_token and upload_token would go to {} in the open: give it a certificate and say "
                                                            "tls = true, or leave them out of the secrets", web.name)});
    }
    for (const auto &database : around.topology.databases) {
        if (!around.secrets.patroniPassword.empty() && database.patroniPort != 0 && !database.patroniTls && !isLoopbackHost(database.address))
            refused.fields.push_back({database.name, fmt::format("patroni_password would go to {} in the open: give Patroni's REST API a certificate and say "
                                                                 "patroni_tls = true, or leave it out of the secrets", database.name)});
    }
    if (refused.fields.empty())
        return {};
    refused.detail = fmt::format("{}: {}", refused.fields.front().field, refused.fields.front().problem);
    return fail(std::move(refused));
}

std::vector<std::string> blindSpotsOf(const Surroundings &around)
{
    std::vector<std::string> out;
    for (const auto &cdn : around.topology.cdns) {
        if (cdn.kind == "fastly") {
            if (around.secrets.fastlyToken.empty())
                out.push_back(fmt::format("Nobody tells the hit ratio, the errors and the points of presence of {}: there is no fastly_token", cdn.name));
        } else if (!agentOn(around, cdn.host))
            out.push_back(fmt::format("Nobody tells the hit ratio and the backends of {}: no agent is on {}", cdn.name, cdn.host));
    }
    if (around.topology.canaryProject.empty() && !(around.topology.cdns.empty() && around.topology.mirrors.empty()))
        out.push_back("Nobody asks the CDN and the mirror for a page: there is no canary_project");
    for (const auto &disk : around.topology.disks) {
        if (!isSeen(around, disk))
            out.push_back(fmt::format("Nobody watches disk {} on {}: no agent tells of it", disk.path, disk.host));
    }
    if (around.ssh.key.empty() && !around.topology.sshes.empty())
        out.push_back("Nobody tries to upload over ssh: [monitor.ssh] has no key");
    for (const auto &server : around.topology.glusters) {
        if (!agentOn(around, server.host))
            out.push_back(fmt::format("Nobody watches the files on {}: no agent tells of them", server.host));
    }
    for (const auto &certificate : around.topology.certificates) {
        if (!certificate.file.empty() && !isSeen(around, certificate))
            out.push_back(fmt::format("Nobody sees the certificate file of {}: no agent tells of it", certificate.name));
    }
    if (around.secrets.probeToken.empty() && !around.topology.webs.empty())
        out.push_back("Nobody tries to write through the web nodes: there is no probe_token");
    if (around.topology.canaryProject.empty() && !around.topology.webs.empty())
        out.push_back("Nobody asks the web nodes for a page: there is no canary_project");
    if (around.topology.canaryDocs.empty() && !around.topology.webs.empty())
        out.push_back("Nobody asks the web nodes for documentation: there is no canary_docs");
    if (!around.topology.webs.empty()) {
        if (around.secrets.uploadToken.empty())
            out.push_back("Nobody tries to upload through the web nodes: there is no upload_token");
        else if (!UploadCanary::isPackage(around.topology.canaryFile))
            out.push_back("Nobody tries to upload through the web nodes: canary_file names no package");
    }
    for (const auto &monitor : around.topology.monitors) {
        if (monitor.name != around.name && around.secrets.peerToken.empty())
            out.push_back(fmt::format("Nobody compares with {}: there is no peer_token", monitor.name));
    }
    return out;
}

std::vector<KnownBackend> backendsOf(const Surroundings &around)
{
    std::vector<KnownBackend> out;
    for (const auto &database : around.topology.databases)
        out.push_back({database.name, database.address, database.port});
    return out;
}

Snapshot emptyBoard(const Surroundings &around)
{
    Snapshot board;
    const config::Topology &topology = around.topology;
    for (const auto &database : topology.databases)
        board.databases.push_back({database.name, database.address, database.application, database.slot, {}, {}});
    for (const auto &web : topology.webs)
        board.webs.push_back({web.name, {}});
    for (const auto &pool : topology.pools)
        board.pools.push_back({pool.name, pool.witness, {}});
    for (const auto &server : topology.glusters) {
        if (agentOn(around, server.host))
            board.volumes.push_back({server.name, server.address, server.arbiter, {}});
    }
    for (const auto &mirror : topology.mirrors)
        board.mirrors.push_back({mirror.name, mirror.host, {}, {}});
    for (const auto &cdn : topology.cdns)
        board.edges.push_back({cdn.name, cdn.host, {}, {}, {}, {}});
    for (const auto &ingest : topology.ingests)
        board.ingests.push_back({ingest.name, ingest.host, {}});
    for (const auto &ssh : triedSshes(around))
        board.sshes.push_back({ssh.name, ssh.host, {}});
    for (const auto &member : topology.etcds)
        board.etcds.push_back({member.name, {}});
    for (const auto &certificate : topology.certificates) {
        if (certificate.port != 0 || isSeen(around, certificate))
            board.certificates.push_back({certificate.name, {}});
    }
    for (const auto &disk : topology.disks) {
        if (isSeen(around, disk))
            board.disks.push_back({disk.name, {}, {}});
    }
    for (const auto &monitor : topology.monitors) {
        if (isPeer(around, monitor))
            board.peers.push_back({monitor.name, {}});
    }
    for (const auto &agent : topology.agents) {
        if (agentOn(around, agent.host) == &agent)
            board.agents.push_back({agent.name, agent.host, {}});
    }
    return board;
}

api::Topology apiTopology(const Surroundings &around)
{
    api::Topology out;
    out.name = around.topology.name;
    out.registry = around.topology.registryName;
    out.registryUrl = around.topology.registryUrl;
    out.monitor = around.name;
    eachPart(around, [&](const auto &part, const char *role, std::uint16_t port) {
        out.nodes.push_back({part.name, role, part.host, part.site, addressOf(part, port)});
        if constexpr (std::is_same_v<std::decay_t<decltype(part)>, config::TopologyWeb>)
            out.nodes.back().tls = part.tls;
    });
    for (const Dependency &dependency : landscapeOf(around).dependencies)
        out.edges.push_back({dependency.from, dependency.to, dependency.kind, api::Verdict::Unknown, false, {}, {}});
    return out;
}

}  // namespace cm::monitor
