// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/topology.h"

#include "core/config/toml_reader.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <sys/stat.h>

namespace cm::config {
namespace {

class TopologyFile {
public:
    explicit TopologyFile(const std::filesystem::path &file) : m_reader(file), m_root(m_reader, m_reader.root(), {}) {}

    Result<Topology> load()
    {
        m_root.text("name", m_topology.name);
        m_reader.section(m_root, "registry", [this](TomlSection &section) {
            section.text("name", m_topology.registryName);
            section.text("url", m_topology.registryUrl);
            section.text("canary_project", m_topology.canaryProject);
            section.text("canary_file", m_topology.canaryFile);
            section.text("canary_docs", m_topology.canaryDocs);
            checkDocs(section);
            // Of use to those who set nodes up.
            for (const char *key : {"database", "files", "network"})
                section.knows(key);
        });
        m_root.text("failover", m_topology.failover);
        if (!m_topology.failover.empty() && m_topology.failover != "keepers" && m_topology.failover != "pgpool" &&
            m_topology.failover != "patroni")
            m_root.report("failover is none of: keepers, pgpool, patroni");
        m_reader.section(m_root, "host", [this](TomlSection &section) {
            TopologyHost host;
            section.text("name", host.name, true);
            section.text("address", host.address, true);
            section.text("site", host.site);
            checkName(section, host.name);
            if (!host.name.empty() && !m_parts.try_emplace(host.name).second)
                section.report(fmt::format("there are two of the name {}", host.name));
            m_topology.hosts.push_back(host);
        });
        readServers();
        readRest();
        // Where things lie and under which users they run, and where alerts go: a monitor has that in its configuration.
        for (const char *key : {"paths", "users", "webhook"})
            m_root.knows(key);
        m_root.end();
        CM_TRY(m_reader.verdict());
        return std::move(m_topology);
    }

private:
    static void checkName(TomlSection &section, const std::string &name)
    {
        if (name.find_first_of(" /?#%\"") != std::string::npos)
            section.report(fmt::format("'{}' is no name: letters, digits, '.', '-', '_'", name));
    }

    // "https://docs.example.org/canary/latest/": an origin and a page at it.
    void checkDocs(TomlSection &section) const
    {
        const std::string_view url = m_topology.canaryDocs;
        const std::size_t host = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : std::string_view::npos;
        const std::size_t path = host == std::string_view::npos ? host : url.find('/', host);
        if (!url.empty() && (path == std::string_view::npos || path == host || path + 1 == url.size() || url.find_first_of(" \t\"<>#@") != std::string_view::npos))
            section.report("canary_docs is no address of a page, such as https://docs.example.org/canary/latest/");
    }

    void takeName(TomlSection &section, const std::string &name, const std::string &host)
    {
        if (name.empty())
            return;
        checkName(section, name);
        if (!m_names.insert(name).second)
            section.report(fmt::format("there are two of the name {}", name));
        // The one thing that runs on a host may be called as the host is.
        if (m_parts.contains(name) && name != host)
            section.report(fmt::format("{} is the name of a host, and this is not on it", name));
    }

    // What runs on a host, unlike its disks and certificates.
    void countOn(TomlSection &section, const TopologyPart &part)
    {
        std::vector<std::string> &parts = m_parts[part.host];
        parts.push_back(part.name);
        if (parts.size() > 1 && std::find(parts.begin(), parts.end(), part.host) != parts.end())
            section.report(fmt::format("several run on the host {}: none of them may have its name", part.host));
    }

    template <class Part>
    Part part(TomlSection &section, bool named = true)
    {
        Part part;
        section.text("name", part.name, named);
        section.text("host", part.host, true);
        const auto host = std::find_if(m_topology.hosts.begin(), m_topology.hosts.end(),
                                       [&](const TopologyHost &candidate) { return candidate.name == part.host; });
        if (host != m_topology.hosts.end()) {
            part.address = host->address;
            part.site = host->site;
        } else if (!part.host.empty()) {
            section.report(fmt::format("there is no host {}", part.host));
        }
        takeName(section, part.name, part.host);
        return part;
    }

    void readServers()
    {
        m_reader.section(m_root, "web", [this](TomlSection &section) {
            auto web = part<TopologyWeb>(section);
            section.port("port", web.port, true);
            section.flag("tls", web.tls);
            section.port("docs_port", web.docsPort);
            countOn(section, web);
            m_topology.webs.push_back(web);
        });
        m_reader.section(m_root, "postgres", [this](TomlSection &section) {
            auto database = part<TopologyPostgres>(section);
            section.port("port", database.port, true);
            section.text("data", database.data);
            section.text("monitor_user", database.monitorUser);
            section.text("database", database.database);
            section.text("slot", database.slot);
            section.text("application", database.application);
            section.port("patroni_port", database.patroniPort);
            section.flag("patroni_tls", database.patroniTls);
            countOn(section, database);
            m_topology.databases.push_back(database);
        });
        m_reader.section(m_root, "pgpool", [this](TomlSection &section) {
            auto pool = part<TopologyPgpool>(section);
            section.flag("witness", pool.witness);
            section.port("port", pool.port);
            section.port("pcp_port", pool.pcpPort, true);
            section.port("watchdog_port", pool.watchdogPort);
            section.port("heartbeat_port", pool.heartbeatPort);
            section.text("user", pool.user);
            section.text("pcp_user", pool.pcpUser);
            countOn(section, pool);
            m_topology.pools.push_back(pool);
        });
        m_reader.section(m_root, "etcd", [this](TomlSection &section) {
            auto member = part<TopologyPart>(section);
            section.port("port", member.port, true);
            // Of the set-up alone.
            section.knows("peer_port");
            m_topology.etcds.push_back(member);
        });
    }

    void readRest()
    {
        m_reader.section(m_root, "volume", [this](TomlSection &section) {
            section.text("name", m_topology.volume, true);
            section.text("mount", m_topology.volumeMount, true);
        });
        m_reader.section(m_root, "gluster", [this](TomlSection &section) {
            auto server = part<TopologyGluster>(section);
            section.text("brick", server.brick, true);
            section.flag("arbiter", server.arbiter);
            countOn(section, server);
            m_topology.glusters.push_back(server);
        });
        m_reader.section(m_root, "cdn", [this](TomlSection &section) {
            auto cdn = part<TopologyCdn>(section);
            section.port("port", cdn.port, true);
            section.text("kind", cdn.kind);
            section.text("service", cdn.service);
            // Of the set-up alone.
            section.knows("logs");
            section.knows("storage");
            section.knows("transient");
            countOn(section, cdn);
            m_topology.cdns.push_back(cdn);
        });
        m_reader.section(m_root, "mirror", [this](TomlSection &section) {
            auto mirror = part<TopologyMirror>(section);
            section.port("port", mirror.port, true);
            section.flag("tls", mirror.tls);
            section.text("from", mirror.from, true);
            section.text("prefix", mirror.prefix);
            section.knows("tree");
            countOn(section, mirror);
            m_topology.mirrors.push_back(mirror);
        });
        m_reader.section(m_root, "ingest", [this](TomlSection &section) {
            auto ingest = part<TopologyIngest>(section);
            section.port("port", ingest.port, true);
            section.port("status_port", ingest.statusPort, true);
            countOn(section, ingest);
            m_topology.ingests.push_back(ingest);
        });
        for (const char *kind : {"ssh", "ssh_door"}) {
            m_reader.section(m_root, kind, [this, kind](TomlSection &section) {
                auto ssh = part<TopologySsh>(section);
                section.port("port", ssh.port, true);
                section.text("user", ssh.user);
                section.knows("health_port");
                ssh.door = std::string_view(kind) == "ssh_door";
                countOn(section, ssh);
                m_topology.sshes.push_back(ssh);
            });
        }
        m_reader.section(m_root, "certificate", [this](TomlSection &section) {
            auto certificate = part<TopologyCertificate>(section);
            section.port("port", certificate.port);
            section.text("file", certificate.file);
            section.text("server_name", certificate.serverName);
            if (certificate.port == 0 && certificate.file.empty())
                section.report("a certificate needs a port, a file, or both");
            m_topology.certificates.push_back(certificate);
        });
        m_reader.section(m_root, "disk", [this](TomlSection &section) {
            auto disk = part<TopologyDisk>(section);
            section.text("path", disk.path, true);
            m_topology.disks.push_back(disk);
        });
        m_reader.section(m_root, "monitor", [this](TomlSection &section) {
            auto monitor = part<TopologyMonitor>(section, false);
            section.text("listen", monitor.listen);
            std::int64_t interval = monitor.interval.count();
            section.number("interval_ms", 100, 60'000, interval);
            monitor.interval = std::chrono::milliseconds(interval);
            if (monitor.name.empty()) {
                monitor.name = "monitor-" + monitor.host;
                takeName(section, monitor.name, monitor.host);
            }
            countOn(section, monitor);
            m_topology.monitors.push_back(monitor);
        });
        m_reader.section(m_root, "agent", [this](TomlSection &section) {
            auto agent = part<TopologyAgent>(section, false);
            section.text("listen", agent.listen, true);
            if (agent.name.empty()) {
                agent.name = "agent-" + agent.host;
                takeName(section, agent.name, agent.host);
            }
            m_topology.agents.push_back(agent);
        });
    }

    TomlReader m_reader;
    TomlSection m_root;
    Topology m_topology;
    std::set<std::string> m_names;  // of what is on hosts
    std::map<std::string, std::vector<std::string>> m_parts;  // of each host
};

}  // namespace

Result<Topology> loadTopology(const std::filesystem::path &file)
{
    return TopologyFile(file).load();
}

Result<MonitorSecrets> loadMonitorSecrets(const std::filesystem::path &file)
{
    struct stat facts {};
    if (::stat(file.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0)
        return fail(ErrorCode::Forbidden, fmt::format("{} holds secrets and is open to others: chmod 600", file.string()));
    TomlReader reader(file);
    TomlSection root(reader, reader.root(), {});
    MonitorSecrets secrets;
    root.text("monitor_password", secrets.monitorPassword);
    root.text("pcp_password", secrets.pcpPassword);
    root.text("probe_token", secrets.probeToken);
    root.text("upload_token", secrets.uploadToken);
    root.text("peer_token", secrets.peerToken);
    root.text("fastly_token", secrets.fastlyToken);
    root.text("patroni_user", secrets.patroniUser);
    root.text("patroni_password", secrets.patroniPassword);
    reader.section(root, "mail", [&](TomlSection &mail) {
        for (const auto &[key, value] : mail.table())
            mail.text(key.str(), secrets.mailPasswords[std::string(key.str())]);
    });
    root.end();
    CM_TRY(reader.verdict());
    return secrets;
}

Result<MonitorConfig> loadMonitorConfig(const std::filesystem::path &file)
{
    TomlReader reader(file);
    TomlSection root(reader, reader.root(), {});
    // Read by `serve` and `agent`.
    root.knows("serve");
    root.knows("agent");
    root.knows("mirror");
    root.knows("ingest");
    root.knows("ssh");
    MonitorConfig config;
    reader.section(root, "monitor", [&](TomlSection &section) {
        section.text("listen", config.listen);
        section.path("secrets", config.secrets);
        section.path("ca", config.caFile);
        section.text("fastly_api", config.fastlyApi);
        section.flag("two_people", config.twoPeople);
        reader.section(section, "tls", [&](TomlSection &tls) {
            tls.path("cert", config.tlsCert);
            tls.path("key", config.tlsKey);
        });
        reader.section(section, "agents", [&](TomlSection &agents) {
            agents.path("ca", config.agents.ca);
            agents.path("cert", config.agents.cert);
            agents.path("key", config.agents.key);
            if (config.agents.ca.empty() != config.agents.cert.empty() || config.agents.cert.empty() != config.agents.key.empty())
                agents.report("ca, cert and key go together");
        });
        reader.section(section, "ssh", [&](TomlSection &ssh) {
            ssh.path("key", config.ssh.key);
            ssh.path("known_hosts", config.ssh.knownHosts);
            if (config.ssh.key.empty() != config.ssh.knownHosts.empty())
                ssh.report("key and known_hosts go together");
        });
        reader.section(section, "webhook", [&](TomlSection &webhook) {
            MonitorReceiver receiver;
            webhook.text("name", receiver.name, true);
            webhook.text("url", receiver.url, true);
            webhook.texts("headers", receiver.headers);
            config.webhooks.push_back(receiver);
        });
        reader.section(section, "mail", [&](TomlSection &mail) {
            MonitorMail receiver;
            mail.text("name", receiver.name, true);
            mail.text("server", receiver.server, true);
            mail.text("user", receiver.user);
            mail.text("from", receiver.from, true);
            mail.texts("to", receiver.to);
            mail.text("tls", receiver.tls);
            if (receiver.to.empty())
                mail.report("to names nobody");
            if (!receiver.tls.empty() && receiver.tls != "required" && receiver.tls != "never")
                mail.report("tls is required or never");
            config.mails.push_back(receiver);
        });
        std::set<std::string> names;
        for (const MonitorReceiver &webhook : config.webhooks) {
            if (!names.insert(webhook.name).second)
                section.report(fmt::format("two receivers are called {}", webhook.name));
        }
        for (const MonitorMail &mail : config.mails) {
            if (!names.insert(mail.name).second)
                section.report(fmt::format("two receivers are called {}", mail.name));
        }
        if (config.tlsCert.empty() != config.tlsKey.empty())
            section.report("cert and key go together");
    });
    root.end();
    CM_TRY(reader.verdict());
    return config;
}

}  // namespace cm::config
