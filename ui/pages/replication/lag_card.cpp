// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/replication/lag_card.h"

#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/time_chart.h"

#include <QComboBox>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

// As many as a wide screen has columns; answers have at most 5,000.
constexpr std::int64_t wantedPoints = 2000;
constexpr qsizetype mostLines = 6;
constexpr int timelineLines = 500;

std::int64_t stepFor(std::chrono::seconds span)
{
    return std::max<std::int64_t>(1, span.count() / wantedPoints);
}

}  // namespace

LagCard::LagCard(const PageContext &context, QWidget *parent) : Card(tr("Replication lag"), parent), m_context(context)
{
    build();
    connectSignals();
}

void LagCard::build()
{
    m_unit = new QComboBox;
    m_unit->setAccessibleName(tr("Unit of the lag"));
    m_unit->addItem(tr("Bytes"), QStringLiteral("bytes"));
    m_unit->addItem(tr("Seconds"), QStringLiteral("seconds"));
    m_span = new QComboBox;
    m_span->setAccessibleName(tr("Span of time"));
    // A monitor keeps figures for a day: a longer span would show that day and look like the whole.
    m_span->addItem(tr("Last 30 minutes"), 30 * 60);
    m_span->addItem(tr("Last 6 hours"), 6 * 3600);
    m_span->addItem(tr("Last 24 hours"), 24 * 3600);
    addHeaderWidget(m_unit);
    addHeaderWidget(m_span);
    m_bytes = new TimeChart(tr("Replication lag in bytes"), TimeChart::Unit::Bytes);
    m_seconds = new TimeChart(tr("Replication lag in seconds"), TimeChart::Unit::Seconds);
    m_charts = new QStackedWidget;
    m_charts->addWidget(m_bytes);
    m_charts->addWidget(m_seconds);
    setContent(m_charts);
    const auto figure = [this](const char *key, const QString &header, std::optional<double> Spread::*which) {
        return column<Row>({QString::fromLatin1(key), header, true, false, false, {}, 11},
                           [this, which](const Row &row) { return words(row.spread.*which); });
    };
    m_model = new Model({column<Row>({QStringLiteral("series"), tr("In what is shown"), false, false, false, {}, 24, true},
                                     [](const Row &row) { return row.name; },
                                     [](const Row &row) { return tr("Figures are known for %1 of the time").arg(formatPercent(row.spread.known)); }),
                         figure("now", tr("Now"), &Spread::now), figure("p50", tr("p50"), &Spread::p50), figure("p95", tr("p95"), &Spread::p95),
                         figure("p99", tr("p99"), &Spread::p99), figure("max", tr("Greatest"), &Spread::greatest)},
                        [](const Row &row) { return row.name; }, this);
    m_model->setStruck(1, [this](const Row &row) { return m_old && row.spread.now; });
    m_table = new DataTable(tr("Spread of the lag"));
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("No history of lag yet"));
    addRow(m_table);
}

void LagCard::connectSignals()
{
    connect(m_unit, &QComboBox::currentIndexChanged, this, [this](int unit) {
        m_charts->setCurrentIndex(unit);
        forget();
        read();
    });
    connect(m_span, &QComboBox::currentIndexChanged, this, [this] {
        for (const auto &line : std::as_const(m_lines)) {
            line->call->drop();
            line->fine.reset();
        }
        m_timeline.drop();
        read();
        chart()->showWhole();
    });
    for (TimeChart *chart : {m_bytes, m_seconds})
        connect(chart, &TimeChart::shownChanged, this, &LagCard::readFine);
}

TimeChart *LagCard::chart() const
{
    return m_unit->currentIndex() == 0 ? m_bytes : m_seconds;
}

std::string LagCard::unit() const
{
    return m_unit->currentData().toString().toStdString();
}

QString LagCard::words(std::optional<double> value) const
{
    return value ? valueIn(unit(), *value) : dash();
}

QString LagCard::nameOf(const api::SeriesInfo &info) const
{
    return QStringLiteral("%1 · %2").arg(text(info.target), signalName(info.signal));
}

void LagCard::setStandbys(const QStringList &standbys)
{
    if (standbys == m_standbys)
        return;
    m_standbys = standbys;
    m_list.drop();
    read();
}

void LagCard::forget()
{
    m_list.drop();
    m_timeline.drop();
    m_lines.clear();
    redraw();
}

void LagCard::setOld(bool old)
{
    if (std::exchange(m_old, old) != old)
        m_table->viewport()->update();
}

void LagCard::read()
{
    if (!m_context.hasMonitor() || m_standbys.isEmpty())
        return;
    m_list.ask(this, *m_context.monitor, ep::listSeries, {}, [this](const Result<api::SeriesList> &answer) {
        if (answer)
            onSeries(*answer);
    });
    readMarks();
}

void LagCard::onSeries(const api::SeriesList &list)
{
    QList<std::shared_ptr<Line>> lines;
    for (const api::SeriesInfo &info : list.series) {
        if (!isLagSeries(info, m_standbys, unit()) || lines.size() == mostLines)
            continue;
        const auto same = std::find_if(m_lines.cbegin(), m_lines.cend(), [&info](const std::shared_ptr<Line> &line) {
            return line->info.target == info.target && line->info.signal == info.signal;
        });
        lines << (same == m_lines.cend() ? std::make_shared<Line>() : *same);
        lines.last()->info = info;
    }
    m_lines = lines;
    for (const auto &line : std::as_const(m_lines))
        readLine(line);
    if (m_lines.isEmpty())
        redraw();
}

void LagCard::readLine(const std::shared_ptr<Line> &line)
{
    const std::chrono::seconds span(m_span->currentData().toInt());
    api::SeriesQuery query;
    query.target = line->info.target;
    query.signal = line->info.signal;
    query.until = m_context.clock.now();
    query.from = *query.until - span;
    query.stepSeconds = stepFor(span);
    line->call->ask(this, *m_context.monitor, ep::readSeries, query, [this, line](Result<api::Series> answer) {
        if (!answer || !m_lines.contains(line))
            return;
        line->coarse = std::move(*answer);
        redraw();
    });
}

// What a person has zoomed into, in more detail than the whole.
void LagCard::readFine()
{
    const ChartRange shown = chart()->shown();
    const auto span = std::chrono::seconds(static_cast<std::int64_t>(shown.to - shown.from));
    if (!m_context.hasMonitor() || span.count() < 1)
        return;
    for (const auto &line : std::as_const(m_lines)) {
        line->fine.reset();
        if (stepFor(span) >= line->coarse.stepSeconds)
            continue;
        api::SeriesQuery query{line->info.target, line->info.signal, timeOf(shown.from), timeOf(shown.to), stepFor(span)};
        whenDone(this, m_context.monitor->call(ep::readSeries, query), [this, line, shown](Result<api::Series> answer) {
            // Zoomed elsewhere meanwhile, or another unit.
            if (!answer || !m_lines.contains(line) || !(chart()->shown() == shown))
                return;
            line->fine = std::move(*answer);
            redraw();
        });
    }
    redraw();
}

void LagCard::readMarks()
{
    api::ListTimeline request;
    request.from = m_context.clock.now() - std::chrono::seconds(m_span->currentData().toInt());
    request.limit = timelineLines;
    m_timeline.ask(this, *m_context.monitor, ep::listTimeline, request, [this](const Result<api::Page<api::TimelineEvent>> &answer) {
        if (!answer)
            return;
        std::vector<api::TimelineEvent> ours;
        for (const api::TimelineEvent &event : answer->items) {
            // Other roles have nothing to do with these lines.
            if (event.role.empty() || event.role == "postgres" || event.role == "pgpool")
                ours.push_back(event);
        }
        m_marks = marksOf(ours);
        chart()->setMarks(m_marks);
    });
}

void LagCard::redraw()
{
    std::vector<ChartSeries> series;
    QList<Row> rows;
    const ChartRange shown = chart()->shown();
    ChartRange whole;
    for (const auto &line : std::as_const(m_lines)) {
        std::vector<ChartPoint> points = pointsOf(line->coarse, Bucket::Greatest);
        if (line->fine) {
            const std::vector<ChartPoint> fine = pointsOf(*line->fine, Bucket::Greatest);
            std::erase_if(points, [&shown](const ChartPoint &point) { return point.at >= shown.from && point.at <= shown.to; });
            const auto at = std::find_if(points.begin(), points.end(), [&shown](const ChartPoint &point) { return point.at > shown.to; });
            points.insert(at, fine.begin(), fine.end());
        }
        series.push_back({nameOf(line->info), std::move(points)});
        if (!line->coarse.points.empty()) {
            whole = {whole.from == 0 ? secondsOf(line->coarse.from) : std::min(whole.from, secondsOf(line->coarse.from)),
                     std::max(whole.to, secondsOf(line->coarse.until))};
        }
    }
    if (whole.to > whole.from)
        chart()->setWhole(whole);
    for (const auto &line : std::as_const(m_lines))
        rows << Row{nameOf(line->info), spreadOf(line->fine ? *line->fine : line->coarse, chart()->shown())};
    chart()->setSeries(std::move(series));
    chart()->setMarks(m_marks);
    m_model->setRows(rows);
    // As high as it is long, so that the rest is the chart's.
    const auto high = static_cast<int>(std::clamp<qsizetype>(rows.size(), 2, mostLines));
    m_table->setFixedHeight((high + 1) * (std::max(metrics::rowHeight, fontMetrics().height() + 10) + 2));
}

}  // namespace cm::ui
