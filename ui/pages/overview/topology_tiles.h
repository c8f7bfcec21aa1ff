// SPDX-License-Identifier: GPL-3.0-or-later
// A monitor's topology and state as TopologyView draws them: from the edge to the data. What we
// cannot see is told apart from what is down; certificates, disks, agents and monitors have a tile only
// while something is wrong with them. Pure, GUI thread for its words.
#pragma once

#include "core/api/monitoring.h"
#include "core/base/clock.h"
#include "ui/widgets/topology_view.h"

#include <QCoreApplication>

namespace cm::ui {

class DirectProbe;

class TopologyTiles {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::TopologyTiles)
public:
    // `old`: nothing of it is about now.
    static QList<TopologyNode> nodes(const api::Topology &topology, const api::MonitorState &state, bool old);
    // While the monitor is silent: what it told last, with what this desktop sees itself in place of its states.
    static QList<TopologyNode> nodes(const api::Topology &topology, const api::MonitorState &state, const DirectProbe &direct, Time now);
    // What has no tile as long as nothing is wrong with it.
    static QStringList undrawn(const api::Topology &topology, const api::MonitorState &state);
    static QList<TopologyEdge> edges(const api::Topology &topology, const api::MonitorState &state, bool old);
    // What the lines between these tiles mean that are not plain; empty while all are.
    static QString key(const QList<TopologyNode> &tiles, QList<TopologyEdge> edges);

private:
    static QString title(const api::TopologyNode &node, const api::Topology &topology, const api::Node *state);
    // What is wrong in few words, else the first figure.
    static QString statement(const api::Node &state);
    // Empty where a tile at one of its ends says the same.
    static QString label(const api::TopologyEdge &edge, const api::MonitorState &state);
};

}  // namespace cm::ui
