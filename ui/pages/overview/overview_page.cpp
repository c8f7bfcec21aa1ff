// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/overview_page.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/pages/overview/node_tile.h"
#include "ui/pages/overview/verdict.h"
#include "ui/shell/shell.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
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
    : Page(context, parent), m_openProject(new QAction(tr("&Open project"), this)), m_upload(new QAction(tr("&Upload files"), this))
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
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, &OverviewPage::tick);
    m_nodesAgain.setInterval(10'000);
    connect(&m_nodesAgain, &QTimer::timeout, this, &OverviewPage::readNodes);
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
    layout->addWidget(m_banner);

    m_columns = new QBoxLayout(QBoxLayout::LeftToRight);
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
    layout->addLayout(m_columns, 1);
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

Card *OverviewPage::buildCounters()
{
    m_countersCard = new Card(tr("What it holds"));
    auto *inner = new QWidget;
    auto *grid = new QGridLayout(inner);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(2);
    const QStringList names{tr("projects"), tr("releases"), tr("files"), tr("stored"), tr("in quarantine"), tr("uploads today")};
    for (int i = 0; i < names.size(); ++i) {
        auto *figure = new QLabel(dash());
        figure->setFont(titleFont(font()));
        figure->setAccessibleName(names.at(i));
        auto *name = new QLabel(names.at(i));
        name->setForegroundRole(QPalette::PlaceholderText);
        const int row = (i / 3) * 3;
        grid->addWidget(figure, row, i % 3);
        grid->addWidget(name, row + 1, i % 3);
        grid->setColumnStretch(i % 3, 1);
        m_figures.append(figure);
    }
    grid->setRowMinimumHeight(2, 8);
    m_countersCard->setContent(inner);
    return m_countersCard;
}

Card *OverviewPage::buildJournal()
{
    using Row = api::JournalEntry;
    m_journal = new Journal(
        {column<Row>({QStringLiteral("time"), tr("Time, UTC"), false, false, true, {}, 20}, [](const Row &row) { return formatMinute(row.time); },
                     [](const Row &row) { return timeTip(row.time); }),
         column<Row>({QStringLiteral("project"), tr("Project"), false, true, false, {}, 14},
                     [](const Row &row) { return text(row.project); }, [](const Row &row) { return text(row.project); }),
         column<Row>({QStringLiteral("action"), tr("Change"), false, false, false, {}, 16, true},
                     [](const Row &row) { return row.version.empty() ? text(row.action) : text(row.version + " · " + row.action); },
                     [](const Row &row) { return text(row.action); }),
         column<Row>({QStringLiteral("actor"), tr("By"), false, false, true, {}, 9}, [](const Row &row) { return row.actor.empty() ? dash() : text(row.actor); })},
        [](const Row &row) { return QString::number(row.serial); }, this);
    m_journalTable = new DataTable(tr("Timeline"));
    m_journalTable->setTable(m_journal);
    m_journalTable->setEmptyText(tr("Nothing has happened yet"));
    m_journalTable->addAction(m_openProject);
    m_journalCard = new Card(tr("Timeline"));
    m_journalCard->setNote(tr("public journal"));
    m_journalCard->setContent(m_journalTable);
    return m_journalCard;
}

Card *OverviewPage::buildRecent()
{
    using Row = api::ProjectSummary;
    m_recent = new Projects(
        {column<Row>({QStringLiteral("name"), tr("Project"), false, true, false, {}, 20, true}, [](const Row &row) { return text(row.name); },
                     [](const Row &row) { return text(row.summary); }),
         column<Row>({QStringLiteral("latest"), tr("Latest"), false, true, false, {}, 12},
                     [](const Row &row) { return row.latestVersion.empty() ? dash() : text(row.latestVersion); }),
         column<Row>({QStringLiteral("files"), tr("Files"), true, false, false, {}, 8}, [](const Row &row) { return formatCount(row.files); }),
         column<Row>({QStringLiteral("size"), tr("Size"), true, false, false, {}, 10}, [](const Row &row) { return formatBytes(row.totalSize); }),
         column<Row>({QStringLiteral("activity"), tr("Last activity, UTC"), false, false, true, {}, 20},
                     [](const Row &row) { return formatMinute(row.lastActivity); }, [](const Row &row) { return timeTip(row.lastActivity); })},
        [](const Row &row) { return text(row.normalizedName); }, this);
    m_recentTable = new DataTable(tr("Recent projects"));
    m_recentTable->setTable(m_recent);
    m_recentTable->setEmptyText(tr("Nothing was uploaded yet"));
    m_recentTable->addAction(m_openProject);
    m_recentCard = new Card(tr("Recent uploads and changes"));
    m_recentCard->setNote(tr("by last activity"));
    m_recentCard->setContent(m_recentTable);
    return m_recentCard;
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
    readNodes();
    readJournal();
    readRecent();
    showCounters();
}

void OverviewPage::readNodes()
{
    m_nodesCall.start(this, context().client.call(api::endpoints::listNodes, {}), [this](const Result<api::NodeList> &answer) {
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
    if (!m_known)
        return;
    m_nodesCard->setVisible(m_mayNodes);
    m_banner->setVisible(m_mayNodes);
    if (!m_mayNodes)
        return;
    const Time now = context().clock.now();
    const OverviewVerdict verdict = VerdictWords::of(m_nodes, context().connection.isLive(), now);
    m_banner->setVerdict(markOf(verdict.verdict), verdict.sentence, verdict.detail);
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
    if (!m_known || !m_mayNodes)
        return;
    const Time now = context().clock.now();
    const OverviewVerdict verdict = VerdictWords::of(m_nodes, context().connection.isLive(), now);
    m_banner->setVerdict(markOf(verdict.verdict), verdict.sentence, verdict.detail);
    m_nodesCard->setNote(tr("sampled %1").arg(formatAge(m_nodes.sampled, now)));
    for (NodeTile *tile : std::as_const(m_nodeTiles))
        tile->tick(now);
}

void OverviewPage::onEvent(const api::Event &)
{
    if (m_asked && !m_soon.isActive())
        m_soon.start();
}

QList<QAction *> OverviewPage::pageActions() const
{
    return {m_openProject, m_upload};
}

void OverviewPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_tick.start();
    m_nodesAgain.start();
    // Hidden, it stood still.
    if (m_known)
        readNodes();
}

void OverviewPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_tick.stop();
    m_nodesAgain.stop();
}

}  // namespace cm::ui
