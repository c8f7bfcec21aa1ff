// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/incidents_page.h"

#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/format/signals.h"
#include "ui/pages/incidents/alert_detail.h"
#include "ui/pages/incidents/runbook_view.h"
#include "ui/pages/incidents/timeline_tab.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"

#include <QAction>
#include <QCheckBox>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr std::int64_t mostAlerts = 500;
// Silences and receivers change by somebody's hand, which is an event too.
constexpr int pollsBetween = 10;

}  // namespace

PageFactory incidentsPage()
{
    return {QStringLiteral("incidents"), IncidentsPage::tr("Incidents"), Section::Operate, {}, true, false,
            [](const PageContext &context) { return new IncidentsPage(context); }};
}

IncidentsPage::IncidentsPage(const PageContext &context, QWidget *parent)
    : MonitorPage(context, parent), m_acknowledge(new QAction(tr("Ac&knowledge…"), this)),
      m_acknowledgeAll(new QAction(tr("Acknowledge a&ll…"), this)), m_release(new QAction(tr("&Release"), this)),
      m_silence(new QAction(tr("&Silence…"), this)), m_endSilence(new QAction(tr("En&d silence"), this)),
      m_openNode(new QAction(tr("Open &node"), this)), m_export(new QAction(tr("E&xport incident…"), this))
{
    setTitle(tr("Incidents"));
    build();
    connectSignals();
    updateActions();
}

void IncidentsPage::build()
{
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    m_detail = new AlertDetail(context());
    auto *upper = new QSplitter(Qt::Horizontal);
    upper->addWidget(buildAlerts());
    upper->addWidget(m_detail);
    upper->setStretchFactor(0, 3);
    upper->setStretchFactor(1, 2);
    upper->setSizes({760, 440});
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_timeline = new TimelineTab(context());
    m_tabs->addTab(m_timeline, tr("Timeline"));
    buildSilences();
    buildReceivers();
    auto *whole = new QSplitter(Qt::Vertical);
    whole->addWidget(upper);
    whole->addWidget(m_tabs);
    whole->setSizes({460, 360});
    for (QSplitter *splitter : {upper, whole}) {
        splitter->setChildrenCollapsible(false);
        splitter->setHandleWidth(metrics::gap);
    }
    layout->addWidget(whole);
    setContent(content);
}

Card *IncidentsPage::buildAlerts()
{
    using Row = api::Alert;
    m_alerts = new Alerts(
        {column<Row>({QStringLiteral("statement"), tr("Alert"), false, false, false, {}, 30, true}, [](const Row &row) { return text(row.statement); },
                     [](const Row &row) { return text(row.statement); },
                     [](const Row &row) {
                         // Held back or over: the mark would call for somebody.
                         return row.state == api::AlertState::Firing || row.state == api::AlertState::Acknowledged ? std::optional(row.verdict)
                                                                                                                  : std::optional<api::Verdict>();
                     }),
         column<Row>({QStringLiteral("node"), tr("Node"), false, false, false, QStringLiteral("node"), 11}, [](const Row &row) { return text(row.node); }),
         column<Row>({QStringLiteral("state"), tr("State"), false, false, false, QStringLiteral("state"), 16}, [](const Row &row) { return nameFor(row.state); }),
         column<Row>({QStringLiteral("owner"), tr("Owner"), false, false, false, {}, 10}, [](const Row &row) { return row.owner.empty() ? dash() : text(row.owner); },
                     [](const Row &row) { return text(row.note); }),
         column<Row>({QStringLiteral("returns"), tr("Fires again"), true, false, true, {}, 12},
                     [this](const Row &row) {
                         const auto returns = returnOf(row);
                         return !returns ? dash() : *returns > now() ? tr("in %1").arg(formatDuration(*returns - now())) : tr("now");
                     },
                     [](const Row &row) { return returnOf(row) ? timeTip(*row.acknowledgedUntil) : QString(); }),
         column<Row>({QStringLiteral("age"), tr("For"), true, false, true, {}, 11},
                     [this](const Row &row) { return formatDuration(row.closed.value_or(now()) - row.started); },
                     [](const Row &row) { return timeTip(row.started); })},
        [](const Row &row) { return QString::number(row.id.value); }, this);
    m_alertTable = new DataTable(tr("Alerts"));
    m_alertTable->setTable(m_alerts);
    m_alertTable->rememberLayout(context().settings, QStringLiteral("incidents/alerts"));
    m_alertTable->setEmptyText(tr("No alert is open"));
    m_alertTable->addActions({m_acknowledge, m_release, m_silence, m_openNode});
    m_alertTable->setMinimumHeight(3 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    m_history = new QCheckBox(tr("&Closed ones too"));
    m_alertCard = new Card(tr("Alerts"));
    m_alertCard->addHeaderWidget(m_history);
    m_alertCard->setContent(m_alertTable);
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    for (QAction *action : {m_acknowledge, m_release, m_silence, m_openNode, m_acknowledgeAll})
        row->addWidget(actionButton(action));
    row->push();
    row->addWidget(actionButton(m_export));
    m_alertCard->addRow(bar);
    return m_alertCard;
}

void IncidentsPage::connectSignals()
{
    connect(m_alertTable, &DataTable::currentKeyChanged, this, [this] {
        showCurrent();
        updateActions();
    });
    connect(m_alertTable, &DataTable::opened, m_acknowledge, &QAction::trigger);
    connect(m_silenceTable, &DataTable::currentKeyChanged, this, &IncidentsPage::updateActions);
    connect(m_history, &QCheckBox::toggled, this, [this] {
        m_alertsCall.drop();
        readAlerts();
    });
    connect(m_timeline, &TimelineTab::opened, this, [this](const QString &node) { context().shell.go({QStringLiteral("nodes"), node}); });
    connect(m_acknowledge, &QAction::triggered, this, &IncidentsPage::acknowledge);
    connect(m_acknowledgeAll, &QAction::triggered, this, &IncidentsPage::acknowledgeAll);
    connect(m_release, &QAction::triggered, this, &IncidentsPage::release);
    connect(m_silence, &QAction::triggered, this, &IncidentsPage::silence);
    connect(m_endSilence, &QAction::triggered, this, &IncidentsPage::endSilence);
    connect(m_export, &QAction::triggered, this, &IncidentsPage::exportIncident);
    connect(m_openNode, &QAction::triggered, this, [this] {
        if (const api::Alert *alert = current())
            context().shell.go({QStringLiteral("nodes"), text(alert->node)});
    });
    // Space acknowledges: as an action of the table, so that it stays a blank in every field.
    m_acknowledge->setShortcut(Qt::Key_Space);
    m_acknowledge->setShortcutContext(Qt::WidgetShortcut);
    if (context().monitorConnection)
        connect(context().monitorConnection, &Connection::whoChanged, this, &IncidentsPage::updateActions);
}

MonitorPage::EmptyWords IncidentsPage::withoutMonitor() const
{
    return {tr("No monitor watches this registry"),
            tr("Here would be alerts with their owners, silences with their end, one timeline of everything, and the export of an incident. Give the "
               "address of a monitor in Settings.")};
}

void IncidentsPage::activate(const Route &route)
{
    m_wantsAll = route.subject == QLatin1String("acknowledge-all");
    const QStringList parts = m_wantsAll ? QStringList() : route.subject.split(QLatin1Char('/'), Qt::SkipEmptyParts);
    if (!parts.isEmpty()) {
        m_wanted = parts.last();
        m_wantsSheet = parts.size() > 1 && parts.first() == QLatin1String("acknowledge");
    }
    MonitorPage::activate(route);
    takeRoute();
}

void IncidentsPage::takeRoute()
{
    if (isKnown() && std::exchange(m_wantsAll, false) && m_acknowledgeAll->isEnabled())
        acknowledgeAll();
    if (!isKnown() || m_wanted.isEmpty() || !m_alertTable->selectKey(m_wanted))
        return;
    m_wanted.clear();
    if (std::exchange(m_wantsSheet, false))
        acknowledge();
}

void IncidentsPage::poll()
{
    readAlerts();
    m_detail->runbook().poll();
    if (m_polls++ % pollsBetween == 0)
        readSilences();
}

void IncidentsPage::readAlerts()
{
    if (!context().hasMonitor())
        return;
    api::ListAlerts request;
    request.history = m_history->isChecked();
    request.limit = mostAlerts;
    m_alertsCall.ask(this, monitor(), ep::listAlerts, request, [this](const Result<api::Page<api::Alert>> &answer) {
        if (answer) {
            // The list has no time of its own: that it was answered is what is known.
            freshness().heard(now(), std::chrono::seconds(1), now());
            onAlerts(*answer);
        }
        answered(answer ? nullptr : &answer.error());
        takeRoute();
    });
}

void IncidentsPage::readSilences()
{
    m_silencesCall.ask(this, monitor(), ep::listSilences, {}, [this](const Result<api::SilenceList> &answer) {
        if (!answer)
            return;
        m_silences->setRows(QList<api::Silence>(answer->silences.begin(), answer->silences.end()));
        const auto count = static_cast<int>(answer->silences.size());
        m_tabs->setTabText(1, count > 0 ? tr("Silences (%1)").arg(count) : tr("Silences"));
        if (!m_silenceTable->currentIndex().isValid() && count > 0)
            m_silenceTable->selectRow(0);
        updateActions();
    });
    m_receiversCall.ask(this, monitor(), ep::listReceivers, {}, [this](const Result<api::ReceiverList> &answer) {
        if (!answer)
            return;
        m_receivers->setRows(QList<api::Receiver>(answer->receivers.begin(), answer->receivers.end()));
        std::int64_t waiting = 0;
        for (const api::Receiver &receiver : answer->receivers)
            waiting += receiver.waiting;
        m_tabs->setTabText(2, waiting > 0 ? tr("Deliveries (%1 waiting)").arg(waiting) : tr("Deliveries"));
    });
}

void IncidentsPage::readAll()
{
    m_polls = 0;
    poll();
    m_timeline->read();
}

void IncidentsPage::forget()
{
    for (OneCall *call : {&m_alertsCall, &m_silencesCall, &m_receiversCall})
        call->drop();
    m_alerts->setRows({});
    m_silences->setRows({});
    m_receivers->setRows({});
    m_timeline->forget();
    m_detail->clear();
    updateActions();
}

void IncidentsPage::onAlerts(const api::Page<api::Alert> &alerts)
{
    m_alerts->setRows(QList<api::Alert>(alerts.items.begin(), alerts.items.end()));
    if (!m_alertTable->currentIndex().isValid() && m_alerts->rowCount() > 0)
        m_alertTable->selectRow(0);
    const auto count = [&alerts](api::AlertState state) {
        return std::count_if(alerts.items.begin(), alerts.items.end(), [state](const api::Alert &alert) { return alert.state == state; });
    };
    QString note = tr("%1 firing").arg(count(api::AlertState::Firing));
    if (const auto returns = firstReturn(alerts.items); returns && *returns > now())
        note = tr("%1 · %2 owned, back in %3").arg(note).arg(count(api::AlertState::Acknowledged)).arg(formatDuration(*returns - now()));
    m_alertCard->setNote(note);
    updateActions();
}

const api::Alert *IncidentsPage::current() const
{
    return m_alerts->rowAt(m_alerts->rowOf(m_alertTable->currentKey()));
}

void IncidentsPage::showCurrent()
{
    if (const api::Alert *alert = current())
        m_detail->setAlert(*alert, now());
    else
        m_detail->clear();
}

void IncidentsPage::updateActions()
{
    const api::Alert *alert = current();
    const Connection *connection = context().monitorConnection;
    const bool may = connection && connection->isLive() && connection->allows(ep::acknowledgeAlert);
    const bool open = alert && alert->state != api::AlertState::Closed;
    const auto &rows = m_alerts->rows();
    m_acknowledge->setEnabled(may && open);
    m_acknowledgeAll->setEnabled(may && std::any_of(rows.begin(), rows.end(), [](const api::Alert &one) { return one.state == api::AlertState::Firing; }));
    m_release->setEnabled(may && open && alert->state == api::AlertState::Acknowledged);
    m_silence->setEnabled(may && open);
    m_openNode->setEnabled(alert);
    m_export->setEnabled(connection && connection->isLive());
    const auto *silence = m_silences->rowAt(m_silences->rowOf(m_silenceTable->currentKey()));
    m_endSilence->setEnabled(may && silence && !silence->ended);
    const QString why = may || !connection ? QString()
                        : !connection->isLive() ? tr("The monitor does not answer now")
                                                : tr("Your role on the monitor does not allow it");
    for (QAction *action : {m_acknowledge, m_acknowledgeAll, m_release, m_silence, m_endSilence})
        action->setToolTip(why.isEmpty() ? action->text().remove(QLatin1Char('&')) : why);
}

void IncidentsPage::tick(Time)
{
    m_alertTable->viewport()->update();
    showCurrent();
    updateActions();
}

QList<QAction *> IncidentsPage::pageActions() const
{
    return {m_acknowledge, m_release, m_silence, m_openNode, m_acknowledgeAll, m_endSilence, m_export};
}

void IncidentsPage::find()
{
    m_tabs->setCurrentIndex(0);
    m_timeline->find();
}

}  // namespace cm::ui
