// SPDX-License-Identifier: GPL-3.0-or-later
// What a plan is made from: everything that is known of a topology at one moment, looked at for this plan.
// Values, any thread.
#pragma once

#include "core/api/agent.h"
#include "core/monitor/verdicts/edges.h"
#include "core/monitor/verdicts/files.h"
#include "core/monitor/verdicts/mirrors.h"
#include "core/monitor/verdicts/parts.h"
#include "core/monitor/verdicts/replication.h"
#include "core/monitor/verdicts/votes.h"

#include <optional>
#include <string>
#include <vector>

namespace cm::monitor {

// Something of the topology and the host that it runs on.
struct Place {
    std::string name;
    std::string role;  // of api::TopologyNode
    std::string host;
};

// An agent as it answered just now.
struct HostAgent {
    std::string host;
    std::optional<api::AgentState> state;
    std::string problem;  // why there is no state
};

struct CertificateSeen {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::optional<CertificatePair> pair;
};

// Whose hands move a primary.
enum class Engine {
    Keepers,  // an agent beside each server, and the keeper behind it
    Pgpool,   // pcp_promote_node -s, with the scripts of pgpool's configuration
    Patroni,
};

struct PatroniSeen {
    std::string node;
    std::optional<PatroniFacts> facts;
    std::string problem;  // why there are none
};

struct Situation {
    Time now{};
    // Samples that were taken before do not count.
    Time stillFresh{};
    // The same for pgpools, where they are given longer to answer.
    std::optional<Time> poolsFresh;
    std::vector<Place> places;
    std::vector<DatabaseInput> databases;
    std::vector<WebInput> webs;
    std::vector<PoolInput> pools;
    std::vector<MirrorInput> mirrors;
    std::vector<EdgeInput> edges;
    std::vector<VolumeInput> volumes;
    std::vector<KnownBackend> backends;
    std::vector<CertificateSeen> certificates;
    std::vector<HostAgent> agents;
    ClusterJudgement cluster;
    Engine engine = Engine::Keepers;
    std::vector<PatroniSeen> patronis;
    // False where this was put together from what is watched anyway: a Patroni is asked for a plan alone.
    bool patronisAsked = true;
    std::vector<EtcdInput> etcds;

    [[nodiscard]] Time freshPools() const { return poolsFresh.value_or(stillFresh); }
    [[nodiscard]] const Place *place(const std::string &name, std::string_view role) const;
    // Null: that host has none.
    [[nodiscard]] const HostAgent *agentOn(const std::string &host) const;
    // Of the agent that answers on the node's host; null while none does.
    [[nodiscard]] const api::AgentState *agentOf(const std::string &node, std::string_view role) const;
    [[nodiscard]] const DatabaseInput *database(const std::string &name) const;
    [[nodiscard]] const WebInput *web(const std::string &name) const;
    [[nodiscard]] const MirrorInput *mirror(const std::string &name) const;
    [[nodiscard]] const EdgeInput *edge(const std::string &name) const;
    [[nodiscard]] const VolumeInput *volume(const std::string &server) const;
    // Facts that are fresh, else null.
    [[nodiscard]] const PostgresFacts *factsOf(const std::string &database) const;
    // The row of pg_stat_replication on the primary that is this standby.
    [[nodiscard]] const WalSender *senderOf(const std::string &standby) const;
    // How many pgpools answer, and how many of them hold a database for attached.
    struct Votes {
        std::size_t all = 0, answer = 0, attached = 0, primary = 0;
        [[nodiscard]] std::size_t majority() const { return all / 2 + 1; }
    };
    [[nodiscard]] Votes votesOn(const std::string &database) const;
    // The pgpool to give an order to: the leader of the watchdogs, else one whose control port answers. Null: none does.
    [[nodiscard]] const PoolInput *leadingPool() const;
};

// Whether a web node answers and takes writes.
[[nodiscard]] bool works(const WebInput &web, Time stillFresh);

}  // namespace cm::monitor
