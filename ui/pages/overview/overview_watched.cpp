// SPDX-License-Identifier: GPL-3.0-or-later
// OverviewPage where a monitor watches the registry.
#include "ui/client/connection.h"
#include "ui/client/direct_probe.h"
#include "ui/format/acts.h"
#include "ui/format/format.h"
#include "ui/pages/overview/monitor_board.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/overview/verdict.h"
#include "ui/shell/action_watch.h"
#include "ui/shell/shell.h"
#include "ui/shell/topology_action_sheet.h"
#include "ui/widgets/action_panel.h"
#include "ui/widgets/state_mark.h"
#include "ui/widgets/verdict_banner.h"

#include <QAction>

namespace cm::ui {

// With a monitor the page is the monitor's; without one the registry tells of itself.
void OverviewPage::connectMonitor()
{
    for (QAction *action : {m_acknowledge, m_acknowledgeAll, m_nextAct, m_showCause})
        action->setVisible(false);
    connect(m_acknowledge, &QAction::triggered, this, [this] {
        this->context().shell.go({QStringLiteral("incidents"), QStringLiteral("acknowledge/") + m_board->firstAlert()});
    });
    connect(m_acknowledgeAll, &QAction::triggered, this, [this] { this->context().shell.go({QStringLiteral("incidents"), QStringLiteral("acknowledge-all")}); });
    connect(m_nextAct, &QAction::triggered, this, [this] {
        if (m_wish)
            TopologyActionSheet::open(this->context(), *m_wish);
    });
    connect(m_showCause, &QAction::triggered, this, [this] { this->context().shell.go(m_help); });
    connect(m_board, &MonitorBoard::alertsChanged, this, &OverviewPage::tick);
    connect(m_watch, &ActionWatch::changed, this, &OverviewPage::tick);
    connect(m_board, &MonitorBoard::answered, this, [this](const std::optional<Error> &error) {
        if (error && !m_boardKnown) {
            faces()->showError(*error, [this] { refresh(); });
            return;
        }
        m_boardKnown = true;
        faces()->showContent();
        tick();
    });
    if (context().direct)
        connect(context().direct, &DirectProbe::changed, this, &OverviewPage::tick);
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
    const api::Action *action = m_board->isOld(now) ? nullptr : m_watch->leading();
    const OverviewVerdict verdict = action ? VerdictWords::of(*action, m_board->state(), m_board->verdict(now)) : m_board->verdict(now);
    m_banner->setVerdict(markOf(verdict.verdict), verdict.sentence, verdict.detail, verdict.facts);
    m_banner->setBusy(action && action->state == api::ActionState::Running);
    m_banner->show();
    m_watch->panel()->setLed(action != nullptr);
    faces()->setFresh(m_board->isDirect() ? QList<QWidget *>{m_banner} + m_board->directParts() : QList<QWidget *>());
    // One click and a sheet, also when it pours; nobody takes it while the monitor is silent.
    m_acknowledge->setVisible(m_board->firing() == 1 && !m_board->isDirect());
    m_acknowledgeAll->setVisible(m_board->firing() > 1 && !m_board->isDirect());
    m_acknowledgeAll->setText(tr("Ac&knowledge all %1…").arg(m_board->firing()));
    showNextAct(actOf(verdict));
    const HelpfulPage help = helpfulPage(verdict);
    m_help = help.route;
    // Its words first: a button is as wide as it is when it comes to sight.
    if (!help.text.isEmpty())
        m_showCause->setText(help.text);
    m_showCause->setVisible(!help.route.page.isEmpty());
}

HelpfulPage OverviewPage::helpfulPage(const OverviewVerdict &verdict) const
{
    const auto node = [](const QString &name) { return HelpfulPage{{QStringLiteral("nodes"), name}, tr("Open &node %1").arg(name)}; };
    const api::Action *action = m_watch->leading();
    const bool takeover = action && isTakeover(action->wish.action);
    // Who takes writes now is seen there.
    if (takeover)
        return {{QStringLiteral("replication"), {}}, tr("Open &Replication")};
    // What was known is of then: it leads nowhere now, but to what this desktop sees itself.
    if (m_board->isDirect())
        return verdict.look.isEmpty() ? HelpfulPage() : node(verdict.look);
    return action ? node(text(action->wish.target)) : m_board->helpfulPage();
}

std::optional<api::ActionWish> OverviewPage::actOf(const OverviewVerdict &verdict) const
{
    // Beside an action at work nothing else is to be begun.
    const api::Action *action = m_watch->leading();
    if (m_board->isDirect() || (action && action->state == api::ActionState::Running))
        return std::nullopt;
    // One that stopped half-way has its own way on, and what was found before it no say.
    const bool takeover = action && isTakeover(action->wish.action);
    return takeover ? verdict.act : m_board->nextAct(m_board->cause());
}

void OverviewPage::showNextAct(const std::optional<api::ActionWish> &act)
{
    m_wish = act;
    if (!act) {
        m_nextAct->setVisible(false);
        return;
    }
    QString why;
    m_nextAct->setEnabled(TopologyActionSheet::isAllowed(context(), &why));
    m_nextAct->setText(actVerb(*act) + QChar(0x2026));
    m_nextAct->setToolTip(why.isEmpty() ? m_nextAct->iconText() : why);
    m_nextAct->setVisible(true);
}

void OverviewPage::onMonitorEvent(const api::Event &)
{
    if (m_asked && context().hasMonitor())
        m_board->readAll();
}

}  // namespace cm::ui
