// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/trend_line.h"

#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace cm::ui {

void drawTrend(QPainter &painter, const QRectF &area, const Trend &trend, const QColor &color)
{
    double greatest = 0;
    for (const double day : trend.days)
        greatest = std::isnan(day) ? greatest : std::max(greatest, day);
    const double across = area.width() / static_cast<double>(std::max<qsizetype>(1, trend.days.size() - 1));
    const auto flush = [&painter](QPolygonF &line) {
        if (line.size() == 1)
            painter.drawPoint(line.first());
        else if (line.size() > 1)
            painter.drawPolyline(line);
        line.clear();
    };
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    QPolygonF line;
    for (qsizetype i = 0; i < trend.days.size(); ++i) {
        const double day = trend.days[i];
        if (std::isnan(day))
            flush(line);
        else
            line << QPointF(area.left() + static_cast<double>(i) * across, area.bottom() - (greatest > 0 ? day / greatest : 0) * area.height());
    }
    flush(line);
    painter.restore();
}

}  // namespace cm::ui
