// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/nodes/node_trends.h"

#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/time_chart.h"

#include <QBoxLayout>
#include <QLabel>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr std::chrono::hours span{6};
constexpr int againAfter = 5000;

}  // namespace

NodeTrends::NodeTrends(const PageContext &context, QWidget *parent) : QWidget(parent), m_context(context), m_row(new QBoxLayout(QBoxLayout::LeftToRight, this))
{
    m_row->setContentsMargins(0, metrics::unit, 0, metrics::unit);
    m_row->setSpacing(metrics::gap);
    add("gluster", "to-heal", tr("Files to be healed"), Bucket::Greatest);
    // The greatest of a bucket would hide that it fell.
    add("cdn", "hit-ratio", tr("Answers from the cache"), Bucket::Average);
    add("cdn", "errors", tr("Answers with 5xx"), Bucket::Greatest);
    hide();
}

void NodeTrends::add(const char *role, const char *signal, const QString &title, Bucket bucket)
{
    auto *part = new QWidget;
    auto *column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::unit);
    auto *head = new QLabel(tr("%1 · last %2", "a figure and a span of time").arg(title, formatDuration(span)));
    head->setForegroundRole(QPalette::PlaceholderText);
    head->setWordWrap(true);
    auto *chart = new TimeChart(title, std::string_view(role) == "cdn" ? TimeChart::Unit::Ratio : TimeChart::Unit::Count);
    chart->setMaximumHeight(fontMetrics().height() * 7);
    column->addWidget(head);
    column->addWidget(chart);
    m_row->addWidget(part, 1);
    part->hide();
    m_lines << Line{role, signal, part, chart, bucket};
}

void NodeTrends::setNode(const api::Node &node)
{
    if (node.name == m_node && node.role == m_role)
        return;
    clear();
    m_node = node.name;
    m_role = node.role;
    bool any = false;
    for (const Line &line : std::as_const(m_lines)) {
        line.part->setVisible(line.role == m_role);
        any = any || line.role == m_role;
    }
    setVisible(any);
    place();
    read();
}

void NodeTrends::clear()
{
    m_node.clear();
    m_role.clear();
    m_since.invalidate();
    for (const Line &line : std::as_const(m_lines)) {
        line.call->drop();
        line.chart->setSeries({});
        line.part->hide();
    }
    hide();
}

void NodeTrends::read()
{
    if (!m_context.hasMonitor() || m_node.empty() || (m_since.isValid() && m_since.elapsed() < againAfter))
        return;
    m_since.start();
    for (const Line &line : std::as_const(m_lines)) {
        if (line.role == m_role)
            ask(line);
    }
}

void NodeTrends::ask(const Line &line)
{
    api::SeriesQuery query;
    query.target = m_node;
    query.signal = line.signal;
    query.until = m_context.clock.now();
    query.from = *query.until - span;
    const ChartRange whole{secondsOf(*query.from), secondsOf(*query.until)};
    const bool live = m_context.monitorConnection->isLive();
    line.call->ask(this, *m_context.monitor, ep::readSeries, query, [chart = line.chart, bucket = line.bucket, name = text(m_node), whole, live](const Result<api::Series> &answer) {
        if (!answer)
            return;
        // An old answer has its own span.
        chart->setWhole(live ? whole : ChartRange{secondsOf(answer->from), secondsOf(answer->until)});
        std::vector<ChartPoint> points = pointsOf(*answer, bucket);
        // Without any sample there is no line to name.
        const bool known = std::any_of(answer->points.begin(), answer->points.end(), [](const api::SeriesPoint &point) { return point.count > 0; });
        chart->setSeries(known ? std::vector<ChartSeries>{{name, std::move(points)}} : std::vector<ChartSeries>());
    });
}

// Side by side where both have room; of several below each other each gives way to the rest of the node.
void NodeTrends::place()
{
    const bool beside = width() > fontMetrics().averageCharWidth() * 64;
    m_row->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    const auto shown = std::count_if(m_lines.begin(), m_lines.end(), [this](const Line &line) { return line.role == m_role; });
    for (const Line &line : std::as_const(m_lines))
        line.chart->setMinimumHeight(beside || shown < 2 ? line.chart->maximumHeight() : line.chart->maximumHeight() / 3);
}

void NodeTrends::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    place();
}

}  // namespace cm::ui
