// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/topology_action_sheet.h"

#include "ui/client/connection.h"
#include "ui/format/acts.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/shell/shell.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;
using api::ActionKind;

constexpr int betweenLooks = 2000;
// Between the last letter of a name and the question for its plan.
constexpr int typingPause = 400;

bool isDangerous(ActionKind kind)
{
    return kind == ActionKind::Promote || kind == ActionKind::Fence || kind == ActionKind::Rejoin || kind == ActionKind::DropSlot ||
           kind == ActionKind::AllowDeletions;
}

bool endsByItself(ActionKind kind)
{
    return kind == ActionKind::DrainWeb || kind == ActionKind::DetachBackend || kind == ActionKind::PauseMirror ||
           kind == ActionKind::MirrorOut;
}

// Each look makes a plan of its own, by another id and as of another time, which is nothing to read.
bool readsAs(api::ActionPlan before, const api::ActionPlan &now)
{
    before.id = now.id;
    before.time = now.time;
    before.lossBytes.sampled = now.lossBytes.sampled;
    return before == now;
}

QString plain(const QString &words)
{
    return QString(words).remove(QLatin1Char('&'));
}

}  // namespace

void TopologyActionSheet::open(const PageContext &context, const api::ActionWish &wish)
{
    if (context.hasMonitor())
        context.shell.showSheet(new TopologyActionSheet(context, wish));
}

bool TopologyActionSheet::isAllowed(const PageContext &context, QString *why)
{
    const Connection *connection = context.monitorConnection;
    const bool live = connection && connection->isLive();
    const bool may = live && connection->allows(ep::pressAction);
    if (why)
        *why = may ? QString() : live ? tr("Your role on the monitor does not allow it") : tr("The monitor does not answer now");
    return may;
}

TopologyActionSheet::TopologyActionSheet(const PageContext &context, api::ActionWish wish, QWidget *parent)
    : ActionSheet(plain(actVerb(wish)), actVerb(wish), parent), m_context(context), m_wish(std::move(wish))
{
    addChoices();
    askReason(true);
    setDangerous(isDangerous(m_wish.action));
    connect(this, &ActionSheet::confirmed, this, &TopologyActionSheet::press);
    m_again.setInterval(betweenLooks);
    connect(&m_again, &QTimer::timeout, this, &TopologyActionSheet::ask);
    connect(this, &ActionSheet::closed, &m_again, &QTimer::stop);
    m_again.start();
    choose();
}

void TopologyActionSheet::addChoices()
{
    if (endsByItself(m_wish.action)) {
        m_span = new QComboBox;
        m_span->setAccessibleName(tr("Ends by itself after"));
        for (const int minutes : {15, 60, 4 * 60, 24 * 60})
            m_span->addItem(formatDuration(std::chrono::minutes(minutes)), minutes);
        m_span->setCurrentIndex(1);
        addField(tr("&Ends by itself after"), m_span);
        connect(m_span, &QComboBox::currentIndexChanged, this, &TopologyActionSheet::choose);
    }
    if (m_wish.action == ActionKind::Rejoin) {
        m_copy = new QCheckBox(tr("A &new copy"));
        m_copy->setToolTip(tr("Even where a rewind would do"));
        m_copy->setChecked(m_wish.copy);
        addField({}, m_copy);
        connect(m_copy, &QCheckBox::toggled, this, &TopologyActionSheet::choose);
    }
    if (m_wish.action == ActionKind::SyncProject) {
        m_project = new QLineEdit(text(m_wish.project));
        m_project->setAccessibleName(tr("Project"));
        addField(tr("Pro&ject"), m_project);
        m_typing.setSingleShot(true);
        m_typing.setInterval(typingPause);
        connect(&m_typing, &QTimer::timeout, this, &TopologyActionSheet::choose);
        connect(m_project, &QLineEdit::textChanged, this, &TopologyActionSheet::forget);
        connect(m_project, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
        connect(this, &ActionSheet::closed, &m_typing, &QTimer::stop);
    }
    m_readAgain = new QCheckBox(tr("I have read it n&ow"));
    addField({}, m_readAgain);
    m_readAgain->hide();
    connect(m_readAgain, &QCheckBox::toggled, this, &TopologyActionSheet::updateReady);
}

api::ActionWish TopologyActionSheet::wish() const
{
    api::ActionWish now = m_wish;
    if (m_copy)
        now.copy = m_copy->isChecked();
    if (m_project)
        now.project = m_project->text().trimmed().toStdString();
    if (m_span) {
        // Of whole minutes, so that the plan stands still while it is read. A day at most, by any clock.
        constexpr int day = 24 * 60;
        const int minutes = std::min(m_span->currentData().toInt(), day - 1);
        now.until = std::chrono::floor<std::chrono::minutes>(m_context.clock.now() + std::chrono::minutes(minutes));
    }
    return now;
}

// The plan on the screen is of another wish by now.
void TopologyActionSheet::forget()
{
    m_call.drop();
    m_plan.reset();
    m_firstBasis.clear();
    m_readAgain->hide();
    setGuards({{Mark::Unknown, tr("Everything is being looked at")}});
    updateReady();
}

void TopologyActionSheet::choose()
{
    forget();
    ask();
}

void TopologyActionSheet::ask()
{
    if (m_pressing || m_typing.isActive() || !m_context.hasMonitor())
        return;
    m_call.ask(this, *m_context.monitor, ep::planAction, {wish()}, [this](const Result<api::ActionPlan> &answer) { onPlan(answer); });
}

void TopologyActionSheet::onPlan(const Result<api::ActionPlan> &answer)
{
    // What is pressed meanwhile is judged by the monitor, by its own look.
    if (m_pressing)
        return;
    if (!answer) {
        const ErrorWords words = wordsFor(answer.error());
        setGuards({{Mark::Unknown, tr("Not checked now: %1").arg(words.detail.isEmpty() ? words.title : words.detail)}});
        m_plan.reset();
        updateReady();
        return;
    }
    const bool first = m_firstBasis.empty();
    const bool same = m_plan && readsAs(*m_plan, *answer);
    if (first)
        m_firstBasis = answer->basis;
    m_plan = *answer;
    if (!same)
        showPlan(*answer);
    // What was read rested on something else.
    const bool shifted = answer->basis != m_firstBasis;
    if (shifted && m_readAgain->isHidden())
        m_readAgain->setChecked(false);
    m_readAgain->setVisible(shifted);
    showGuards(answer->guards, shifted ? tr("It has changed since you opened this. Then: %1. Now: %2").arg(text(m_firstBasis), text(answer->basis)) : QString());
    updateReady();
}

void TopologyActionSheet::showPlan(const api::ActionPlan &plan)
{
    const auto lines = [](const std::vector<std::string> &sentences) {
        QStringList out;
        for (const std::string &sentence : sentences)
            out << text(sentence);
        return out;
    };
    setStatement(text(plan.statement));
    setEffects(lines(plan.effects));
    QStringList steps;
    for (const api::ActionStep &step : plan.steps)
        steps << text(step.statement);
    setPlan(steps);
    setUndoText(plan.undo.empty() ? QString() : tr("Undo: %1").arg(text(plan.undo)));
    if (!plan.confirm.empty())
        askTyped(text(plan.confirm));
    // Where nobody can know, a dash and the sentence that says why.
    const bool said = !plan.lossStatement.empty() || plan.lossBytes.value;
    const bool takeover = isTakeover(plan.wish.action);
    setLoss(said || takeover ? figureBytes(plan.lossBytes) : QString(), said          ? text(plan.lossStatement)
                                                                        : takeover ? tr("Nobody can say what would be lost.")
                                                                                   : QString());
}

void TopologyActionSheet::showGuards(const std::vector<api::ActionGuard> &guards, const QString &also)
{
    QList<Guard> shown;
    // What stands in the way first.
    for (const bool holds : {false, true}) {
        for (const api::ActionGuard &guard : guards) {
            if (guard.holds == holds)
                shown << Guard{holds ? Mark::Ok : Mark::Critical, text(guard.statement)};
        }
    }
    if (!also.isEmpty())
        shown.prepend({Mark::Warning, also});
    setGuards(shown);
}

void TopologyActionSheet::updateReady()
{
    setReady(m_plan && m_plan->allowed && (m_readAgain->isHidden() || m_readAgain->isChecked()) && isAllowed(m_context));
}

void TopologyActionSheet::press()
{
    if (!m_plan || m_pressing)
        return;
    m_pressing = true;
    m_call.drop();
    setBusy(true);
    const api::PressAction request{m_plan->id, typed().toStdString(), reason().toStdString()};
    whenDone(this, m_context.monitor->call(ep::pressAction, request), [this](const Result<api::Action> &answer) { onPressed(answer); });
}

void TopologyActionSheet::onPressed(const Result<api::Action> &answer)
{
    m_pressing = false;
    if (answer) {
        if (answer->awaited)
            m_context.shell.notify(Mark::Warning, tr("A second operator has to agree: %1").arg(actSentence(answer->wish)), text(answer->statement));
        else
            m_context.shell.offerUndo(tr("Begun: %1").arg(actSentence(answer->wish)), {});
        close();
        return;
    }
    setBusy(false);
    if (answer.error().code == ErrorCode::GuardFailed && m_plan) {
        // As the monitor found them at that moment, in their places; the next look comes by itself.
        std::vector<api::ActionGuard> guards;
        QStringList failing;
        const auto &fields = answer.error().fields;
        for (const FieldProblem &failed : fields) {
            guards.push_back({failed.field, false, failed.problem});
            failing << text(failed.problem);
        }
        for (const api::ActionGuard &guard : m_plan->guards) {
            if (guard.holds && std::none_of(fields.begin(), fields.end(), [&guard](const FieldProblem &failed) { return failed.field == guard.name; }))
                guards.push_back(guard);
        }
        showGuards(guards);
        m_plan.reset();
        updateReady();
        // The next look may find them well again; what refused stays to be read.
        showError({ErrorCode::GuardFailed, failing.join(QStringLiteral("; ")).toStdString(), {}, {}});
        m_again.start();
        return;
    }
    showError(answer.error());
}

}  // namespace cm::ui
