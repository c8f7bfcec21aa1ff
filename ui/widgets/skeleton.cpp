// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/skeleton.h"

#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"

#include <QPainter>

#include <array>

namespace cm::ui {

Skeleton::Skeleton(QWidget *parent) : QWidget(parent)
{
    setAccessibleName(tr("Loading"));
}

void Skeleton::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.line);
    painter.setBrush(colors.panel);
    const QRectF card = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.drawRoundedRect(card, metrics::cardRadius, metrics::cardRadius);
    painter.setPen(Qt::NoPen);
    painter.setBrush(blend(colors.panel, colors.dim, 0.16));
    static constexpr std::array widths{0.22, 0.58, 0.47, 0.63, 0.39, 0.52};
    const double left = card.left() + metrics::cardPadding + 4;
    const double room = card.width() - 2 * (metrics::cardPadding + 4);
    double y = card.top() + metrics::cardPadding + 8;
    for (std::size_t i = 0; y < card.bottom() - 24 && i < 14; ++i) {
        const double width = room * widths[i % widths.size()];
        const double x = isRightToLeft() ? card.right() - metrics::cardPadding - 4 - width : left;
        painter.drawRoundedRect(QRectF(x, y, width, 10), 4, 4);
        y += metrics::rowHeight;
    }
}

}  // namespace cm::ui
