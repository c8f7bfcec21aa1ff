// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/nodes/unwatched_view.h"

#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

UnwatchedView::UnwatchedView(QWidget *parent)
    : QWidget(parent), m_spotCard(new Card(tr("What nobody watches"))), m_lines(nullptr), m_peerCard(new Card(tr("Other monitors"))), m_peers(nullptr),
      m_table(new DataTable(tr("Other monitors")))
{
    auto *inner = new QWidget;
    m_lines = new QVBoxLayout(inner);
    m_lines->setContentsMargins(0, 0, 0, 0);
    m_lines->setSpacing(metrics::unit);
    m_spotCard->setContent(inner);
    m_spotCard->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    const auto verdictOf = [this](const Row &row) {
        const auto verdict = row.difference ? row.difference->theirs : row.peer.reachable ? row.peer.verdict.value_or(api::Verdict::Unknown) : api::Verdict::Unknown;
        return std::optional(m_old ? std::max(verdict, api::Verdict::Unknown) : verdict);
    };
    m_peers = new Peers(
        {column<Row>({QStringLiteral("peer"), tr("Monitor"), false, false, false, {}, 12}, [](const Row &row) { return text(row.peer.name); }, {}, verdictOf),
         column<Row>({QStringLiteral("node"), tr("Node"), false, false, false, {}, 12}, [](const Row &row) { return row.difference ? text(row.difference->node) : dash(); }),
         column<Row>({QStringLiteral("ours"), tr("This one"), false, false, false, {}, 11}, [](const Row &row) { return row.difference ? nameFor(row.difference->ours) : dash(); }),
         column<Row>({QStringLiteral("theirs"), tr("That one"), false, false, false, {}, 11}, [](const Row &row) { return row.difference ? nameFor(row.difference->theirs) : dash(); }),
         column<Row>({QStringLiteral("statement"), tr("Says"), false, false, false, {}, 30, true},
                     [](const Row &row) {
                         if (row.difference)
                             return text(row.difference->statement);
                         if (!row.peer.reachable)
                             return tr("does not answer: %1").arg(row.peer.problem.empty() ? dash() : text(row.peer.problem));
                         return tr("concludes the same");
                     }),
         column<Row>({QStringLiteral("age"), tr("Age"), true, false, true, {}, 9},
                     [this](const Row &row) { return row.peer.sampled ? formatSampleAge(*row.peer.sampled, m_now) : dash(); },
                     [](const Row &row) { return row.peer.sampled ? timeTip(*row.peer.sampled) : QString(); })},
        [](const Row &row) { return text(row.difference ? row.peer.name + "/" + row.difference->node : row.peer.name); }, this);
    m_table->setTable(m_peers);
    m_table->setEmptyText(tr("No other monitor watches this topology, or none is known here"));
    m_table->setMinimumHeight(4 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    m_peerCard->setContent(m_table);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, metrics::gap, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(m_spotCard);
    layout->addWidget(m_peerCard, 1);
}

void UnwatchedView::setPeers(const api::MonitorComparison &comparison)
{
    QList<Row> rows;
    m_differences = 0;
    for (const api::PeerMonitor &peer : comparison.peers) {
        for (const api::MonitorDifference &difference : peer.differences)
            rows << Row{peer, difference};
        m_differences += static_cast<qsizetype>(peer.differences.size());
        if (peer.differences.empty())
            rows << Row{peer, std::nullopt};
    }
    m_peers->setRows(rows);
}

qsizetype UnwatchedView::count() const
{
    return static_cast<qsizetype>(m_spots.size()) + m_differences;
}

void UnwatchedView::tick(const std::vector<std::string> &blindSpots, bool old, Time now)
{
    m_spots = blindSpots;
    m_old = old;
    m_now = now;
    showSpots(old);
    m_table->viewport()->update();
}

void UnwatchedView::showSpots(bool old)
{
    QString shown = old ? QStringLiteral("old") : QStringLiteral("now");
    for (const std::string &spot : m_spots)
        shown += QLatin1Char('\n') + text(spot);
    if (shown == m_shown)
        return;
    m_shown = shown;
    while (QLayoutItem *item = m_lines->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (m_spots.empty()) {
        m_lines->addWidget(new StateMark(old ? Mark::Unknown : Mark::Ok, old ? tr("Not known now") : tr("Everything in the topology is watched")));
        return;
    }
    for (const std::string &spot : m_spots)
        m_lines->addWidget(markedLine(Mark::Unknown, text(spot)));
}

void UnwatchedView::clear()
{
    m_peers->setRows({});
    m_differences = 0;
    m_spots.clear();
    m_shown.clear();
    showSpots(true);
}

}  // namespace cm::ui
