// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/finer_downloads.h"

#include "ui/format/download_words.h"
#include "ui/format/error_words.h"
#include "ui/widgets/download_chart.h"
#include "ui/widgets/time_chart.h"

#include <algorithm>

namespace cm::ui {

namespace {

// Keys and the wheel come one after the other.
constexpr int restsAfter = 200;

// As the registry chooses steps itself.
constexpr double longestByMinute = 6 * 3'600.0;
constexpr double longestByHour = 10 * 86'400.0;
constexpr double longestByDay = 800 * 86'400.0;

}  // namespace

FinerDownloads::FinerDownloads(DownloadChart &chart, Ask ask, QObject *parent) : QObject(parent), m_chart(chart), m_ask(std::move(ask))
{
    m_rested.setSingleShot(true);
    m_rested.setInterval(restsAfter);
    connect(&m_rested, &QTimer::timeout, this, &FinerDownloads::ask);
    connect(m_chart.chart(), &TimeChart::shownChanged, this, &FinerDownloads::look);
}

void FinerDownloads::follow(const api::DownloadSeries &series, bool anew)
{
    drop();
    m_follows = true;
    m_step = series.step;
    m_newest = std::min(series.to, series.sampled);
    m_minutesFrom = series.minutesFrom;
    m_hoursFrom = series.hoursFrom;
    // What is looked at has grown as the whole has.
    if (!anew)
        ask();
}

void FinerDownloads::drop()
{
    m_follows = false;
    m_rested.stop();
    m_call.drop();
    m_problem.clear();
}

QString FinerDownloads::words() const
{
    const auto drawn = m_chart.finerStep();
    return drawn ? byStep(*drawn) : m_problem;
}

std::optional<FinerDownloads::Fineness> FinerDownloads::wanted() const
{
    const ChartRange shown = m_chart.chart()->shown();
    const double span = shown.to - shown.from;
    if (!m_follows || shown.from >= secondsOf(m_newest))
        return std::nullopt;
    std::optional<Fineness> found;
    if (m_minutesFrom && span <= longestByMinute && shown.from >= secondsOf(*m_minutesFrom))
        found = {api::DownloadStep::Minute, longestByMinute, secondsOf(*m_minutesFrom)};
    else if (m_hoursFrom && span <= longestByHour && shown.from >= secondsOf(*m_hoursFrom))
        found = {api::DownloadStep::Hour, longestByHour, secondsOf(*m_hoursFrom)};
    else if (span <= longestByDay)
        found = {api::DownloadStep::Day, longestByDay, 0};
    return found && found->step < m_step ? found : std::nullopt;
}

void FinerDownloads::look()
{
    // What is asked is of another window.
    m_call.drop();
    m_problem.clear();
    const auto finer = wanted();
    const auto drawn = m_chart.finerStep();
    if (finer && (!drawn || finer->step < *drawn))
        m_rested.start();
    else
        m_rested.stop();
    Q_EMIT wordsChanged();
}

void FinerDownloads::ask()
{
    const auto finer = wanted();
    if (!finer)
        return;
    const ChartRange shown = m_chart.chart()->shown();
    const double span = shown.to - shown.from;
    // A little more than is shown, so that the next move has its figures; whole minutes are asked for.
    const double beside = std::clamp((finer->longest - span) / 2 - 60, 0.0, span / 2);
    const ChartRange window{std::max(shown.from - beside, finer->from), std::min(shown.to + beside, secondsOf(m_newest))};
    m_call.start(this, m_ask(timeOf(window.from), timeOf(window.to)), [this](const Result<api::DownloadSeries> &answer) {
        if (!answer)
            m_problem = tr("no finer figures: %1").arg(wordsFor(answer.error()).title);
        else if (answer->step < m_step)
            m_chart.setFiner(*answer);
        Q_EMIT wordsChanged();
    });
}

}  // namespace cm::ui
