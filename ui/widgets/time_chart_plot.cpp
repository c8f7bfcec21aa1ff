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
constexpr double spanBar = 3;  // high

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

QPen markPen(MarkKind kind, const Colors &colors)
{
    QPen pen(colors.dim, 1, Qt::DashLine);
    switch (kind) {
    case MarkKind::Event:
        break;
    case MarkKind::Deploy:
        pen.setColor(colors.accent);
        break;
    case MarkKind::Definition:
        // What lies on its two sides is not to be compared.
        pen = QPen(colors.text, 2, Qt::SolidLine);
        break;
    case MarkKind::Gap:
        pen = QPen(colors.warning, 1, Qt::DashDotLine);
        break;
    case MarkKind::Note:
        pen.setStyle(Qt::DotLine);
        break;
    case MarkKind::Doubled:
        pen = QPen(colors.critical, 1, Qt::SolidLine);
        break;
    case MarkKind::Repeated:
        pen = QPen(colors.warning, 1, Qt::SolidLine);
        break;
    }
    pen.setCosmetic(true);
    return pen;
}

QString markWords(const ChartMark &mark, bool named)
{
    const QString words = mark.author.isEmpty() ? mark.text : QStringLiteral("%1 · %2").arg(mark.text, mark.author);
    return named && !mark.label.isEmpty() ? QStringLiteral("%1: %2").arg(mark.label, words) : words;
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
    paintSpans(*painter, area);
    paintGaps(*painter, area);
    if (m_owner.m_shape == Shape::Stacked)
        paintStack(*painter, area);
    else
        paintLines(*painter, area);
    paintMarks(*painter, area);
    paintForecast(*painter, area);
    // Of buckets the hatching says it.
    if (m_owner.m_buckets.empty())
        paintEnds(*painter, area);
    // The zero of the axis is not to be taken for a figure.
    if (m_owner.m_gaps.empty() && std::all_of(m_owner.m_series.begin(), m_owner.m_series.end(), [](const ChartSeries &series) { return series.points.empty(); })) {
        painter->setPen(m_colors.dim);
        painter->drawText(area, Qt::AlignCenter, TimeChart::tr("No figures yet"));
    }
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

QColor TimeChart::Plot::colorOf(std::size_t series) const
{
    return m_owner.m_series[series].rest ? blend(m_colors.panel, m_colors.dim, 0.5) : m_colors.series[slotOf(series) % m_colors.series.size()];
}

double TimeChart::Plot::xOf(double at, const QRectF &area) const
{
    return area.left() + (at - m_owner.m_shown.from) / (m_owner.m_shown.to - m_owner.m_shown.from) * area.width();
}

double TimeChart::Plot::yOf(double value, const QRectF &area) const
{
    return area.bottom() - m_owner.drawn(value) / m_owner.m_top * area.height();
}

void TimeChart::Plot::paintGaps(QPainter &painter, const QRectF &area) const
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const ChartGap &gap : m_owner.m_gaps) {
        if (!gap.drawn)
            continue;
        const double left = std::max(area.left(), xOf(gap.from, area)), right = std::min(area.right(), xOf(gap.to, area));
        if (right <= left)
            continue;
        // A minute of a year is seen as well.
        const QRectF place(left, area.top(), std::max(right - left, 1.0), area.height());
        painter.fillRect(place, blend(m_colors.panel, m_colors.dim, 0.08));
        painter.fillRect(place, missingBrush(m_colors));
    }
}

// Under the figures; paintMarks() draws their edges.
void TimeChart::Plot::paintSpans(QPainter &painter, const QRectF &area) const
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const ChartMark &mark : m_owner.m_marks) {
        if (!mark.until || mark.kind == MarkKind::Repeated)
            continue;
        const double left = std::max(area.left(), xOf(mark.at, area)), right = std::min(area.right(), xOf(*mark.until, area));
        if (right > left)
            painter.fillRect(QRectF(left, area.top(), right - left, area.height()), blend(m_colors.panel, markPen(mark.kind, m_colors).color(), 0.12));
    }
}

void TimeChart::Plot::paintStack(QPainter &painter, const QRectF &area) const
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (std::size_t bucket = 0; bucket + 1 < m_owner.m_buckets.size(); ++bucket) {
        const double from = m_owner.m_buckets[bucket], to = m_owner.m_buckets[bucket + 1];
        if (to <= m_owner.m_shown.from || from >= m_owner.m_shown.to)
            continue;
        // Whole pixels, so that bars stand side by side without seams; a hair between those that are wide.
        const double left = std::round(std::max(area.left(), xOf(from, area))), right = std::round(std::min(area.right(), xOf(to, area)));
        const double width = std::max(1.0, right - left - (right - left >= 6 ? 1 : 0));
        double below = 0;
        for (std::size_t i = 0; i < m_owner.m_series.size(); ++i) {
            const std::vector<ChartPoint> &points = m_owner.m_series[i].points;
            if (bucket >= points.size() || std::isnan(points[bucket].value) || points[bucket].value <= 0)
                continue;
            const double bottom = std::round(yOf(below, area));
            below += points[bucket].value;
            painter.fillRect(QRectF(left, std::round(yOf(below, area)), width, bottom - std::round(yOf(below, area))), colorOf(i));
        }
    }
}

void TimeChart::Plot::makeLines(const QRectF &area, double ratio)
{
    m_lines.clear();
    for (std::size_t i = 0; i < m_owner.m_series.size(); ++i) {
        const std::vector<ChartPoint> &points = m_owner.m_series[i].points;
        if (!m_owner.m_logarithmic) {
            m_lines.push_back(linesWithin(points, m_owner.m_shown, m_owner.m_top, area, ratio, m_owner.m_summaries[i]));
            continue;
        }
        std::vector<ChartPoint> drawn = points;
        for (ChartPoint &point : drawn)
            point.value = m_owner.drawn(point.value);
        m_lines.push_back(linesWithin(drawn, m_owner.m_shown, m_owner.m_top, area, ratio));
    }
    m_linesArea = area;
    m_linesRatio = ratio;
}

void TimeChart::Plot::paintLines(QPainter &painter, const QRectF &area)
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    const double ratio = painter.device() ? painter.device()->devicePixelRatioF() : 1;
    if (area != m_linesArea || ratio != m_linesRatio)
        makeLines(area, ratio);
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const QColor color = colorOf(i);
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
        const double y = yOf(last->value, area);
        const QString clock = formatClock(timeOf(last->at)).left(5), name = m_owner.m_series[i].name;
        const bool one = m_owner.m_series.size() == 1;
        const QString since = QCoreApplication::translate("TimeChart", "no data since %1").arg(clock);
        const auto widthOf = [&painter](const QString &text) { return painter.fontMetrics().horizontalAdvance(text) + 8.0; };
        QString words = one ? since : QStringLiteral("%1: %2").arg(name, since);
        if (widthOf(words) > area.width())
            words = one ? QCoreApplication::translate("TimeChart", "until %1", "a line of a narrow chart ends then").arg(clock)
                        : QCoreApplication::translate("TimeChart", "%1 until %2", "a line of a narrow chart ends then").arg(name, clock);
        const double width = widthOf(words), height = painter.fontMetrics().height();
        // Where the line is not: in the other half, above one another where several stop.
        const bool under = y < area.center().y();
        const double top = under ? below - height : above;
        (under ? below : above) += under ? -height : height;
        const QRectF place(std::clamp(x + 6, area.left(), std::max(area.left(), area.right() - width)), top, width, height);
        QPen pen(colorOf(i), 2);
        pen.setCosmetic(true);
        painter.setPen(pen);
        painter.drawLine(QPointF(x, y - 5), QPointF(x, y + 5));
        painter.fillRect(place, m_colors.panel);
        painter.setPen(m_colors.text);
        painter.drawText(place, Qt::AlignCenter, words);
    }
}

std::optional<double> TimeChart::Plot::endOf(std::size_t series, const QRectF &area) const
{
    const auto last = lastKnown(m_owner.m_series[series].points, m_owner.m_shown.to);
    if (!last)
        return std::nullopt;
    if (m_owner.m_shape == Shape::Lines)
        return yOf(last->value, area);
    // Beside the middle of its part of the highest bar: the last one may have only begun.
    const std::size_t bucket = m_owner.m_highest;
    double below = 0;
    for (std::size_t i = 0; i <= series; ++i) {
        const std::vector<ChartPoint> &points = m_owner.m_series[i].points;
        const double value = bucket < points.size() && !std::isnan(points[bucket].value) ? points[bucket].value : 0;
        below += i < series ? value : value / 2;
    }
    return yOf(below, area);
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
        if (const auto end = endOf(i, area))
            names.push_back({*end, i});
    }
    // Lines that end side by side would write their names over each other.
    std::sort(names.begin(), names.end(), [](const Name &a, const Name &b) { return a.y < b.y; });
    const double height = painter.fontMetrics().height();
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i].y = std::max(std::clamp(names[i].y, area.top() + height / 2, area.bottom()), i > 0 ? names[i - 1].y + height : area.top());
    // Those that were pushed below the axis push back up.
    double limit = area.bottom();
    for (std::size_t i = names.size(); i-- > 0; limit -= height)
        names[i].y = std::min(names[i].y, limit);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Name &name : names) {
        const QColor color = colorOf(name.series);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        drawSeriesMark(painter, {area.right() + nameGap + 4, name.y}, slotOf(name.series));
        painter.setPen(m_colors.text);
        const QRectF place(area.right() + nameGap + 12, name.y - height / 2, boundingRect().right() - area.right() - nameGap - 14, height);
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_owner.m_series[name.series].name, Qt::ElideRight, static_cast<int>(place.width())));
    }
}

void TimeChart::Plot::paintMarks(QPainter &painter, const QRectF &area) const
{
    for (const ChartMark &mark : m_owner.m_marks) {
        const double from = xOf(mark.at, area), to = xOf(mark.until.value_or(mark.at), area);
        if (to < area.left() || from > area.right())
            continue;
        const QPen pen = markPen(mark.kind, m_colors);
        painter.setPen(pen);
        const double left = std::max(from, area.left());
        if (mark.kind == MarkKind::Repeated) {
            painter.fillRect(QRectF(left, area.bottom() - spanBar, std::max(1.0, std::min(to, area.right()) - left), spanBar), pen.color());
            continue;
        }
        // What began before, or goes on, has no edge here.
        for (const double edge : {from, to}) {
            if (edge >= area.left() && edge <= area.right())
                painter.drawLine(QPointF(edge, area.top()), QPointF(edge, area.bottom()));
        }
        if (mark.until)
            painter.fillRect(QRectF(left, area.top(), std::max(1.0, std::min(to, area.right()) - left), spanBar), pen.color());
    }
    // Over all of these.
    double free = area.left();
    for (const ChartMark &mark : m_owner.m_marks) {
        const double from = xOf(mark.at, area), x = std::max(from, area.left());
        if (mark.kind == MarkKind::Repeated || xOf(mark.until.value_or(mark.at), area) < area.left() || from > area.right())
            continue;
        const QString words = markWords(mark, false);
        const double width = painter.fontMetrics().horizontalAdvance(words) + 6;
        // Before the line where there is no room after it; what has none at all stands in the table and
        // under the pointer.
        const bool after = x >= free && x + width <= area.right();
        if (!after && x - width < free) {
            free = std::max(free, x);
            continue;
        }
        const QRectF place(after ? x + 4 : x - width, area.top() + (mark.until ? spanBar : 0), width, painter.fontMetrics().height());
        painter.fillRect(place.adjusted(-2, 0, 0, 0), m_colors.panel);
        painter.setPen(m_colors.dim);
        painter.drawText(place, Qt::AlignLeft, words);
        free = after ? x + width : x;
    }
}

void TimeChart::Plot::paintForecast(QPainter &painter, const QRectF &area) const
{
    if (!m_owner.m_forecast)
        return;
    const ChartForecast &forecast = *m_owner.m_forecast;
    const QPointF from(xOf(forecast.from.at, area), yOf(forecast.from.value, area)), to(xOf(forecast.to.at, area), yOf(forecast.to.value, area));
    QPen pen(m_colors.text, 1, Qt::DashLine);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.drawLine(from, to);
    const double width = painter.fontMetrics().horizontalAdvance(forecast.text), height = painter.fontMetrics().height();
    // Below the words of the marks, at the end that it speaks of.
    const double left = std::clamp(std::min(to.x(), area.right()) - width, area.left(), std::max(area.left(), area.right() - width));
    const QRectF place(left, area.top() + height + 2, width, height);
    painter.fillRect(place.adjusted(-2, 0, 2, 0), m_colors.panel);
    painter.setPen(m_colors.dim);
    painter.drawText(place, Qt::AlignCenter, forecast.text);
}

void TimeChart::Plot::paintReading(QPainter &painter, const QRectF &area) const
{
    if (*m_pointer < area.left() || *m_pointer > area.right())
        return;
    const double at = m_owner.timeAt(*m_pointer);
    const double within = reach / area.width() * (m_owner.m_shown.to - m_owner.m_shown.from);
    QStringList lines{formatTime(timeOf(at))};
    double sum = 0;
    for (const ChartSeries &series : m_owner.m_series) {
        const auto point = m_owner.pointAt(series, at, within);
        const QString value = point ? m_owner.words(point->value) : dash();
        lines << (m_owner.m_series.size() > 1 ? QStringLiteral("%1  %2").arg(series.name, value) : value);
        if (point && &series == &m_owner.m_series.front())
            lines[0] = formatTime(timeOf(point->at));
        sum += point ? point->value : 0;
    }
    if (m_owner.m_shape == Shape::Stacked && m_owner.m_series.size() > 1 && m_owner.pointAt(m_owner.m_series.front(), at, within))
        lines << QCoreApplication::translate("TimeChart", "Together  %1").arg(m_owner.words(sum));
    for (const ChartGap &gap : m_owner.m_gaps) {
        if (at >= gap.from && at < gap.to)
            lines << gap.text;
    }
    for (const ChartMark &mark : m_owner.m_marks) {
        if (std::abs(mark.at - at) <= within / 4 || (mark.until && at >= mark.at && at < *mark.until))
            lines << markWords(mark, true);
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
