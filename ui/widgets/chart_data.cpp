// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chart_data.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cm::ui {

namespace {

using Points = std::vector<ChartPoint>;

// From the last point before the range to the first after it: lines run to the edges.
std::pair<std::size_t, std::size_t> within(const Points &points, const ChartRange &range)
{
    const auto before = [](const ChartPoint &point, double at) { return point.at < at; };
    auto first = std::lower_bound(points.begin(), points.end(), range.from, before);
    auto last = std::lower_bound(first, points.end(), range.to, before);
    if (first != points.begin())
        --first;
    if (last != points.end())
        ++last;
    return {static_cast<std::size_t>(first - points.begin()), static_cast<std::size_t>(last - points.begin())};
}

// The block that begins at `index` and ends before `last`; null where there is none.
const ChartSummary::Extremes *blockAt(const ChartSummary &summary, std::size_t index, std::size_t last)
{
    const bool whole = index % ChartSummary::block == 0 && index + ChartSummary::block <= last && index / ChartSummary::block < summary.blocks.size();
    return whole ? &summary.blocks[index / ChartSummary::block] : nullptr;
}

// What is kept of one column of pixels.
struct Column {
    double x = 0;
    double first = 0, least = 0, greatest = 0, last = 0;

    void begin(double at, double y)
    {
        x = at;
        first = least = greatest = last = y;
    }
    void add(double y)
    {
        least = std::min(least, y);
        greatest = std::max(greatest, y);
        last = y;
    }
    void appendTo(QPolygonF &line) const
    {
        line.append({x, first});
        if (least != first || greatest != last) {
            line.append({x, least});
            line.append({x, greatest});
        }
        if (last != first)
            line.append({x, last});
    }
};

}  // namespace

double secondsOf(Time time)
{
    return static_cast<double>(time.time_since_epoch().count()) / 1e6;
}

Time timeOf(double seconds)
{
    return Time(std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
}

ChartSummary::ChartSummary(const Points &points)
{
    blocks.reserve(points.size() / block);
    for (std::size_t begin = 0; begin + block <= points.size(); begin += block) {
        Extremes extremes;
        bool any = false;
        for (std::size_t i = begin; i < begin + block; ++i) {
            const double value = points[i].value;
            if (std::isnan(value)) {
                extremes.gap = true;
                continue;
            }
            extremes.least = any ? std::min(extremes.least, value) : value;
            extremes.greatest = any ? std::max(extremes.greatest, value) : value;
            any = true;
        }
        blocks.push_back(extremes);
    }
}

std::vector<QPolygonF> linesWithin(const Points &points, const ChartRange &range, double top, const QRectF &area, double pixelRatio,
                                   const ChartSummary &summary)
{
    std::vector<QPolygonF> lines;
    if (range.to <= range.from || top <= 0 || area.isEmpty())
        return lines;
    const double across = area.width() / (range.to - range.from);
    const double up = area.height() / top;
    QPolygonF line;
    Column column;
    bool begun = false;
    const auto end = [&] {
        if (begun)
            column.appendTo(line);
        if (!line.isEmpty())
            lines.push_back(std::move(line));
        line.clear();
        begun = false;
    };
    const auto xOf = [&](std::size_t i) { return std::round((area.left() + (points[i].at - range.from) * across) * pixelRatio) / pixelRatio; };
    const auto yOf = [&](double value) { return area.bottom() - value * up; };
    const auto add = [&](double x, double y) {
        if (begun && x == column.x) {
            column.add(y);
            return;
        }
        if (begun)
            column.appendTo(line);
        column.begin(x, y);
        begun = true;
    };
    const auto [first, last] = within(points, range);
    for (std::size_t i = first; i < last;) {
        const ChartSummary::Extremes *block = blockAt(summary, i, last);
        const std::size_t blockEnd = i + ChartSummary::block;
        // All in one column of pixels.
        if (block && !block->gap && xOf(i) == xOf(blockEnd - 1)) {
            const double x = xOf(i);
            for (const double value : {points[i].value, block->least, block->greatest, points[blockEnd - 1].value})
                add(x, yOf(value));
            i = blockEnd;
            continue;
        }
        if (std::isnan(points[i].value))
            end();
        else
            add(xOf(i), yOf(points[i].value));
        ++i;
    }
    end();
    return lines;
}

std::optional<double> greatestWithin(const Points &points, const ChartRange &range, const ChartSummary &summary)
{
    std::optional<double> greatest;
    const auto take = [&greatest](double value) {
        if (!std::isnan(value) && (!greatest || value > *greatest))
            greatest = value;
    };
    const auto [first, last] = within(points, range);
    for (std::size_t i = first; i < last;) {
        const ChartSummary::Extremes *block = blockAt(summary, i, last);
        if (block && !block->gap) {
            take(block->greatest);
            i += ChartSummary::block;
        } else {
            take(points[i++].value);
        }
    }
    return greatest;
}

std::optional<ChartPoint> lastKnown(const Points &points, double at)
{
    auto after = std::upper_bound(points.begin(), points.end(), at, [](double when, const ChartPoint &point) { return when < point.at; });
    while (after != points.begin()) {
        --after;
        if (!std::isnan(after->value))
            return *after;
    }
    return std::nullopt;
}

std::optional<ChartPoint> nearest(const Points &points, double at, double reach)
{
    const auto next = std::lower_bound(points.begin(), points.end(), at, [](const ChartPoint &point, double when) { return point.at < when; });
    const ChartPoint *found = nullptr;
    for (const auto candidate : {next, next == points.begin() ? points.end() : std::prev(next)}) {
        if (candidate != points.end() && (!found || std::abs(candidate->at - at) < std::abs(found->at - at)))
            found = &*candidate;
    }
    if (!found || std::isnan(found->value) || std::abs(found->at - at) > reach)
        return std::nullopt;
    return *found;
}

std::vector<double> valueTicks(double greatest, int base, int most)
{
    if (!(greatest > 0) || most < 1)
        return {0};
    std::array<double, 10> steps{1, 2, 2.5, 5, 10, 0, 0, 0, 0, 0};
    double unit = 1;
    double next = 10;
    if (base == 1024) {
        steps = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
        next = 1024;
    } else if (base == 60 && greatest >= 60 && greatest < 86400) {
        steps = {60, 120, 300, 600, 1200, 3600, 7200, 14400, 21600, 43200};
        next = 86400;
    }
    while (base != 1024 && next == 10 && unit * most > greatest)
        unit /= 10;
    for (;; unit *= next) {
        for (const double step : steps) {
            if (step == 0 || step * unit * most < greatest)
                continue;
            std::vector<double> ticks;
            for (int i = 0; (i - 1) * step * unit < greatest; ++i)
                ticks.push_back(i * step * unit);
            return ticks;
        }
    }
}

std::vector<double> tenfoldTicks(double greatest, int most)
{
    const int powers = std::max(1, static_cast<int>(std::ceil(std::log10(std::max(1.0, greatest)))));
    const int step = (powers + most - 1) / most;
    std::vector<double> ticks{0};
    for (int power = powers % step; power <= powers; power += step)
        ticks.push_back(std::pow(10, power));
    return ticks;
}

std::vector<double> timeTicks(const ChartRange &range, int most)
{
    constexpr std::array steps{1.0,     2.0,     5.0,      10.0,     15.0,     30.0,      60.0,      120.0,     300.0,      600.0,
                               900.0,   1800.0,  3600.0,   7200.0,   10800.0,  21600.0,   43200.0,   86400.0,   172800.0,   345600.0,
                               604800.0, 1209600.0, 2592000.0, 5184000.0, 7776000.0, 15552000.0, 31536000.0};
    std::vector<double> ticks;
    if (range.to <= range.from || most < 1)
        return ticks;
    const auto fits = [&](double step) { return (range.to - range.from) / step <= most; };
    const auto *step = std::find_if(steps.begin(), steps.end(), fits);
    const double every = step == steps.end() ? steps.back() * std::ceil((range.to - range.from) / steps.back() / most) : *step;
    for (double at = std::ceil(range.from / every) * every; at <= range.to; at += every)
        ticks.push_back(at);
    return ticks;
}

}  // namespace cm::ui
