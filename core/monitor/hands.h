// SPDX-License-Identifier: GPL-3.0-or-later
// How a monitor reaches what carries out orders, the agents of a topology, its pgpools and its Patronis: their
// states side by side, and one order at a time. Any thread; both block within the time they are given.
#pragma once

#include "core/monitor/plans/plan.h"
#include "core/monitor/probes/probe.h"

#include <set>

namespace cm::monitor {

class Hands {
public:
    virtual ~Hands() = default;
    // The agents of some hosts side by side, those that do not answer with the reason.
    virtual std::vector<HostAgent> ask(const std::set<std::string> &hosts, const ProbeTime &time) = 0;
    virtual std::vector<PatroniSeen> askPatronis(const ProbeTime &time) = 0;
    virtual Result<api::AgentState> askOne(const std::string &host, const ProbeTime &time) = 0;
    // `received`: of an order to promote, what it must have at least; empty: whatever it has. The agent's own
    // refusal comes back as it is.
    virtual Result<api::AgentDone> carryOut(const Order &order, const std::string &received, const api::AgentOrder &by,
                                            const ProbeTime &time) = 0;
};

}  // namespace cm::monitor
