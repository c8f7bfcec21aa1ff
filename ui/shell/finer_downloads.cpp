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

struct Fineness {
    api::DownloadStep step;
    double longest;  // seconds of a window that is drawn so
};

// As the registry chooses steps itself; what it has dropped it answers more coarsely.
constexpr Fineness finenesses[] = {{api::DownloadStep::Minute, 6 * 3'600.0}, {api::DownloadStep::Hour, 10 * 86'400.0}, {api::DownloadStep::Day, 800 * 86'400.0}};

const Fineness *finenessOf(double span)
{
    const auto *found = std::find_if(std::begin(finenesses), std::end(finenesses), [span](const Fineness &one) { return span <= one.longest; });
    return found == std::end(finenesses) ? nullptr : found;
}

bool lies(const ChartRange &inner, const ChartRange &outer)
{
    return inner.from >= outer.from && inner.to <= outer.to;
}

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
    if (anew)
        return;
    // What is looked at has grown as the whole has.
    if (wanted())
        ask();
}

void FinerDownloads::drop()
{
    m_follows = false;
    m_rested.stop();
    m_call.drop();
    m_nothing.reset();
    m_problem.clear();
}

QString FinerDownloads::words() const
{
    const auto drawn = m_chart.finerStep();
    return drawn ? byStep(*drawn) : m_problem;
}

std::optional<api::DownloadStep> FinerDownloads::wanted() const
{
    const ChartRange shown = m_chart.chart()->shown();
    const Fineness *fineness = finenessOf(shown.to - shown.from);
    if (!m_follows || !fineness || fineness->step >= m_step || shown.from >= secondsOf(m_newest) || (m_nothing && lies(shown, *m_nothing)))
        return std::nullopt;
    return fineness->step;
}

void FinerDownloads::look()
{
    // What is asked is of another window.
    m_call.drop();
    m_problem.clear();
    const auto step = wanted();
    const auto drawn = m_chart.finerStep();
    if (step && (!drawn || *step < *drawn))
        m_rested.start();
    else
        m_rested.stop();
    Q_EMIT wordsChanged();
}

void FinerDownloads::ask()
{
    const auto step = wanted();
    if (!step)
        return;
    const ChartRange shown = m_chart.chart()->shown();
    const double span = shown.to - shown.from;
    // A little more than is shown, so that the next move has its figures; whole minutes are asked for.
    const double beside = std::clamp((finenessOf(span)->longest - span) / 2 - 60, 0.0, span / 2);
    const ChartRange window{shown.from - beside, std::min(shown.to + beside, secondsOf(m_newest))};
    m_call.start(this, m_ask(timeOf(window.from), timeOf(window.to)), [this, window](const Result<api::DownloadSeries> &answer) {
        if (!answer)
            m_problem = tr("no finer figures: %1").arg(wordsFor(answer.error()).title);
        else if (answer->step < m_step)
            m_chart.setFiner(*answer);
        else
            m_nothing = window;
        Q_EMIT wordsChanged();
    });
}

}  // namespace cm::ui
