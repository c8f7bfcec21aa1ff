// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_detail.h"

#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/key_value_list.h"

#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

AuditDetail::AuditDetail(QWidget *parent)
    : QWidget(parent), m_card(new Card(tr("Line"), this)), m_sentence(new QLabel), m_facts(new KeyValueList)
{
    using Row = DifferenceRow;
    m_model = new Model({column<Row>({QStringLiteral("path"), tr("What"), false, true, true, {}, 14}, [](const Row &row) { return row.path; }),
                         column<Row>({QStringLiteral("before"), tr("Before"), false, true, false, {}, 14},
                                     [](const Row &row) { return row.before.isEmpty() ? dash() : row.before; },
                                     [](const Row &row) { return row.before; }),
                         column<Row>({QStringLiteral("after"), tr("After"), false, true, false, {}, 14, true},
                                     [](const Row &row) {
                                         if (row.kind == Row::Kind::Same)
                                             return tr("unchanged");
                                         return row.after.isEmpty() ? dash() : row.after;
                                     },
                                     [](const Row &row) { return row.after; })},
                        [](const Row &row) { return row.path; }, this);
    m_table = new DataTable(tr("Before and after"));
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("This action changed no values"));
    m_sentence->setFont(headingFont(font()));
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    auto *inner = new QWidget;
    auto *column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(m_sentence);
    column->addWidget(m_facts);
    column->addWidget(m_table, 1);
    m_card->setContent(inner);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_card);
    clear();
}

void AuditDetail::clear()
{
    m_sentence->setText(tr("Choose a line to see what it changed"));
    m_card->setNote({});
    m_facts->hide();
    m_table->hide();
}

void AuditDetail::setEntry(const api::AuditEntry &entry)
{
    m_card->setNote(tr("number %1").arg(entry.id.value));
    m_sentence->setText(tr("%1: %2").arg(actionName(entry.action), ltr(text(entry.subject))));
    m_facts->set({{tr("When"), formatTime(entry.time), false, timeTip(entry.time)},
                  {tr("Who"), entry.role.empty() ? text(entry.actor) : tr("%1, %2").arg(text(entry.actor), text(entry.role)), false, {}},
                  {tr("Why"), entry.reason.empty() ? dash() : text(entry.reason), false, {}},
                  {tr("Way in"), entry.channel.empty() ? dash() : text(entry.channel), false, {}},
                  {tr("Action"), text(entry.action), true, {}},
                  {tr("Request"), entry.requestId.empty() ? dash() : text(entry.requestId), true, {}}});
    m_facts->show();
    m_model->setRows(differenceOf(entry.before, entry.after));
    m_table->show();
}

}  // namespace cm::ui
