// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/unseen_card.h"

#include "ui/theme/metrics.h"
#include "ui/widgets/state_mark.h"

#include <QGridLayout>
#include <QLabel>

namespace cm::ui {

UnseenCard::UnseenCard(QWidget *parent) : Card(tr("What this desktop cannot see"), parent), m_rows(nullptr)
{
    auto *inner = new QWidget;
    m_rows = new QGridLayout(inner);
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setVerticalSpacing(metrics::unit);
    m_rows->setColumnStretch(1, 1);
    setContent(inner);
}

void UnseenCard::setLines(const QStringList &lines)
{
    if (lines == m_lines)
        return;
    m_lines = lines;
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (int i = 0; i < lines.size(); ++i) {
        auto *mark = new StateMark(Mark::Unknown, {});
        mark->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
        auto *line = new QLabel(lines.at(i));
        line->setTextFormat(Qt::PlainText);
        line->setWordWrap(true);
        m_rows->addWidget(mark, i, 0, Qt::AlignTop);
        m_rows->addWidget(line, i, 1);
    }
}

}  // namespace cm::ui
