// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/time_chart_rows.h"

#include "ui/format/format.h"
#include "ui/widgets/time_chart_plot.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cm::ui {

namespace {

// More nobody reads or pastes.
constexpr std::size_t mostRows = 10'000;

}  // namespace

void TimeChart::Rows::changed()
{
    m_stale = true;
    if (m_owner.isTable())
        refresh();
}

void TimeChart::Rows::refresh()
{
    if (!std::exchange(m_stale, false))
        return;
    beginResetModel();
    m_moments.clear();
    const ChartRange &shown = m_owner.m_shown;
    for (const ChartSeries &series : m_owner.m_series) {
        auto point = std::upper_bound(series.points.begin(), series.points.end(), shown.to, [](double at, const ChartPoint &one) { return at < one.at; });
        while (point != series.points.begin() && std::prev(point)->at >= shown.from && m_moments.size() < mostRows)
            m_moments.push_back((--point)->at);
    }
    for (const ChartMark &mark : m_owner.m_marks) {
        if (mark.at >= shown.from && mark.at <= shown.to && !isInRow(mark.at))
            m_moments.push_back(mark.at);
    }
    std::sort(m_moments.begin(), m_moments.end(), std::greater<>());
    m_moments.erase(std::unique(m_moments.begin(), m_moments.end()), m_moments.end());
    endResetModel();
}

QString TimeChart::Rows::cell(std::size_t row, int column) const
{
    const double at = m_moments[row];
    if (column == 0) {
        // Days that are buckets have no time of day.
        const bool day = std::binary_search(m_owner.m_buckets.begin(), m_owner.m_buckets.end(), at) && std::fmod(at, 86'400) == 0 &&
                         m_owner.m_buckets.size() > 2 && m_owner.m_buckets[1] - m_owner.m_buckets[0] >= 86'400;
        return day ? formatDate(timeOf(at)) : formatTime(timeOf(at));
    }
    const auto series = static_cast<std::size_t>(column) - 1;
    if (series < m_owner.m_series.size()) {
        const auto point = nearest(m_owner.m_series[series].points, at, 1e-6);
        return point ? m_owner.words(point->value) : dash();
    }
    return happened(at);
}

std::optional<double> TimeChart::Rows::bucketEnd(double at) const
{
    const std::vector<double> &edges = m_owner.m_buckets;
    const auto bucket = std::lower_bound(edges.begin(), edges.end(), at);
    return bucket != edges.end() && *bucket == at && std::next(bucket) != edges.end() ? std::optional(*std::next(bucket)) : std::nullopt;
}

bool TimeChart::Rows::isInRow(double at) const
{
    const std::vector<double> &edges = m_owner.m_buckets;
    const auto next = std::upper_bound(edges.begin(), edges.end(), at);
    return next != edges.begin() && next != edges.end() && *std::prev(next) >= m_owner.m_shown.from;
}

QString TimeChart::Rows::happened(double at) const
{
    const std::optional<double> end = bucketEnd(at);
    QStringList out;
    for (const ChartMark &mark : m_owner.m_marks) {
        if (end ? mark.touches(at, *end) : mark.at == at || (mark.until && at >= mark.at && at < *mark.until))
            out << markWords(mark, true);
    }
    for (const ChartGap &gap : m_owner.m_gaps) {
        if (end && gap.from < *end && gap.to > at)
            out << gap.text;
    }
    return out.join(QStringLiteral(", "));
}

QString TimeChart::Rows::text() const
{
    QString out;
    for (int column = 0; column < columnCount(); ++column)
        out += (column > 0 ? QStringLiteral("\t") : QString()) + headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    out += QLatin1Char('\n');
    for (std::size_t row = 0; row < m_moments.size(); ++row) {
        for (int column = 0; column < columnCount(); ++column)
            out += (column > 0 ? QStringLiteral("\t") : QString()) + cell(row, column);
        out += QLatin1Char('\n');
    }
    return out;
}

int TimeChart::Rows::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_moments.size());
}

int TimeChart::Rows::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_owner.m_series.size()) + 2;
}

QVariant TimeChart::Rows::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (role == Qt::DisplayRole)
        return cell(static_cast<std::size_t>(index.row()), index.column());
    if (role == Qt::TextAlignmentRole && index.column() > 0 && index.column() < columnCount() - 1)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant TimeChart::Rows::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    if (section == 0)
        return TimeChart::tr("Time");
    const auto series = static_cast<std::size_t>(section) - 1;
    return series < m_owner.m_series.size() ? m_owner.m_series[series].name : TimeChart::tr("What happened");
}

}  // namespace cm::ui
