// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/nodes/node_detail.h"

#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/format/signals.h"
#include "ui/pages/nodes/node_trends.h"
#include "ui/pages/nodes/split_files.h"
#include "ui/shell/page_context.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/card.h"
#include "ui/widgets/comparison_grid.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

// One of those that are set side by side: the facts of its serial, and of its copy's age; none: it is what is copied.
struct Side {
    QString head;
    const char *serial;
    const char *age;
};

QList<Side> sidesOf(const api::Node &node)
{
    if (node.role == "cdn" && factOf(node, "serial"))
        return {{NodeDetail::tr("Registry"), "registry-serial", nullptr}, {NodeDetail::tr("CDN"), "serial", "list-age"}, {NodeDetail::tr("Mirror"), "mirror-serial", "mirror-age"}};
    if (node.role == "mirror" && factOf(node, "serial"))
        return {{NodeDetail::tr("Registry"), "origin-serial", nullptr}, {NodeDetail::tr("Mirror"), "serial", "age"}};
    return {};
}

}  // namespace

// How far each has come, side by side; nothing for a node of which there is no such figure.
void NodeDetail::showSides(const api::Node &node)
{
    const QList<Side> sides = sidesOf(node);
    m_sides->setVisible(!sides.isEmpty());
    QStringList heads;
    QList<ComparisonGrid::Cell> serials, ages, readings;
    for (const Side &side : sides) {
        heads << side.head;
        const auto cellOf = [this](const api::Signal *fact) {
            const bool known = fact && fact->value;
            return ComparisonGrid::Cell{known ? signalValue(*fact) : dash(), known ? timeTip(fact->sampled) : tr("Nobody has told it"), known && (fact->stale || m_old)};
        };
        const api::Signal *serial = factOf(node, side.serial);
        serials << cellOf(serial);
        ages << (side.age ? cellOf(factOf(node, side.age)) : ComparisonGrid::Cell{dash(), tr("It is what is copied"), false});
        readings << (serial && serial->value ? ComparisonGrid::Cell{formatSampleAge(serial->sampled, m_now), timeTip(serial->sampled), false}
                                             : ComparisonGrid::Cell{dash(), {}, false});
    }
    m_sides->set(heads, {{tr("Serial"), serials, Mark::None}, {tr("Age of the copy"), ages, Mark::None}, {tr("Age of the reading"), readings, Mark::None}});
}

NodeDetail::NodeDetail(const PageContext &context, QAction *resolveOne, QAction *resolveAll, QWidget *parent)
    : QWidget(parent), m_split(new SplitFiles(resolveOne, resolveAll)), m_trends(new NodeTrends(context))
{
    build(context.settings);
    buildCard();
    connect(m_split, &SplitFiles::chosenChanged, this, &NodeDetail::fileChosen);
}

void NodeDetail::build(QSettings *settings)
{
    using Row = api::Signal;
    m_signals = new Signals(
        {column<Row>({QStringLiteral("name"), tr("Signal"), false, false, false, {}, 24}, [](const Row &row) { return signalName(row.name); },
                     [](const Row &row) { return text(row.source); },
                     [this](const Row &row) { return std::optional(row.stale || m_old ? std::max(row.verdict, api::Verdict::Unknown) : row.verdict); }),
         column<Row>({QStringLiteral("value"), tr("Value"), true, false, false, {}, 13, true}, [](const Row &row) { return signalValue(row); },
                     [](const Row &row) { return signalValue(row); }),
         column<Row>({QStringLiteral("bounds"), tr("Warning · critical"), true, false, true, {}, 18}, [](const Row &row) { return thresholdWords(row); }),
         column<Row>({QStringLiteral("age"), tr("Age"), true, false, false, {}, 9}, [this](const Row &row) { return formatSampleAge(row.sampled, m_now); },
                     [](const Row &row) { return timeTip(row.sampled); }),
         column<Row>({QStringLiteral("source"), tr("Source"), false, false, true, {}, 10}, [](const Row &row) { return row.source.empty() ? dash() : text(row.source); },
                     [](const Row &row) { return text(row.source); })},
        [](const Row &row) { return text(row.name); }, this);
    m_signals->setStruck(1, [this](const Row &row) { return (row.stale || m_old) && (row.value || !row.text.empty()); });
    m_table = new DataTable(tr("Signals"));
    m_table->setTable(m_signals);
    m_table->rememberLayout(settings, QStringLiteral("nodes/signals"));
    m_table->setEmptyText(tr("Nothing is known of this node"));
    m_table->setMinimumHeight(3 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
}

void NodeDetail::buildCard()
{
    m_mark = new StateMark;
    m_mark->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_statement = wrappedLabel();
    m_role = wrappedLabel();
    m_role->setForegroundRole(QPalette::PlaceholderText);
    auto *inner = new QWidget;
    auto *column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::unit);
    column->addWidget(m_statement);
    column->addWidget(m_role);
    m_findings = new QVBoxLayout;
    m_findings->setSpacing(metrics::unit);
    column->addLayout(m_findings);
    m_sides = new ComparisonGrid(tr("How far each has come"));
    m_sides->hide();
    column->addSpacing(metrics::unit);
    column->addWidget(m_sides);
    column->addWidget(m_split);
    column->addWidget(m_trends);
    column->addSpacing(metrics::unit);
    column->addWidget(m_table, 1);
    m_card = new Card(tr("Node"));
    m_card->addHeaderWidget(m_mark);
    m_card->setContent(inner);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_card);
}

void NodeDetail::setNode(const api::Node &node, const api::RoleState *role, bool old, Time now)
{
    m_now = now;
    m_old = old;
    const auto verdict = old ? std::max(node.verdict, api::Verdict::Unknown) : node.verdict;
    m_card->setTitle(text(node.name));
    m_mark->setState(markOf(verdict), nameFor(verdict));
    QString said = node.statement.empty() ? tr("Answers as it should") : text(node.statement);
    if (old)
        said = tr("Nothing is known now; last: %1").arg(said);
    else if (node.since)
        said = tr("%1, since %2 (%3)").arg(said, formatTime(*node.since), formatDuration(now - *node.since));
    m_statement->setText(said);
    QStringList about{roleWords(node.role)};
    if (!node.host.empty())
        about << tr("on %1").arg(text(node.host));
    if (!node.site.empty())
        about << tr("site %1").arg(text(node.site));
    if (!node.cause.empty())
        about << tr("because of %1").arg(text(node.cause));
    if (role && !role->statement.empty() && role->statement != node.statement)
        about << text(role->statement);
    m_role->setText(about.join(QStringLiteral(" · ")));
    showFindings(node, old);
    showSides(node);
    m_split->setNode(node, old);
    m_trends->setNode(node);
    QList<api::Signal> facts;
    std::copy_if(node.facts.begin(), node.facts.end(), std::back_inserter(facts), [](const api::Signal &fact) { return !SplitFiles::isShown(fact); });
    m_signals->setRows(facts);
    fitHeight();
}

// A layout makes room for lines as they would be unwrapped: in a narrow window, in a large font, they would be cut.
void NodeDetail::fitHeight()
{
    QWidget *inner = m_statement->parentWidget();
    if (inner->width() > 0)
        inner->setMinimumHeight(inner->layout()->minimumHeightForWidth(inner->width()));
}

void NodeDetail::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitHeight();
}

void NodeDetail::showFindings(const api::Node &node, bool old)
{
    QString shown;
    for (const api::NodeFinding &finding : node.findings)
        shown += text(finding.code + finding.statement + finding.runbook);
    if (shown == m_shown)
        return;
    m_shown = shown;
    while (QLayoutItem *item = m_findings->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const api::NodeFinding &finding : node.findings) {
        if (finding.statement != node.statement)
            m_findings->addWidget(markedLine(old ? Mark::Unknown : markOf(finding.verdict), text(finding.statement)));
        if (finding.runbook.empty())
            continue;
        QLabel *help = wrappedLabel();
        help->setText(tr("Next: %1").arg(text(finding.runbook)));
        m_findings->addWidget(help);
    }
}

void NodeDetail::clear()
{
    m_card->setTitle(tr("Node"));
    m_mark->setState(Mark::None, {});
    m_statement->setText(tr("No node is chosen"));
    m_role->setText({});
    m_sides->hide();
    m_split->clear();
    m_trends->clear();
    m_signals->setRows({});
}

void NodeDetail::readTrends()
{
    m_trends->read();
}

}  // namespace cm::ui
