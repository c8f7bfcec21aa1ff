// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/replication/replication_page.h"

#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/replication/lag_card.h"
#include "ui/pages/replication/standby_lines.h"
#include "ui/shell/action_watch.h"
#include "ui/shell/shell.h"
#include "ui/shell/topology_actions.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/action_panel.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/comparison_grid.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/state_mark.h"
#include "ui/widgets/verdict_banner.h"

#include <QAction>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr int seriesMilliseconds = 5000;

void clear(QLayout *layout)
{
    while (QLayoutItem *item = layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

QLabel *wrapped(const QString &text)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

}  // namespace

PageFactory replicationPage()
{
    return {QStringLiteral("replication"), ReplicationPage::tr("Replication"), Section::Operate, {}, true, false,
            [](const PageContext &context) { return new ReplicationPage(context); }};
}

ReplicationPage::ReplicationPage(const PageContext &context, QWidget *parent)
    : MonitorPage(context, parent), m_openNode(new QAction(tr("Open &node"), this)), m_acts(new TopologyActions(context, this)),
      m_watch(new ActionWatch(context, this))
{
    setTitle(tr("Replication"));
    setContent(build());
    connect(m_openNode, &QAction::triggered, this, [this] {
        if (const QString name = m_serverTable->currentKey(); !name.isEmpty())
            this->context().shell.go({QStringLiteral("nodes"), name});
    });
    connect(m_serverTable, &DataTable::opened, m_openNode, &QAction::trigger);
    for (const DataTable *table : {m_serverTable, m_slotTable})
        connect(table, &DataTable::currentKeyChanged, this, &ReplicationPage::showActs);
}

QWidget *ReplicationPage::build()
{
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    m_banner = new VerdictBanner;
    layout->addWidget(m_banner);
    layout->addWidget(m_watch->panel());
    m_lag = new LagCard(context());
    m_upper = new QBoxLayout(QBoxLayout::LeftToRight);
    m_lower = new QBoxLayout(QBoxLayout::LeftToRight);
    m_standbyRow = new QBoxLayout(QBoxLayout::TopToBottom);
    auto *side = new QVBoxLayout;
    for (QBoxLayout *box : {m_upper, m_lower, m_standbyRow, static_cast<QBoxLayout *>(side)})
        box->setSpacing(metrics::gap);
    side->addWidget(buildPromotion());
    side->addWidget(buildServers(), 1);
    m_upper->addWidget(m_lag, 3);
    m_upper->addLayout(side, 2);
    m_lower->addLayout(m_standbyRow, 3);
    m_lower->addWidget(buildSlots(), 2);
    layout->addLayout(m_upper, 1);
    layout->addLayout(m_lower);
    m_scroll = new QScrollArea;
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(content);
    m_scroll->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    return m_scroll;
}

Card *ReplicationPage::buildPromotion()
{
    m_promotionCard = new Card(tr("A promotion now would lose"));
    auto *inner = new QWidget;
    m_promotion = new QVBoxLayout(inner);
    m_promotion->setContentsMargins(0, 0, 0, 0);
    m_promotion->setSpacing(metrics::unit);
    m_promotionCard->setContent(inner);
    m_promotionCard->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    return m_promotionCard;
}

Card *ReplicationPage::buildServers()
{
    using Row = api::DatabaseServer;
    m_servers = new Servers(
        {column<Row>({QStringLiteral("name"), tr("Server"), false, false, false, {}, 12, true}, [](const Row &row) { return text(row.name); },
                     [](const Row &row) { return text(row.statement); }, [this](const Row &row) { return std::optional(nowOf(row.verdict)); }),
         column<Row>({QStringLiteral("is"), tr("Is"), false, false, false, {}, 10},
                     [](const Row &row) { return !row.inRecovery ? dash() : *row.inRecovery ? tr("standby") : tr("primary"); }),
         column<Row>({QStringLiteral("timeline"), tr("Timeline"), true, false, false, {}, 9}, [](const Row &row) { return orDash(row.timeline, formatCount); }),
         column<Row>({QStringLiteral("lsn"), tr("WAL position"), false, true, true, {}, 13}, [](const Row &row) { return row.lsn.empty() ? dash() : text(row.lsn); },
                     [](const Row &row) { return tr("System %1, PostgreSQL %2").arg(text(row.systemIdentifier), text(row.version)); }),
         column<Row>({QStringLiteral("connections"), tr("Connections"), true, false, false, {}, 12},
                     [](const Row &row) {
                         if (!row.connections.value)
                             return dash();
                         const QString used = valueIn("count", *row.connections.value);
                         return row.maxConnections.value ? tr("%1 of %2").arg(used, valueIn("count", *row.maxConnections.value)) : used;
                     })},
        [](const Row &row) { return text(row.name); }, this);
    for (const int figure : {1, 2, 3, 4})
        m_servers->setStruck(figure, [this](const Row &) { return isOld(now()); });
    m_serverTable = new DataTable(tr("Database servers"));
    m_serverTable->setTable(m_servers);
    m_serverTable->setEmptyText(tr("No database server is watched"));
    for (QAction *action : m_acts->all()) {
        if (action != m_acts->of(api::ActionKind::DropSlot))
            m_serverTable->addAction(action);
    }
    m_serverTable->addAction(m_openNode);
    m_serverTable->setMinimumHeight(4 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    auto *card = new Card(tr("Servers"));
    card->addHeaderWidget(m_acts->button());
    card->setContent(m_serverTable);
    return card;
}

Card *ReplicationPage::buildSlots()
{
    using Row = api::ReplicationSlot;
    m_slots = new Slots(
        {column<Row>({QStringLiteral("name"), tr("Slot"), false, true, false, {}, 14, true}, [](const Row &row) { return text(row.name); },
                     [](const Row &row) { return text(row.statement); }, [this](const Row &row) { return std::optional(nowOf(row.verdict)); }),
         column<Row>({QStringLiteral("node"), tr("On"), false, false, false, {}, 8}, [](const Row &row) { return text(row.node); }),
         column<Row>({QStringLiteral("active"), tr("Used"), false, false, false, {}, 7}, [](const Row &row) { return row.active ? tr("yes") : tr("no"); }),
         column<Row>({QStringLiteral("keeps"), tr("Keeps"), true, false, false, {}, 10}, [](const Row &row) { return figureBytes(row.retainedBytes); }),
         column<Row>({QStringLiteral("safe"), tr("Safe for"), true, false, false, {}, 10}, [](const Row &row) { return figureBytes(row.safeBytes); },
                     [](const Row &row) { return row.walStatus.empty() ? QString() : text(row.walStatus); })},
        [](const Row &row) { return text(row.node + "/" + row.name); }, this);
    for (const int figure : {2, 3, 4})
        m_slots->setStruck(figure, [this](const Row &) { return isOld(now()); });
    m_slotTable = new DataTable(tr("Replication slots"));
    m_slotTable->setTable(m_slots);
    m_slotTable->setEmptyText(tr("No slot is known"));
    m_slotTable->setMinimumHeight(4 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    m_slotTable->addAction(m_acts->of(api::ActionKind::DropSlot));
    auto *card = new Card(tr("Slots"));
    card->setNote(tr("WAL that they keep on the primary"));
    card->addHeaderWidget(actionButton(m_acts->of(api::ActionKind::DropSlot), card));
    card->setContent(m_slotTable);
    return card;
}

MonitorPage::EmptyWords ReplicationPage::withoutMonitor() const
{
    return {tr("No monitor watches this registry"),
            tr("Here would be the lag of every standby from both ends, slots, timelines, and what a promotion would lose. Give the address of a "
               "monitor in Settings.")};
}

void ReplicationPage::activate(const Route &route)
{
    m_wanted = route.subject;
    MonitorPage::activate(route);
    bringIntoSight();
}

void ReplicationPage::poll()
{
    m_viewCall.ask(this, monitor(), api::endpoints::monitorReplication, {}, [this](Result<api::ReplicationView> answer) {
        if (answer) {
            const bool first = !isKnown();
            m_view = std::move(*answer);
            // The view has no interval of its own: three of these polls.
            freshness().heard(m_view.time, std::chrono::seconds(1), now());
            show();
            if (first)
                bringIntoSight();
        }
        answered(answer ? nullptr : &answer.error());
    });
    if (isKnown() && (!m_sinceSeries.isValid() || m_sinceSeries.elapsed() > seriesMilliseconds)) {
        m_sinceSeries.start();
        m_lag->read();
    }
}

void ReplicationPage::readAll()
{
    m_sinceSeries.invalidate();
    poll();
}

void ReplicationPage::forget()
{
    m_viewCall.drop();
    m_view = {};
    m_acts->setChoices({});
    m_lag->forget();
}

void ReplicationPage::show()
{
    QStringList standbys;
    for (const api::StandbyReplication &standby : m_view.standbys)
        standbys << text(standby.name);
    m_lag->setStandbys(standbys);
    m_servers->setRows(QList<api::DatabaseServer>(m_view.servers.begin(), m_view.servers.end()));
    m_slots->setRows(QList<api::ReplicationSlot>(m_view.slots.begin(), m_view.slots.end()));
    // Something has to be chosen before anything can be done to it: the standby, for most is done to it.
    if (!m_serverTable->currentIndex().isValid()) {
        if (m_view.standbys.empty() || !m_serverTable->selectKey(text(m_view.standbys.front().name)))
            m_serverTable->selectRow(0);
    }
    showActs();
    while (m_standbys.size() > static_cast<qsizetype>(m_view.standbys.size()))
        delete m_standbys.takeLast().card;
    while (m_standbys.size() < static_cast<qsizetype>(m_view.standbys.size())) {
        StandbyView view{new Card, new StateMark, new ComparisonGrid(tr("Both ends"))};
        view.card->addHeaderWidget(view.mark);
        view.card->setContent(view.grid);
        m_standbyRow->addWidget(view.card);
        m_standbys << view;
    }
}

void ReplicationPage::showActs()
{
    QList<ActChoice> choices;
    if (const api::DatabaseServer *server = m_servers->rowAt(m_servers->rowOf(m_serverTable->currentKey()))) {
        api::Node node;
        node.name = server->name;
        node.role = "postgres";
        node.verdict = server->verdict;
        if (server->inRecovery) {
            node.facts.emplace_back();
            node.facts.back().name = "role";
            node.facts.back().text = *server->inRecovery ? "standby" : "primary";
        }
        for (const api::StandbyReplication &standby : m_view.standbys) {
            if (standby.name == server->name)
                node.finding = standby.finding;
        }
        choices = TopologyActs::on(node);
    }
    if (const api::ReplicationSlot *slot = m_slots->rowAt(m_slots->rowOf(m_slotTable->currentKey())))
        choices << TopologyActs::dropOf(*slot);
    else if (!choices.isEmpty())
        choices << ActChoice{{api::ActionKind::DropSlot, std::string(), std::string(), std::string(), std::string(), false, std::nullopt}, false, tr("Choose a slot first")};
    m_acts->setChoices(choices);
}

api::Verdict ReplicationPage::nowOf(api::Verdict verdict) const
{
    return isOld(now()) ? std::max(verdict, api::Verdict::Unknown) : verdict;
}

void ReplicationPage::tick(Time now)
{
    const bool old = isOld(now);
    m_lag->setOld(old);
    for (DataTable *table : {m_serverTable, m_slotTable})
        table->viewport()->update();
    if (old) {
        const auto since = toldLast(m_view.time);
        m_banner->setVerdict(Mark::Unknown, tr("The monitor tells nothing new about replication"),
                             since ? tr("What is below is %1 old. Last: %2").arg(formatSampleAge(*since, now), text(m_view.statement))
                                   : text(m_view.statement));
    } else {
        QStringList detail;
        if (m_view.primary.empty())
            detail << tr("No single server takes writes.");
        else
            detail << tr("%1 takes writes.").arg(text(m_view.primary));
        for (const api::StandbyReplication &standby : m_view.standbys) {
            if (standby.verdict != api::Verdict::Ok && standby.since)
                detail << tr("%1: since %2, %3.").arg(text(standby.name), formatClockUtc(*standby.since), formatDuration(now - *standby.since));
        }
        m_banner->setVerdict(markOf(m_view.verdict), text(m_view.statement), detail.join(QLatin1Char(' ')));
    }
    showStandbys(now);
    showPromotion(old);
}

void ReplicationPage::showStandbys(Time now)
{
    for (qsizetype i = 0; i < m_standbys.size(); ++i) {
        const api::StandbyReplication &standby = m_view.standbys.at(static_cast<std::size_t>(i));
        const StandbyView &view = m_standbys.at(i);
        const bool old = isOld(now);
        view.card->setTitle(text(standby.name));
        view.mark->setState(old ? Mark::Unknown : markOf(standby.verdict), text(standby.statement));
        view.grid->set(StandbyWords::observers(standby), StandbyWords::lines(standby, old, now));
    }
}

void ReplicationPage::showPromotion(bool old)
{
    QStringList said;
    for (const api::StandbyReplication &standby : m_view.standbys)
        said << text(standby.name) << StandbyWords::loss(standby) << text(standby.lossStatement);
    for (const std::string &blocker : m_view.promotionBlockers)
        said << text(blocker);
    said << (old ? QStringLiteral("old") : QString());
    if (m_promotion->property("said").toStringList() == said)
        return;
    m_promotion->setProperty("said", said);
    clear(m_promotion);
    for (const api::StandbyReplication &standby : m_view.standbys) {
        QLabel *figure = wrapped(tr("%1: %2").arg(text(standby.name), StandbyWords::loss(standby)));
        QFont font = titleFont(this->font());
        font.setStrikeOut(old && standby.lossBytes.value.has_value());
        figure->setFont(font);
        m_promotion->addWidget(figure);
        if (!standby.lossStatement.empty()) {
            QLabel *why = wrapped(text(standby.lossStatement));
            why->setForegroundRole(QPalette::PlaceholderText);
            m_promotion->addWidget(why);
        }
    }
    if (m_view.standbys.empty())
        m_promotion->addWidget(wrapped(tr("There is no standby to promote.")));
    m_promotion->addSpacing(metrics::unit);
    if (old)
        m_promotion->addWidget(new StateMark(Mark::Unknown, tr("Do not promote by old figures")));
    for (const std::string &blocker : m_view.promotionBlockers) {
        auto *line = new QWidget;
        auto *row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        auto *mark = new StateMark(Mark::Critical, {});
        mark->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
        row->addWidget(mark, 0, Qt::AlignTop);
        row->addWidget(wrapped(text(blocker)), 1);
        m_promotion->addWidget(line);
    }
    if (m_view.promotionBlockers.empty() && !old && !m_view.standbys.empty())
        m_promotion->addWidget(new StateMark(Mark::Ok, tr("Nothing speaks against it")));
}

void ReplicationPage::bringIntoSight()
{
    for (const StandbyView &view : std::as_const(m_standbys)) {
        if (!m_wanted.isEmpty() && view.card->accessibleName() == m_wanted)
            m_scroll->ensureWidgetVisible(view.card);
    }
}

void ReplicationPage::placeColumns()
{
    const bool beside = width() > fontMetrics().averageCharWidth() * 130;
    for (QBoxLayout *box : {m_upper, m_lower})
        box->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ReplicationPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    placeColumns();
}

QList<QAction *> ReplicationPage::pageActions() const
{
    return m_acts->all() + QList<QAction *>{m_openNode};
}

}  // namespace cm::ui
