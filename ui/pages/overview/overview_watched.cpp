// SPDX-License-Identifier: GPL-3.0-or-later
// OverviewPage where a monitor watches the registry.
#include "ui/client/connection.h"
#include "ui/pages/overview/monitor_board.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/shell/shell.h"
#include "ui/widgets/state_mark.h"
#include "ui/widgets/verdict_banner.h"

#include <QAction>

namespace cm::ui {

// With a monitor the page is the monitor's; without one the registry tells of itself.
void OverviewPage::connectMonitor()
{
    for (QAction *action : {m_acknowledge, m_showCause})
        action->setVisible(false);
    connect(m_acknowledge, &QAction::triggered, this, [this] {
        this->context().shell.go({QStringLiteral("incidents"), QStringLiteral("acknowledge/") + m_board->firstAlert()});
    });
    connect(m_showCause, &QAction::triggered, this, [this] { this->context().shell.go({QStringLiteral("nodes"), m_board->cause()}); });
    connect(m_board, &MonitorBoard::alertsChanged, this, &OverviewPage::tick);
    connect(m_board, &MonitorBoard::answered, this, [this](const std::optional<Error> &error) {
        if (error && !m_boardKnown) {
            faces()->showError(*error, [this] { refresh(); });
            return;
        }
        m_boardKnown = true;
        faces()->showContent();
        tick();
    });
    if (!context().monitorConnection)
        return;
    connect(context().monitorConnection, &Connection::stateChanged, this, &OverviewPage::tick);
    connect(context().monitorConnection, &Connection::chosenChanged, this, [this] {
        m_boardKnown = false;
        m_board->forget();
        refresh();
    });
}

const Connection &OverviewPage::followed() const
{
    return context().hasMonitor() ? *context().monitorConnection : context().connection;
}

void OverviewPage::showMonitor()
{
    const Time now = context().clock.now();
    m_board->tick(now);
    const OverviewVerdict verdict = m_board->verdict(now);
    m_banner->setVerdict(markOf(verdict.verdict), verdict.sentence, verdict.detail);
    m_banner->show();
    m_acknowledge->setVisible(!m_board->firstAlert().isEmpty());
    m_showCause->setVisible(!m_board->cause().isEmpty());
    m_showCause->setText(tr("Open &node %1").arg(m_board->cause()));
}

void OverviewPage::onMonitorEvent(const api::Event &)
{
    if (m_asked && context().hasMonitor())
        m_board->readAll();
}

}  // namespace cm::ui
