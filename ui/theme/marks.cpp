// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/marks.h"

#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QPolygonF>

#include <cmath>
#include <numbers>

namespace cm::ui {

namespace {

QPolygonF octagon(const QPointF &centre, double radius)
{
    QPolygonF polygon;
    for (int i = 0; i < 8; ++i) {
        const double angle = (i + 0.5) * std::numbers::pi / 4;
        polygon << centre + QPointF(std::cos(angle), std::sin(angle)) * radius;
    }
    return polygon;
}

// Drawn when it is needed, so that it is sharp at every scale.
class MarkEngine final : public QIconEngine {
public:
    MarkEngine(Mark mark, Colors colors) : m_mark(mark), m_colors(std::move(colors)) {}
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode, QIcon::State) override
    {
        drawMark(*painter, rect, m_mark, m_colors);
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }
    [[nodiscard]] QIconEngine *clone() const override { return new MarkEngine(m_mark, m_colors); }

private:
    Mark m_mark;
    Colors m_colors;
};

}  // namespace

QColor markColor(Mark mark, const Colors &colors)
{
    switch (mark) {
    case Mark::Ok:
        return colors.ok;
    case Mark::Warning:
        return colors.warning;
    case Mark::Unknown:
        return colors.unknown;
    case Mark::Critical:
        return colors.critical;
    case Mark::Deprecated:
    case Mark::None:
        break;
    }
    return colors.dim;
}

void drawMark(QPainter &painter, const QRectF &rect, Mark mark, const Colors &colors)
{
    if (mark == Mark::None)
        return;
    const double side = std::min(rect.width(), rect.height());
    const QPointF centre = rect.center();
    const double radius = side / 2;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(markColor(mark, colors));
    switch (mark) {
    case Mark::Ok:
        painter.drawEllipse(centre, radius * 0.82, radius * 0.82);
        break;
    case Mark::Warning: {
        const double height = radius * 1.7;
        painter.drawPolygon(QPolygonF({centre + QPointF(0, -height * 0.55), centre + QPointF(radius, height * 0.45),
                                       centre + QPointF(-radius, height * 0.45)}));
        break;
    }
    case Mark::Critical:
        painter.drawPolygon(octagon(centre, radius));
        break;
    case Mark::Unknown: {
        const QRectF square(centre - QPointF(radius, radius) * 0.88, QSizeF(side, side) * 0.88);
        painter.drawRoundedRect(square, radius * 0.2, radius * 0.2);
        QFont font = painter.font();
        font.setPixelSize(std::max(6, static_cast<int>(side * 0.78)));
        font.setBold(true);
        painter.setFont(font);
        painter.setPen(colors.panel);
        painter.drawText(square, Qt::AlignCenter, QStringLiteral("?"));
        break;
    }
    case Mark::Deprecated:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colors.dim, std::max(1.2, side / 10)));
        painter.drawPolygon(QPolygonF({centre + QPointF(0, -radius * 0.9), centre + QPointF(radius * 0.9, 0),
                                       centre + QPointF(0, radius * 0.9), centre + QPointF(-radius * 0.9, 0)}));
        break;
    case Mark::None:
        break;
    }
    painter.restore();
}

void drawAtWork(QPainter &painter, const QRectF &rect, const Colors &colors)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.accent);
    painter.drawPie(rect, 90 * 16, -180 * 16);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors.accent, 1.5));
    painter.drawEllipse(rect);
    painter.restore();
}

QIcon markIcon(Mark mark, const Colors &colors)
{
    return QIcon(new MarkEngine(mark, colors));
}

}  // namespace cm::ui
