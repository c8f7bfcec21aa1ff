// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/topology_tiles.h"

#include "core/api/findings.h"
#include "ui/format/findings.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/shell/direct_words.h"
#include "ui/widgets/state_mark.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cm::ui {

namespace {

struct Place {
    std::string_view role;
    int column;
    bool onlyWhenWrong;
};

// In their order within the columns.
constexpr std::array places{Place{"cdn", 0, false},        Place{"mirror", 0, false},  Place{"monitor", 0, true},   Place{"web", 1, false},
                            Place{"ssh", 1, false},        Place{"certificate", 1, true}, Place{"pgpool", 2, false},   Place{"etcd", 2, false}, Place{"postgres", 3, false},
                            Place{"gluster", 3, false},    Place{"ingest", 0, false},  Place{"disk", 3, true},      Place{"agent", 3, true}};

}  // namespace

QString TopologyTiles::title(const api::TopologyNode &node, const api::Topology &topology, const api::Node *state)
{
    const QString name = text(node.name);
    if (node.role == "postgres") {
        if (state && state->finding == api::finding::splitBrain)
            return tr("%1 · primary").arg(name);
        const bool stopped = state && (state->finding == api::finding::down || state->finding == api::finding::fenced);
        for (const api::TopologyEdge &edge : topology.edges) {
            if (edge.kind != "replicates")
                continue;
            if (edge.from == node.name)
                return tr("%1 · standby").arg(name);
            if (edge.to == node.name)
                return stopped ? tr("%1 · stopped").arg(name) : tr("%1 · primary").arg(name);
        }
    }
    if (node.role == "mirror")
        return tr("%1 · fallback").arg(name);
    if (state && node.role == "pgpool") {
        for (const api::Signal &fact : state->facts) {
            if (fact.name == "watchdog" && fact.text == "LEADER")
                return tr("%1 · leader").arg(name);
        }
    }
    return name;
}

QString TopologyTiles::statement(const api::Node &state)
{
    if (state.verdict != api::Verdict::Ok && !state.statement.empty())
        return shortWordsOf(state);
    for (const api::Signal &fact : state.facts) {
        // They stand above, or say nothing as long as all is well.
        if (fact.name == "role" || fact.name == "answer-time" || fact.name == "standbys")
            continue;
        // A bare name would read as if the node were called so.
        if (fact.name == "serving" && !fact.text.empty())
            return fact.text == "nobody" ? tr("serves nobody") : tr("serves from %1").arg(text(fact.text));
        if (fact.unit == "text" && !fact.text.empty())
            return text(fact.text);
        if (fact.value)
            return tr("%1 %2", "a figure's name and value").arg(signalName(fact.name), signalValue(fact));
    }
    return state.statement.empty() ? tr("answers") : text(state.statement);
}

QList<TopologyNode> TopologyTiles::nodes(const api::Topology &topology, const api::MonitorState &state, bool old)
{
    QList<TopologyNode> out;
    for (const Place &place : places) {
        for (const api::TopologyNode &node : topology.nodes) {
            if (node.role != place.role)
                continue;
            const api::Node *known = nodeIn(state, node.name);
            const auto verdict = known ? known->verdict : api::Verdict::Unknown;
            if (place.onlyWhenWrong && verdict == api::Verdict::Ok)
                continue;
            TopologyNode tile;
            tile.id = text(node.name);
            tile.title = title(node, topology, known);
            tile.statement = known ? statement(*known) : dash();
            tile.mark = markOf(verdict);
            tile.seen = !old && verdict != api::Verdict::Unknown;
            tile.column = place.column;
            if (known) {
                tile.toolTip = QStringLiteral("%1\n%2").arg(tile.title, known->statement.empty() ? tile.statement : text(known->statement));
                if (!node.address.empty())
                    tile.toolTip += QLatin1Char('\n') + text(node.address);
            }
            out << tile;
        }
    }
    return out;
}

QList<TopologyNode> TopologyTiles::nodes(const api::Topology &topology, const api::MonitorState &state, const DirectProbe &direct, Time now)
{
    QList<TopologyNode> tiles = nodes(topology, state, true);
    for (TopologyNode &tile : tiles) {
        const DirectLook *look = direct.lookAt(tile.id.toStdString());
        if (!look)
            continue;
        const QString said = DirectWords::state(*look, direct.deadline());
        tile.toolTip = tr("%1\n%2\nThe monitor told last: %3").arg(tile.title, DirectWords::explanation(*look, direct.deadline(), now), tile.statement);
        tile.seen = DirectWords::isSeen(*look);
        tile.mark = DirectWords::mark(*look);
        if (tile.seen)
            tile.statement = said;
        else
            tile.unseen = said;
    }
    return tiles;
}

QStringList TopologyTiles::undrawn(const api::Topology &topology, const api::MonitorState &state)
{
    QStringList names;
    for (const api::TopologyNode &node : topology.nodes) {
        const auto place = std::find_if(places.begin(), places.end(), [&node](const Place &one) { return one.role == node.role; });
        const api::Node *known = nodeIn(state, node.name);
        if (place != places.end() && place->onlyWhenWrong && known && known->verdict == api::Verdict::Ok)
            names << text(node.name);
    }
    return names;
}

QString TopologyTiles::label(const api::TopologyEdge &edge, const api::MonitorState &state)
{
    constexpr int longest = 28;
    if (edge.verdict != api::Verdict::Ok) {
        for (const std::string &end : {edge.from, edge.to}) {
            const api::Node *node = nodeIn(state, end);
            if (node && std::any_of(node->findings.begin(), node->findings.end(), [&edge](const auto &finding) { return finding.statement == edge.statement; }))
                return {};
        }
        const QString words = text(edge.statement);
        return words.size() > longest ? words.left(longest - 1) + QChar(0x2026) : words;
    }
    if (edge.kind != "replicates")
        return {};
    for (const api::Signal &fact : edge.facts) {
        if (fact.name == "lag-bytes" && fact.value && !fact.stale)
            return tr("%1 behind").arg(signalValue(fact));
    }
    return {};
}

QList<TopologyEdge> TopologyTiles::edges(const api::Topology &topology, const api::MonitorState &state, bool old)
{
    QList<TopologyEdge> out;
    for (const api::TopologyEdge &edge : topology.edges) {
        // Who serves whom is drawn; from where a mirror copies, and whose lines are counted, is told with those.
        if (edge.kind == "copies" || edge.kind == "counts")
            continue;
        TopologyEdge line;
        line.from = text(edge.from);
        line.to = text(edge.to);
        // A fallback is there and nothing flows, unless it is used.
        const bool used = std::any_of(edge.facts.begin(), edge.facts.end(), [](const api::Signal &fact) { return fact.name == "used"; });
        line.live = edge.visible && !old && (edge.kind != "falls back" || used);
        line.mark = edge.verdict == api::Verdict::Ok || old ? Mark::None : markOf(edge.verdict);
        line.label = old ? QString() : label(edge, state);
        out << line;
    }
    // What is wrong is drawn over what is well.
    std::stable_sort(out.begin(), out.end(), [](const TopologyEdge &a, const TopologyEdge &b) { return a.mark < b.mark; });
    return out;
}

QString TopologyTiles::key(const QList<TopologyNode> &tiles, QList<TopologyEdge> edges)
{
    const auto drawn = [&tiles](const QString &id) {
        return std::any_of(tiles.begin(), tiles.end(), [&id](const TopologyNode &tile) { return tile.id == id; });
    };
    edges.removeIf([&drawn](const TopologyEdge &edge) { return !drawn(edge.from) || !drawn(edge.to); });
    const auto any = [&edges](const auto &matches) { return std::any_of(edges.begin(), edges.end(), matches); };
    QStringList words;
    if (any([](const TopologyEdge &edge) { return !edge.live; }))
        words << tr("dashed: idle, or not seen");
    if (any([](const TopologyEdge &edge) { return edge.mark == Mark::Critical; }))
        words << tr("red: it fails");
    if (any([](const TopologyEdge &edge) { return edge.mark == Mark::Warning; }))
        words << tr("yellow: needs a look");
    if (any([](const TopologyEdge &edge) { return edge.mark == Mark::Unknown; }))
        words << tr("purple: nobody knows");
    return words.isEmpty() ? QString() : tr("Lines: %1").arg(words.join(QStringLiteral(" · ")));
}

}  // namespace cm::ui
