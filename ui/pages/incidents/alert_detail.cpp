// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/alert_detail.h"

#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/incidents/runbook_view.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/card.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace cm::ui {

AlertDetail::AlertDetail(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_card(new Card(tr("Alert"))), m_inner(new QWidget), m_scroll(new QScrollArea), m_mark(new StateMark), m_statement(wrappedLabel()), m_runbook(new RunbookView(context)), m_facts(new KeyValueList),
      m_follows(wrappedLabel()), m_consequences(new QVBoxLayout)
{
    m_mark->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_statement->setFont(headingFont(font()));
    m_follows->setText(tr("What follows from it and is no alert of its own"));
    m_follows->setForegroundRole(QPalette::PlaceholderText);
    auto *column = new QVBoxLayout(m_inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::unit * 2);
    m_consequences->setSpacing(metrics::unit);
    column->addWidget(m_statement);
    column->addWidget(m_runbook);
    column->addWidget(m_facts);
    column->addWidget(m_follows);
    column->addLayout(m_consequences);
    column->addStretch(1);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    // Names of functions and settings do not break.
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    m_scroll->setWidget(m_inner);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_inner->setAutoFillBackground(false);
    m_card->addHeaderWidget(m_mark);
    m_card->setContent(m_scroll);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_card);
    clear();
}

void AlertDetail::clear()
{
    m_mark->setState(Mark::None, {});
    m_statement->setText(tr("No alert is chosen"));
    m_runbook->clear();
    m_facts->set({});
    showConsequences({});
}

void AlertDetail::setAlert(const api::Alert &alert, Time now)
{
    m_mark->setState(alert.state == api::AlertState::Closed ? Mark::None : markOf(alert.verdict), nameFor(alert.state));
    m_statement->setText(text(alert.statement));
    m_runbook->setAlert(alert);
    const auto moment = [now](const std::optional<Time> &time) {
        return time ? QStringLiteral("%1 · %2").arg(formatTime(*time), *time > now ? tr("in %1").arg(formatDuration(*time - now)) : formatAge(*time, now)) : dash();
    };
    QList<KeyValueList::Entry> facts{{tr("Node"), QStringLiteral("%1 · %2").arg(text(alert.node), roleWords(alert.role)), false, {}},
                                     {tr("Finding"), text(alert.finding), true, {}},
                                     {tr("Began"), moment(alert.started), false, {}},
                                     {tr("Owner"), alert.owner.empty() ? dash() : text(alert.owner), false, {}}};
    if (!alert.note.empty())
        facts.append({tr("Note"), text(alert.note), false, {}});
    if (alert.acknowledgedUntil)
        facts.append({tr("Fires again"), moment(alert.acknowledgedUntil), false, {}});
    if (alert.silence)
        facts.append({tr("Silence"), QString::number(alert.silence->value), true, {}});
    if (alert.closed)
        facts.append({tr("Closed"), moment(alert.closed), false, {}});
    facts.append({tr("Delivered"), alert.delivered ? moment(alert.delivered) : tr("not yet to everybody"), false, {}});
    m_facts->set(facts);
    showConsequences(alert);
}

void AlertDetail::showConsequences(const api::Alert &alert)
{
    m_follows->setVisible(!alert.consequences.empty());
    if (alert.consequences == m_shown)
        return;
    m_shown = alert.consequences;
    while (QLayoutItem *item = m_consequences->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const api::AlertConsequence &consequence : alert.consequences)
        m_consequences->addWidget(markedLine(markOf(consequence.verdict), text(consequence.statement)));
}

}  // namespace cm::ui
