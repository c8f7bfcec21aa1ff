// SPDX-License-Identifier: GPL-3.0-or-later
// Finer figures for what a person has zoomed into in a chart of downloads: asked for once the zooming rests, drawn when
// they come, and the coarser ones until then. An answer to what is no longer looked at is dropped. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/widgets/chart_data.h"

#include <QTimer>

#include <functional>

namespace cm::ui {

class DownloadChart;

class FinerDownloads : public QObject {
    Q_OBJECT
public:
    // The question of the chart for another window, its step left to the registry.
    using Ask = std::function<QFuture<Result<api::DownloadSeries>>(Time from, Time to)>;

    FinerDownloads(DownloadChart &chart, Ask ask, QObject *parent = nullptr);

    // The chart has its series: the same question as before, or another one.
    void follow(const api::DownloadSeries &series, bool anew);
    // Another question is on its way: nothing is asked, and what was asked is void.
    void drop();
    // How finely the chart is drawn where that is not the step of the whole: "by hour", or why not.
    [[nodiscard]] QString words() const;

Q_SIGNALS:
    void wordsChanged();

private:
    void look();
    void ask();
    struct Fineness {
        api::DownloadStep step = api::DownloadStep::Day;
        double longest = 0;  // seconds of a window that is drawn so
        double from = 0;     // what lies before is not kept so
    };
    // As finely as the window that is shown can be drawn; nothing: as it is.
    [[nodiscard]] std::optional<Fineness> wanted() const;

    DownloadChart &m_chart;
    Ask m_ask;
    QTimer m_rested;
    LatestCall m_call;
    bool m_follows = false;
    api::DownloadStep m_step = api::DownloadStep::Day;
    Time m_newest{};  // what lies behind is not over yet
    std::optional<Time> m_minutesFrom;
    std::optional<Time> m_hoursFrom;
    QString m_problem;
};

}  // namespace cm::ui
