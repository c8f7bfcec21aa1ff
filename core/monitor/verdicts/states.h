// SPDX-License-Identifier: GPL-3.0-or-later
// From believed findings to states: consequences are folded into their cause by the topology, the worst
// finding is the node's, unknown outranks ok, the worst node is never averaged away, and a role says when
// it has no spare. Pure, any thread.
#pragma once

#include "core/api/monitoring.h"
#include "core/monitor/verdicts/settle.h"

namespace cm::monitor {

struct NodeInfo {
    std::string name;
    std::string role;
    std::string host;
    std::string site;
    bool serves = true;  // not so a witness, which is nobody's spare
};

struct Dependency {
    std::string from;
    std::string to;
    std::string kind;  // of api::TopologyEdge
};

struct Landscape {
    std::vector<NodeInfo> nodes;
    std::vector<Dependency> dependencies;
};

// Sets found.cause of what follows from something else, always to the node at the root. Adds a finding for
// a host on which nothing answers.
[[nodiscard]] std::vector<Believed> foldCauses(std::vector<Believed> findings, const Landscape &landscape);

// Without what is believed for a moment only and would follow from what is suspected: nobody is woken for a consequence
// because its cause takes one more look.
[[nodiscard]] std::vector<Believed> awaitCauses(std::vector<Believed> findings, const std::vector<Believed> &suspected,
                                                const Landscape &landscape, Time now);

// Every node of the landscape, and hosts with findings, worst first; facts are left empty.
[[nodiscard]] std::vector<api::Node> nodeStates(const std::vector<Believed> &folded, const Landscape &landscape);
// Whether a node does its work that has such a finding in front.
[[nodiscard]] bool works(Verdict verdict, std::string_view found);
// By which finding a node that is no more than a warning does not do its work, because somebody ordered it; null: it does.
[[nodiscard]] const api::NodeFinding *stopOf(const api::Node &node);
// A sentence that begins with "The monitor" begins with its name: several may watch.
void nameMonitor(std::vector<api::Node> &nodes, const std::string &monitor);
[[nodiscard]] std::vector<api::RoleState> roleStates(const std::vector<api::Node> &nodes, const Landscape &landscape = {});
[[nodiscard]] api::VerdictLine verdictLine(const std::vector<api::Node> &nodes, const std::vector<api::RoleState> &roles);

// Where another monitor's nodes differ from ours in verdict, one weight of difference at the least.
[[nodiscard]] std::vector<api::MonitorDifference> compareNodes(const std::vector<api::Node> &ours,
                                                               const std::vector<api::Node> &theirs);

}  // namespace cm::monitor
