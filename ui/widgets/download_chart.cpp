// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/download_chart.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/widgets/time_chart.h"

#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <utility>

namespace cm::ui {

namespace {

// Less of a bucket missing than this is told in words alone.
constexpr double hatchedShare = 0.01;

Time endOf(const api::DownloadSeries &series, std::size_t bucket)
{
    return bucket + 1 < series.buckets.size() ? series.buckets[bucket + 1].start : series.to;
}

// Of a bucket that has only begun a bar is as wide as what is over of it; a line would fall for no reason.
bool isUnderWay(const api::DownloadSeries &series, std::size_t bucket)
{
    return endOf(series, bucket) > series.sampled;
}

std::vector<ChartGap> gapsOf(const api::DownloadSeries &series, const QString &before)
{
    std::vector<ChartGap> gaps;
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        const api::DownloadBucket &bucket = series.buckets[i];
        const std::int64_t missing = bucket.minutes - bucket.known;
        if (missing <= 0 || static_cast<double>(missing) < hatchedShare * static_cast<double>(bucket.minutes))
            continue;
        const bool early = !series.since || endOf(series, i) <= *series.since;
        gaps.push_back({secondsOf(bucket.start), secondsOf(std::min(endOf(series, i), series.sampled)),
                        early ? before : missingWords(bucket.minutes, bucket.known)});
    }
    return gaps;
}

std::vector<ChartMark> marksOf(const api::DownloadSeries &series)
{
    std::vector<ChartMark> marks;
    for (const api::DownloadAnnotation &said : series.annotations)
        marks.push_back({std::max(secondsOf(said.from), secondsOf(series.from)), text(said.text), text(said.author)});
    return marks;
}

}  // namespace

DownloadChart::DownloadChart(const QString &name, QWidget *parent) : QWidget(parent), m_chart(new TimeChart(name, TimeChart::Unit::Count))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_chart);
    setFocusProxy(m_chart);
    connect(m_chart, &TimeChart::shownChanged, this, &DownloadChart::look);
}

std::optional<std::int64_t> DownloadChart::totalOf(const api::DownloadSeries &series)
{
    std::int64_t sum = 0;
    bool known = false;
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        if (series.buckets[i].known == 0)
            continue;
        known = true;
        for (const api::DownloadLine &line : series.lines)
            sum += i < line.counts.size() ? line.counts[i] : 0;
    }
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
    draw();
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
