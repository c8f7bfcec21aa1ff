// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/upload/drop_area.h"

#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPainter>

namespace cm::ui {

DropArea::DropArea(QAction *browse, QWidget *parent)
    : QFrame(parent), m_title(new QLabel(this)), m_target(new QLabel(this)),
      m_layout(new QBoxLayout(QBoxLayout::LeftToRight, this)), m_browse(actionButton(browse, this))
{
    m_title->setFont(headingFont(font()));
    m_title->setWordWrap(true);
    m_target->setForegroundRole(QPalette::PlaceholderText);
    m_target->setWordWrap(true);
    auto *words = new QVBoxLayout;
    words->setSpacing(4);
    words->addWidget(m_title);
    words->addWidget(m_target);
    m_layout->setContentsMargins(20, 16, 20, 16);
    m_layout->setSpacing(metrics::gap);
    m_layout->addStretch(0);
    m_layout->addLayout(words, 1);
    m_layout->addWidget(m_browse);
    m_layout->addStretch(0);
    setClosed({}, {});
    setTarget({});
}

void DropArea::setClosed(const QString &until, const QString &message)
{
    const QString open = tr("Drop wheels, sdists and documentation anywhere on the window");
    const QString closed = tr("The registry is read-only until %1 and takes no uploads. Files can be checked.").arg(until);
    m_title->setText(until.isEmpty() ? open : message.isEmpty() ? closed : closed + QLatin1Char('\n') + message);
}

void DropArea::setRoomy(bool roomy)
{
    m_layout->setDirection(roomy ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_layout->setStretch(0, roomy ? 1 : 0);
    m_layout->setStretch(1, roomy ? 0 : 1);
    m_layout->setStretch(3, roomy ? 1 : 0);
    m_layout->setAlignment(m_browse, roomy ? Qt::AlignHCenter : Qt::Alignment());
    for (auto *label : {m_title, m_target})
        label->setAlignment(roomy ? Qt::AlignCenter : Qt::AlignLeading | Qt::AlignVCenter);
    setSizePolicy(QSizePolicy::Preferred, roomy ? QSizePolicy::Expanding : QSizePolicy::Maximum);
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
