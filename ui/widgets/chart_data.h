// SPDX-License-Identifier: GPL-3.0-or-later
// What a TimeChart draws: points over time with gaps, and what happened meanwhile. Values and pure
// functions, any thread.
#pragma once

#include "core/base/clock.h"

#include <QPolygonF>
#include <QRectF>
#include <QString>

#include <optional>
#include <vector>

namespace cm::ui {

struct ChartPoint {
    double at = 0;     // seconds since 1970, rising within a series
    double value = 0;  // NaN: nothing is known here; the line has a gap
};

struct ChartSeries {
    QString name;
    std::vector<ChartPoint> points;
    // All that is not named: in no colour of its own.
    bool rest = false;
    // Which of the colours and marks, where it is not the place among the series.
    std::optional<std::size_t> slot = std::nullopt;
};

// Told apart by line and colour.
// Doubled: what stands there is too much. Repeated: a stretch that changes no figure, a line at the foot alone.
enum class MarkKind { Event, Deploy, Definition, Gap, Note, Doubled, Repeated };

// A deploy, a failover, somebody's action.
struct ChartMark {
    double at = 0;
    QString text;
    QString author;
    MarkKind kind = MarkKind::Event;
    QString label;                // what the kind is called; empty: no more than an event
    std::optional<double> until;  // a stretch of time rather than a moment; not before `at`

    // Whether any of it lies in [from, to).
    [[nodiscard]] bool touches(double from, double to) const { return at < to && (at >= from || (until && *until > from)); }
};

// A stretch of time of which nothing, or not all, is known.
struct ChartGap {
    double from = 0;
    double to = 0;
    QString text;
    bool drawn = true;  // else so little that it is told in words alone
};

// Where a line of figures is thought to go on from and to; no figure of anybody.
struct ChartForecast {
    ChartPoint from;
    ChartPoint to;
    QString text;
};

struct ChartRange {
    double from = 0;
    double to = 0;
    friend bool operator==(const ChartRange &, const ChartRange &) = default;
};

double secondsOf(Time time);
Time timeOf(double seconds);

// The extremes of every `block` points, made once a series: what is drawn and scaled again with every move then
// looks at each block instead of each point. Answers are the same with and without.
struct ChartSummary {
    static constexpr std::size_t block = 64;
    struct Extremes {
        double least = 0;
        double greatest = 0;
        bool gap = false;  // some of its values are not known
    };
    // Of whole blocks only.
    std::vector<Extremes> blocks;

    ChartSummary() = default;
    explicit ChartSummary(const std::vector<ChartPoint> &points);
};

// The series within `range` as lines in `area`, `top` being the value at its upper edge and 0 at the
// lower one. Of the points in a column of pixels the first, least, greatest and last are kept, so that
// a million points cost what a few thousand do and no peak is lost. A line for each part between gaps.
std::vector<QPolygonF> linesWithin(const std::vector<ChartPoint> &points, const ChartRange &range, double top, const QRectF &area,
                                   double pixelRatio, const ChartSummary &summary = {});
// The greatest value within `range`; absent when nothing is known there.
std::optional<double> greatestWithin(const std::vector<ChartPoint> &points, const ChartRange &range, const ChartSummary &summary = {});
// The last point that is known up to `at`.
std::optional<ChartPoint> lastKnown(const std::vector<ChartPoint> &points, double at);
// The point nearest to `at`; absent in a gap, and where `at` is further from any than `reach`.
std::optional<ChartPoint> nearest(const std::vector<ChartPoint> &points, double at, double reach);

// At most `most` round values from 0 to at least `greatest`; `base` 1024 for bytes, 60 for seconds, else 10.
std::vector<double> valueTicks(double greatest, int base, int most);
// The same in powers of ten: 0, 1, 100, 10,000.
std::vector<double> tenfoldTicks(double greatest, int most);
// At most `most` moments of round clock time, UTC, within the range.
std::vector<double> timeTicks(const ChartRange &range, int most);

}  // namespace cm::ui
