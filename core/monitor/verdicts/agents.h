// SPDX-License-Identifier: GPL-3.0-or-later
// What agents tell of their hosts, judged: who stopped without a farewell, and what an operator has done and
// not undone, which explains what else is found of that node. Pure: everything, the time included, is an argument.
#pragma once

#include "core/api/agent.h"
#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"
#include "core/monitor/verdicts/states.h"

namespace cm::monitor {

struct AgentFacts {
    api::AgentState state;
};
struct AgentInput {
    std::string name;
    std::string host;
    Watched<AgentFacts> watched;
};

// Whether it has to know first if another one is the primary.
[[nodiscard]] bool isWaiting(const api::AgentDatabase &database);
// An unclean stop is told for an hour. What is told of a service is of the node of that name, on its host.
[[nodiscard]] RawFindings judgeAgents(const std::vector<AgentInput> &agents, const Landscape &landscape, Time stillFresh,
                                      Time now);
// Without what a drain or a fence explains of the same node, where the silence of a drained one stays as a warning; and a
// disk of which nothing is heard has its agent as the cause when that is in trouble.
[[nodiscard]] RawFindings explainByAgents(RawFindings found, const Landscape &landscape);

}  // namespace cm::monitor
