// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/timeline_tab.h"

#include "ui/client/admin_client.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/search_field.h"

#include <QComboBox>
#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

TimelineTab::TimelineTab(const PageContext &context, QWidget *parent) : QWidget(parent), m_context(context), m_events(new TimelineEvents(context, this))
{
    build();
    connectSignals();
}

void TimelineTab::build()
{
    using Row = api::TimelineEvent;
    m_model = new Model(
        {column<Row>({QStringLiteral("time"), tr("Time, UTC"), false, false, true, {}, 24}, [](const Row &row) { return formatSecond(row.time); },
                     [](const Row &row) { return timeTip(row.time); }),
         column<Row>({QStringLiteral("kind"), tr("Event"), false, false, false, {}, 18}, [](const Row &row) { return eventWords(row); },
                     [](const Row &row) { return text(row.kind); }, [](const Row &row) { return row.after; }),
         column<Row>({QStringLiteral("node"), tr("Node"), false, false, false, {}, 10}, [](const Row &row) { return row.node.empty() ? dash() : text(row.node); }),
         column<Row>({QStringLiteral("statement"), tr("What"), false, false, false, {}, 40, true}, [](const Row &row) { return text(row.statement); },
                     [](const Row &row) { return text(row.statement); }),
         column<Row>({QStringLiteral("actor"), tr("By"), false, false, true, {}, 9}, [](const Row &row) { return row.actor.empty() ? dash() : text(row.actor); })},
        [](const Row &row) { return QString::number(row.id.value); }, this);
    m_table = new DataTable(tr("Timeline"));
    m_table->setTable(m_model);
    m_table->rememberLayout(m_context.settings, QStringLiteral("incidents/timeline"));
    m_table->setEmptyText(tr("Nothing has happened in this span"));
    m_table->setMinimumHeight(5 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    m_node = new SearchField(tr("Exactly this node"));
    m_kind = new QComboBox;
    m_kind->addItem(tr("Any event"), QString());
    m_kind->addItem(tr("Verdicts"), QStringLiteral("verdict."));
    m_kind->addItem(tr("Alerts"), QStringLiteral("alert."));
    m_kind->addItem(tr("Actions"), QStringLiteral("action."));
    m_kind->addItem(tr("Versions"), QStringLiteral("version."));
    m_kind->addItem(tr("Silences"), QStringLiteral("silence."));
    m_kind->addItem(tr("Deliveries"), QStringLiteral("delivery."));
    m_kind->addItem(tr("Monitors"), QStringLiteral("monitor."));
    m_kind->addItem(tr("The registry itself"), QString::fromUtf8(registryKind.data(), static_cast<qsizetype>(registryKind.size())));
    m_kind->setAccessibleName(tr("Event filter"));
    m_period = new QComboBox;
    m_period->addItem(tr("All time"), 0);
    m_period->addItem(tr("Last hour"), 1);
    m_period->addItem(tr("Last 24 hours"), 24);
    m_period->addItem(tr("Last 7 days"), 24 * 7);
    m_period->setAccessibleName(tr("Time filter"));
    m_count = new QLabel;
    m_count->setForegroundRole(QPalette::PlaceholderText);
    auto *kindLabel = new QLabel(tr("Even&t"));
    kindLabel->setBuddy(m_kind);
    auto *periodLabel = new QLabel(tr("Ti&me"));
    periodLabel->setBuddy(m_period);
    row->addWidget(m_node);
    row->addPair(kindLabel, m_kind);
    row->addPair(periodLabel, m_period);
    row->addWidget(m_count);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, metrics::gap, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(bar);
    column->addWidget(m_table, 1);
}

void TimelineTab::connectSignals()
{
    m_model->setFetch([this](const WindowRequest &window) {
        if (!m_context.hasMonitor())
            return;
        m_events->read(window.offset, window.limit, [this, window](TimelineEvents::Answer answer) { m_model->deliver(window, std::move(answer)); });
    });
    const auto reload = [this] {
        const int hours = m_period->currentData().toInt();
        m_from = hours > 0 ? std::optional<Time>(m_context.clock.now() - std::chrono::hours(hours)) : std::nullopt;
        m_events->begin(request());
        m_model->reload();
    };
    connect(m_node, &SearchField::searched, this, reload);
    connect(m_kind, &QComboBox::currentIndexChanged, this, reload);
    connect(m_period, &QComboBox::currentIndexChanged, this, reload);
    connect(m_node, &SearchField::leaveDown, this, [this] {
        m_table->setFocus();
        if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0)
            m_table->selectRow(0);
    });
    connect(m_model, &LazyWindowModel::totalChanged, this, [this](qint64 total) {
        m_total = total;
        showCount();
    });
    connect(m_events, &TimelineEvents::registryRead, this, &TimelineTab::showCount);
    connect(m_model, &LazyWindowModel::failed, this, [this](const Error &error) { m_count->setText(tr("not read: %1").arg(wordsFor(error).title)); });
    connect(m_table, &DataTable::opened, this, [this] {
        const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
        if (row && !row->node.empty())
            Q_EMIT opened(text(row->node));
        else if (row && row->kind.starts_with(registryKind))
            m_context.shell.go({QStringLiteral("audit"), {}});
    });
}

void TimelineTab::showCount()
{
    const QString events = tr("%1 events").arg(formatCount(m_total)), missing = m_events->missing();
    m_count->setText(missing.isEmpty() ? events : QStringLiteral("%1 · %2").arg(events, missing));
}

api::ListTimeline TimelineTab::request() const
{
    api::ListTimeline request;
    request.from = m_from;
    request.node = m_node->text().trimmed().toStdString();
    request.kind = m_kind->currentData().toString().toStdString();
    return request;
}

void TimelineTab::read()
{
    m_events->begin(request());
    if (std::exchange(m_asked, true) && m_model->isLoaded())
        m_model->refresh();
    else
        m_model->reload();
}

void TimelineTab::forget()
{
    m_events->forget();
    m_asked = false;
}

void TimelineTab::find()
{
    m_node->setFocus();
    m_node->selectAll();
}

}  // namespace cm::ui
