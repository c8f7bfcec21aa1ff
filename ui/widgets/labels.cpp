// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/labels.h"

#include "ui/theme/metrics.h"
#include "ui/widgets/state_mark.h"

#include <QHBoxLayout>
#include <QLabel>

namespace cm::ui {

QLabel *wrappedLabel(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QWidget *markedLine(Mark mark, const QString &words)
{
    auto *line = new QWidget;
    auto *row = new QHBoxLayout(line);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metrics::unit);
    auto *sign = new StateMark(mark, {});
    sign->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    QLabel *label = wrappedLabel();
    label->setText(words);
    row->addWidget(sign, 0, Qt::AlignTop);
    row->addWidget(label, 1);
    return line;
}

}  // namespace cm::ui
