// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/runbook_view.h"

#include "ui/format/acts.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/shell/topology_action_sheet.h"
#include "ui/shell/topology_acts.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr int factsMilliseconds = 5'000;
// A plan is a look at everything: not more often than is read.
constexpr int planMilliseconds = 5'000;
constexpr int copiedMilliseconds = 2'000;

void clearOut(QLayout *layout)
{
    while (QLayoutItem *item = layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

}  // namespace

RunbookView::RunbookView(const PageContext &context, QWidget *parent) : QWidget(parent), m_context(context)
{
    build();
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (const auto wish = act())
            TopologyActionSheet::open(m_context, *wish);
    });
}

void RunbookView::build()
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::unit * 2);
    m_text = wrappedLabel();
    m_button = new QPushButton;
    m_button->setAutoDefault(false);
    m_button->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_guards = new QVBoxLayout;
    m_guards->setSpacing(metrics::unit);
    m_values = new KeyValueList;
    m_commands = new QVBoxLayout;
    m_commands->setSpacing(metrics::unit);
    column->addWidget(m_text);
    column->addWidget(m_button);
    column->addLayout(m_guards);
    column->addWidget(m_values);
    column->addLayout(m_commands);
}

std::optional<api::ActionWish> RunbookView::act() const
{
    return m_alert && m_alert->state != api::AlertState::Closed ? TopologyActs::next(m_alert->finding, m_alert->node, m_topology) : std::nullopt;
}

void RunbookView::setAlert(const api::Alert &alert)
{
    const bool another = !m_alert || m_alert->id != alert.id;
    m_alert = alert;
    if (another) {
        m_planCall.drop();
        m_plan.reset();
        m_sincePlan.invalidate();
    }
    show();
    if (another)
        poll();
}

void RunbookView::clear()
{
    m_planCall.drop();
    m_plan.reset();
    m_alert.reset();
    m_sinceFacts.invalidate();
    show();
}

void RunbookView::poll()
{
    if (!m_alert || !m_context.hasMonitor())
        return;
    if (!m_sinceFacts.isValid() || m_sinceFacts.elapsed() > factsMilliseconds) {
        m_sinceFacts.start();
        m_topologyCall.ask(this, *m_context.monitor, ep::monitorTopology, {}, [this](Result<api::Topology> answer) {
            if (!answer)
                return;
            m_topology = std::move(*answer);
            show();
            askPlan();
        });
        m_replicationCall.ask(this, *m_context.monitor, ep::monitorReplication, {}, [this](Result<api::ReplicationView> answer) {
            if (!answer)
                return;
            m_replication = std::move(*answer);
            show();
        });
    }
    if (!m_sincePlan.isValid() || m_sincePlan.elapsed() > planMilliseconds)
        askPlan();
}

void RunbookView::askPlan()
{
    const auto wish = act();
    if (!wish || (m_sincePlan.isValid() && m_sincePlan.elapsed() <= planMilliseconds))
        return;
    m_sincePlan.start();
    m_planCall.ask(this, *m_context.monitor, ep::planAction, {*wish}, [this](Result<api::ActionPlan> answer) {
        m_plan = std::move(answer);
        showAct();
    });
}

void RunbookView::show()
{
    const Runbook book = m_alert ? RunbookWords::of(*m_alert, m_topology, m_replication) : Runbook();
    m_text->setText(book.text.isEmpty() ? QString() : tr("Next: %1").arg(book.text));
    m_text->setVisible(!book.text.isEmpty());
    QList<KeyValueList::Entry> values;
    for (const Runbook::Line &line : book.values)
        values.append({line.words, line.value, false, {}});
    m_values->set(values);
    m_values->setVisible(!values.isEmpty());
    QStringList shown;
    for (const Runbook::Line &line : book.commands)
        shown << line.words << line.command;
    if (shown != m_shownCommands) {
        m_shownCommands = shown;
        clearOut(m_commands);
        for (const Runbook::Line &line : book.commands) {
            QLabel *words = wrappedLabel();
            words->setText(line.words);
            words->setForegroundRole(QPalette::PlaceholderText);
            m_commands->addWidget(words);
            auto *row = new QWidget;
            auto *inner = new QHBoxLayout(row);
            inner->setContentsMargins(0, 0, 0, 0);
            inner->setSpacing(metrics::unit * 2);
            auto *command = new ElidedLabel(line.command, ElidedLabel::Kind::Identifier);
            auto *copy = new QPushButton(tr("Copy"));
            copy->setAutoDefault(false);
            copy->setAccessibleName(tr("Copy: %1").arg(line.words));
            command->setObjectName(QStringLiteral("command"));
            connect(copy, &QPushButton::clicked, copy, [copy, text = line.command] {
                QGuiApplication::clipboard()->setText(text);
                copy->setText(RunbookView::tr("Copied"));
                QTimer::singleShot(copiedMilliseconds, copy, [copy] { copy->setText(RunbookView::tr("Copy")); });
            });
            inner->addWidget(command, 1);
            inner->addWidget(copy);
            m_commands->addWidget(row);
        }
    }
    showAct();
}

void RunbookView::showAct()
{
    const auto wish = act();
    m_button->setVisible(wish.has_value());
    if (wish) {
        QString why;
        const bool may = TopologyActionSheet::isAllowed(m_context, &why);
        const QString words = actVerb(*wish).remove(QLatin1Char('&'));
        m_button->setText(words + QChar(0x2026));
        m_button->setAccessibleName(words);
        m_button->setEnabled(may);
        m_button->setToolTip(why);
    }
    showGuards();
}

void RunbookView::showGuards()
{
    QList<std::pair<Mark, QString>> lines;
    if (act() && m_plan) {
        const Result<api::ActionPlan> &plan = *m_plan;
        if (!plan) {
            const ErrorWords words = wordsFor(plan.error());
            lines.append({Mark::Unknown, tr("Not checked now: %1").arg(words.detail.isEmpty() ? words.title : words.detail)});
        } else if (plan->allowed) {
            lines.append({Mark::Ok, tr("All its guards hold: %1").arg(text(plan->statement))});
        } else {
            for (const api::ActionGuard &guard : plan->guards) {
                if (!guard.holds)
                    lines.append({Mark::Critical, text(guard.statement)});
            }
        }
    }
    QString shown;
    for (const auto &[mark, words] : lines)
        shown += QStringLiteral("%1 %2\n").arg(static_cast<int>(mark)).arg(words);
    if (shown == m_shownGuards)
        return;
    m_shownGuards = shown;
    clearOut(m_guards);
    for (const auto &[mark, words] : lines)
        m_guards->addWidget(markedLine(mark, words));
}

}  // namespace cm::ui
