// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/purge_sheet.h"

#include "core/api/endpoints.h"
#include "core/api/findings.h"
#include "core/api/monitor_endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr int betweenLooks = 2000;
constexpr int afterTyping = 300;
// What is older is no ground for an order.
constexpr std::chrono::seconds fresh{10};

QString why(const Error &error)
{
    const ErrorWords words = wordsFor(error);
    return words.detail.isEmpty() ? words.title : words.detail;
}

bool failsNow(const api::CdnEdge &edge)
{
    return edge.lastErrorAt && (!edge.lastSuccess || *edge.lastSuccess < *edge.lastErrorAt);
}

}  // namespace

void PurgeSheet::open(const PageContext &context, const QString &project)
{
    context.shell.showSheet(new PurgeSheet(context, project));
}

void PurgeSheet::allow(QAction &action, const Connection &connection)
{
    const bool live = connection.isLive();
    const bool may = live && connection.allows(ep::purgeCdn);
    action.setEnabled(may);
    action.setToolTip(may    ? tr("Have the CDN ask the web nodes anew for what it keeps")
                      : live ? tr("Your role in the registry does not allow it: an operator's does")
                             : tr("The registry does not answer now"));
}

PurgeSheet::PurgeSheet(const PageContext &context, const QString &project, QWidget *parent)
    : ActionSheet(tr("Purge the CDN"), tr("P&urge the CDN"), parent), m_context(context), m_what(new QComboBox), m_project(new QLineEdit),
      m_hard(new QCheckBox(tr("Har&d: keep nothing")))
{
    nameEffects(tr("What is asked of the web nodes anew"));
    addChoices(project);
    askReason(true);
    setUndoText(tr("There is no undo: what was purged is kept again when somebody next asks for it. The audit log keeps who, what and why."));
    connect(this, &ActionSheet::confirmed, this, &PurgeSheet::press);
    for (QTimer *timer : {&m_again, &m_typedSoon})
        connect(this, &ActionSheet::closed, timer, &QTimer::stop);
    m_again.setInterval(betweenLooks);
    connect(&m_again, &QTimer::timeout, this, &PurgeSheet::ask);
    m_again.start();
    m_typedSoon.setSingleShot(true);
    m_typedSoon.setInterval(afterTyping);
    connect(&m_typedSoon, &QTimer::timeout, this, &PurgeSheet::lookForProject);
    choose();
    lookForProject();
    ask();
}

void PurgeSheet::addChoices(const QString &project)
{
    m_what->addItem(tr("One project"), static_cast<int>(PurgeWhat::Project));
    m_what->addItem(tr("All simple pages"), static_cast<int>(PurgeWhat::SimplePages));
    m_what->addItem(tr("Everything"), static_cast<int>(PurgeWhat::Everything));
    // In the longest language and the largest font the sheet stays as wide as it is.
    m_what->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_what->setMinimumContentsLength(8);
    m_project->setText(project);
    addField(tr("&What is purged"), m_what);
    addField(tr("&Project"), m_project);
    addField({}, m_hard);
    connect(m_what, &QComboBox::currentIndexChanged, this, &PurgeSheet::choose);
    connect(m_hard, &QCheckBox::toggled, this, &PurgeSheet::choose);
    connect(m_project, &QLineEdit::textChanged, this, [this] {
        m_projectCall.drop();
        m_found.reset();
        m_typedSoon.start();
        choose();
    });
}

void PurgeSheet::showEvent(QShowEvent *event)
{
    ActionSheet::showEvent(event);
    // What it is about comes before why.
    if (project().empty())
        m_what->setFocus();
}

PurgeWhat PurgeSheet::what() const
{
    return static_cast<PurgeWhat>(m_what->currentData().toInt());
}

bool PurgeSheet::isSoft() const
{
    return !m_hard->isChecked();
}

// As PEP 503 spells it: so are the keys.
std::string PurgeSheet::project() const
{
    static const QRegularExpression separators(QStringLiteral("[-_.]+"));
    return m_project->text().trimmed().toLower().replace(separators, QStringLiteral("-")).toStdString();
}

void PurgeSheet::choose()
{
    for (QLabel *label : findChildren<QLabel *>()) {
        if (label->buddy() == m_project)
            label->setVisible(what() == PurgeWhat::Project);
    }
    m_project->setVisible(what() == PurgeWhat::Project);
    setDangerous(!isSoft() || what() == PurgeWhat::Everything);
    const auto &registry = m_context.connection.registry();
    // The registry wants its name for everything, soft or hard.
    askTyped(what() == PurgeWhat::Everything && registry ? text(registry->name) : QString());
    const QString kept = isSoft() ? tr("softly") : tr("hard");
    switch (what()) {
    case PurgeWhat::Project:
        setStatement(project().empty() ? tr("The CDN lets go of one project, %1").arg(kept) : tr("The CDN lets go of %1, %2").arg(ltr(text(project())), kept));
        break;
    case PurgeWhat::SimplePages:
        setStatement(tr("The CDN lets go of all simple pages, %1").arg(kept));
        break;
    case PurgeWhat::Everything:
        setStatement(tr("The CDN lets go of everything, %1").arg(kept));
        break;
    }
    showEstimate();
    showGuards();
}

void PurgeSheet::lookForProject()
{
    if (project().empty())
        return;
    m_projectCall.start(this, m_context.client.call(ep::getProject, {project()}), [this](Result<api::ProjectDetail> answer) {
        m_found = std::move(answer);
        showEstimate();
        showGuards();
    });
}

void PurgeSheet::ask()
{
    m_cachesCall.ask(this, m_context.client, ep::cdnState, {}, [this](Result<api::CdnState> answer) {
        m_caches = std::move(answer);
        showEstimate();
        showGuards();
    });
    if (!m_context.hasMonitor())
        return;
    m_watchedCall.ask(this, *m_context.monitor, ep::monitorState, {}, [this](Result<api::MonitorState> answer) {
        m_watched = std::move(answer);
        showEstimate();
        showGuards();
    });
}

void PurgeSheet::showEstimate()
{
    PurgeFigures figures;
    if (m_watched && *m_watched)
        figures = purgeFigures(**m_watched);
    if (m_caches && *m_caches)
        figures.caches = static_cast<std::int64_t>((*m_caches)->edges.size());
    if (const auto &registry = m_context.connection.registry())
        figures.projects = registry->counters.projects;
    if (m_found && *m_found)
        figures.files = (*m_found)->project.files;
    QStringList lines = purgeEstimate(what(), isSoft(), figures);
    if (figures.sampled && what() != PurgeWhat::Project)
        lines << tr("The CDN's figures are %1 old.").arg(formatSampleAge(*figures.sampled, m_context.clock.now()));
    else if (!m_context.hasMonitor() && what() != PurgeWhat::Project)
        lines << tr("No monitor is connected here, and it alone knows the CDN's figures.");
    // Lines that stand still are left to whoever reads them.
    if (lines != m_estimate)
        setEffects(lines);
    m_estimate = lines;
}

QList<ActionSheet::Guard> PurgeSheet::projectGuards() const
{
    if (what() != PurgeWhat::Project)
        return {};
    const QString name = ltr(text(project()));
    if (project().empty())
        return {{Mark::Unknown, tr("No project is named yet")}};
    if (!m_found)
        return {{Mark::Unknown, tr("%1 is being looked for").arg(name)}};
    if (*m_found)
        return {{Mark::Ok, tr("The registry has %1").arg(name)}};
    // One that was deleted may still be kept somewhere.
    return {{Mark::Warning, m_found->error().code == ErrorCode::NotFound ? tr("The registry has no %1 now: a purge reaches only what the CDN has kept of it").arg(name)
                                                                         : tr("Whether the registry has %1 is not known: %2").arg(name, why(m_found->error()))}};
}

// Who is told, and what waits there already.
QList<ActionSheet::Guard> PurgeSheet::cacheGuards() const
{
    if (!m_caches)
        return {{Mark::Unknown, tr("Which caches the registry tells is being asked")}};
    if (!*m_caches)
        return {{Mark::Unknown, tr("Which caches the registry tells is not known now: %1").arg(why(m_caches->error()))}};
    const api::CdnState &state = **m_caches;
    if (state.edges.empty())
        return {{Mark::Critical, tr("This registry knows of no CDN: name its caches under [serve.cdn] of its configuration")}};
    QList<Guard> guards;
    const QString age = formatSampleAge(state.sampled, m_context.clock.now());
    for (const api::CdnEdge &edge : state.edges) {
        const QString name = ltr(text(edge.name));
        QString waits = tr("%1: nothing waits to be purged (%2 old)").arg(name, age);
        if (edge.pendingKeys > 0) {
            const QString count = edge.more ? tr("%1 and more").arg(formatCount(edge.pendingKeys)) : formatCount(edge.pendingKeys);
            waits = edge.pendingSince ? tr("%1: %2 wait to be purged, the oldest for %3 (%4 old)").arg(name, count, formatDuration(state.sampled - *edge.pendingSince), age)
                                      : tr("%1: %2 wait to be purged (%3 old)").arg(name, count, age);
        }
        guards << Guard{edge.pendingKeys > 0 ? Mark::Warning : Mark::Ok, waits};
        if (failsNow(edge))
            guards << Guard{Mark::Warning, edge.lastSuccess ? tr("%1 has taken no purge since %2: %3. The order is kept until it does; a hard one is soft after a minute").arg(name, formatTime(*edge.lastSuccess), text(edge.lastError))
                                                            : tr("%1 has never taken a purge: %2. The order is kept until it does; a hard one is soft after a minute").arg(name, text(edge.lastError))};
    }
    return guards;
}

QList<ActionSheet::Guard> PurgeSheet::nodeGuards() const
{
    QList<Guard> guards;
    const bool watched = m_watched && *m_watched && m_context.clock.now() - (*m_watched)->time < fresh;
    if (watched) {
        for (const api::Node &node : (*m_watched)->nodes) {
            if (node.role == "cdn" && (node.finding == api::finding::hitRatioDrop))
                guards << Guard{Mark::Warning, tr("%1 answers less itself than it did an hour ago: the web nodes have more to do already").arg(text(node.name))};
        }
    }
    if (isSoft())
        return guards;
    if (!watched)
        return guards << Guard{Mark::Warning, tr("Whether any web node is ready is not known here. The one that takes the order refuses it when it is not ready itself")};
    const ReadyNodes nodes = readyWebNodes(**m_watched);
    if (nodes.ready > 0)
        return guards << Guard{Mark::Ok, tr("%1 of %2 web nodes are ready").arg(nodes.ready).arg(nodes.all)};
    if (nodes.unknown > 0 || nodes.all == 0)
        return guards << Guard{Mark::Unknown, tr("No web node is known to be ready: a hard purge may empty the CDN of all it could still serve. A soft one keeps it")};
    return guards << Guard{Mark::Critical, tr("No web node is ready: a hard purge would empty the CDN of what it still serves. A soft one keeps it")};
}

void PurgeSheet::showGuards()
{
    QList<Guard> guards;
    if (!m_context.connection.isLive())
        guards << Guard{Mark::Unknown, tr("The registry does not answer now")};
    guards += projectGuards() + cacheGuards() + nodeGuards();
    // What stands in the way first.
    std::stable_sort(guards.begin(), guards.end(), [](const Guard &a, const Guard &b) { return a.mark != Mark::Ok && b.mark == Mark::Ok; });
    setGuards(guards);
}

void PurgeSheet::press()
{
    api::PurgeCdn order;
    order.soft = isSoft();
    order.reason = reason().toStdString();
    switch (what()) {
    case PurgeWhat::Project:
        order.keys = {"project/" + project()};
        break;
    case PurgeWhat::SimplePages:
        order.keys = {"simple-pages"};
        break;
    case PurgeWhat::Everything:
        order.everything = true;
        order.confirm = typed().toStdString();
        break;
    }
    runChange(this, m_context, ep::purgeCdn, order, {tr("The purge is ordered: the CDN is told now"), {}}, {this, {}, {}});
}

}  // namespace cm::ui
