// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/upload/drop_area.h"

#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace cm::ui {

DropArea::DropArea(QAction *browse, QWidget *parent) : QFrame(parent), m_target(new QLabel(this))
{
    auto *title = new QLabel(tr("Drop wheels and sdists anywhere on the window"));
    title->setFont(headingFont(font()));
    title->setWordWrap(true);
    m_target->setForegroundRole(QPalette::PlaceholderText);
    m_target->setWordWrap(true);
    auto *words = new QVBoxLayout;
    words->setSpacing(4);
    words->addWidget(title);
    words->addWidget(m_target);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(metrics::gap);
    layout->addLayout(words, 1);
    layout->addWidget(actionButton(browse));
    setTarget({});
}

void DropArea::setTarget(const QString &text)
{
    m_target->setText(text.isEmpty() ? tr("Each file is checked here and with the registry before anything is sent.")
                                     : tr("Each file is checked here and with %1 before anything is sent.").arg(text));
}

void DropArea::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(blend(colors.line, colors.text, 0.25), 1.0, Qt::DashLine);
    pen.setDashPattern({5, 4});
    painter.setPen(pen);
    painter.setBrush(colors.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::cardRadius, metrics::cardRadius);
}

}  // namespace cm::ui
