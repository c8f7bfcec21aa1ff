// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/use_card.h"

#include "ui/format/deprecation_words.h"
#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/time_chart.h"

#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr double day = 86'400;
// The forecast may take at most this part of what is drawn besides.
constexpr double mostAhead = 0.6;
// As many as a registry tells.
constexpr std::size_t mostNetworks = 100;

}  // namespace

UseCard::UseCard(QWidget *parent)
    : Card(tr("Direct use a day"), parent), m_chart(new TimeChart(tr("Direct use a day"), TimeChart::Unit::Count)), m_classes(wrappedLabel()), m_figures(wrappedLabel()), m_whole(wrappedLabel())
{
    m_whole->setForegroundRole(QPalette::PlaceholderText);
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::unit);
    layout->addWidget(m_chart, 1);
    layout->addWidget(m_classes);
    layout->addWidget(m_figures);
    layout->addWidget(m_whole);
    m_classes->hide();
    setContent(inner);
}

void UseCard::showProblem(const QString &problem)
{
    m_chart->setSeries({});
    m_chart->setMarks({});
    m_chart->setForecast(std::nullopt);
    m_classes->hide();
    m_figures->setText(dash());
    m_whole->setText(tr("Not known: %1").arg(problem));
}

void UseCard::show(const api::DeprecationRecord &record, const api::DeprecationEvidence &evidence, bool reads, Time now)
{
    draw(record, evidence);
    showClasses(evidence);
    if (!evidence.recordedSince) {
        m_figures->setText(dash());
        m_whole->setText(tr("No use was recorded yet: nobody knows who uses it."));
        return;
    }
    showFigures(evidence, reads);
    QStringList whole{tr("recorded since %1").arg(formatDate(*evidence.recordedSince))};
    const auto recorded = std::chrono::duration_cast<std::chrono::hours>(now - *evidence.recordedSince).count() / 24;
    if (recorded < 90)
        whole << tr("%n day(s) alone", nullptr, static_cast<int>(std::max<std::int64_t>(recorded, 0)));
    if (evidence.lost > 0)
        whole << tr("%n use(s) known to be missing", nullptr, static_cast<int>(std::min<std::int64_t>(evidence.lost, 1'000'000'000)));
    else if (!evidence.lostSince)
        whole << tr("none known to be missing");
    // A node that did not end well may have forgotten some: nobody knows how many.
    if (std::any_of(evidence.gaps.begin(), evidence.gaps.end(), [](const api::DeprecationUseGap &gap) { return !gap.uses; }))
        whole << tr("some may be missing since %1").arg(evidence.lostSince ? formatDate(*evidence.lostSince) : dash());
    if (evidence.unattributed > 0)
        whole << tr("%n without a person", nullptr, static_cast<int>(std::min<std::int64_t>(evidence.unattributed, 1'000'000'000)));
    if (reads && evidence.behindCaches)
        whole << tr("caches in front answer for it as well: this is the least that there was");
    whole << tr("%1 old").arg(formatSampleAge(evidence.sampled, now));
    m_whole->setText(whole.join(QStringLiteral(" · ")));
}

void UseCard::showFigures(const api::DeprecationEvidence &evidence, bool reads)
{
    const auto within = [](int days, std::int64_t uses, std::int64_t people, std::int64_t projects) {
        return tr("%1 days: %2 uses, %3 people, %4 projects").arg(days).arg(formatCount(uses), formatCount(people), formatCount(projects));
    };
    QStringList figures{within(30, evidence.uses30, evidence.people30, evidence.projects30), within(90, evidence.uses90, evidence.people90, evidence.projects90)};
    // Of none the bound below tells; what caches answer is in no interval.
    if (const std::int64_t uses = evidence.uses90 + evidence.anonymous90; uses > 0 && evidence.lower90 && evidence.upper90 && !(reads && evidence.behindCaches))
        figures << tr("95 % interval of the %1 uses of 90 days %2 to %3, if each came by itself").arg(formatCount(uses), boundWords(*evidence.lower90), boundWords(*evidence.upper90));
    if (reads || evidence.anonymous90 > 0)
        figures << tr("without an account: %1 in 30 days, %2 in 90").arg(formatCount(evidence.anonymous30), formatCount(evidence.anonymous90));
    if (!evidence.networks.empty()) {
        const QString count = formatCount(static_cast<std::int64_t>(evidence.networks.size()));
        const QString networks = evidence.networks.size() < mostNetworks ? tr("from %1 networks").arg(count) : tr("from %1 networks or more").arg(count);
        // A node sees who asks it: the caches, where there are any.
        figures << (evidence.behindCaches ? tr("%1, those of caches, not of who asks them").arg(networks) : networks);
    }
    // Of what caches answer nobody knows that much.
    if (evidence.boundADay && !(reads && evidence.behindCaches))
        figures << tr("none seen: at most %1 a day (95 %)").arg(QLocale().toString(*evidence.boundADay, 'f', 2));
    m_figures->setText(figures.join(QStringLiteral(" · ")));
}

void UseCard::showClasses(const api::DeprecationEvidence &evidence)
{
    QStringList parts;
    for (const api::DeprecationClassUse &one : evidence.classes) {
        const QString figure = one.people > 0 ? tr("%1, people: %2").arg(formatCount(one.uses), formatCount(one.people)) : formatCount(one.uses);
        parts << tr("%1  %2", "a class of clients and its uses").arg(one.clientClass ? nameFor(*one.clientClass) : tr("class not looked at"), figure);
    }
    m_classes->setText(tr("Uses in 90 days by class of client: %1").arg(parts.join(QStringLiteral(" · "))));
    m_classes->setVisible(!parts.isEmpty());
}

void UseCard::draw(const api::DeprecationRecord &record, const api::DeprecationEvidence &evidence)
{
    std::vector<double> starts;
    ChartSeries accepted{tr("taken"), {}, false, 0}, anonymous{tr("no account"), {}, false, 1}, refused{tr("refused"), {}, false, 2};
    bool anyAnonymous = false;
    for (const api::DeprecationUseDay &one : evidence.days) {
        const double at = secondsOf(one.day);
        starts.push_back(at);
        accepted.points.push_back({at, static_cast<double>(one.accepted)});
        anonymous.points.push_back({at, static_cast<double>(one.anonymous)});
        anyAnonymous = anyAnonymous || one.anonymous > 0;
        refused.points.push_back({at, static_cast<double>(one.refused)});
    }
    const double end = starts.empty() ? 0 : starts.back() + day;
    std::vector<ChartMark> marks;
    for (const api::DeprecationStep &step : record.steps) {
        // Brown-outs stand at their own times.
        if (step.to != api::DeprecationState::BrownOut)
            marks.push_back({secondsOf(step.time), nameFor(step.to).toLower(), {}});
    }
    for (const api::BrownOut &one : record.brownOuts) {
        if (one.state != api::BrownOutState::CalledOff)
            marks.push_back({secondsOf(one.starts), tr("brown-out %1").arg(one.number), {}});
    }
    std::sort(marks.begin(), marks.end(), [](const ChartMark &a, const ChartMark &b) { return a.at < b.at; });
    ChartRange whole{starts.empty() ? 0 : starts.front(), end};
    std::optional<ChartForecast> forecast;
    if (evidence.zeroBy && evidence.usesADay && !starts.empty() && secondsOf(*evidence.zeroBy) > end) {
        const double zero = secondsOf(*evidence.zeroBy);
        const double rate = *evidence.usesADay;
        whole.to = std::min(zero + day, end + (end - whole.from) * mostAhead);
        // Cut where the picture ends, at the height that it has there.
        const double to = std::min(zero, whole.to);
        forecast = ChartForecast{{end, rate}, {to, rate * (zero - to) / (zero - end)}, tr("forecast: 0 by %1").arg(formatDate(*evidence.zeroBy))};
    }
    m_chart->setBuckets(std::move(starts), end);
    m_chart->setShape(TimeChart::Shape::Stacked);
    if (anyAnonymous)
        m_chart->setSeries({std::move(accepted), std::move(anonymous), std::move(refused)});
    else
        m_chart->setSeries({std::move(accepted), std::move(refused)});
    m_chart->setMarks(std::move(marks));
    m_chart->setForecast(std::move(forecast));
    m_chart->setWhole(whole);
}

}  // namespace cm::ui
