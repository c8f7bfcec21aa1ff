// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/overview_page.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/pages/overview/monitor_board.h"
#include "ui/pages/overview/node_tile.h"
#include "ui/pages/overview/verdict.h"
#include "ui/shell/action_watch.h"
#include "ui/shell/shell.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/action_panel.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/state_mark.h"
#include "ui/widgets/verdict_banner.h"

#include <QAction>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr int mostAcross = 3;
constexpr int journalLines = 40;
constexpr int recentLines = 30;

}  // namespace

PageFactory overviewPage()
{
    return {QStringLiteral("overview"), OverviewPage::tr("Overview"), Section::Operate, {}, true, false,
            [](const PageContext &context) { return new OverviewPage(context); }};
}

OverviewPage::OverviewPage(const PageContext &context, QWidget *parent)
    : Page(context, parent), m_watch(new ActionWatch(context, this)), m_openProject(new QAction(tr("&Open project"), this)),
      m_upload(new QAction(tr("&Upload files"), this)), m_acknowledge(new QAction(tr("Ac&knowledge…"), this)),
      m_acknowledgeAll(new QAction(tr("Ac&knowledge all…"), this)), m_nextAct(new QAction(this)), m_showCause(new QAction(tr("Open &node"), this))
{
    setTitle(tr("Overview"));
    setContent(build());
    connect(m_upload, &QAction::triggered, this, [this] { this->context().shell.go({QStringLiteral("upload"), {}}); });
    connect(m_openProject, &QAction::triggered, this, [this] {
        const DataTable *table = m_journalTable->hasFocus() ? m_journalTable : m_recentTable;
        const api::JournalEntry *line = table == m_journalTable ? m_journal->rowAt(m_journal->rowOf(table->currentKey())) : nullptr;
        const QString name = line ? text(line->project) : m_recentTable->currentKey();
        if (!name.isEmpty())
            this->context().shell.go({QStringLiteral("project"), name});
    });
    connect(m_journalTable, &DataTable::opened, m_openProject, &QAction::trigger);
    connect(m_recentTable, &DataTable::opened, m_openProject, &QAction::trigger);
    connect(&this->context().connection, &Connection::registryChanged, this, &OverviewPage::showCounters);
    connect(&this->context().connection, &Connection::stateChanged, this, &OverviewPage::showNodes);
    connectMonitor();
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        if (m_asked && this->context().hasMonitor())
            m_board->poll();
        tick();
    });
    m_nodesAgain.setInterval(10'000);
    connect(&m_nodesAgain, &QTimer::timeout, this, [this] {
        if (!this->context().hasMonitor())
            readNodes();
    });
    m_soon.setSingleShot(true);
    m_soon.setInterval(50);
    connect(&m_soon, &QTimer::timeout, this, [this] {
        readJournal();
        readRecent();
    });
}

QWidget *OverviewPage::build()
{
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    m_banner = new VerdictBanner;
    m_banner->setActions({m_nextAct, m_acknowledge, m_acknowledgeAll, m_showCause});
    layout->addWidget(m_banner);
    layout->addWidget(m_watch->panel());
    m_board = new MonitorBoard(context());
    m_board->hide();
    layout->addWidget(m_board, 1);

    m_own = new QWidget;
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight, m_own);
    m_columns->setContentsMargins(0, 0, 0, 0);
    m_columns->setSpacing(metrics::gap);
    auto *left = new QVBoxLayout;
    left->setSpacing(metrics::gap);
    m_nodesCard = new Card(tr("Nodes"));
    auto *tiles = new QWidget;
    m_tiles = new QGridLayout(tiles);
    m_tiles->setContentsMargins(0, 0, 0, 0);
    m_tiles->setSpacing(metrics::gap);
    m_nodesCard->setContent(tiles);
    left->addWidget(m_nodesCard);
    left->addWidget(buildRecent(), 1);
    auto *right = new QVBoxLayout;
    right->setSpacing(metrics::gap);
    right->addWidget(buildCounters());
    right->addWidget(buildJournal(), 1);
    m_columns->addLayout(left, 3);
    m_columns->addLayout(right, 2);
    layout->addWidget(m_own, 1);
    for (DataTable *table : {m_journalTable, m_recentTable})
        table->setMinimumHeight(7 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    scroll->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    return scroll;
}

void OverviewPage::activate(const Route &)
{
    if (m_asked)
        return;
    m_asked = true;
    faces()->showLoading();
    refresh();
}

void OverviewPage::refresh()
{
    if (!m_asked)
        return;
    const bool watched = context().hasMonitor();
    m_board->setVisible(watched);
    m_own->setVisible(!watched);
    if (watched) {
        m_board->readAll();
        return;
    }
    for (QAction *action : {m_acknowledge, m_acknowledgeAll, m_nextAct, m_showCause})
        action->setVisible(false);
    readNodes();
    readJournal();
    readRecent();
    showCounters();
}

void OverviewPage::readNodes()
{
    m_nodesCall.start(this, context().client.call(api::endpoints::listNodes, {}), [this](const Result<api::NodeList> &answer) {
        // Asked before there was a monitor, whose page it is by now.
        if (context().hasMonitor())
            return;
        // Nodes are for staff; a maintainer sees the rest of the page.
        m_mayNodes = answer || (answer.error().code != ErrorCode::Forbidden && answer.error().code != ErrorCode::Unauthorized);
        if (!answer && m_mayNodes && !m_known) {
            faces()->showError(answer.error(), [this] { refresh(); });
            return;
        }
        if (answer)
            m_nodes = *answer;
        m_known = true;
        faces()->showContent();
        showNodes();
    });
}

void OverviewPage::readJournal()
{
    api::ListJournal request;
    request.limit = journalLines;
    m_journalCall.start(this, context().client.call(api::endpoints::listJournal, request), [this](const Result<api::Page<api::JournalEntry>> &answer) {
        if (answer)
            m_journal->setRows(QList<api::JournalEntry>(answer->items.begin(), answer->items.end()));
        m_journalCard->setNote(answer ? tr("public journal") : tr("not read: %1").arg(wordsFor(answer.error()).title));
    });
}

void OverviewPage::readRecent()
{
    api::ListProjects request;
    request.sort = api::ProjectSort::LastActivity;
    request.descending = true;
    request.limit = recentLines;
    m_recentCall.start(this, context().client.call(api::endpoints::listProjects, request), [this](const Result<api::Page<api::ProjectSummary>> &answer) {
        if (answer)
            m_recent->setRows(QList<api::ProjectSummary>(answer->items.begin(), answer->items.end()));
        m_recentCard->setNote(answer ? tr("by last activity") : tr("not read: %1").arg(wordsFor(answer.error()).title));
    });
}

void OverviewPage::showNodes()
{
    if (!m_known || context().hasMonitor())
        return;
    m_nodesCard->setVisible(m_mayNodes);
    m_banner->setVisible(m_mayNodes);
    if (!m_mayNodes)
        return;
    const Time now = context().clock.now();
    const OverviewVerdict verdict = ownVerdict();
    m_banner->setVerdict(markOf(verdict.verdict), verdict.sentence, verdict.detail, verdict.facts);
    m_nodesCard->setNote(tr("sampled %1").arg(formatAge(m_nodes.sampled, now)));
    while (m_nodeTiles.size() > static_cast<qsizetype>(m_nodes.nodes.size()))
        m_nodeTiles.takeLast()->deleteLater();
    while (m_nodeTiles.size() < static_cast<qsizetype>(m_nodes.nodes.size())) {
        auto *tile = new NodeTile;
        tile->setRaised(true);
        m_nodeTiles.append(tile);
        m_across = 0;
    }
    for (qsizetype i = 0; i < m_nodeTiles.size(); ++i)
        m_nodeTiles.at(i)->setNode(m_nodes.nodes[static_cast<std::size_t>(i)], now);
    placeTiles();
}

OverviewVerdict OverviewPage::ownVerdict() const
{
    const auto &registry = context().connection.registry();
    const auto stored = registry ? std::optional(StoredBytes{static_cast<double>(registry->counters.bytes)}) : std::nullopt;
    return VerdictWords::of(m_nodes, context().connection.isLive(), context().clock.now(), stored);
}

void OverviewPage::placeTiles()
{
    const int character = fontMetrics().averageCharWidth();
    const bool beside = width() > character * 130;
    m_columns->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    int widest = 1;
    for (const NodeTile *tile : std::as_const(m_nodeTiles))
        widest = std::max(widest, tile->minimumSizeHint().width());
    const int page = width() - 2 * metrics::gap;
    const int room = (beside ? (page - metrics::gap) * 3 / 5 : page) - 2 * metrics::cardPadding;
    const int across = std::clamp((room + metrics::gap) / (widest + metrics::gap), 1, mostAcross);
    if (across == m_across)
        return;
    m_across = across;
    for (qsizetype i = 0; i < m_nodeTiles.size(); ++i) {
        m_tiles->removeWidget(m_nodeTiles.at(i));
        m_tiles->addWidget(m_nodeTiles.at(i), static_cast<int>(i) / across, static_cast<int>(i) % across);
    }
    for (int column = 0; column < mostAcross; ++column)
        m_tiles->setColumnStretch(column, column < across ? 1 : 0);
}

void OverviewPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    m_board->placeColumns(width());
    placeTiles();
}

void OverviewPage::showCounters()
{
    const auto &registry = context().connection.registry();
    const QString none = dash();
    const QStringList texts = registry
                                  ? QStringList{formatCount(registry->counters.projects), formatCount(registry->counters.releases),
                                                formatCount(registry->counters.files), formatBytes(registry->counters.bytes),
                                                formatCount(registry->counters.quarantined), formatCount(registry->counters.uploadsToday)}
                                  : QStringList{none, none, none, none, none, none};
    for (qsizetype i = 0; i < m_figures.size(); ++i)
        m_figures.at(i)->setText(texts.at(i));
    m_countersCard->setNote(registry ? tr("serial %1").arg(formatCount(registry->serial)) : QString());
}

void OverviewPage::tick()
{
    if (context().hasMonitor()) {
        if (m_boardKnown)
            showMonitor();
        return;
    }
    if (!m_known || !m_mayNodes)
        return;
    const Time now = context().clock.now();
    const OverviewVerdict verdict = ownVerdict();
    m_banner->setVerdict(markOf(verdict.verdict), verdict.sentence, verdict.detail, verdict.facts);
    m_nodesCard->setNote(tr("sampled %1").arg(formatAge(m_nodes.sampled, now)));
    for (NodeTile *tile : std::as_const(m_nodeTiles))
        tile->tick(now);
}

void OverviewPage::onEvent(const api::Event &)
{
    if (m_asked && !context().hasMonitor() && !m_soon.isActive())
        m_soon.start();
}

QList<QAction *> OverviewPage::pageActions() const
{
    return {m_openProject, m_upload, m_nextAct, m_acknowledge, m_acknowledgeAll, m_showCause};
}

void OverviewPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_tick.start();
    m_nodesAgain.start();
    // Hidden, it stood still.
    if (m_known || m_boardKnown)
        refresh();
}

void OverviewPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_tick.stop();
    m_nodesAgain.stop();
}

}  // namespace cm::ui
