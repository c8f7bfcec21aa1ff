// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/project_trends.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/download_chart.h"

#include <algorithm>
#include <limits>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

constexpr int shownDays = 30;
constexpr qsizetype mostInOneCall = 100;
constexpr qsizetype mostKept = 5'000;
constexpr int scrollingRests = 120;
constexpr std::chrono::minutes goodFor{10};
constexpr std::chrono::seconds quietAfterFailure{30};

}  // namespace

ProjectTrends::ProjectTrends(const PageContext &context, QObject *parent) : QObject(parent), m_context(context)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(scrollingRests);
    connect(&m_soon, &QTimer::timeout, this, &ProjectTrends::look);
}

void ProjectTrends::serve(DataTable &table, std::function<QString(int row)> projectAt)
{
    m_table = &table;
    m_projectAt = std::move(projectAt);
    connect(&table, &DataTable::visibleRowsChanged, this, [this](int first, int last) {
        m_first = first;
        m_last = last;
        m_soon.start();
    });
    connect(&m_context.connection, &Connection::chosenChanged, this, &ProjectTrends::forget);
    // Rows may come before the registry has said who we are.
    connect(&m_context.connection, &Connection::stateChanged, &m_soon, qOverload<>(&QTimer::start));
    // Rows come after the place where they are shown.
    connect(table.table(), &QAbstractItemModel::dataChanged, &m_soon, qOverload<>(&QTimer::start));
    connect(table.table(), &QAbstractItemModel::rowsInserted, &m_soon, qOverload<>(&QTimer::start));
    connect(table.table(), &QAbstractItemModel::modelReset, &m_soon, qOverload<>(&QTimer::start));
}

Trend ProjectTrends::nothingKnown()
{
    return {{}, tr("Nothing is known of its downloads")};
}

std::optional<Trend> ProjectTrends::of(const QString &project) const
{
    const auto found = m_trends.constFind(project);
    return found == m_trends.constEnd() ? std::nullopt : std::optional(*found);
}

// A project of the same name elsewhere is another one.
void ProjectTrends::forget()
{
    m_call.drop();
    m_asking = false;
    m_quietUntil = {};
    m_trends.clear();
    m_table->viewport()->update();
}

void ProjectTrends::look()
{
    const Time now = m_context.clock.now();
    if (m_asking || !m_table->isVisible() || !m_context.connection.isLive() || now < m_quietUntil)
        return;
    if (m_trends.isEmpty() || now - m_since > goodFor || m_trends.size() > mostKept) {
        m_trends.clear();
        m_since = now;
    }
    QStringList wanted;
    for (int row = std::max(0, m_first); row <= std::min(m_last, m_table->table()->rowCount() - 1) && wanted.size() < mostInOneCall; ++row) {
        if (const QString project = m_projectAt(row); !project.isEmpty() && !m_trends.contains(project) && !wanted.contains(project))
            wanted << project;
    }
    if (wanted.isEmpty())
        return;
    m_asking = true;
    if (m_context.connection.allows(ep::downloadTrends))
        ask(wanted);
    else
        askOne(wanted.first());
}

void ProjectTrends::ask(const QStringList &projects)
{
    api::DownloadTrendsQuery query;
    query.projects = projects.join(QLatin1Char(',')).toStdString();
    query.days = shownDays;
    m_call.start(this, m_context.client.call(ep::downloadTrends, query), [this, projects](const Result<api::DownloadTrends> &answer) {
        if (!answer) {
            failed(answer.error(), projects);
            return;
        }
        for (const QString &project : projects)
            m_trends.insert(project, nothingKnown());
        // Where nothing was ever counted nobody knows anything.
        if (answer->since) {
            for (const api::DownloadTrend &one : answer->items)
                store(text(one.project), answer->buckets, one.counts, one.total, answer->to, answer->sampled);
        }
        done();
    });
}

void ProjectTrends::askOne(const QString &project)
{
    api::ProjectSeriesQuery query;
    query.project = project.toStdString();
    query.split = api::DownloadSplit::None;
    query.step = api::DownloadStep::Day;
    query.from = m_context.clock.now() - std::chrono::days(shownDays - 1);
    m_call.start(this, m_context.client.call(ep::projectDownloadSeries, query), [this, project](const Result<api::DownloadSeries> &answer) {
        if (!answer) {
            failed(answer.error(), {project});
            return;
        }
        std::vector<std::optional<std::int64_t>> counts;
        for (std::size_t i = 0; i < answer->buckets.size(); ++i) {
            std::int64_t sum = 0;
            for (const api::DownloadLine &line : answer->lines)
                sum += i < line.counts.size() ? line.counts[i] : 0;
            counts.push_back(answer->buckets[i].known > 0 ? std::optional(sum) : std::nullopt);
        }
        store(project, answer->buckets, counts, DownloadChart::totalOf(*answer), answer->to, answer->sampled);
        done();
    });
}

void ProjectTrends::failed(const Error &error, const QStringList &projects)
{
    m_asking = false;
    switch (error.code) {
    // Asked again it would be the same.
    case ErrorCode::Forbidden:
    case ErrorCode::NotFound:
    case ErrorCode::Unsupported:
    case ErrorCode::InvalidInput:
        for (const QString &project : projects)
            m_trends.insert(project, nothingKnown());
        done();
        return;
    default:
        m_quietUntil = m_context.clock.now() + quietAfterFailure;
    }
}

void ProjectTrends::store(const QString &project, const std::vector<api::DownloadBucket> &buckets, const std::vector<std::optional<std::int64_t>> &counts,
                          std::optional<std::int64_t> total, Time to, Time sampled)
{
    Trend trend;
    std::int64_t unknown = 0;
    for (std::size_t i = 0; i < std::min(buckets.size(), counts.size()); ++i) {
        unknown += counts[i] ? 0 : 1;
        // A day that is not over would fall for no reason.
        if ((i + 1 < buckets.size() ? buckets[i + 1].start : to) <= sampled)
            trend.days << (counts[i] ? static_cast<double>(*counts[i]) : std::numeric_limits<double>::quiet_NaN());
    }
    if (unknown == static_cast<std::int64_t>(counts.size())) {
        trend = nothingKnown();
    } else {
        trend.words = tr("%1 downloads in %2 days").arg(formatCount(total.value_or(0)), formatCount(static_cast<std::int64_t>(counts.size())));
        if (unknown > 0)
            trend.words = tr("%1; days of which nothing is known: %2").arg(trend.words, formatCount(unknown));
    }
    m_trends.insert(project, trend);
}

void ProjectTrends::done()
{
    m_asking = false;
    m_table->viewport()->update();
    look();
}

}  // namespace cm::ui
