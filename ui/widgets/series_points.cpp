// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/series_points.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cm::ui {

bool isLagSeries(const api::SeriesInfo &info, const QStringList &standbys, const std::string &unit)
{
    if (info.unit != unit || !standbys.contains(QString::fromStdString(info.target)))
        return false;
    static constexpr std::array words{"lag", "behind", "replay", "heartbeat"};
    return std::any_of(words.begin(), words.end(), [&info](const char *word) { return info.signal.find(word) != std::string::npos; });
}

bool isAnswerSeries(const api::SeriesInfo &info, const api::SeriesList &offered)
{
    constexpr std::string_view simple = "simple-time";
    if (info.unit != "seconds" || (info.signal != simple && info.signal != "health-time"))
        return false;
    const bool asked = std::any_of(offered.series.begin(), offered.series.end(),
                                   [&](const api::SeriesInfo &other) { return other.target == info.target && other.signal == simple; });
    return (info.signal == simple) == asked;
}

bool isTrafficSeries(const api::SeriesInfo &info)
{
    return info.unit == "per-second" && (info.signal == "requests" || info.signal.starts_with("requests-"));
}

std::vector<ChartPoint> pointsOf(const api::Series &series, Bucket which)
{
    std::vector<ChartPoint> points;
    points.reserve(series.points.size());
    for (const api::SeriesPoint &point : series.points) {
        const auto value = which == Bucket::Average ? point.average : point.max;
        points.push_back({secondsOf(point.time), value.value_or(std::numeric_limits<double>::quiet_NaN())});
    }
    return points;
}

std::vector<ChartMark> marksOf(const std::vector<api::TimelineEvent> &timeline)
{
    std::vector<ChartMark> marks;
    for (const api::TimelineEvent &event : timeline) {
        if (event.kind == "monitor.started" || event.kind == "delivery.failed" || event.kind == "alert.changed" || event.statement.empty())
            continue;
        // An alert opens with the change of verdict that it is about.
        if (event.kind == "alert.opened" || event.kind == "alert.closed")
            continue;
        const auto asText = [](const std::string &text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); };
        marks.push_back({secondsOf(event.time), asText(event.statement), asText(event.actor)});
    }
    std::sort(marks.begin(), marks.end(), [](const ChartMark &a, const ChartMark &b) { return a.at < b.at; });
    return marks;
}

Spread spreadOf(const api::Series &series, const ChartRange &span)
{
    std::vector<std::pair<double, double>> weighed;
    Spread out;
    double all = 0;
    int buckets = 0;
    int known = 0;
    for (const api::SeriesPoint &point : series.points) {
        const double at = secondsOf(point.time);
        if (at < span.from || at > span.to)
            continue;
        ++buckets;
        // The last one alone is now; a gap at the end is a dash.
        out.now = point.average;
        if (point.count == 0 || !point.average)
            continue;
        ++known;
        const auto samples = static_cast<double>(point.count);
        const double p95 = point.p95.value_or(*point.average);
        weighed.emplace_back(*point.average, samples * 0.95);
        weighed.emplace_back(p95, samples * 0.04);
        weighed.emplace_back(point.p99.value_or(p95), samples * 0.01);
        all += samples;
        const double greatest = point.max.value_or(*point.average);
        out.greatest = std::max(out.greatest.value_or(greatest), greatest);
    }
    out.known = buckets > 0 ? static_cast<double>(known) / buckets : 0;
    std::sort(weighed.begin(), weighed.end());
    double passed = 0;
    for (const auto &[value, weight] : weighed) {
        passed += weight;
        if (!out.p50 && passed >= all * 0.5)
            out.p50 = value;
        if (!out.p95 && passed >= all * 0.95)
            out.p95 = value;
        if (!out.p99 && passed >= all * 0.99)
            out.p99 = value;
    }
    if (!weighed.empty() && !out.p99)
        out.p99 = weighed.back().first;
    return out;
}

}  // namespace cm::ui
