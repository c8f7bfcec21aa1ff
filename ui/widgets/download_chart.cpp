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
#include <iterator>
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

// `named`: a mark is of a longer stretch than the figures beside it, and says of which.
std::vector<ChartMark> duplicatesOf(const api::DownloadCompleteness &lines, bool named)
{
    std::vector<ChartMark> marks;
    for (std::size_t i = 0; i < lines.buckets.size(); ++i) {
        const api::CompletenessBucket &bucket = lines.buckets[i];
        const Time end = std::min(i + 1 < lines.buckets.size() ? lines.buckets[i + 1].start : lines.to, std::max(lines.sampled, bucket.start));
        const std::int64_t repeated = bucket.lines ? bucket.lines->repeated : 0;
        const auto add = [&](MarkKind kind, const QString &words, const QString &label) {
            const QString said = named ? QStringLiteral("%1 (%2)").arg(words, bucketName(lines.step, bucket.start)) : words;
            marks.push_back({secondsOf(bucket.start), said, {}, kind, label, secondsOf(end)});
        };
        if (bucket.doubled > 0)
            add(MarkKind::Doubled, DownloadChart::tr("%1 lines more than were sent").arg(formatCount(bucket.doubled)), DownloadChart::tr("Counted twice"));
        if (repeated > 0)
            add(MarkKind::Repeated, DownloadChart::tr("%1 lines, dropped").arg(formatCount(repeated)), DownloadChart::tr("Sent again"));
    }
    return marks;
}

// How marks of a kind are drawn; of none: what is not known.
class Sample : public QWidget {
public:
    explicit Sample(std::optional<MarkKind> kind) : m_kind(kind)
    {
        setFixedSize(fontMetrics().averageCharWidth() * 2, fontMetrics().height());
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const Colors colors = colorsOf(palette());
        if (!m_kind) {
            painter.fillRect(rect().adjusted(0, 2, -3, -2), missingBrush(colors));
            return;
        }
        painter.setPen(markPen(*m_kind, colors));
        if (*m_kind == MarkKind::Repeated)
            painter.fillRect(QRect(0, height() / 2, width() - 3, 3), painter.pen().color());
        else
            painter.drawLine(width() / 2, 0, width() / 2, height());
    }

private:
    std::optional<MarkKind> m_kind;
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
    connect(m_chart, &TimeChart::tableShown, this, &DownloadChart::showLegend);
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
    draw();
}

void DownloadChart::setDuplicates(const std::optional<api::DownloadCompleteness> &completeness)
{
    m_lines = completeness;
    mark();
}

// The marks of what is drawn, and what they mean.
void DownloadChart::mark()
{
    std::vector<ChartMark> marks = marksOf(m_series);
    if (m_lines)
        std::ranges::move(duplicatesOf(*m_lines, m_drawnFiner), std::back_inserter(marks));
    std::ranges::stable_sort(marks, {}, &ChartMark::at);
    while (QLayoutItem *item = m_kinds->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const auto explain = [this](std::optional<MarkKind> kind, const QString &name) {
        auto *pair = new QWidget;
        auto *row = new QHBoxLayout(pair);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(metrics::unit / 2);
        auto *words = new QLabel(name);
        words->setForegroundRole(QPalette::PlaceholderText);
        row->addWidget(new Sample(kind));
        row->addWidget(words);
        m_kinds->addWidget(pair);
    };
    const api::DownloadSeries &figures = m_drawnFiner && m_finer ? *m_finer : m_series;
    if (std::ranges::any_of(gapsOf(figures, {}), &ChartGap::drawn))
        explain(std::nullopt, tr("No data, or not all"));
    for (const MarkKind kind : {MarkKind::Gap, MarkKind::Deploy, MarkKind::Definition, MarkKind::Note, MarkKind::Doubled, MarkKind::Repeated}) {
        if (const auto first = std::ranges::find(marks, kind, &ChartMark::kind); first != marks.end())
            explain(kind, first->label);
    }
    m_chart->setMarks(std::move(marks));
    showLegend();
}

void DownloadChart::showLegend()
{
    m_legend->setVisible(m_kinds->count() > 0 && !m_chart->isTable());
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
    mark();
    m_chart->setGaps(gapsOf(figures, tr("not counted yet")));
    m_chart->setBuckets(starts, secondsOf(std::min(figures.to, std::max(figures.sampled, figures.from))));
    m_chart->setShape(stacked ? TimeChart::Shape::Stacked : TimeChart::Shape::Lines);
    m_chart->setLogarithmic(m_look == Look::Tenfold);
    m_chart->setSeries(std::move(lines));
}

}  // namespace cm::ui
