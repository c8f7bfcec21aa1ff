// SPDX-License-Identifier: GPL-3.0-or-later
// The topology file: what stands where, for monitors and for whoever sets machines up. And the secrets
// with which a monitor looks, in a file of their own. Values, any thread; reading blocks on the file.
// InvalidInput lists all problems at once, `field` is where ("topology.toml:12"). Unknown keys are errors.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cm::config {

struct TopologyHost {
    std::string name, address, site;
};
// What they have in common: `host` names a TopologyHost, `address` is filled in from it.
struct TopologyPart {
    std::string name, host, address, site;
    std::uint16_t port = 0;
};
struct TopologyWeb : TopologyPart {
    bool tls = false;
    std::uint16_t docsPort = 0;  // of its documentation; 0: its port, by the name in canary_docs
};
struct TopologyPostgres : TopologyPart {
    std::string data;
    std::string monitorUser = "cheesemonger_monitor";
    std::string database = "postgres";
    // Its slot on the primary, and its name in pg_stat_replication; empty: not known.
    std::string slot, application;
    std::uint16_t patroniPort = 0;  // of its REST API; 0: none
    bool patroniTls = false;
};
struct TopologyPgpool : TopologyPart {
    std::uint16_t pcpPort = 0, watchdogPort = 0, heartbeatPort = 0;
    bool witness = false;
    std::string user = "cheesemonger_monitor";  // for show pool_nodes
    std::string pcpUser = "cheesemonger_monitor";
};
struct TopologyGluster : TopologyPart {
    std::string brick;  // its folder
    bool arbiter = false;
};
struct TopologyCdn : TopologyPart {
    std::string kind;     // "varnish", "fastly"
    std::string service;  // its id at Fastly
};
struct TopologyMirror : TopologyPart {
    bool tls = false;
    std::string from;    // address of what it mirrors
    std::string prefix;  // before /simple/; empty: none
};
struct TopologyIngest : TopologyPart {  // its port takes the lines
    std::uint16_t statusPort = 0;
};
struct TopologySsh : TopologyPart {  // an sshd for uploads, or what stands in front of several
    std::string user = "submit";
    bool door = false;
};
struct TopologyCertificate : TopologyPart {
    std::string file;
    std::string serverName;
};
struct TopologyDisk : TopologyPart {
    std::string path;
};
struct TopologyMonitor : TopologyPart {
    std::string listen;  // "host:port"
    std::chrono::milliseconds interval{1000};
};
struct TopologyAgent : TopologyPart {
    std::string listen;
};

struct Topology {
    std::string name;
    std::string registryName, registryUrl;
    // A project and a file of it that are asked for as a client would; empty: not asked.
    std::string canaryProject, canaryFile;
    std::string canaryDocs;  // URL of a page of documentation, at its own origin
    // Who moves a primary: "keepers", "pgpool", "patroni"; empty: Patroni or keepers where every database has one,
    // else pgpool.
    std::string failover;
    std::vector<TopologyHost> hosts;
    std::vector<TopologyWeb> webs;
    std::vector<TopologyPostgres> databases;
    std::vector<TopologyPgpool> pools;
    std::vector<TopologyPart> etcds;  // by which Patroni votes
    // The GlusterFS volume under the files, and where web nodes mount it; empty: none.
    std::string volume, volumeMount;
    std::vector<TopologyGluster> glusters;
    std::vector<TopologyCdn> cdns;
    std::vector<TopologyMirror> mirrors;
    std::vector<TopologyIngest> ingests;
    std::vector<TopologySsh> sshes;
    std::vector<TopologyCertificate> certificates;
    std::vector<TopologyDisk> disks;
    std::vector<TopologyMonitor> monitors;
    std::vector<TopologyAgent> agents;
};

[[nodiscard]] Result<Topology> loadTopology(const std::filesystem::path &file);

struct MonitorSecrets {
    std::string monitorPassword;  // of the PostgreSQL user
    std::string pcpPassword;
    std::string probeToken;  // of the registry, for the write probe
    std::string uploadToken;  // of the registry, to send the canary's file again
    std::string peerToken;   // of the other monitors
    std::string fastlyToken;  // that may read a service at Fastly
    std::string patroniUser, patroniPassword;  // of its REST API
    std::map<std::string, std::string> mailPasswords;  // by name of [[monitor.mail]]
};
// Forbidden when anybody but its owner may read it.
[[nodiscard]] Result<MonitorSecrets> loadMonitorSecrets(const std::filesystem::path &file);

struct MonitorReceiver {
    std::string name;
    std::string url;
    std::vector<std::string> headers;  // "Name: value"
};
struct MonitorMail {
    std::string name;
    std::string server;  // smtp://host:587
    std::string user;    // its password is of the secrets
    std::string from;
    std::vector<std::string> to;
    std::string tls;  // "required" or "never"; empty: as the server is near or far
};
// How a monitor shows itself to agents, PEM: the authority, its own certificate and key. All or none.
struct AgentAccess {
    std::filesystem::path ca, cert, key;
};
// With which a monitor tries uploads over ssh: a key of its own, and how the hosts of sshd are known. Both or none.
struct SshAccess {
    std::filesystem::path key, knownHosts;
};
struct MonitorConfig {
    std::string listen = "127.0.0.1:8428";
    std::filesystem::path tlsCert, tlsKey;
    std::filesystem::path secrets;
    std::filesystem::path caFile;  // with which the registry's certificates are checked
    std::string fastlyApi = "https://rt.fastly.com";  // of counts in real time
    AgentAccess agents;
    SshAccess ssh;
    bool twoPeople = false;  // for a promotion that could lose what was acknowledged
    std::vector<MonitorReceiver> webhooks;
    std::vector<MonitorMail> mails;
};
// The [monitor] section of cheesemongerd's configuration; an empty path is all defaults.
[[nodiscard]] Result<MonitorConfig> loadMonitorConfig(const std::filesystem::path &file);

}  // namespace cm::config
