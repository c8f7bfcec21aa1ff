// SPDX-License-Identifier: GPL-3.0-or-later
// What a TimeChart draws inside its axes, as one item of the scene: lines, marks, the pointer's
// reading and the part being chosen. Owned by the chart, GUI thread.
#pragma once

#include "ui/theme/colors.h"
#include "ui/widgets/time_chart.h"

#include <QGraphicsItem>
#include <QPen>

class QChart;

namespace cm::ui {

class TimeChart::Plot : public QGraphicsItem {
public:
    Plot(const TimeChart &owner, QGraphicsItem *parent) : QGraphicsItem(parent), m_owner(owner) {}

    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

    void setColors(const Colors &colors) { m_colors = colors; }
    void setPointer(std::optional<double> x);
    void setChosen(std::optional<std::pair<double, double>> xs);
    void changed();

private:
    [[nodiscard]] std::size_t slotOf(std::size_t series) const { return m_owner.m_series[series].slot.value_or(series); }
    [[nodiscard]] QColor colorOf(std::size_t series) const;
    [[nodiscard]] double xOf(double at, const QRectF &area) const;
    [[nodiscard]] double yOf(double value, const QRectF &area) const;
    void paintGaps(QPainter &painter, const QRectF &area) const;
    void paintStack(QPainter &painter, const QRectF &area) const;
    // Where the name of a series stands; nothing where none of it is known.
    [[nodiscard]] std::optional<double> endOf(std::size_t series, const QRectF &area) const;
    void makeLines(const QRectF &area, double ratio);
    void paintLines(QPainter &painter, const QRectF &area);
    void paintEnds(QPainter &painter, const QRectF &area) const;
    void paintNames(QPainter &painter, const QRectF &area) const;
    void paintSpans(QPainter &painter, const QRectF &area) const;
    void paintMarks(QPainter &painter, const QRectF &area) const;
    void paintForecast(QPainter &painter, const QRectF &area) const;
    void paintReading(QPainter &painter, const QRectF &area) const;

    const TimeChart &m_owner;
    Colors m_colors;
    // Made once a change, not for each move of the pointer.
    std::vector<std::vector<QPolygonF>> m_lines;
    QRectF m_linesArea;
    double m_linesRatio = 0;
    std::optional<double> m_pointer;
    std::optional<std::pair<double, double>> m_chosen;
};

// How marks of a kind are drawn.
QPen markPen(MarkKind kind, const Colors &colors);
// All that a mark says, in one line; `named`: with its kind.
QString markWords(const ChartMark &mark, bool named);

// The mark that tells series `index` from the others where colours cannot.
void drawSeriesMark(QPainter &painter, const QPointF &at, std::size_t index);

}  // namespace cm::ui
