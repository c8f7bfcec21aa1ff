// SPDX-License-Identifier: GPL-3.0-or-later
// Agents, pgpools and Patronis as the topology names them, each order by a connection of its own. Stateless;
// any thread.
#pragma once

#include "core/monitor/hands.h"
#include "core/monitor/landscape.h"
#include "core/monitor/probes/agent_client.h"
#include "core/monitor/probes/patroni_client.h"

namespace cm::monitor {

class TopologyHands final : public Hands {
public:
    explicit TopologyHands(const Surroundings &around);

    std::vector<HostAgent> ask(const std::set<std::string> &hosts, const ProbeTime &time) override;
    std::vector<PatroniSeen> askPatronis(const ProbeTime &time) override;
    Result<api::AgentState> askOne(const std::string &host, const ProbeTime &time) override;
    Result<api::AgentDone> carryOut(const Order &order, const std::string &received, const api::AgentOrder &by,
                                    const ProbeTime &time) override;

private:
    Result<AgentClient> clientFor(const std::string &host) const;

    Result<api::AgentDone> orderPool(const Order &order, const ProbeTime &time) const;
    Result<api::AgentDone> orderPatroni(const Order &order, const ProbeTime &time) const;
    Result<PatroniTarget> patroniOf(const std::string &node) const;

    const Surroundings &m_around;
    std::vector<std::pair<std::string, AgentTarget>> m_targets;  // by host
};

// Where a topology's agent is reached, and as whom. Nothing when the monitor has no certificate to show.
[[nodiscard]] std::optional<AgentTarget> agentTarget(const Surroundings &around, const config::TopologyAgent &agent);

}  // namespace cm::monitor
