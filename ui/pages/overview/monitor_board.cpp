// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/monitor_board.h"

#include "core/api/monitor_endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/overview/alert_row.h"
#include "ui/pages/overview/copies_strip.h"
#include "ui/pages/overview/short_timeline.h"
#include "ui/pages/overview/topology_tiles.h"
#include "ui/pages/overview/unseen_card.h"
#include "ui/shell/direct_words.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/series_points.h"
#include "ui/widgets/time_chart.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr int overTimeMilliseconds = 5000;
constexpr std::chrono::minutes chartSpan{30};
constexpr int timelineLines = 100;
constexpr qsizetype mostSeries = 4;
constexpr std::size_t mostAlerts = 8;

}  // namespace

MonitorBoard::MonitorBoard(const PageContext &context, QWidget *parent) : QWidget(parent), m_context(context)
{
    build();
}

void MonitorBoard::build()
{
    m_map = new TopologyView;
    connect(m_map, &TopologyView::opened, this, [this](const QString &node) { m_context.shell.go({QStringLiteral("nodes"), node}); });
    m_mapCard = new Card(tr("Topology"));
    m_mapCard->setContent(m_map);
    m_unwatched = new QWidget;
    new FlowLayout(m_unwatched);
    m_unwatched->hide();
    m_key = wrappedLabel();
    m_key->setForegroundRole(QPalette::PlaceholderText);
    m_key->hide();
    m_mapCard->addRow(m_key);
    m_mapCard->addRow(m_unwatched);
    connect(m_map, &TopologyView::menuWanted, this, [this](const QString &node, const QPoint &at) { openMenu(node, {}, at); });
    auto *left = new QVBoxLayout;
    left->setSpacing(metrics::gap);
    left->addWidget(m_mapCard, 3);
    m_copies = new CopiesStrip;
    left->addWidget(m_copies);
    left->addWidget(buildCharts(), 2);
    auto *right = new QVBoxLayout;
    right->setSpacing(metrics::gap);
    m_unseen = new UnseenCard;
    m_unseen->hide();
    right->addWidget(m_unseen);
    right->addWidget(buildAlerts(), 3);
    right->addWidget(buildTimeline(), 4);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight, this);
    m_columns->setContentsMargins(0, 0, 0, 0);
    m_columns->setSpacing(metrics::gap);
    m_columns->addLayout(left, 5);
    m_columns->addLayout(right, 2);
}

QWidget *MonitorBoard::buildCharts()
{
    m_lag = new TimeChart(tr("Replication lag in bytes"), TimeChart::Unit::Bytes);
    m_answers = new TimeChart(tr("Answer time of the web nodes"), TimeChart::Unit::Seconds);
    m_traffic = new TimeChart(tr("Requests per second"), TimeChart::Unit::Count);
    auto *inner = new QWidget;
    m_chartRow = new QBoxLayout(QBoxLayout::LeftToRight, inner);
    m_chartRow->setContentsMargins(0, 0, 0, 0);
    m_chartRow->setSpacing(metrics::gap);
    auto *lag = new Card(tr("Replication lag"));
    lag->setContent(m_lag);
    auto *answers = new Card(tr("Answer times"));
    answers->setContent(m_answers);
    m_trafficCard = new Card(tr("Traffic"));
    m_trafficCard->setContent(m_traffic);
    for (Card *card : {lag, m_trafficCard, answers}) {
        card->setNote(tr("last %1").arg(formatDuration(chartSpan)));
        m_chartRow->addWidget(card, 1);
    }
    m_trafficCard->setNote(tr("requests/s · last %1").arg(formatDuration(chartSpan)));
    // Only where a cache in front counts them.
    m_trafficCard->hide();
    return inner;
}

Card *MonitorBoard::buildAlerts()
{
    auto *inner = new QWidget;
    m_alertRows = new QVBoxLayout(inner);
    m_alertRows->setContentsMargins(0, 0, 0, 0);
    m_alertRows->setSpacing(0);
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inner);
    scroll->viewport()->setAutoFillBackground(false);
    scroll->setMinimumHeight(fontMetrics().height() * 6);
    inner->setAutoFillBackground(false);
    m_alertCard = new Card(tr("Alerts"));
    m_alertCard->setContent(scroll);
    return m_alertCard;
}

Card *MonitorBoard::buildTimeline()
{
    using Row = api::TimelineEvent;
    m_timeline = new Timeline(
        {column<Row>({QStringLiteral("time"), tr("UTC"), false, false, true, {}, 10}, [](const Row &row) { return formatClock(row.time); },
                     [](const Row &row) { return timeTip(row.time); }),
         column<Row>({QStringLiteral("what"), tr("What happened"), false, false, false, {}, 24, true},
                     [](const Row &row) { return row.actor.empty() ? text(row.statement) : text(row.statement + " · " + row.actor); },
                     [](const Row &row) { return QStringLiteral("%1\n%2").arg(eventWords(row), text(row.statement)); },
                     [](const Row &row) { return row.kind == "verdict.changed" || row.kind == "alert.opened" ? row.after : std::optional<api::Verdict>(); })},
        [](const Row &row) { return QString::number(row.id.value); }, this);
    m_timelineTable = new DataTable(tr("Timeline"));
    m_timelineTable->setTable(m_timeline);
    m_timelineTable->wrapRows();
    m_timelineTable->setEmptyText(tr("Nothing has happened yet"));
    m_timelineTable->setMinimumHeight(6 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    connect(m_timelineTable, &DataTable::opened, this, [this] { m_context.shell.go({QStringLiteral("incidents"), {}}); });
    auto *card = new Card(tr("Timeline"));
    card->setContent(m_timelineTable);
    return card;
}

void MonitorBoard::poll()
{
    if (!m_context.hasMonitor())
        return;
    AdminClient &monitor = *m_context.monitor;
    m_stateCall.ask(this, monitor, ep::monitorState, {}, [this](Result<api::MonitorState> answer) {
        if (answer) {
            m_state = std::move(*answer);
            m_freshness.heard(m_state.time, std::chrono::milliseconds(m_state.monitor.intervalMilliseconds), m_context.clock.now());
        }
        Q_EMIT answered(answer ? std::nullopt : std::optional(answer.error()));
    });
    m_topologyCall.ask(this, monitor, ep::monitorTopology, {}, [this](Result<api::Topology> answer) {
        if (!answer)
            return;
        m_topology = std::move(*answer);
        if (m_context.direct)
            m_context.direct->setTopology(m_topology);
        showTopology();
    });
    m_alertsCall.ask(this, monitor, ep::listAlerts, {}, [this](Result<api::Page<api::Alert>> answer) {
        if (!answer)
            return;
        m_alerts = std::move(answer->items);
        m_alertsKnown = true;
        showAlerts(m_context.clock.now());
        Q_EMIT alertsChanged();
    });
    if (!m_sinceOverTime.isValid() || m_sinceOverTime.elapsed() > overTimeMilliseconds)
        readOverTime();
}

void MonitorBoard::readAll()
{
    m_sinceOverTime.invalidate();
    poll();
}

void MonitorBoard::readOverTime()
{
    m_sinceOverTime.start();
    AdminClient &monitor = *m_context.monitor;
    api::ListTimeline request;
    request.limit = timelineLines;
    m_timelineCall.ask(this, monitor, ep::listTimeline, request, [this](const Result<api::Page<api::TimelineEvent>> &answer) {
        if (!answer)
            return;
        m_timeline->setRows(shortTimeline(answer->items));
        m_events = answer->items;
        std::vector<api::TimelineEvent> databases;
        std::copy_if(answer->items.begin(), answer->items.end(), std::back_inserter(databases),
                     [](const api::TimelineEvent &event) { return event.role == "postgres" || event.role == "pgpool"; });
        m_lag->setMarks(marksOf(databases));
        std::vector<api::TimelineEvent> webs;
        std::copy_if(answer->items.begin(), answer->items.end(), std::back_inserter(webs), [](const api::TimelineEvent &event) { return event.role == "web"; });
        m_answers->setMarks(marksOf(webs));
        m_traffic->setMarks(marksOf(webs));
    });
    m_peersCall.ask(this, monitor, ep::compareMonitors, {}, [this](Result<api::MonitorComparison> answer) {
        if (answer)
            m_peers = std::move(*answer);
        showUnwatched();
    });
    m_listCall.ask(this, monitor, ep::listSeries, {}, [this](const Result<api::SeriesList> &answer) {
        if (answer)
            onSeriesList(*answer);
    });
}

void MonitorBoard::onSeriesList(const api::SeriesList &list)
{
    QStringList standbys;
    for (const api::TopologyEdge &edge : m_topology.edges) {
        if (edge.kind == "replicates")
            standbys << text(edge.from);
    }
    QList<api::SeriesInfo> lag;
    QList<api::SeriesInfo> answers;
    QList<api::SeriesInfo> traffic;
    const auto caches = std::count_if(m_topology.nodes.begin(), m_topology.nodes.end(), [](const api::TopologyNode &one) { return one.role == "cdn"; });
    for (const api::SeriesInfo &info : list.series) {
        const auto node = std::find_if(m_topology.nodes.begin(), m_topology.nodes.end(), [&info](const api::TopologyNode &one) { return one.name == info.target; });
        if (isLagSeries(info, standbys, "bytes") && lag.size() < mostSeries)
            lag << info;
        else if (node != m_topology.nodes.end() && node->role == "web" && isAnswerSeries(info, list) && answers.size() < mostSeries)
            answers << info;
        // Of several caches each whole one; of one also where it asks.
        else if (node != m_topology.nodes.end() && node->role == "cdn" && isTrafficSeries(info) && (caches == 1 || info.signal == "requests") &&
                 traffic.size() < mostSeries)
            traffic << info;
    }
    readSeries(m_lag, lag);
    readSeries(m_answers, answers);
    showTraffic(!traffic.isEmpty());
    readSeries(m_traffic, traffic);
}

void MonitorBoard::showTraffic(bool counted)
{
    if (m_trafficCard->isHidden() != counted)
        return;
    m_trafficCard->setVisible(counted);
    placeColumns(m_width);
}

void MonitorBoard::readSeries(TimeChart *chart, const QList<api::SeriesInfo> &infos)
{
    const Time until = m_context.clock.now();
    const ChartRange whole{secondsOf(until - chartSpan), secondsOf(until)};
    const bool live = m_context.monitorConnection->isLive();
    for (const api::SeriesInfo &info : infos) {
        // Where all are of one signal the node alone tells them apart.
        const bool one = std::all_of(infos.begin(), infos.end(), [&info](const api::SeriesInfo &other) { return other.signal == info.signal; });
        // Of traffic: all that is asked of a cache, and what it asks in turn.
        const bool passedOn = chart == m_traffic && info.signal.starts_with("requests-");
        const QString name = passedOn ? tr("to %1", "requests to a web node").arg(text(info.signal.substr(info.signal.find('-') + 1)))
                             : one || chart == m_traffic ? text(info.target)
                                                         : signalName(info.signal);
        const QString key = text(info.target + "/" + info.signal);
        whenDone(this, m_context.monitor->call(ep::readSeries, {info.target, info.signal, until - chartSpan, until, 0}),
                 [this, chart, key, name, whole, live](const Result<api::Series> &answer) {
                     if (!answer)
                         return;
                     m_series[chart][key] = {name, pointsOf(*answer, Bucket::Greatest)};
                     std::vector<ChartSeries> all;
                     QStringList known = m_series[chart].keys();
                     known.sort();
                     for (const QString &one : std::as_const(known))
                         all.push_back(m_series[chart].value(one));
                     // An old answer has its own span.
                     chart->setWhole(live ? whole : ChartRange{secondsOf(answer->from), secondsOf(answer->until)});
                     chart->setSeries(std::move(all));
                 });
    }
}

void MonitorBoard::forget()
{
    for (OneCall *call : {&m_stateCall, &m_topologyCall, &m_alertsCall, &m_timelineCall, &m_listCall, &m_peersCall})
        call->drop();
    m_state = {};
    m_topology = {};
    m_alerts.clear();
    m_alertsKnown = false;
    m_peers = {};
    m_freshness.forget();
    m_series.clear();
    for (TimeChart *chart : {m_lag, m_answers, m_traffic}) {
        chart->setSeries({});
        chart->setMarks({});
    }
    showTraffic(false);
    m_timeline->setRows({});
    m_sinceOverTime.invalidate();
    showTopology();
    m_copies->setState(m_state, true);
    showAlerts(m_context.clock.now());
}

bool MonitorBoard::isOld(Time now) const
{
    return !m_context.hearsMonitor() || m_freshness.isOld(now);
}

void MonitorBoard::tick(Time now)
{
    // It is connected, and hangs.
    if (m_context.direct)
        m_context.direct->setMonitorOld(m_context.hasMonitor() && m_freshness.since() && m_freshness.isOld(now));
    showTopology();
    m_copies->setState(m_state, isOld(now));
    showAlerts(now);
    showUnwatched();
    m_unseen->setVisible(isDirect());
    if (isDirect())
        m_unseen->setLines(DirectWords::unseen(m_context.direct->report()));
    m_mapCard->setNote(m_freshness.since() ? tr("%1 %2 old").arg(text(m_state.monitor.name), formatSampleAge(m_state.time, now)) : QString());
}

void MonitorBoard::showTopology()
{
    const Time now = m_context.clock.now();
    const bool old = isOld(now);
    const QList<TopologyEdge> edges = TopologyTiles::edges(m_topology, m_state, old);
    const QList<TopologyNode> tiles = isDirect() ? TopologyTiles::nodes(m_topology, m_state, *m_context.direct, now) : TopologyTiles::nodes(m_topology, m_state, old);
    m_map->setTopology(tiles, edges);
    QStringList key{TopologyTiles::key(tiles, edges)};
    if (const QStringList quiet = TopologyTiles::undrawn(m_topology, m_state); !quiet.isEmpty() && !old)
        key << tr("Well, and not drawn: %1").arg(quiet.join(QStringLiteral(", ")));
    key.removeAll(QString());
    m_key->setText(key.join(QStringLiteral("   ")));
    m_key->setVisible(!key.isEmpty());
}

void MonitorBoard::showAlerts(Time now)
{
    const auto count = [this](api::AlertState state) {
        return std::count_if(m_alerts.begin(), m_alerts.end(), [state](const api::Alert &alert) { return alert.state == state; });
    };
    QStringList note{tr("%1 firing").arg(count(api::AlertState::Firing))};
    if (const auto owned = count(api::AlertState::Acknowledged); owned > 0) {
        // Whoever said "I am awake" is told when the storm comes back.
        const auto returns = firstReturn(m_alerts);
        note << (returns && *returns > now ? tr("%1 owned, back in %2").arg(owned).arg(formatDuration(*returns - now)) : tr("%1 owned").arg(owned));
    }
    note << tr("%1 silenced").arg(count(api::AlertState::Silenced));
    m_alertCard->setNote(m_alertsKnown ? note.join(QStringLiteral(" · ")) : dash());
    QString ids = m_alertsKnown ? QStringLiteral("known") : QString();
    const std::size_t shown = std::min(m_alerts.size(), mostAlerts);
    for (std::size_t i = 0; i < shown; ++i)
        ids += QStringLiteral(" %1").arg(m_alerts[i].id.value);
    if (ids != m_alertsShown) {
        m_alertsShown = ids;
        while (QLayoutItem *item = m_alertRows->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        for (std::size_t i = 0; i < shown; ++i) {
            auto *row = new AlertRow;
            connect(row, &QAbstractButton::clicked, this,
                    [this, id = m_alerts[i].id.value] { m_context.shell.go({QStringLiteral("incidents"), QString::number(id)}); });
            row->setContextMenuPolicy(Qt::CustomContextMenu);
            connect(row, &QWidget::customContextMenuRequested, this,
                    [this, row, id = QString::number(m_alerts[i].id.value), node = text(m_alerts[i].node)](const QPoint &at) { openMenu(node, id, row->mapToGlobal(at)); });
            m_alertRows->addWidget(row);
        }
        if (shown == 0 && m_alertsKnown) {
            auto *none = new QLabel(tr("No alert is open"));
            none->setForegroundRole(QPalette::PlaceholderText);
            m_alertRows->addWidget(none);
        }
        m_alertRows->addStretch(1);
    }
    for (std::size_t i = 0; i < shown; ++i) {
        if (auto *row = qobject_cast<AlertRow *>(m_alertRows->itemAt(static_cast<int>(i))->widget()))
            row->setAlert(m_alerts[i], now);
    }
}

QString MonitorBoard::cause() const
{
    return text(m_state.line.cause);
}

QString MonitorBoard::firstAlert() const
{
    const auto open = std::find_if(m_alerts.begin(), m_alerts.end(), [](const api::Alert &alert) { return alert.state == api::AlertState::Firing; });
    return open == m_alerts.end() ? QString() : QString::number(open->id.value);
}

OverviewVerdict MonitorBoard::verdict(Time now) const
{
    std::optional<Time> since = m_freshness.since();
    // What was read last, from a file perhaps, may have been told earlier.
    if (since && !m_context.monitorConnection->isLive())
        since = std::min(*since, m_state.time);
    OverviewVerdict told = VerdictWords::of(m_state, since, !isOld(now), m_context.connection.isLive(), now);
    if (!isOld(now)) {
        if (const QString changed = VerdictWords::changedBefore(m_state, m_events); !changed.isEmpty() && !told.facts.isEmpty())
            told.facts.append(VerdictFact{tr("Before it"), tr("%1. Whether that is why, nobody knows.", "what changed shortly before a trouble").arg(changed)});
        told.facts += otherwise();
    }
    if (isDirect())
        told = VerdictWords::of(*m_context.direct, m_state, since, told, now);
    // It may well speak; it is just not believed.
    if (const auto &problem = m_context.monitorConnection->problem(); problem && !trustWords(*problem).isEmpty()) {
        const ErrorWords words = wordsFor(*problem);
        told.facts.append(VerdictFact{tr("The monitor"), tr("%1. %2", "what is wrong, and what to do").arg(words.title, words.remedy)});
    }
    return told;
}

bool MonitorBoard::isDirect() const
{
    return m_context.direct && m_context.direct->isLooking();
}

QList<QWidget *> MonitorBoard::directParts() const
{
    return {m_mapCard, m_unseen};
}

void MonitorBoard::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    // Hidden, it does not hear whether the monitor has come back to itself.
    if (m_context.direct)
        m_context.direct->setMonitorOld(false);
}

void MonitorBoard::placeColumns(int width)
{
    const int character = fontMetrics().averageCharWidth();
    m_columns->setDirection(width > character * 150 ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    // Side by side where all that there are fit so.
    const bool beside = m_columns->direction() == QBoxLayout::LeftToRight;
    const int room = beside ? (width - 3 * metrics::gap) * 5 / 7 : width - 2 * metrics::gap;
    m_chartRow->setDirection(QBoxLayout::LeftToRight);
    if (width <= character * 110 || m_chartRow->minimumSize().width() > room)
        m_chartRow->setDirection(QBoxLayout::TopToBottom);
    m_width = width;
}

}  // namespace cm::ui
