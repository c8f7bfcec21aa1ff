// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/monitor_page.h"

#include "ui/client/connection.h"
#include "ui/shell/shell.h"

#include <QAction>

namespace cm::ui {

MonitorPage::MonitorPage(const PageContext &context, QWidget *parent)
    : Page(context, parent), m_toSettings(new QAction(tr("Open &Settings"), this))
{
    connect(m_toSettings, &QAction::triggered, this, [this] { this->context().shell.go({QStringLiteral("settings"), {}}); });
    m_poll.setInterval(1000);
    connect(&m_poll, &QTimer::timeout, this, [this] {
        if (m_asked && this->context().hasMonitor())
            poll();
        if (m_known)
            tick(now());
    });
    m_soon.setSingleShot(true);
    m_soon.setInterval(50);
    connect(&m_soon, &QTimer::timeout, this, &MonitorPage::refresh);
    if (!this->context().monitorConnection)
        return;
    connect(this->context().monitorConnection, &Connection::chosenChanged, this, &MonitorPage::onChosen);
    connect(this->context().monitorConnection, &Connection::stateChanged, this, [this] {
        if (m_known)
            tick(now());
    });
}

void MonitorPage::activate(const Route &)
{
    if (std::exchange(m_asked, true))
        return;
    onChosen();
}

void MonitorPage::onChosen()
{
    m_known = false;
    m_freshness.forget();
    forget();
    if (!m_asked)
        return;
    if (context().hasMonitor())
        faces()->showLoading();
    refresh();
}

void MonitorPage::refresh()
{
    if (!m_asked)
        return;
    if (context().hasMonitor())
        readAll();
    else
        showWithout();
}

void MonitorPage::showWithout()
{
    const EmptyWords words = withoutMonitor();
    faces()->showEmpty(words.title, words.text, m_toSettings);
}

void MonitorPage::onMonitorEvent(const api::Event &)
{
    if (m_asked && !m_soon.isActive())
        m_soon.start();
}

const Connection &MonitorPage::followed() const
{
    return context().monitorConnection ? *context().monitorConnection : context().connection;
}

void MonitorPage::answered(const Error *error)
{
    if (!error) {
        m_known = true;
        faces()->showContent();
        tick(now());
    } else if (!m_known) {
        faces()->showError(*error, [this] { refresh(); });
    } else {
        tick(now());
    }
}

bool MonitorPage::isOld(Time now) const
{
    return !context().hearsMonitor() || m_freshness.isOld(now);
}

std::optional<Time> MonitorPage::toldLast(Time stamp) const
{
    const auto told = m_freshness.since();
    const bool live = context().monitorConnection && context().monitorConnection->isLive();
    return told && !live ? std::optional(std::min(*told, stamp)) : told;
}

void MonitorPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_poll.start();
    // Hidden, it stood still.
    if (m_known)
        refresh();
}

void MonitorPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_poll.stop();
}

}  // namespace cm::ui
