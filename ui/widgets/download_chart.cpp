// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/download_chart.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/widgets/time_chart.h"

#include <QVBoxLayout>

#include <limits>

namespace cm::ui {

namespace {

// Less of a bucket missing than this is told in words alone.
constexpr double hatchedShare = 0.01;

std::vector<ChartGap> gapsOf(const api::DownloadSeries &series, const QString &before)
{
    std::vector<ChartGap> gaps;
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        const api::DownloadBucket &bucket = series.buckets[i];
        const std::int64_t missing = bucket.minutes - bucket.known;
        if (missing <= 0 || static_cast<double>(missing) < hatchedShare * static_cast<double>(bucket.minutes))
            continue;
        const Time end = i + 1 < series.buckets.size() ? series.buckets[i + 1].start : series.to;
        const bool early = !series.since || end <= *series.since;
        gaps.push_back({secondsOf(bucket.start), secondsOf(end), early ? before : missingWords(bucket.minutes, bucket.known)});
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
    applyLook();
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
    std::vector<double> starts;
    for (const api::DownloadBucket &bucket : series.buckets)
        starts.push_back(secondsOf(bucket.start));
    std::vector<ChartSeries> lines;
    for (const api::DownloadLine &line : series.lines) {
        ChartSeries one{lineName(split, line), {}, line.kind == api::DownloadLineKind::Other, std::nullopt};
        // A class has its colour whichever others are shown.
        if (const auto named = api::enumNamed<api::ClientClass>(line.value); named && split == api::DownloadSplit::Class)
            one.slot = static_cast<std::size_t>(*named);
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const bool known = series.buckets[i].known > 0 && i < line.counts.size();
            one.points.push_back({starts[i], known ? static_cast<double>(line.counts[i]) : std::numeric_limits<double>::quiet_NaN()});
        }
        lines.push_back(std::move(one));
    }
    m_compares = split == api::DownloadSplit::None && lines.size() > 1;
    m_chart->setWhole({secondsOf(series.from), secondsOf(series.to)});
    if (anew)
        m_chart->showWhole();
    m_chart->setBuckets(starts, secondsOf(series.to));
    m_chart->setGaps(gapsOf(series, tr("not counted yet")));
    m_chart->setMarks(marksOf(series));
    m_chart->setSeries(std::move(lines));
    applyLook();
}

void DownloadChart::setLook(Look look)
{
    m_look = look;
    applyLook();
}

void DownloadChart::applyLook()
{
    m_chart->setShape(m_look == Look::Stacked && !m_compares ? TimeChart::Shape::Stacked : TimeChart::Shape::Lines);
    m_chart->setLogarithmic(m_look == Look::Tenfold);
}

}  // namespace cm::ui
