// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads of the last 30 days for the projects of a table, asked for the rows that are on the screen: all of them in one
// call. Who may not ask about the registry asks about each of their own. Forgotten with the registry they are of. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/models/column.h"
#include "ui/shell/page_context.h"

#include <QHash>
#include <QTimer>

#include <functional>

namespace cm::ui {

class DataTable;

class ProjectTrends : public QObject {
    Q_OBJECT
public:
    explicit ProjectTrends(const PageContext &context, QObject *parent = nullptr);

    // Once, when the table has its model. `projectAt`: the normalised name of a row; empty: it has none, or none yet.
    void serve(DataTable &table, std::function<QString(int row)> projectAt);
    // Absent: on its way.
    [[nodiscard]] std::optional<Trend> of(const QString &project) const;

private:
    static Trend nothingKnown();
    void forget();
    void look();
    void ask(const QStringList &projects);
    void askOne(const QString &project);
    void failed(const Error &error, const QStringList &projects);
    void store(const QString &project, const std::vector<api::DownloadBucket> &buckets, const std::vector<std::optional<std::int64_t>> &counts,
               std::optional<std::int64_t> total, Time to, Time sampled);
    void done();

    PageContext m_context;
    DataTable *m_table = nullptr;
    std::function<QString(int row)> m_projectAt;
    int m_first = 0;
    int m_last = -1;
    QTimer m_soon;
    bool m_asking = false;
    LatestCall m_call;
    Time m_since{};       // when the oldest of them was asked
    Time m_quietUntil{};  // after a failure
    QHash<QString, Trend> m_trends;
};

// A column of it; `trends` outlives the model: trendColumn<Row>({"trend", tr("30 days")}, [](const Row &row) {…}, *m_trends).
template <class Row>
Column<Row> trendColumn(ColumnInfo info, std::function<QString(const Row &)> project, const ProjectTrends &trends)
{
    const auto of = [project = std::move(project), &trends](const Row &row) { return trends.of(project(row)); };
    const auto words = [of](const Row &row) {
        const auto trend = of(row);
        return trend ? trend->words : QString();
    };
    Column<Row> made = column<Row>(std::move(info), words, words);
    made.trend = of;
    return made;
}

}  // namespace cm::ui
