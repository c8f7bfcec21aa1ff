// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done from MonitorBoard: the one next act on a tile or an alert, and what nobody sees.
#include "core/api/findings.h"
#include "ui/format/acts.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/format/signals.h"
#include "ui/pages/overview/monitor_board.h"
#include "ui/shell/shell.h"
#include "ui/shell/topology_action_sheet.h"
#include "ui/shell/topology_acts.h"

#include <QLayout>
#include <QMenu>
#include <QPushButton>

#include <algorithm>

namespace cm::ui {

void MonitorBoard::showUnwatched()
{
    QStringList said;
    // While the monitor is silent they are of then, as is what another one concluded.
    const bool old = isOld(m_context.clock.now());
    const auto spots = static_cast<int>(m_state.blindSpots.size());
    // A button does not break its words.
    constexpr std::size_t mostCharacters = 48;
    if (spots == 1 && m_state.blindSpots.front().size() <= mostCharacters)
        said << text(m_state.blindSpots.front());
    else if (spots > 0)
        said << tr("%n thing(s) nobody watches", nullptr, spots);
    const qsizetype quietLines = said.size();
    for (const api::PeerMonitor &peer : m_peers.peers) {
        if (peer.differences.empty() || old)
            continue;
        const api::MonitorDifference &first = peer.differences.front();
        const QString who = tr("%1: %2 is %3; %4: %5", "a monitor, a node, its verdict; the other monitor, its verdict")
                                .arg(text(peer.name), text(first.node), nameFor(first.theirs), text(m_state.monitor.name), nameFor(first.ours));
        const auto more = static_cast<int>(peer.differences.size()) - 1;
        said << (more > 0 ? tr("%1 and %n more", nullptr, more).arg(who) : who);
    }
    while (m_unwatchedLines.size() > said.size())
        delete m_unwatchedLines.takeLast();
    while (m_unwatchedLines.size() < said.size()) {
        auto *line = new QPushButton(m_unwatched);
        line->setFlat(true);
        line->setAutoDefault(false);
        line->setToolTip(tr("Open the list in Nodes"));
        connect(line, &QPushButton::clicked, this, [this] { m_context.shell.go({QStringLiteral("nodes"), QStringLiteral("tab/unwatched")}); });
        m_unwatched->layout()->addWidget(line);
        m_unwatchedLines << line;
    }
    // Quiet lines call for nobody; that two monitors differ is one to be read.
    QPalette quiet;
    quiet.setColor(QPalette::ButtonText, palette().color(QPalette::PlaceholderText));
    for (qsizetype i = 0; i < said.size(); ++i) {
        m_unwatchedLines.at(i)->setText(said.at(i));
        m_unwatchedLines.at(i)->setPalette(i < quietLines ? quiet : palette());
    }
    m_unwatched->setVisible(!said.isEmpty());
}

// Where another monitor sees the cause otherwise, that is the first thing to know of it.
QList<VerdictFact> MonitorBoard::otherwise() const
{
    QList<VerdictFact> facts;
    for (const api::PeerMonitor &peer : m_peers.peers) {
        for (const api::MonitorDifference &difference : peer.differences) {
            if (difference.node == m_state.line.cause)
                facts << VerdictFact{tr("%1 says", "another monitor").arg(text(peer.name)), tr("%1 is %2", "a node and its verdict").arg(text(difference.node), nameFor(difference.theirs)), true};
        }
    }
    return facts;
}

HelpfulPage MonitorBoard::helpfulPage() const
{
    const auto open = [](const QString &node) { return HelpfulPage{{QStringLiteral("nodes"), node}, tr("Open &node %1").arg(node)}; };
    const std::string &finding = m_state.line.finding;
    if (m_state.line.cause.empty())
        return {};
    // A primary that takes writes is not where web nodes lead: where they do is seen with the pgpools.
    const api::Node *root = nodeIn(m_state, m_state.line.cause);
    if (finding == api::finding::readOnlyDatabase && root && root->role == "web")
        return {{QStringLiteral("nodes"), QStringLiteral("tab/pools")}, tr("Open &pgpool views")};
    // Which of two is right is seen where both stand side by side.
    if (finding == api::finding::splitBrain || finding == api::finding::noPrimary || finding == api::finding::readOnlyDatabase)
        return {{QStringLiteral("replication"), {}}, tr("Open &Replication")};
    if (finding != api::finding::noQuorum)
        return open(cause());
    // Not the one that still speaks: those that are missing.
    QStringList missing;
    for (const api::Node &node : m_state.nodes) {
        if (node.role == "pgpool" && (node.finding == api::finding::down || node.finding == api::finding::noAnswer || node.finding == api::finding::refused))
            missing << text(node.name);
    }
    if (missing.isEmpty())
        return open(cause());
    if (missing.size() == 1)
        return open(missing.first());
    return {{QStringLiteral("nodes"), missing.first()}, tr("Open &Nodes")};
}

std::optional<api::ActionWish> MonitorBoard::nextAct(const QString &node) const
{
    std::vector<api::ActionWish> acts;
    for (const api::Node &one : m_state.nodes) {
        if (text(one.name) != node)
            continue;
        for (const api::NodeFinding &finding : one.findings) {
            const auto act = TopologyActs::next(finding, one.name, m_topology);
            if (act && std::find(acts.begin(), acts.end(), *act) == acts.end())
                acts.push_back(*act);
        }
    }
    // Two that could be meant are a question, not an answer.
    return acts.size() == 1 ? std::optional(acts.front()) : std::nullopt;
}

void MonitorBoard::openMenu(const QString &node, const QString &alert, const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    if (const auto act = nextAct(node)) {
        QString why;
        QAction *entry = menu->addAction(actVerb(*act) + QChar(0x2026), this, [this, act] { TopologyActionSheet::open(m_context, *act); });
        entry->setEnabled(TopologyActionSheet::isAllowed(m_context, &why));
        entry->setToolTip(why);
    }
    if (!alert.isEmpty())
        menu->addAction(tr("Open &alert"), this, [this, alert] { m_context.shell.go({QStringLiteral("incidents"), alert}); });
    menu->addAction(tr("Open &node %1").arg(node), this, [this, node] { m_context.shell.go({QStringLiteral("nodes"), node}); });
    menu->popup(at);
}

qsizetype MonitorBoard::firing() const
{
    return std::count_if(m_alerts.begin(), m_alerts.end(), [](const api::Alert &alert) { return alert.state == api::AlertState::Firing; });
}

}  // namespace cm::ui
