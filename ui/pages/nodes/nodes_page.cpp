// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/nodes/nodes_page.h"

#include "ui/format/findings.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/nodes/node_detail.h"
#include "ui/pages/nodes/pools_view.h"
#include "ui/pages/nodes/split_files.h"
#include "ui/pages/nodes/unwatched_view.h"
#include "ui/client/connection.h"
#include "ui/shell/action_watch.h"
#include "ui/shell/purge_sheet.h"
#include "ui/shell/shell.h"
#include "ui/shell/topology_action_sheet.h"
#include "ui/shell/topology_actions.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/action_panel.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/state_mark.h"

#include <QAction>
#include <QLocale>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

// Thirty days do not change within a minute.
constexpr int slowMilliseconds = 60'000;
// Another monitor looks as often as this one.
constexpr int peersMilliseconds = 5'000;
// In the order in which they are added.
enum Tab { NodesTab, PoolsTab, UnwatchedTab, AvailabilityTab };

// In the way of a request: from the edge to the data.
int rankOf(const std::string &role)
{
    static constexpr std::array order{"cdn", "mirror", "web", "ssh", "pgpool", "postgres", "etcd", "gluster", "ingest", "certificate", "disk", "agent", "monitor"};
    return static_cast<int>(std::find(order.begin(), order.end(), role) - order.begin());
}

QString share(const std::optional<double> &ratio)
{
    // "100.0 %" would hide what was lost.
    return ratio ? NodesPage::tr("%1 %").arg(QLocale().toString(std::floor(*ratio * 1e5) / 1e3, 'f', 3)) : dash();
}

}  // namespace

PageFactory nodesPage()
{
    return {QStringLiteral("nodes"), NodesPage::tr("Nodes"), Section::Operate, {}, true, false,
            [](const PageContext &context) { return new NodesPage(context); }};
}

NodesPage::NodesPage(const PageContext &context, QWidget *parent)
    : MonitorPage(context, parent), m_openReplication(new QAction(tr("Open &replication"), this)), m_openAlerts(new QAction(tr("Open &incidents"), this)),
      m_purge(new QAction(tr("P&urge the CDN…"), this)),
      m_resolveFile(new QAction(tr("Resolve this &file…"), this)), m_acts(new TopologyActions(context, this)), m_watch(new ActionWatch(context, this))
{
    setTitle(tr("Nodes"));
    m_purge->setVisible(false);
    m_resolveFile->setVisible(false);
    build();
    connectSignals();
}

void NodesPage::build()
{
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    auto *roles = new QWidget;
    m_roleRow = new FlowLayout(roles);
    m_roleRow->setSpacing(metrics::gap + metrics::unit);
    roles->setAccessibleName(tr("Roles"));
    layout->addWidget(roles);
    m_watch->panel()->setLimited(true);
    layout->addWidget(m_watch->panel());
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    buildNodes();
    m_pools = new PoolsView;
    m_tabs->addTab(m_pools, tr("pgpool views"));
    m_unwatched = new UnwatchedView;
    m_tabs->addTab(m_unwatched, tr("What nobody sees"));
    buildAvailability();
    layout->addWidget(m_tabs, 1);
    setContent(content);
}

void NodesPage::buildNodes()
{
    using Row = api::Node;
    m_nodes = new Nodes(
        {column<Row>({QStringLiteral("name"), tr("Node"), false, false, false, QStringLiteral("name"), 14}, [](const Row &row) { return text(row.name); },
                     [](const Row &row) { return text(row.host); },
                     [this](const Row &row) { return std::optional(isOld(now()) ? std::max(row.verdict, api::Verdict::Unknown) : row.verdict); }),
         column<Row>({QStringLiteral("role"), tr("Role"), false, false, true, QStringLiteral("role"), 11}, [](const Row &row) { return roleWords(row.role); }),
         column<Row>({QStringLiteral("statement"), tr("Says"), false, false, false, {}, 30, true},
                     [](const Row &row) { return row.statement.empty() ? tr("answers") : text(row.statement); },
                     [](const Row &row) { return text(row.statement); }),
         column<Row>({QStringLiteral("since"), tr("For"), true, false, true, {}, 12},
                     [this](const Row &row) { return row.since ? formatDuration(now() - *row.since) : dash(); },
                     [](const Row &row) { return row.since ? timeTip(*row.since) : QString(); })},
        [](const Row &row) { return text(row.name); }, this);
    m_nodes->setLess(QStringLiteral("role"), [](const Row &a, const Row &b) { return rankOf(a.role) < rankOf(b.role); });
    m_table = new DataTable(tr("Nodes"));
    m_table->setTable(m_nodes);
    m_table->rememberLayout(context().settings, QStringLiteral("nodes/list"));
    m_table->setEmptyText(tr("No node matches"));
    m_table->addActions(pageActions());
    m_filter = new SearchField(tr("Filter by name, role or site"));
    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(m_filter);
    column->addWidget(m_table, 1);
    auto *bar = new QWidget;
    auto *buttons = new FlowLayout(bar);
    buttons->addWidget(m_acts->button());
    for (QAction *action : {m_purge, m_openReplication, m_openAlerts})
        buttons->addWidget(actionButton(action));
    column->addWidget(bar);
    m_detail = new NodeDetail(context(), m_resolveFile, m_acts->of(api::ActionKind::ResolveSplit));
    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(metrics::gap);
    splitter->setContentsMargins(0, metrics::gap, 0, 0);
    splitter->addWidget(left);
    splitter->addWidget(m_detail);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({560, 640});
    m_tabs->addTab(splitter, tr("Nodes"));
}

void NodesPage::buildAvailability()
{
    using Row = api::Availability;
    m_availability = new Availabilities(
        {column<Row>({QStringLiteral("node"), tr("Node"), false, false, false, QStringLiteral("node"), 16, true}, [](const Row &row) { return row.node.empty() ? tr("%1: one at least").arg(roleWords(row.role)) : text(row.node); },
                     [](const Row &row) { return row.node.empty() ? tr("A role works while one of its nodes does, and is broken while all of them are") : QString(); }),
         column<Row>({QStringLiteral("role"), tr("Role"), false, false, true, {}, 12}, [](const Row &row) { return roleWords(row.role); }),
         column<Row>({QStringLiteral("working"), tr("Worked"), true, false, false, QStringLiteral("working"), 12}, [](const Row &row) { return share(row.working); }),
         column<Row>({QStringLiteral("unknown"), tr("Not known"), true, false, false, {}, 12}, [](const Row &row) { return share(row.unknown); }),
         column<Row>({QStringLiteral("outages"), tr("Outages"), true, false, false, {}, 10},
                     [](const Row &row) { return row.working ? formatCount(row.outages) : dash(); }),
         column<Row>({QStringLiteral("repair"), tr("Time to repair"), true, false, false, {}, 16},
                     [](const Row &row) { return row.meanRepairSeconds ? valueIn("seconds", *row.meanRepairSeconds) : dash(); },
                     [](const Row &) { return tr("On average, from the first bad verdict to the next good one"); }),
         column<Row>({QStringLiteral("watched"), tr("Watched for"), true, false, true, {}, 14},
                     [](const Row &row) { return row.watchedSeconds > 0 ? valueIn("seconds", row.watchedSeconds) : dash(); })},
        [](const Row &row) { return row.node.empty() ? QStringLiteral("role/") + text(row.role) : text(row.node); }, this);
    m_availability->setLess(QStringLiteral("working"), [](const Row &a, const Row &b) { return a.working.value_or(-1) < b.working.value_or(-1); });
    m_availabilityTable = new DataTable(tr("Availability of the last 30 days"));
    m_availabilityTable->setTable(m_availability);
    m_availabilityTable->rememberLayout(context().settings, QStringLiteral("nodes/availability"));
    m_availabilityTable->setEmptyText(tr("Nothing was watched yet"));
    auto *inner = new QWidget;
    auto *column = new QVBoxLayout(inner);
    column->setContentsMargins(0, metrics::gap, 0, 0);
    column->addWidget(m_availabilityTable);
    m_tabs->addTab(inner, tr("Last 30 days"));
}

void NodesPage::connectSignals()
{
    connect(m_table, &DataTable::currentKeyChanged, this, [this](const QString &key) {
        m_wanted = key;
        showCurrent();
    });
    connect(m_filter, &SearchField::searched, this, [this] { show(); });
    connect(m_filter, &SearchField::leaveDown, this, [this] {
        m_table->setFocus();
        if (!m_table->currentIndex().isValid() && m_nodes->rowCount() > 0)
            m_table->selectRow(0);
    });
    connect(m_purge, &QAction::triggered, this, [this] { PurgeSheet::open(context(), {}); });
    connect(m_detail, &NodeDetail::fileChosen, this, &NodesPage::showResolve);
    connect(m_resolveFile, &QAction::triggered, this, &NodesPage::resolveFile);
    connect(m_openReplication, &QAction::triggered, this, [this] { context().shell.go({QStringLiteral("replication"), m_wanted}); });
    connect(m_openAlerts, &QAction::triggered, this, [this] { context().shell.go({QStringLiteral("incidents"), {}}); });
}

MonitorPage::EmptyWords NodesPage::withoutMonitor() const
{
    return {tr("No monitor watches this registry"),
            tr("Here would be each node with every signal, its age and its bounds, both pgpools' views and the availability of the last 30 days. Give "
               "the address of a monitor in Settings.")};
}

void NodesPage::activate(const Route &route)
{
    if (route.subject == QLatin1String("tab/unwatched")) {
        m_tabs->setCurrentIndex(UnwatchedTab);
    } else if (route.subject == QLatin1String("tab/pools")) {
        m_tabs->setCurrentIndex(PoolsTab);
    } else if (route.subject == QLatin1String("tab/availability")) {
        m_tabs->setCurrentIndex(AvailabilityTab);
    } else if (!route.subject.isEmpty()) {
        m_wanted = route.subject;
        m_tabs->setCurrentIndex(NodesTab);
        if (!m_table->selectKey(m_wanted))
            m_filter->clear();
    }
    MonitorPage::activate(route);
    if (isKnown())
        show();
    if (!route.subject.isEmpty() && m_tabs->currentIndex() == NodesTab)
        faces()->focusContent(m_table);
}

void NodesPage::poll()
{
    m_stateCall.ask(this, monitor(), ep::monitorState, {}, [this](Result<api::MonitorState> answer) {
        if (answer) {
            m_state = std::move(*answer);
            freshness().heard(m_state.time, std::chrono::milliseconds(m_state.monitor.intervalMilliseconds), now());
            show();
        }
        answered(answer ? nullptr : &answer.error());
    });
    m_poolsCall.ask(this, monitor(), ep::monitorPools, {}, [this](const Result<api::PoolView> &answer) {
        if (answer)
            m_pools->setPools(*answer);
    });
    if (!m_sincePeers.isValid() || m_sincePeers.elapsed() > peersMilliseconds)
        readPeers();
    m_detail->readTrends();
    if (!m_sinceSlow.isValid() || m_sinceSlow.elapsed() > slowMilliseconds)
        readSlow();
}

void NodesPage::readPeers()
{
    m_sincePeers.start();
    m_peersCall.ask(this, monitor(), ep::compareMonitors, {}, [this](const Result<api::MonitorComparison> &answer) {
        if (answer)
            m_unwatched->setPeers(*answer);
    });
}

void NodesPage::readSlow()
{
    m_sinceSlow.start();
    m_availabilityCall.ask(this, monitor(), ep::readAvailability, {}, [this](const Result<api::AvailabilityList> &answer) {
        if (!answer)
            return;
        // One of one tells no more than its row does.
        QList<api::Availability> rows;
        for (const api::Availability &role : answer->roles) {
            if (std::ranges::count(answer->nodes, role.role, &api::Availability::role) > 1)
                rows << role;
        }
        rows.append(QList<api::Availability>(answer->nodes.begin(), answer->nodes.end()));
        m_availability->setRows(rows);
    });
}

void NodesPage::readAll()
{
    m_sinceSlow.invalidate();
    m_sincePeers.invalidate();
    poll();
}

void NodesPage::forget()
{
    for (OneCall *call : {&m_stateCall, &m_poolsCall, &m_availabilityCall, &m_peersCall})
        call->drop();
    m_state = {};
    m_nodes->setRows({});
    m_availability->setRows({});
    m_pools->clear();
    m_unwatched->clear();
    m_acts->setChoices({});
    m_detail->clear();
}

void NodesPage::show()
{
    const QString filter = m_filter->text().trimmed();
    QList<api::Node> rows;
    for (const api::Node &node : m_state.nodes) {
        const QString all = text(node.name + ' ' + node.role + ' ' + node.site) + QLatin1Char(' ') + roleWords(node.role);
        if (filter.isEmpty() || all.contains(filter, Qt::CaseInsensitive))
            rows << node;
    }
    // Worst first, then in the way of a request.
    std::stable_sort(rows.begin(), rows.end(), [](const api::Node &a, const api::Node &b) {
        return a.verdict != b.verdict ? a.verdict > b.verdict : rankOf(a.role) < rankOf(b.role);
    });
    m_nodes->setRows(rows);
    if (!m_wanted.isEmpty() && m_table->currentKey() != m_wanted)
        m_table->selectKey(m_wanted);
    if (!m_table->currentIndex().isValid() && !rows.isEmpty())
        m_table->selectRow(0);
}

void NodesPage::showRoles(Time now)
{
    const bool old = isOld(now);
    // One of one tells no more than its row does.
    std::vector<api::RoleState> roles;
    std::copy_if(m_state.roles.begin(), m_state.roles.end(), std::back_inserter(roles),
                 [](const api::RoleState &role) { return role.nodes > 1 || role.verdict != api::Verdict::Ok; });
    while (m_roles.size() > static_cast<qsizetype>(roles.size()))
        delete m_roles.takeLast();
    while (m_roles.size() < static_cast<qsizetype>(roles.size())) {
        auto *mark = new StateMark;
        m_roleRow->addWidget(mark);
        m_roles << mark;
    }
    for (qsizetype i = 0; i < m_roles.size(); ++i) {
        const api::RoleState &role = roles.at(static_cast<std::size_t>(i));
        const bool spare = role.finding.empty() && role.verdict == api::Verdict::Ok;
        QString words = spare || role.statement.empty() ? tr("%1: %2 of %3 work").arg(roleWords(role.role)).arg(role.working).arg(role.nodes)
                                                        : text(role.statement);
        // The whole of it stands in the row of the only one.
        const auto only = std::find_if(m_state.nodes.begin(), m_state.nodes.end(), [&role](const api::Node &node) { return node.role == role.role; });
        if (!spare && role.nodes == 1 && only != m_state.nodes.end())
            words = tr("%1: %2").arg(text(only->name), shortWordsOf(*only));
        m_roles.at(i)->setState(old ? Mark::Unknown : markOf(role.verdict), words);
        m_roles.at(i)->setToolTip(text(role.statement));
    }
}

void NodesPage::showCurrent()
{
    const api::Node *node = m_nodes->rowAt(m_nodes->rowOf(m_table->currentKey()));
    m_openReplication->setEnabled(node && node->role == "postgres");
    // What the registry tells its caches, and not the monitor.
    m_purge->setVisible(node && node->role == "cdn");
    PurgeSheet::allow(*m_purge, context().connection);
    m_acts->setChoices(node ? TopologyActs::on(*node) : QList<ActChoice>());
    if (!node) {
        m_detail->clear();
        showResolve();
        return;
    }
    const auto role = std::find_if(m_state.roles.begin(), m_state.roles.end(), [node](const api::RoleState &one) { return one.role == node->role; });
    m_detail->setNode(*node, role == m_state.roles.end() ? nullptr : &*role, isOld(now()), now());
    showResolve();
}

void NodesPage::showResolve()
{
    const QString hindrance = m_detail->splitFiles().hindrance();
    const bool any = !m_detail->splitFiles().chosen().empty();
    QString forbidden;
    const bool may = TopologyActionSheet::isAllowed(context(), &forbidden);
    m_resolveFile->setVisible(any);
    m_resolveFile->setEnabled(any && may && hindrance.isEmpty());
    m_resolveFile->setToolTip(!may ? forbidden : hindrance.isEmpty() ? tr("The others stay as they are") : hindrance);
}

void NodesPage::resolveFile()
{
    api::ActionWish wish;
    wish.action = api::ActionKind::ResolveSplit;
    wish.target = m_wanted.toStdString();
    wish.file = m_detail->splitFiles().chosen();
    if (!wish.file.empty())
        TopologyActionSheet::open(context(), wish);
}

void NodesPage::tick(Time now)
{
    showRoles(now);
    m_pools->tick(isOld(now), now);
    const auto differences = static_cast<int>(m_pools->differences());
    m_tabs->setTabText(PoolsTab, differences > 0 ? tr("pgpool views (%n difference(s))", nullptr, differences) : tr("pgpool views"));
    m_unwatched->tick(m_state.blindSpots, isOld(now), now);
    const qsizetype unseen = m_unwatched->count();
    m_tabs->setTabText(UnwatchedTab, unseen > 0 ? tr("What nobody sees (%1)").arg(unseen) : tr("What nobody sees"));
    // The marks of the rows grow old with the connection.
    m_table->viewport()->update();
    showCurrent();
}

QList<QAction *> NodesPage::pageActions() const
{
    return m_acts->all() + QList<QAction *>{m_resolveFile, m_purge, m_openReplication, m_openAlerts};
}

void NodesPage::find()
{
    m_tabs->setCurrentIndex(NodesTab);
    m_filter->setFocus();
    m_filter->selectAll();
}

}  // namespace cm::ui
