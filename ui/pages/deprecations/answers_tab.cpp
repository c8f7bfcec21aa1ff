// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/answers_tab.h"

#include "ui/format/deprecation_words.h"
#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

AnswersTab::AnswersTab(QAction *add, QWidget *parent) : QWidget(parent), m_table(new DataTable(tr("Answers and objections"))), m_words(wrappedLabel())
{
    using Row = api::DeprecationAnswer;
    m_model = new ListTableModel<Row>(
        {column<Row>({QStringLiteral("time"), tr("Time, UTC"), false, false, true, {}, 18}, [](const Row &row) { return formatMinute(row.time); }, [](const Row &row) { return timeTip(row.time); }),
         column<Row>({QStringLiteral("who"), tr("Who"), false, false, false, {}, 20}, [](const Row &row) { return text(row.who); }, [](const Row &row) { return tr("written down by %1").arg(text(row.by)); }),
         column<Row>({QStringLiteral("stance"), tr("Stance"), false, false, false, {}, 14}, [](const Row &row) { return nameFor(row.stance); }, {},
                     [](const Row &row) { return row.stance == api::Stance::Against ? std::optional(api::Verdict::Warning) : std::nullopt; }),
         column<Row>({QStringLiteral("text"), tr("What they said"), false, false, false, {}, 40, true}, [](const Row &row) { return text(row.text).simplified(); },
                     [](const Row &row) { return text(row.text); })},
        [](const Row &row) { return QString::number(row.id.value); }, this);
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("Nobody was asked yet, or nobody has answered"));
    m_table->addAction(add);
    auto *foot = new QWidget;
    auto *row = new FlowLayout(foot);
    row->addWidget(actionButton(add));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_words);
    layout->addWidget(foot);
    m_words->hide();
    connect(m_table, &DataTable::currentKeyChanged, this, &AnswersTab::showCurrent);
}

void AnswersTab::setRecord(const api::DeprecationRecord &record)
{
    m_model->setRows(QList<api::DeprecationAnswer>(record.answers.begin(), record.answers.end()));
    showCurrent();
}

void AnswersTab::showCurrent()
{
    const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    m_words->setVisible(row != nullptr);
    m_words->setText(row ? text(row->text) : QString());
}

}  // namespace cm::ui
