// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/monitor_badges.h"

#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/shell/direct_words.h"
#include "ui/shell/shell.h"
#include "ui/widgets/state_mark.h"

#include <algorithm>

namespace cm::ui {

namespace {

// A monitor has one alert a node at the most, and answers no more at once.
constexpr std::int64_t mostAlerts = 1000;
constexpr std::array pages{"overview", "nodes", "replication", "incidents"};

}  // namespace

MonitorBadges::MonitorBadges(const PageContext &context, QObject *parent) : QObject(parent), m_context(context)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(soon);
    // Events tell of changes at once; this is for those that get lost.
    m_again.setInterval(again);
    connect(&m_soon, &QTimer::timeout, this, &MonitorBadges::read);
    connect(&m_again, &QTimer::timeout, this, &MonitorBadges::read);
    if (!m_context.monitorConnection)
        return;
    // A storm does not put off the question from event to event.
    const auto readSoon = [this] {
        if (!m_soon.isActive())
            m_soon.start();
    };
    connect(m_context.monitorConnection, &Connection::event, this, readSoon);
    connect(m_context.monitorConnection, &Connection::reset, this, readSoon);
    connect(m_context.monitorConnection, &Connection::stateChanged, this, readSoon);
    connect(m_context.monitorConnection, &Connection::chosenChanged, this, [this] {
        forget();
        m_soon.start();
    });
    if (m_context.direct)
        connect(m_context.direct, &DirectProbe::changed, this, &MonitorBadges::onDirect);
    m_soon.start();
}

// Whichever page is in sight.
void MonitorBadges::onDirect()
{
    const bool away = m_context.direct->isRegistryAway();
    if (std::exchange(m_away, away) == away || !away)
        return;
    m_context.shell.notify(m_context.direct->hasReachedAnybody() ? Mark::Critical : Mark::Unknown, tr("Neither the registry nor the monitor answers"),
                           tr("From this desktop: %1").arg(DirectWords::glance(m_context.direct->report(), "web")));
}

void MonitorBadges::forget()
{
    m_state.drop();
    m_alerts.drop();
    m_firing.clear();
    m_first = true;
    for (const char *page : pages)
        Q_EMIT badge(QLatin1String(page), {}, Mark::None);
}

void MonitorBadges::read()
{
    if (!m_context.hasMonitor()) {
        m_again.stop();
        return;
    }
    m_again.start();
    if (!m_context.monitorConnection->isLive()) {
        // What was counted is no longer known.
        for (const char *page : pages)
            Q_EMIT badge(QLatin1String(page), QStringLiteral("?"), Mark::Unknown);
        return;
    }
    m_state.ask(this, *m_context.monitor, api::endpoints::monitorState, {}, [this](const Result<api::MonitorState> &answer) {
        if (answer)
            onState(*answer);
    });
    api::ListAlerts request;
    request.state = api::AlertState::Firing;
    request.limit = mostAlerts;
    m_alerts.ask(this, *m_context.monitor, api::endpoints::listAlerts, request, [this](const Result<api::Page<api::Alert>> &answer) {
        if (answer)
            onAlerts(*answer);
    });
}

void MonitorBadges::onState(const api::MonitorState &state)
{
    int wrong = 0;
    int databases = 0;
    auto worst = api::Verdict::Ok;
    auto worstDatabase = api::Verdict::Ok;
    for (const api::Node &node : state.nodes) {
        if (node.verdict == api::Verdict::Ok)
            continue;
        ++wrong;
        worst = std::max(worst, node.verdict);
        if (node.role == "postgres") {
            ++databases;
            worstDatabase = std::max(worstDatabase, node.verdict);
        }
    }
    const auto count = [](int number) { return number > 0 ? formatCount(number) : QString(); };
    Q_EMIT badge(QStringLiteral("nodes"), count(wrong), markOf(worst));
    Q_EMIT badge(QStringLiteral("replication"), count(databases), markOf(worstDatabase));
    Q_EMIT badge(QStringLiteral("overview"), {}, Mark::None);
}

void MonitorBadges::onAlerts(const api::Page<api::Alert> &alerts)
{
    QHash<qint64, Firing> firing;
    auto worst = api::Verdict::Ok;
    for (const api::Alert &alert : alerts.items) {
        if (alert.state != api::AlertState::Firing)
            continue;
        firing.insert(alert.id.value, {alert.verdict, alert.finding});
        worst = std::max(worst, alert.verdict);
        // What fires already when the window opens is on the screen. What has become lighter calls nobody.
        const auto before = m_firing.constFind(alert.id.value);
        if (!m_first && (before == m_firing.cend() || alert.verdict > before->verdict || alert.finding != before->finding))
            tell(alert);
    }
    m_firing = std::move(firing);
    m_first = false;
    Q_EMIT badge(QStringLiteral("incidents"), m_firing.isEmpty() ? QString() : formatCount(m_firing.size()), markOf(worst));
}

void MonitorBadges::tell(const api::Alert &alert)
{
    QString about = tr("Open for %1.").arg(formatDuration(std::max(m_context.clock.now() - alert.started, Time::duration::zero())));
    if (!alert.runbook.empty())
        about = tr("%1 What helps: %2").arg(about, text(alert.runbook));
    m_context.shell.notify(markOf(alert.verdict), text(alert.statement), about);
}

}  // namespace cm::ui
