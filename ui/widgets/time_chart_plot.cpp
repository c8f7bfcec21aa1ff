// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/time_chart_plot.h"

#include "ui/format/format.h"
#include "ui/theme/metrics.h"

#include <QChart>
#include <QChartView>
#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace cm::ui {

namespace {

constexpr double reach = 24;  // pixels from a point within which the pointer reads it
constexpr double nameGap = 6;

}  // namespace

void drawSeriesMark(QPainter &painter, const QPointF &at, std::size_t index)
{
    constexpr double r = 3.5;
    const QPointF up(0, -r), down(0, r), left(-r, 0), right(r, 0);
    switch (index % 4) {
    case 0:
        painter.drawEllipse(at, r, r);
        return;
    case 1:
        painter.drawRect(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r));
        return;
    case 2:
        painter.drawPolygon(QPolygonF{at + up, at + down + right, at + down + left});
        return;
    default:
        painter.drawPolygon(QPolygonF{at + up, at + right, at + down, at + left});
    }
}

QRectF TimeChart::Plot::boundingRect() const
{
    return m_owner.m_chart->rect();
}

void TimeChart::Plot::changed()
{
    prepareGeometryChange();
    m_linesArea = {};
    update();
}

void TimeChart::Plot::setPointer(std::optional<double> x)
{
    if (x == m_pointer)
        return;
    m_pointer = x;
    update();
}

void TimeChart::Plot::setChosen(std::optional<std::pair<double, double>> xs)
{
    m_chosen = xs;
    update();
}

void TimeChart::Plot::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    const QRectF area = m_owner.m_chart->plotArea();
    if (area.width() < 8 || area.height() < 8)
        return;
    painter->save();
    painter->setClipRect(area.adjusted(-4, -4, 4, 4));
    paintLines(*painter, area);
    paintMarks(*painter, area);
    paintEnds(*painter, area);
    if (m_chosen) {
        const double left = std::min(m_chosen->first, m_chosen->second);
        painter->fillRect(QRectF(left, area.top(), std::abs(m_chosen->first - m_chosen->second), area.height()),
                          blend(m_colors.panel, m_colors.accent, 0.25));
    }
    painter->restore();
    paintNames(*painter, area);
    if (m_pointer)
        paintReading(*painter, area);
}

void TimeChart::Plot::paintLines(QPainter &painter, const QRectF &area)
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    const double ratio = painter.device() ? painter.device()->devicePixelRatioF() : 1;
    if (area != m_linesArea || ratio != m_linesRatio) {
        m_lines.clear();
        for (std::size_t i = 0; i < m_owner.m_series.size(); ++i)
            m_lines.push_back(linesWithin(m_owner.m_series[i].points, m_owner.m_shown, m_owner.m_top, area, ratio, m_owner.m_summaries[i]));
        m_linesArea = area;
        m_linesRatio = ratio;
    }
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const QColor color = m_colors.series[i % m_colors.series.size()];
        QPen pen(color, 1);
        pen.setCosmetic(true);
        painter.setPen(pen);
        for (const QPolygonF &line : m_lines[i]) {
            if (line.size() > 1) {
                painter.drawPolyline(line);
                continue;
            }
            // A single figure between two gaps is a figure all the same.
            painter.setBrush(color);
            painter.drawEllipse(line.first(), 1.5, 1.5);
        }
    }
}

// A line that stops before the end is nobody's zero: where it stops it says so.
void TimeChart::Plot::paintEnds(QPainter &painter, const QRectF &area) const
{
    constexpr double leastShare = 0.02;
    const double span = m_owner.m_shown.to - m_owner.m_shown.from;
    double above = area.top() + painter.fontMetrics().height(), below = area.bottom() - 2;
    for (std::size_t i = 0; i < m_owner.m_series.size(); ++i) {
        const auto last = lastKnown(m_owner.m_series[i].points, m_owner.m_shown.to);
        if (!last || last->at < m_owner.m_shown.from || m_owner.m_shown.to - last->at < span * leastShare)
            continue;
        const double x = area.left() + (last->at - m_owner.m_shown.from) / span * area.width();
        const double y = area.bottom() - last->value / m_owner.m_top * area.height();
        const QString since = QCoreApplication::translate("TimeChart", "no data since %1").arg(formatClock(timeOf(last->at)).left(5));
        const QString words = m_owner.m_series.size() > 1 ? QStringLiteral("%1: %2").arg(m_owner.m_series[i].name, since) : since;
        const double width = painter.fontMetrics().horizontalAdvance(words) + 8, height = painter.fontMetrics().height();
        // Where the line is not: in the other half, above one another where several stop.
        const bool under = y < area.center().y();
        const double top = under ? below - height : above;
        (under ? below : above) += under ? -height : height;
        const QRectF place(std::clamp(x + 6, area.left(), std::max(area.left(), area.right() - width)), top, width, height);
        QPen pen(m_colors.series[i % m_colors.series.size()], 2);
        pen.setCosmetic(true);
        painter.setPen(pen);
        painter.drawLine(QPointF(x, y - 5), QPointF(x, y + 5));
        painter.fillRect(place, m_colors.panel);
        painter.setPen(m_colors.text);
        painter.drawText(place, Qt::AlignCenter, words);
    }
}

void TimeChart::Plot::paintNames(QPainter &painter, const QRectF &area) const
{
    if (m_owner.m_series.size() < 2)
        return;
    struct Name {
        double y;
        std::size_t series;
    };
    std::vector<Name> names;
    for (std::size_t i = 0; i < m_owner.m_series.size(); ++i) {
        if (const auto last = lastKnown(m_owner.m_series[i].points, m_owner.m_shown.to))
            names.push_back({area.bottom() - last->value / m_owner.m_top * area.height(), i});
    }
    // Lines that end side by side would write their names over each other.
    std::sort(names.begin(), names.end(), [](const Name &a, const Name &b) { return a.y < b.y; });
    const double height = painter.fontMetrics().height();
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i].y = std::max(std::clamp(names[i].y, area.top() + height / 2, area.bottom()), i > 0 ? names[i - 1].y + height : area.top());
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Name &name : names) {
        const QColor color = m_colors.series[name.series % m_colors.series.size()];
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        drawSeriesMark(painter, {area.right() + nameGap + 4, name.y}, name.series);
        painter.setPen(m_colors.text);
        const QRectF place(area.right() + nameGap + 12, name.y - height / 2, boundingRect().right() - area.right() - nameGap - 14, height);
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_owner.m_series[name.series].name, Qt::ElideRight, static_cast<int>(place.width())));
    }
}

void TimeChart::Plot::paintMarks(QPainter &painter, const QRectF &area) const
{
    QPen pen(m_colors.dim, 1, Qt::DashLine);
    pen.setCosmetic(true);
    double free = area.left();
    for (const ChartMark &mark : m_owner.m_marks) {
        if (mark.at < m_owner.m_shown.from || mark.at > m_owner.m_shown.to)
            continue;
        const double x = area.left() + (mark.at - m_owner.m_shown.from) / (m_owner.m_shown.to - m_owner.m_shown.from) * area.width();
        painter.setPen(pen);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        const QString words = mark.author.isEmpty() ? mark.text : QStringLiteral("%1 · %2").arg(mark.text, mark.author);
        const double width = painter.fontMetrics().horizontalAdvance(words) + 6;
        // Before the line where there is no room after it; what has none at all stands in the table and
        // under the pointer.
        const bool after = x >= free && x + width <= area.right();
        if (!after && x - width < free) {
            free = std::max(free, x);
            continue;
        }
        const QRectF place(after ? x + 4 : x - width, area.top(), width, painter.fontMetrics().height());
        painter.fillRect(place.adjusted(-2, 0, 0, 0), m_colors.panel);
        painter.setPen(m_colors.dim);
        painter.drawText(place, Qt::AlignLeft, words);
        free = after ? x + width : x;
    }
}

void TimeChart::Plot::paintReading(QPainter &painter, const QRectF &area) const
{
    if (*m_pointer < area.left() || *m_pointer > area.right())
        return;
    const double at = m_owner.timeAt(*m_pointer);
    const double within = reach / area.width() * (m_owner.m_shown.to - m_owner.m_shown.from);
    QStringList lines{formatTime(timeOf(at))};
    for (const ChartSeries &series : m_owner.m_series) {
        const auto point = nearest(series.points, at, within);
        const QString value = point ? m_owner.words(point->value) : dash();
        lines << (m_owner.m_series.size() > 1 ? QStringLiteral("%1  %2").arg(series.name, value) : value);
        if (point && &series == &m_owner.m_series.front())
            lines[0] = formatTime(timeOf(point->at));
    }
    for (const ChartMark &mark : m_owner.m_marks) {
        if (std::abs(mark.at - at) <= within / 4)
            lines << (mark.author.isEmpty() ? mark.text : QStringLiteral("%1 · %2").arg(mark.text, mark.author));
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(m_colors.dim);
    painter.drawLine(QPointF(*m_pointer, area.top()), QPointF(*m_pointer, area.bottom()));
    double width = 0;
    for (const QString &line : std::as_const(lines))
        width = std::max<double>(width, painter.fontMetrics().horizontalAdvance(line));
    const double height = painter.fontMetrics().lineSpacing() * static_cast<double>(lines.size());
    const bool before = *m_pointer + width + 28 > boundingRect().right();
    const QRectF box(before ? *m_pointer - width - 26 : *m_pointer + 10, area.top() + 4, width + 16, height + 10);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_colors.line);
    painter.setBrush(m_colors.raised);
    painter.drawRoundedRect(box, metrics::controlRadius, metrics::controlRadius);
    painter.setPen(m_colors.text);
    painter.drawText(box.adjusted(8, 5, -8, -5), Qt::AlignLeft, lines.join(QLatin1Char('\n')));
}

}  // namespace cm::ui
