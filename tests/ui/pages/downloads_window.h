// SPDX-License-Identifier: GPL-3.0-or-later
// What tests of the downloads' page share: what was asked, figures of another step, zooming by keyboard.
#pragma once

#include "tests/ui/pages/page_window.h"
#include "ui/widgets/time_chart.h"

#include <QUrlQuery>

namespace cm::ui {

inline QUrlQuery lastQuery(const PageWindow &w, const QByteArray &endpoint, QByteArray *path = nullptr)
{
    for (auto sent = w.client.sent().crbegin(); sent != w.client.sent().crend(); ++sent) {
        if (sent->endpoint != endpoint)
            continue;
        if (path)
            *path = sent->target.left(sent->target.indexOf('?'));
        return QUrlQuery(QString::fromUtf8(sent->target.mid(sent->target.indexOf('?') + 1)));
    }
    return {};
}
// The same lines by the hour, whatever window is asked for.
inline api::DownloadSeries hourly(const char *like, const PageWindow &w, Time from, int hours)
{
    api::DownloadSeries series = *api::fromJsonText<api::DownloadSeries>(w.record(like).toStdString());
    series.step = api::DownloadStep::Hour;
    series.from = from;
    series.to = from + std::chrono::hours(hours);
    series.buckets.clear();
    for (int i = 0; i < hours; ++i)
        series.buckets.push_back({from + std::chrono::hours(i), 60, i == 2 ? 0 : 60});
    for (api::DownloadLine &line : series.lines)
        line.counts.assign(static_cast<std::size_t>(hours), 7);
    return series;
}
inline qsizetype asked(const PageWindow &w, const char *endpoint)
{
    return std::count_if(w.client.sent().begin(), w.client.sent().end(), [&](const auto &sent) { return sent.endpoint == endpoint; });
}
inline void zoom(TimeChart *chart, int times)
{
    chart->focusProxy()->setFocus();
    for (int i = 0; i < times; ++i)
        QTest::keyClick(chart->focusProxy(), Qt::Key_Plus);
}
inline Page *open(PageWindow &w, const char *route)
{
    w.window.go(Route::parse(QString::fromLatin1(route)));
    return w.window.pages().made(QStringLiteral("downloads"));
}

}  // namespace cm::ui
