// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/download_chart.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/time_chart_plot.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

#include <algorithm>
#include <limits>
#include <utility>

namespace cm::ui {

namespace {

// Less of a bucket missing than this is told in words alone.
constexpr double hatchedShare = 0.01;

// Of a bucket that has only begun a bar is as wide as what is over of it; a line would fall for no reason.
bool isUnderWay(const api::DownloadSeries &series, std::size_t bucket)
{
    return bucketEnd(series, bucket) > series.sampled;
}

std::vector<ChartGap> gapsOf(const api::DownloadSeries &series, const QString &before)
{
    std::vector<ChartGap> gaps;
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        const api::DownloadBucket &bucket = series.buckets[i];
        const std::int64_t missing = bucket.minutes - bucket.known;
        if (missing <= 0)
            continue;
        const bool early = !series.since || bucketEnd(series, i) <= *series.since;
        gaps.push_back({secondsOf(bucket.start), secondsOf(std::min(bucketEnd(series, i), series.sampled)),
                        early ? before : missingWords(bucket.minutes, bucket.known),
                        static_cast<double>(missing) >= hatchedShare * static_cast<double>(bucket.minutes)});
    }
    return gaps;
}

MarkKind kindOf(api::AnnotationKind kind)
{
    switch (kind) {
    case api::AnnotationKind::Gap:
        return MarkKind::Gap;
    case api::AnnotationKind::Deploy:
        return MarkKind::Deploy;
    case api::AnnotationKind::Definition:
        return MarkKind::Definition;
    case api::AnnotationKind::Note:
        break;
    }
    return MarkKind::Note;
}

std::vector<ChartMark> marksOf(const api::DownloadSeries &series)
{
    std::vector<ChartMark> marks;
    for (const api::DownloadAnnotation &said : series.annotations) {
        ChartMark mark{secondsOf(said.from), text(said.text), text(said.author), kindOf(said.kind), nameFor(said.kind), std::nullopt};
        if (const auto to = annotationEnd(series, said); to && *to > said.from)
            mark.until = secondsOf(*to);
        marks.push_back(std::move(mark));
    }
    return marks;
}

// How marks of a kind are drawn.
class Sample : public QWidget {
public:
    explicit Sample(MarkKind kind) : m_kind(kind)
    {
        setFixedSize(fontMetrics().averageCharWidth() * 2, fontMetrics().height());
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setPen(markPen(m_kind, colorsOf(palette())));
        painter.drawLine(width() / 2, 0, width() / 2, height());
    }

private:
    MarkKind m_kind;
};

}  // namespace

DownloadChart::DownloadChart(const QString &name, QWidget *parent) : QWidget(parent), m_chart(new TimeChart(name, TimeChart::Unit::Count)), m_legend(new QWidget), m_kinds(new FlowLayout(m_legend))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::unit);
    layout->addWidget(m_chart, 1);
    layout->addWidget(m_legend);
    m_kinds->setContentsMargins(0, 0, 0, 0);
    m_legend->hide();
    setFocusProxy(m_chart);
    connect(m_chart, &TimeChart::shownChanged, this, &DownloadChart::look);
}

std::optional<std::int64_t> DownloadChart::totalOf(const api::DownloadSeries &series)
{
    std::int64_t sum = 0;
    for (const api::DownloadLine &line : series.lines)
        sum += line.total.value_or(0);
    const bool known = std::ranges::any_of(series.buckets, [](const api::DownloadBucket &bucket) { return bucket.known > 0; });
    return known ? std::optional(sum) : std::nullopt;
}

void DownloadChart::setSeries(api::DownloadSplit split, const api::DownloadSeries &series, bool anew)
{
    m_split = split;
    m_series = series;
    if (anew)
        m_finer.reset();
    m_chart->setWhole({secondsOf(series.from), secondsOf(series.to)});
    if (anew)
        m_chart->showWhole();
    m_chart->setMarks(marksOf(series));
    showLegend();
    draw();
}

void DownloadChart::showLegend()
{
    while (QLayoutItem *item = m_kinds->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const auto &[kind, name] : api::EnumNames<api::AnnotationKind>::values) {
        if (std::ranges::none_of(m_series.annotations, [kind](const api::DownloadAnnotation &said) { return said.kind == kind; }))
            continue;
        auto *pair = new QWidget;
        auto *row = new QHBoxLayout(pair);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(metrics::unit / 2);
        auto *words = new QLabel(nameFor(kind));
        words->setForegroundRole(QPalette::PlaceholderText);
        row->addWidget(new Sample(kindOf(kind)));
        row->addWidget(words);
        m_kinds->addWidget(pair);
    }
    m_legend->setVisible(m_kinds->count() > 0);
}

void DownloadChart::setFiner(const api::DownloadSeries &series)
{
    m_finer = series;
    draw();
}

std::optional<api::DownloadStep> DownloadChart::finerStep() const
{
    return isFiner() ? std::optional(m_finer->step) : std::nullopt;
}

bool DownloadChart::isFiner() const
{
    if (!m_finer)
        return false;
    const ChartRange shown = m_chart->shown();
    // The whole runs to the end of a day that is not over; finer figures end with what is.
    return secondsOf(m_finer->from) <= shown.from && (secondsOf(m_finer->to) >= shown.to || m_finer->to >= m_finer->sampled);
}

void DownloadChart::look()
{
    if (isFiner() != m_drawnFiner)
        draw();
}

void DownloadChart::setLook(Look look)
{
    if (std::exchange(m_look, look) != look)
        draw();
}

void DownloadChart::draw()
{
    m_drawnFiner = isFiner();
    const api::DownloadSeries &figures = m_drawnFiner ? *m_finer : m_series;
    const bool compares = m_split == api::DownloadSplit::None && figures.lines.size() > 1;
    const bool stacked = m_look == Look::Stacked && !compares;
    std::vector<double> starts;
    for (const api::DownloadBucket &bucket : figures.buckets)
        starts.push_back(secondsOf(bucket.start));
    std::vector<ChartSeries> lines;
    for (const api::DownloadLine &line : figures.lines) {
        ChartSeries one{lineName(m_split, line), {}, line.kind == api::DownloadLineKind::Other, std::nullopt};
        // A class has its colour whichever others are shown.
        if (const auto named = api::enumNamed<api::ClientClass>(line.value); named && m_split == api::DownloadSplit::Class)
            one.slot = static_cast<std::size_t>(*named);
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const bool known = figures.buckets[i].known > 0 && i < line.counts.size() && (stacked || !isUnderWay(figures, i));
            one.points.push_back({starts[i], known ? static_cast<double>(line.counts[i]) : std::numeric_limits<double>::quiet_NaN()});
        }
        lines.push_back(std::move(one));
    }
    m_chart->setGaps(gapsOf(figures, tr("not counted yet")));
    m_chart->setBuckets(starts, secondsOf(std::min(figures.to, std::max(figures.sampled, figures.from))));
    m_chart->setShape(stacked ? TimeChart::Shape::Stacked : TimeChart::Shape::Lines);
    m_chart->setLogarithmic(m_look == Look::Tenfold);
    m_chart->setSeries(std::move(lines));
}

}  // namespace cm::ui
