// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/card.h"

#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace cm::ui {

Card::Card(const QString &title, QWidget *parent)
    : QFrame(parent), m_title(new QLabel(this)), m_note(new QLabel(this)), m_header(new QHBoxLayout), m_body(new QVBoxLayout(this))
{
    m_title->setFont(headingFont(font()));
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_title->setTextFormat(Qt::PlainText);
    m_note->setTextFormat(Qt::PlainText);
    m_header->setSpacing(metrics::unit * 2);
    m_header->addWidget(m_title);
    m_header->addStretch(1);
    m_header->addWidget(m_note);
    m_body->setContentsMargins(metrics::cardPadding, metrics::cardPadding, metrics::cardPadding, metrics::cardPadding);
    m_body->setSpacing(metrics::unit * 2);
    m_body->addLayout(m_header);
    setTitle(title);
    m_note->hide();
}

void Card::setTitle(const QString &title)
{
    m_title->setText(title);
    m_title->setVisible(!title.isEmpty());
    setAccessibleName(title);
}

void Card::setNote(const QString &note)
{
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

void Card::setContent(QWidget *content)
{
    m_body->addWidget(content, 1);
}

void Card::addRow(QWidget *widget)
{
    m_body->addWidget(widget);
}

void Card::addHeaderWidget(QWidget *widget)
{
    m_header->addWidget(widget);
}

void Card::setRaised(bool raised)
{
    m_raised = raised;
    update();
}

void Card::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.line);
    painter.setBrush(m_raised ? colors.raised : colors.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::cardRadius, metrics::cardRadius);
}

}  // namespace cm::ui
