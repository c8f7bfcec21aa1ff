// SPDX-License-Identifier: GPL-3.0-or-later
// A monitor's series and timeline as a TimeChart draws them, and what they come to over a span.
// Values and pure functions, any thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/widgets/chart_data.h"

#include <QStringList>

namespace cm::ui {

// Whether a series is how far one of `standbys` is behind, in that unit.
bool isLagSeries(const api::SeriesInfo &info, const QStringList &standbys, const std::string &unit);

// Whether a series is how long a web node takes to answer, by the way that most clients come: its simple
// page where the monitor asks for one, else its health. `offered`: all there are.
bool isAnswerSeries(const api::SeriesInfo &info, const api::SeriesList &offered);

// Whether a series is how much a cache in front is asked, or asks of a web node.
bool isTrafficSeries(const api::SeriesInfo &info);

enum class Bucket { Average, Greatest };

// A bucket without samples is a gap.
std::vector<ChartPoint> pointsOf(const api::Series &series, Bucket which);
// What somebody did or what changed, oldest first; what the monitor says of itself is left out.
std::vector<ChartMark> marksOf(const std::vector<api::TimelineEvent> &timeline);

// Over a span, each bucket weighing as much as it has samples. Of a bucket its average, p95, p99 and
// greatest are known: 95 of 100 samples count as the average, 4 as p95, 1 as p99. Absent: nothing is
// known in the span.
struct Spread {
    std::optional<double> now, p50, p95, p99, greatest;
    double known = 0;  // share of the span's buckets with any sample
};
Spread spreadOf(const api::Series &series, const ChartRange &span);

}  // namespace cm::ui
