// SPDX-License-Identifier: GPL-3.0-or-later
// The chart of every page, over Qt Charts: thin lines with their gaps, what happened as vertical
// marks, series told apart by a mark and a name at the line's end as well as by colour; figures of
// buckets also stacked, what is not known hatched. Moving the
// pointer reads exact values, dragging zooms, a double click takes the whole, Ctrl+C copies the
// figures, T shows them as a table; arrows move, plus and minus zoom. GUI thread.
#pragma once

#include "ui/widgets/chart_data.h"

#include <QWidget>

#include <functional>

class QChart;
class QChartView;
class QCategoryAxis;
class QStackedLayout;
class QTableView;

namespace cm::ui {

class TimeChart : public QWidget {
    Q_OBJECT
public:
    enum class Unit { Count, Bytes, Seconds, Ratio };

    // `name` is what assistive technology calls the chart.
    TimeChart(const QString &name, Unit unit, QWidget *parent = nullptr);
    ~TimeChart() override;

    void setSeries(std::vector<ChartSeries> series);
    void setMarks(std::vector<ChartMark> marks);
    void setGaps(std::vector<ChartGap> gaps);
    // Drawn dashed; absent: none.
    void setForecast(std::optional<ChartForecast> forecast);
    // The figures are those of buckets, of each series one a bucket: where they begin, and where the last one ends.
    void setBuckets(std::vector<double> starts, double end);
    // Stacked: parts of one whole, each on top of those before it; of buckets alone.
    enum class Shape { Lines, Stacked };
    void setShape(Shape shape);
    // Of lines: each line of the grid stands for ten times the one below.
    void setLogarithmic(bool logarithmic);
    // All that there is to see; what a person has zoomed into stays.
    void setWhole(const ChartRange &whole);
    [[nodiscard]] ChartRange shown() const { return m_shown; }
    [[nodiscard]] bool isTable() const;
    // The figures of what is shown, one line a moment, tabs between; as copied by Ctrl+C.
    [[nodiscard]] QString figures() const;
    [[nodiscard]] QString words(double value) const;

public Q_SLOTS:
    void showWhole();
    void showTable(bool table);

Q_SIGNALS:
    // A person has chosen another range: finer figures may be wanted.
    void shownChanged(const cm::ui::ChartRange &shown);
    void tableShown(bool table);

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

private:
    class Plot;
    class Rows;

    void build();
    void setShown(const ChartRange &range, bool byPerson);
    void lookAgain();
    double greatestShown(std::vector<std::optional<double>> &ofEach);
    // Where a value stands between 0 and the top.
    [[nodiscard]] double drawn(double value) const;
    // What is known of a series at a moment, or in the bucket that it lies in.
    [[nodiscard]] std::optional<ChartPoint> pointAt(const ChartSeries &series, double at, double within) const;
    void layoutAxes();
    void applyColors();
    void describe(const std::vector<std::optional<double>> &greatestOfEach);
    [[nodiscard]] double timeAt(double x) const;
    bool mouse(QEvent *event);

    QString m_name;
    Unit m_unit;
    std::vector<ChartSeries> m_series;
    std::vector<ChartSummary> m_summaries;  // of each series
    std::vector<ChartMark> m_marks;
    std::vector<ChartGap> m_gaps;
    std::optional<ChartForecast> m_forecast;
    std::vector<double> m_buckets;  // where each begins and the last one ends; empty: none
    std::size_t m_highest = 0;      // of the buckets that are shown, stacked
    Shape m_shape = Shape::Lines;
    bool m_logarithmic = false;
    ChartRange m_whole;
    ChartRange m_shown;
    double m_top = 1;
    QChart *m_chart = nullptr;
    QChartView *m_view = nullptr;
    QCategoryAxis *m_time = nullptr;
    QCategoryAxis *m_value = nullptr;
    Plot *m_plot = nullptr;
    Rows *m_rows = nullptr;
    QTableView *m_table = nullptr;
    QStackedLayout *m_stack = nullptr;
    std::optional<double> m_dragged;  // where a choice by dragging began
};

}  // namespace cm::ui
