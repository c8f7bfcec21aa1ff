// SPDX-License-Identifier: GPL-3.0-or-later
// The inventory of IncidentsPage: what is held back until when, and where alerts go.
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/incidents/incidents_page.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"

#include <QAction>
#include <QTabWidget>
#include <QVBoxLayout>

namespace cm::ui {

void IncidentsPage::buildSilences()
{
    using Row = api::Silence;
    m_silences = new Silences(
        {column<Row>({QStringLiteral("what"), tr("Holds back"), false, false, false, {}, 28, true}, [](const Row &row) { return matchWords(row.match); },
                     [](const Row &row) { return matchWords(row.match); }),
         column<Row>({QStringLiteral("holds"), tr("Now"), true, false, false, {}, 8}, [](const Row &row) { return formatCount(row.holds); },
                     [](const Row &) { return tr("Open alerts that fire when it ends"); }),
         column<Row>({QStringLiteral("reason"), tr("Why"), false, false, false, {}, 26}, [](const Row &row) { return text(row.reason); },
                     [](const Row &row) { return text(row.reason); }),
         column<Row>({QStringLiteral("author"), tr("By"), false, false, false, {}, 10}, [](const Row &row) { return text(row.author); }),
         column<Row>({QStringLiteral("until"), tr("Ends"), false, false, false, {}, 24},
                     [this](const Row &row) {
                         if (row.ended)
                             return tr("ended %1").arg(formatAge(*row.ended, now()));
                         return tr("in %1").arg(formatDuration(row.until - now()));
                     },
                     [](const Row &row) { return timeTip(row.until); })},
        [](const Row &row) { return QString::number(row.id.value); }, this);
    m_silenceTable = new DataTable(tr("Silences"));
    m_silenceTable->setTable(m_silences);
    m_silenceTable->setEmptyText(tr("Nothing is held back"));
    m_silenceTable->addAction(m_endSilence);
    auto *inner = new QWidget;
    auto *columnLayout = new QVBoxLayout(inner);
    columnLayout->setContentsMargins(0, metrics::gap, 0, 0);
    columnLayout->setSpacing(metrics::gap);
    columnLayout->addWidget(m_silenceTable, 1);
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    row->addWidget(actionButton(m_endSilence));
    columnLayout->addWidget(bar);
    m_tabs->addTab(inner, tr("Silences"));
}

void IncidentsPage::buildReceivers()
{
    using Row = api::Receiver;
    m_receivers = new Receivers(
        {column<Row>({QStringLiteral("name"), tr("Goes to"), false, false, false, {}, 14}, [](const Row &row) { return text(row.name); }, {},
                     [](const Row &row) { return std::optional(row.waiting > 0 ? api::Verdict::Warning : api::Verdict::Ok); }),
         column<Row>({QStringLiteral("kind"), tr("By way of"), false, false, true, {}, 12}, [](const Row &row) { return text(row.kind); }),
         column<Row>({QStringLiteral("waiting"), tr("Waiting"), true, false, false, {}, 10}, [](const Row &row) { return formatCount(row.waiting); },
                     [](const Row &row) { return row.oldestWaiting ? timeTip(*row.oldestWaiting) : QString(); }),
         column<Row>({QStringLiteral("last"), tr("Last arrived"), true, false, false, {}, 14},
                     [this](const Row &row) { return row.lastDelivered ? formatAge(*row.lastDelivered, now()) : dash(); }),
         column<Row>({QStringLiteral("counts"), tr("Arrived · failed"), true, false, true, {}, 16},
                     [](const Row &row) { return QStringLiteral("%1 · %2").arg(formatCount(row.delivered), formatCount(row.failed)); }),
         column<Row>({QStringLiteral("problem"), tr("Problem"), false, false, true, {}, 30, true},
                     [](const Row &row) { return row.lastProblem.empty() ? dash() : text(row.lastProblem); })},
        [](const Row &row) { return text(row.name); }, this);
    m_receiverTable = new DataTable(tr("Deliveries"));
    m_receiverTable->setTable(m_receivers);
    m_receiverTable->setEmptyText(tr("Alerts are delivered to nobody: they only stand here"));
    auto *inner = new QWidget;
    auto *columnLayout = new QVBoxLayout(inner);
    columnLayout->setContentsMargins(0, metrics::gap, 0, 0);
    columnLayout->addWidget(m_receiverTable);
    m_tabs->addTab(inner, tr("Deliveries"));
}

}  // namespace cm::ui
