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

constexpr std::array pages{"overview", "nodes", "replication", "incidents"};

}  // namespace

MonitorBadges::MonitorBadges(const PageContext &context, QObject *parent) : QObject(parent), m_context(context)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(100);
    // Events tell of changes at once; this is for those that get lost.
    m_again.setInterval(10'000);
    connect(&m_soon, &QTimer::timeout, this, &MonitorBadges::read);
    connect(&m_again, &QTimer::timeout, this, &MonitorBadges::read);
    if (!m_context.monitorConnection)
        return;
    const auto soon = [this] { m_soon.start(); };
    connect(m_context.monitorConnection, &Connection::event, this, soon);
    connect(m_context.monitorConnection, &Connection::reset, this, soon);
    connect(m_context.monitorConnection, &Connection::stateChanged, this, soon);
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
    m_told.clear();
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
    m_alerts.ask(this, *m_context.monitor, api::endpoints::listAlerts, {}, [this](const Result<api::Page<api::Alert>> &answer) {
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
    int firing = 0;
    auto worst = api::Verdict::Ok;
    for (const api::Alert &alert : alerts.items) {
        if (alert.state != api::AlertState::Firing)
            continue;
        ++firing;
        worst = std::max(worst, alert.verdict);
        if (m_told.contains(alert.id.value))
            continue;
        m_told.insert(alert.id.value);
        // What fires already when the window opens is on the screen.
        if (!m_first)
            m_context.shell.notify(markOf(alert.verdict), text(alert.statement), {});
    }
    m_first = false;
    Q_EMIT badge(QStringLiteral("incidents"), firing > 0 ? formatCount(firing) : QString(), markOf(worst));
}

}  // namespace cm::ui
