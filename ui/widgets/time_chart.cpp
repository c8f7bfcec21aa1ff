// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/time_chart.h"

#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/time_chart_plot.h"
#include "ui/widgets/time_chart_rows.h"

#include <QApplication>
#include <QCategoryAxis>
#include <QChart>
#include <QChartView>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineSeries>
#include <QStackedLayout>
#include <QTableView>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cm::ui {

namespace {

constexpr int mostValueTicks = 4;
constexpr double shortest = 5;  // seconds: closer than this there is nothing to see
constexpr double wheelZoom = 0.8;

QString timeLabel(double at, double span)
{
    const QString whole = formatTime(timeOf(at));  // 2026-11-22 09:44:19 UTC
    if (span > 3 * 86400)
        return whole.left(10);
    return span > 600 ? whole.mid(11, 5) : whole.mid(11, 8);
}

}  // namespace

TimeChart::TimeChart(const QString &name, Unit unit, QWidget *parent) : QWidget(parent), m_name(name), m_unit(unit)
{
    build();
    applyColors();
    describe({});
}

TimeChart::~TimeChart() = default;

void TimeChart::build()
{
    m_chart = new QChart;
    m_chart->legend()->hide();
    m_chart->setMargins({0, 0, 0, 0});
    m_chart->setContentsMargins(0, 0, 0, 0);
    m_chart->setBackgroundVisible(false);
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_time = new QCategoryAxis;
    m_value = new QCategoryAxis;
    for (QCategoryAxis *axis : {m_time, m_value}) {
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
        axis->setLineVisible(false);
        axis->setTruncateLabels(false);
    }
    m_time->setGridLineVisible(false);
    // Axes stand only where a series does; ours are drawn by the plot.
    auto *empty = new QLineSeries;
    m_chart->addSeries(empty);
    m_chart->addAxis(m_time, Qt::AlignBottom);
    m_chart->addAxis(m_value, Qt::AlignLeft);
    empty->attachAxis(m_time);
    empty->attachAxis(m_value);
    m_plot = new Plot(*this, m_chart);
    m_plot->setZValue(10);
    m_view = new QChartView(m_chart);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setBackgroundBrush(Qt::NoBrush);
    // The card below is the ground.
    m_view->viewport()->setAutoFillBackground(false);
    m_view->setFocusPolicy(Qt::StrongFocus);
    m_view->viewport()->setMouseTracking(true);
    m_view->viewport()->installEventFilter(this);
    m_view->installEventFilter(this);
    m_view->setAccessibleName(m_name);
    m_rows = new Rows(*this, this);
    m_table = new QTableView;
    m_table->setModel(m_rows);
    m_table->setAccessibleName(m_name);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->installEventFilter(this);
    m_stack = new QStackedLayout(this);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_table);
    setFocusProxy(m_view);
    connect(m_chart, &QChart::plotAreaChanged, this, [this] { m_plot->changed(); });
}

void TimeChart::setSeries(std::vector<ChartSeries> series)
{
    m_series = std::move(series);
    m_summaries.clear();
    for (const ChartSeries &one : m_series)
        m_summaries.emplace_back(one.points);
    lookAgain();
}

void TimeChart::setMarks(std::vector<ChartMark> marks)
{
    m_marks = std::move(marks);
    lookAgain();
}

void TimeChart::setGaps(std::vector<ChartGap> gaps)
{
    m_gaps = std::move(gaps);
    m_rows->changed();
    m_plot->changed();
}

void TimeChart::setForecast(std::optional<ChartForecast> forecast)
{
    m_forecast = std::move(forecast);
    lookAgain();
}

void TimeChart::setBuckets(std::vector<double> starts, double end)
{
    m_buckets = std::move(starts);
    if (!m_buckets.empty())
        m_buckets.push_back(end);
    lookAgain();
}

void TimeChart::setShape(Shape shape)
{
    m_shape = shape;
    lookAgain();
}

void TimeChart::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    lookAgain();
}

void TimeChart::setWhole(const ChartRange &whole)
{
    const bool followed = m_shown == m_whole;
    m_whole = whole;
    if (followed)
        setShown(whole, false);
}

void TimeChart::showWhole()
{
    setShown(m_whole, true);
}

void TimeChart::setShown(const ChartRange &range, bool byPerson)
{
    ChartRange wanted = range;
    const double middle = (wanted.from + wanted.to) / 2;
    const double span = std::clamp(wanted.to - wanted.from, shortest, std::max(shortest, m_whole.to - m_whole.from));
    wanted = {middle - span / 2, middle + span / 2};
    // Pushed back inside rather than cut.
    if (wanted.from < m_whole.from)
        wanted = {m_whole.from, m_whole.from + span};
    if (wanted.to > m_whole.to)
        wanted = {m_whole.to - span, m_whole.to};
    if (wanted == m_shown)
        return;
    m_shown = wanted;
    lookAgain();
    if (byPerson)
        Q_EMIT shownChanged(m_shown);
}

double TimeChart::greatestShown(std::vector<std::optional<double>> &ofEach)
{
    double greatest = 0;
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        ofEach.push_back(greatestWithin(m_series[i].points, m_shown, m_summaries[i]));
        greatest = std::max(greatest, ofEach.back().value_or(0));
    }
    if (m_shape == Shape::Lines)
        return greatest;
    double highest = -1;
    for (std::size_t bucket = 0; bucket + 1 < m_buckets.size(); ++bucket) {
        double sum = 0;
        for (const ChartSeries &series : m_series)
            sum += bucket < series.points.size() && !std::isnan(series.points[bucket].value) ? series.points[bucket].value : 0;
        if (m_buckets[bucket + 1] > m_shown.from && m_buckets[bucket] < m_shown.to && sum > highest) {
            highest = sum;
            m_highest = bucket;
        }
    }
    return std::max(greatest, highest);
}

double TimeChart::drawn(double value) const
{
    return m_logarithmic && m_shape == Shape::Lines ? std::log1p(value) / std::log1p(m_top) * m_top : value;
}

std::optional<ChartPoint> TimeChart::pointAt(const ChartSeries &series, double at, double within) const
{
    if (m_buckets.empty())
        return nearest(series.points, at, within);
    const auto next = std::upper_bound(m_buckets.begin(), m_buckets.end(), at);
    const auto bucket = static_cast<std::size_t>(next - m_buckets.begin());
    if (bucket == 0 || next == m_buckets.end() || bucket > series.points.size() || std::isnan(series.points[bucket - 1].value))
        return std::nullopt;
    return series.points[bucket - 1];
}

void TimeChart::lookAgain()
{
    std::vector<std::optional<double>> each;
    const double greatest = greatestShown(each);
    const std::vector<double> ticks = m_logarithmic && m_shape == Shape::Lines
        ? tenfoldTicks(greatest, mostValueTicks)
        : valueTicks(greatest, m_unit == Unit::Bytes ? 1024 : m_unit == Unit::Seconds ? 60 : 10, mostValueTicks);
    m_top = ticks.size() > 1 ? ticks.back() : 1;
    for (const QString &label : m_value->categoriesLabels())
        m_value->remove(label);
    for (const double tick : ticks)
        m_value->append(words(tick), drawn(tick));
    m_value->setRange(0, m_top);
    layoutAxes();
    m_rows->changed();
    m_plot->changed();
    describe(each);
}

void TimeChart::layoutAxes()
{
    for (const QString &label : m_time->categoriesLabels())
        m_time->remove(label);
    const double span = m_shown.to - m_shown.from;
    int names = 0;
    if (m_series.size() > 1) {
        for (const ChartSeries &series : m_series)
            names = std::max(names, fontMetrics().horizontalAdvance(series.name));
        names = std::min(names + 24, width() / 3);
    }
    // With room between them, in what is left beside the values and the names.
    const int label = fontMetrics().horizontalAdvance(timeLabel(m_shown.from, span)) + 2 * fontMetrics().averageCharWidth();
    const int across = std::max(1, (width() - names) / std::max(60, label));
    for (const double at : timeTicks(m_shown, across))
        m_time->append(timeLabel(at, span), at);
    m_time->setRange(m_shown.from, m_shown.to > m_shown.from ? m_shown.to : m_shown.from + 1);
    m_chart->setMargins({0, 2, names, 0});
}

void TimeChart::applyColors()
{
    const Colors colors = colorsOf(palette());
    m_plot->setColors(colors);
    for (QCategoryAxis *axis : {m_time, m_value}) {
        axis->setLabelsColor(colors.dim);
        axis->setLabelsFont(font());
        axis->setGridLineColor(colors.line);
    }
    m_plot->changed();
}

// What a person who cannot see the lines is told.
void TimeChart::describe(const std::vector<std::optional<double>> &greatestOfEach)
{
    QStringList parts;
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        const ChartSeries &series = m_series[i];
        const auto last = lastKnown(series.points, std::numeric_limits<double>::infinity());
        const auto greatest = greatestOfEach[i];
        parts << (!last || !greatest
                      ? tr("%1: nothing known").arg(series.name)
                      : tr("%1: %2 at %3, at most %4").arg(series.name, words(last->value), formatTime(timeOf(last->at)), words(*greatest)));
    }
    if (m_forecast)
        parts << m_forecast->text;
    for (const ChartMark &mark : m_marks)
        parts << (mark.until ? tr("%1 from %2 to %3").arg(markWords(mark, true), formatTime(timeOf(mark.at)), formatTime(timeOf(*mark.until)))
                             : tr("%1 at %2").arg(mark.label.isEmpty() ? mark.text : markWords(mark, true), formatTime(timeOf(mark.at))));
    m_view->setAccessibleDescription(parts.join(QStringLiteral("; ")));
}

QString TimeChart::words(double value) const
{
    if (std::isnan(value))
        return dash();
    switch (m_unit) {
    case Unit::Bytes:
        return formatBytes(static_cast<std::int64_t>(value));
    case Unit::Seconds:
        return formatDuration(std::chrono::microseconds(static_cast<std::int64_t>(value * 1e6)));
    case Unit::Ratio:
        return formatPercent(value);
    case Unit::Count:
        break;
    }
    return value < 10 && value != std::floor(value) ? QLocale().toString(value, 'f', 1) : formatCount(std::llround(value));
}

bool TimeChart::isTable() const
{
    return m_stack->currentWidget() == m_table;
}

void TimeChart::showTable(bool table)
{
    const bool hadFocus = m_view->hasFocus() || m_table->hasFocus(), changes = table != isTable();
    if (table) {
        m_rows->refresh();
        m_table->resizeColumnsToContents();
    }
    m_stack->setCurrentWidget(table ? static_cast<QWidget *>(m_table) : m_view);
    setFocusProxy(m_stack->currentWidget());
    if (hadFocus)
        m_stack->currentWidget()->setFocus();
    if (changes)
        Q_EMIT tableShown(table);
}

QString TimeChart::figures() const
{
    m_rows->refresh();
    return m_rows->text();
}

double TimeChart::timeAt(double x) const
{
    const QRectF area = m_chart->plotArea();
    return m_shown.from + (x - area.left()) / area.width() * (m_shown.to - m_shown.from);
}

void TimeChart::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (m_plot && (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)) {
        applyColors();
        layoutAxes();
    }
}

void TimeChart::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    layoutAxes();
}

void TimeChart::keyPressEvent(QKeyEvent *event)
{
    const double span = m_shown.to - m_shown.from;
    const double step = span / 8 * (isRightToLeft() ? -1 : 1);
    if (event->matches(QKeySequence::Copy))
        QApplication::clipboard()->setText(figures());
    else if (event->key() == Qt::Key_T)
        showTable(!isTable());
    else if (event->key() == Qt::Key_Left && !isTable())
        setShown({m_shown.from - step, m_shown.to - step}, true);
    else if (event->key() == Qt::Key_Right && !isTable())
        setShown({m_shown.from + step, m_shown.to + step}, true);
    else if (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal)
        setShown({m_shown.from + span / 4, m_shown.to - span / 4}, true);
    else if (event->key() == Qt::Key_Minus)
        setShown({m_shown.from - span / 2, m_shown.to + span / 2}, true);
    else if (event->key() == Qt::Key_Home)
        showWhole();
    else
        QWidget::keyPressEvent(event);
}

bool TimeChart::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && (watched == m_view || watched == m_table)) {
        auto *key = static_cast<QKeyEvent *>(event);
        const bool moves = watched == m_table && (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right || key->key() == Qt::Key_Home);
        if (!moves) {
            keyPressEvent(key);
            return key->isAccepted();
        }
    }
    return watched == m_view->viewport() && mouse(event);
}

bool TimeChart::mouse(QEvent *event)
{
    switch (event->type()) {
    case QEvent::Leave:
        m_plot->setPointer(std::nullopt);
        return false;
    case QEvent::Wheel: {
        auto *wheel = static_cast<QWheelEvent *>(event);
        const double at = timeAt(wheel->position().x());
        const double factor = wheel->angleDelta().y() > 0 ? wheelZoom : 1 / wheelZoom;
        setShown({at - (at - m_shown.from) * factor, at + (m_shown.to - at) * factor}, true);
        return true;
    }
    case QEvent::MouseButtonDblClick:
        showWhole();
        return true;
    case QEvent::MouseButtonPress: {
        auto *press = static_cast<QMouseEvent *>(event);
        if (press->button() != Qt::LeftButton)
            return false;
        m_view->setFocus(Qt::MouseFocusReason);
        m_plot->setChosen(std::pair(press->position().x(), press->position().x()));
        m_dragged = press->position().x();
        return true;
    }
    case QEvent::MouseMove: {
        const double x = static_cast<QMouseEvent *>(event)->position().x();
        m_plot->setPointer(x);
        if (m_dragged)
            m_plot->setChosen(std::pair(*m_dragged, x));
        return false;
    }
    case QEvent::MouseButtonRelease: {
        const double x = static_cast<QMouseEvent *>(event)->position().x();
        const std::optional<double> from = std::exchange(m_dragged, std::nullopt);
        m_plot->setChosen(std::nullopt);
        if (from && std::abs(*from - x) > QApplication::startDragDistance())
            setShown({std::min(timeAt(*from), timeAt(x)), std::max(timeAt(*from), timeAt(x))}, true);
        return from.has_value();
    }
    default:
        return false;
    }
}

QSize TimeChart::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 24, fontMetrics().height() * 6};
}

QSize TimeChart::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 60, fontMetrics().height() * 14};
}

}  // namespace cm::ui
