// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/node_tile.h"

#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/format/signals.h"
#include "ui/pages/overview/verdict.h"
#include "ui/theme/fonts.h"
#include "ui/widgets/state_mark.h"

#include <QGridLayout>
#include <QLabel>

namespace cm::ui {

NodeTile::NodeTile(QWidget *parent) : Card({}, parent), m_state(new StateMark), m_statement(new QLabel), m_about(new QLabel), m_grid(new QGridLayout)
{
    addHeaderWidget(m_state);
    m_statement->setWordWrap(true);
    m_statement->setTextFormat(Qt::PlainText);
    m_about->setWordWrap(true);
    m_about->setTextFormat(Qt::PlainText);
    m_about->setForegroundRole(QPalette::PlaceholderText);
    m_state->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(0, 1);
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_statement);
    layout->addLayout(m_grid);
    layout->addStretch();
    layout->addWidget(m_about);
    setContent(inner);
}

NodeTile::Row NodeTile::addRow()
{
    const auto at = static_cast<int>(m_rows.size());
    Row row{new StateMark, new QLabel, new QLabel};
    for (auto *label : {row.value, row.age}) {
        label->setTextFormat(Qt::PlainText);
        label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    }
    row.age->setForegroundRole(QPalette::PlaceholderText);
    row.mark->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_grid->addWidget(row.mark, at, 0);
    m_grid->addWidget(row.value, at, 1);
    m_grid->addWidget(row.age, at, 2);
    m_rows.append(row);
    return row;
}

void NodeTile::setNode(const api::Node &node, Time now)
{
    m_node = node;
    setTitle(text(node.name));
    m_statement->setText(text(node.statement));
    m_statement->setVisible(!node.statement.empty());
    tick(now);
}

void NodeTile::tick(Time now)
{
    const auto verdict = VerdictWords::of(m_node, now);
    m_state->setState(markOf(verdict), nameFor(verdict));
    setAccessibleName(tr("Node %1: %2").arg(text(m_node.name), nameFor(verdict)));
    const auto oldest = VerdictWords::oldestSample(m_node);
    m_about->setText(oldest ? tr("%1, %2 old").arg(text(m_node.role), formatSampleAge(*oldest, now)) : text(m_node.role));
    Time newest{};
    for (const api::Signal &fact : m_node.facts)
        newest = std::max(newest, fact.sampled);
    while (m_rows.size() < static_cast<qsizetype>(m_node.facts.size()))
        addRow();
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        const Row &row = m_rows.at(i);
        const bool used = i < static_cast<qsizetype>(m_node.facts.size());
        row.mark->setVisible(used);
        row.value->setVisible(used);
        if (!used) {
            row.age->hide();
            continue;
        }
        const api::Signal &fact = m_node.facts[static_cast<std::size_t>(i)];
        const bool old = now - fact.sampled > VerdictWords::freshFor;
        row.mark->setState(markOf(old ? std::max(fact.verdict, api::Verdict::Unknown) : fact.verdict), signalName(fact.name));
        QFont font = this->font();
        font.setStrikeOut(old);
        row.value->setFont(font);
        row.value->setText(signalValue(fact));
        // The last line tells the age of the oldest; a row that lags behind the others tells its own.
        const bool lags = newest - fact.sampled > std::chrono::seconds(15);
        row.age->setVisible(lags);
        row.age->setText(lags ? formatSampleAge(fact.sampled, now) : QString());
        const QString tip = tr("From %1, taken %2").arg(text(fact.source), formatTime(fact.sampled));
        row.value->setToolTip(tip);
        row.age->setToolTip(tip);
    }
}

}  // namespace cm::ui
