// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/read_only_mode.h"

#include "core/api/findings.h"
#include "core/api/monitor_endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/verdict_banner.h"

#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr int dayMinutes = 24 * 60;
// What stands in a banner is read at a glance; the whole is in its tool tip.
constexpr int longestReason = 160;
// As often as a monitor looks.
constexpr int lookMilliseconds = 1000;

QString glance(const std::string &reason)
{
    QString line = text(reason);
    if (line.size() > longestReason)
        line = line.left(longestReason) + QStringLiteral("…");
    return line;
}

}  // namespace

ReadOnlySheet::ReadOnlySheet(const PageContext &context, QWidget *parent)
    : ActionSheet(tr("Read-only mode"), tr("Ma&ke read-only"), parent), m_context(context), m_span(new QComboBox), m_minutes(new QSpinBox),
      m_message(new QLineEdit)
{
    for (const int minutes : {15, 60, 4 * 60})
        m_span->addItem(formatDuration(std::chrono::minutes(minutes)), minutes);
    m_span->addItem(tr("Another time"), 0);
    m_span->setCurrentIndex(1);
    m_minutes->setRange(1, dayMinutes);
    m_message->setMaxLength(500);
    m_message->setPlaceholderText(tr("Back at noon"));
    addField(tr("F&or"), m_span);
    addField(tr("M&inutes"), m_minutes);
    addField(tr("Message for &uploaders (optional)"), m_message);
    askReason(true);
    setUndoText(tr("Undo, or \"End now\" in the banner, ends it before its time. It also ends by itself, whoever is there."));
    if (const auto &registry = context.connection.registry(); registry && registry->readOnly)
        m_message->setText(text(registry->readOnly->message));
    connect(m_span, &QComboBox::currentIndexChanged, this, &ReadOnlySheet::choose);
    connect(m_minutes, &QSpinBox::valueChanged, this, &ReadOnlySheet::showPlan);
    connect(m_message, &QLineEdit::textChanged, this, &ReadOnlySheet::showPlan);
    choose();
}

Time ReadOnlySheet::until() const
{
    return m_context.clock.now() + std::chrono::minutes(m_minutes->value());
}

QString ReadOnlySheet::message() const
{
    return m_message->text().trimmed();
}

void ReadOnlySheet::choose()
{
    const int minutes = m_span->currentData().toInt();
    m_minutes->setEnabled(minutes == 0);
    if (minutes != 0)
        m_minutes->setValue(minutes);
    showPlan();
}

void ReadOnlySheet::showPlan()
{
    QStringList plan{tr("Until %1 every upload, yank and other change is refused, on every node.")
                         .arg(formatUntil(until(), m_context.clock.now())),
                     tr("Reading, installing and signing in go on.")};
    if (const auto &registry = m_context.connection.registry())
        plan << tr("%n file(s) came in today so far: who uploads meanwhile is told to come back.", nullptr,
                   static_cast<int>(registry->counters.uploadsToday));
    plan << (message().isEmpty() ? tr("Uploaders are told the time, and nothing else.") : tr("Uploaders are told the time, and: %1").arg(message()));
    setPlan(plan);
}

ReadOnlyBanner::ReadOnlyBanner(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_banner(new VerdictBanner(this)), m_order(new QAction(this)), m_end(new QAction(tr("End now"), this))
{
    m_banner->setObjectName(QStringLiteral("read-only"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, metrics::gap, 14, 0);
    layout->addWidget(m_banner);
    m_end->setToolTip(tr("Take changes again before the time"));
    m_banner->setActions({m_end});
    connect(m_order, &QAction::triggered, this, &ReadOnlyBanner::offer);
    connect(m_end, &QAction::triggered, this, &ReadOnlyBanner::offerEnd);
    for (const auto signal : {&Connection::registryChanged, &Connection::whoChanged, &Connection::stateChanged})
        connect(&context.connection, signal, this, &ReadOnlyBanner::follow);
    m_look.setInterval(lookMilliseconds);
    connect(&m_look, &QTimer::timeout, this, &ReadOnlyBanner::look);
    if (context.monitorConnection) {
        for (const auto signal : {&Connection::stateChanged, &Connection::chosenChanged})
            connect(context.monitorConnection, signal, this, &ReadOnlyBanner::follow);
    }
    follow();
}

QList<QAction *> ReadOnlyBanner::menuActions() const
{
    QList<QAction *> actions{m_order, m_end};
    actions.removeIf([](const QAction *action) { return !action->isVisible(); });
    return actions;
}

void ReadOnlyBanner::follow()
{
    const Connection &connection = m_context.connection;
    const auto mode = connection.registry() ? connection.registry()->readOnly : std::nullopt;
    m_order->setText(mode ? tr("Change the read-&only mode…") : tr("Read-&only mode…"));
    m_order->setVisible(connection.allows(ep::setReadOnly));
    m_order->setEnabled(connection.isLive());
    m_end->setVisible(mode && connection.allows(ep::endReadOnly));
    m_end->setEnabled(connection.isLive());
    setVisible(mode.has_value());
    watchNodes(mode.has_value());
    if (mode)
        showMode(*mode);
}

void ReadOnlyBanner::showMode(const api::ReadOnlyMode &mode)
{
    // In place of a sentence and not below it: the banner is no higher for it.
    const QString refusing = m_refusing.join(QStringLiteral(", ")), others = m_others.join(QStringLiteral(", "));
    const QString nodes = m_refusing.isEmpty() && m_others.isEmpty()
                              ? tr("Uploads and every other change are refused until then. Reading and installing go on.")
                          : m_others.isEmpty()   ? tr("Every web node says that it refuses changes: %1. Reading and installing go on.").arg(refusing)
                          : m_refusing.isEmpty() ? tr("Changes are to be refused. None says so yet: %1").arg(others)
                                                 : tr("Changes are refused by %1; not by %2 yet").arg(refusing, others);
    m_banner->setVerdict(Mark::Warning,
                         tr("Read-only until %1 by %2: %3").arg(formatUntil(mode.until, m_context.clock.now()), text(mode.by), glance(mode.reason)), nodes);
    m_banner->setToolTip(text(mode.reason) + QLatin1Char('\n') + timeTip(mode.until));
}

void ReadOnlyBanner::watchNodes(bool holds)
{
    if (!holds || !m_context.hearsMonitor()) {
        m_look.stop();
        m_states.drop();
        // What was seen before is not known of now.
        m_refusing.clear();
        m_others.clear();
    } else if (!m_look.isActive() && (m_refusing.isEmpty() || !m_others.isEmpty())) {
        m_look.start();
        look();
    }
}

void ReadOnlyBanner::look()
{
    m_states.ask(this, *m_context.monitor, ep::monitorState, {}, [this](const Result<api::MonitorState> &answer) {
        if (answer)
            onState(*answer);
    });
}

void ReadOnlyBanner::onState(const api::MonitorState &state)
{
    m_refusing.clear();
    m_others.clear();
    for (const api::Node &node : state.nodes) {
        if (node.role != "web")
            continue;
        const bool refuses = std::any_of(node.findings.begin(), node.findings.end(),
                                         [](const api::NodeFinding &finding) { return finding.code == api::finding::readOnlyMode; });
        (refuses ? m_refusing : m_others) << text(node.name);
    }
    m_refusing.sort();
    m_others.sort();
    if (m_others.isEmpty())
        m_look.stop();
    if (const auto &registry = m_context.connection.registry(); registry && registry->readOnly)
        showMode(*registry->readOnly);
}

void ReadOnlyBanner::offer()
{
    auto *sheet = new ReadOnlySheet(m_context);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        runChange(this, m_context, ep::setReadOnly, {sheet->until(), sheet->reason().toStdString(), sheet->message().toStdString()},
                  {tr("The registry is read-only"), tr("The registry was not made read-only")},
                  {sheet,
                   [this] {
                       runChange(this, m_context, ep::endReadOnly, {tr("Undone").toStdString()},
                                 {tr("The registry takes changes again"), tr("The read-only mode was not ended")}, {});
                   },
                   {}});
    });
    m_context.shell.showSheet(sheet);
}

void ReadOnlyBanner::offerEnd()
{
    auto *sheet = new ActionSheet(tr("End the read-only mode"), tr("Take changes a&gain"));
    sheet->setPlan({tr("Uploads and other changes are accepted from now on, on every node.")});
    sheet->askReason(false);
    sheet->setUndoText(tr("There is no undo; it can be ordered again."));
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        runChange(this, m_context, ep::endReadOnly, {sheet->reason().toStdString()},
                  {tr("The registry takes changes again"), tr("The read-only mode was not ended")}, {sheet, {}, {}});
    });
    m_context.shell.showSheet(sheet);
}

}  // namespace cm::ui
