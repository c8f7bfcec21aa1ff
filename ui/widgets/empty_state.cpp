// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"

#include <QAction>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cm::ui {

EmptyState::EmptyState(QWidget *parent)
    : QWidget(parent), m_title(new QLabel(this)), m_text(new QLabel(this)), m_step(new QPushButton(this))
{
    m_title->setFont(titleFont(font()));
    for (QLabel *label : {m_title, m_text}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    m_text->setForegroundRole(QPalette::PlaceholderText);
    m_step->setAutoDefault(false);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(metrics::unit * 2);
    layout->addStretch(2);
    layout->addWidget(m_title);
    layout->addWidget(m_text);
    layout->addSpacing(metrics::unit * 2);
    layout->addWidget(m_step, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    connect(m_step, &QPushButton::clicked, this, [this] {
        if (m_action)
            m_action->trigger();
    });
}

void EmptyState::setWords(const QString &title, const QString &text, QAction *firstStep)
{
    m_title->setText(title);
    m_text->setText(text);
    m_action = firstStep;
    m_step->setVisible(firstStep != nullptr);
    if (firstStep)
        m_step->setText(firstStep->text());
}

}  // namespace cm::ui
