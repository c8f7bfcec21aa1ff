// SPDX-License-Identifier: GPL-3.0-or-later
// The topology file as a monitor uses it: what it can watch and what nobody watches, who depends on whom,
// the empty board, and the probes. Pure but for the probes it makes. One thread.
#pragma once

#include "core/config/topology.h"
#include "core/monitor/board.h"
#include "core/monitor/probes/simple_page.h"
#include "core/monitor/verdicts/states.h"
#include "core/monitor/watcher.h"
#include "core/sql/session.h"

namespace cm::monitor {

struct Surroundings {
    config::Topology topology;
    config::MonitorSecrets secrets;
    std::string caFile;
    std::string fastlyApi;
    bool twoPeople = false;  // a second operator has to agree to what could lose acknowledged work
    config::AgentAccess agents;
    config::SshAccess ssh;
    std::string name;  // of this monitor in the topology
    std::chrono::milliseconds interval{1000};
    sql::ConnectSession connect;

    [[nodiscard]] std::chrono::milliseconds timeout() const;
    // A pgpool that is asked for its databases tries each of them, for a second and more where one is silent.
    [[nodiscard]] std::chrono::milliseconds poolTimeout() const;
    // Samples older than this do not count.
    [[nodiscard]] std::chrono::milliseconds freshFor() const { return 3 * interval + timeout(); }
    [[nodiscard]] std::chrono::milliseconds poolFreshFor() const { return 3 * interval + poolTimeout(); }
    // After a start: until then a fault may have been seen once only, and nobody is woken or told that it is over.
    [[nodiscard]] std::chrono::milliseconds settleFor() const { return 2 * (interval + timeout()) + interval; }
};

// The entry of the topology that is this monitor: by name, else the only one. InvalidInput.
[[nodiscard]] Result<config::TopologyMonitor> findMonitor(const config::Topology &topology, const std::string &name);

// The agent that tells of a host; null: none that this monitor can ask.
[[nodiscard]] const config::TopologyAgent *agentOn(const Surroundings &around, const std::string &host);

// Where the monitor asks the web nodes for what they themselves give.
[[nodiscard]] Origin headsOf(const Surroundings &around);
// Where it asks for the registry that a mirror copies: what the mirror reaches by its own loopback is the web nodes.
[[nodiscard]] Origin originOf(const Surroundings &around, const config::TopologyMirror &mirror);

// What no monitor may do: send a password or a token in the open, unless to its own machine. InvalidInput lists all.
[[nodiscard]] Result<void> checkSurroundings(const Surroundings &around);

[[nodiscard]] Landscape landscapeOf(const Surroundings &around);
[[nodiscard]] std::vector<std::string> blindSpotsOf(const Surroundings &around);
[[nodiscard]] Snapshot emptyBoard(const Surroundings &around);
[[nodiscard]] std::vector<KnownBackend> backendsOf(const Surroundings &around);
[[nodiscard]] std::vector<Watcher::Target> targetsOf(const Surroundings &around, Board &board, const Clock &clock);
[[nodiscard]] api::Topology apiTopology(const Surroundings &around);

}  // namespace cm::monitor
