// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/action_watch.h"

#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/shell/shell.h"
#include "ui/widgets/action_panel.h"

#include <QEvent>
#include <QSettings>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr int fastMilliseconds = 500;
// Events tell at once; this is for those that get lost.
constexpr int slowMilliseconds = 10'000;
// Of one that nobody has dismissed: for how long it is news to a window that opens later.
constexpr std::chrono::hours newsWhenDone{1};
constexpr std::chrono::hours newsWhenNot{24};
// Longer ago it is told by the panel, and what is found since by the page.
constexpr std::chrono::hours leadsFor{1};
constexpr std::chrono::seconds silentAfter{5};

std::int64_t stampOf(const api::Action &action)
{
    return action.started.time_since_epoch().count();
}

}  // namespace

ActionWatch::ActionWatch(const PageContext &context, QWidget *page) : QObject(page), m_context(context), m_panel(new ActionPanel(page))
{
    page->installEventFilter(this);
    m_fast.setInterval(fastMilliseconds);
    m_slow.setInterval(slowMilliseconds);
    connect(&m_fast, &QTimer::timeout, this, [this] {
        if (isRunning())
            readOne();
        show();
    });
    connect(&m_slow, &QTimer::timeout, this, &ActionWatch::readList);
    connect(m_panel, &ActionPanel::cancelWanted, this, &ActionWatch::cancel);
    connect(m_panel, &ActionPanel::dismissed, this, &ActionWatch::dismiss);
    if (!m_context.monitorConnection)
        return;
    connect(m_context.monitorConnection, &Connection::event, this, [this](const api::Event &event) {
        if (m_inSight && event.kind.starts_with("action."))
            readList();
    });
    connect(m_context.monitorConnection, &Connection::reset, this, &ActionWatch::readList);
    connect(m_context.monitorConnection, &Connection::stateChanged, this, &ActionWatch::readList);
    connect(m_context.monitorConnection, &Connection::whoChanged, this, &ActionWatch::show);
    connect(m_context.monitorConnection, &Connection::chosenChanged, this, &ActionWatch::forget);
}

bool ActionWatch::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Show) {
        m_inSight = true;
        m_slow.start();
        readList();
    } else if (event->type() == QEvent::Hide) {
        m_inSight = false;
        m_slow.stop();
        m_fast.stop();
    }
    return QObject::eventFilter(watched, event);
}

void ActionWatch::forget()
{
    m_list.drop();
    m_one.drop();
    m_action.reset();
    m_heard.reset();
    m_dismissed = 0;
    m_cancelling = false;
    show();
    readList();
}

bool ActionWatch::isRunning() const
{
    return m_action && m_action->state == api::ActionState::Running;
}

void ActionWatch::readList()
{
    if (!m_inSight || !m_context.hasMonitor())
        return;
    show();
    m_list.ask(this, *m_context.monitor, ep::listActions, {0, 1}, [this](const Result<api::Page<api::Action>> &answer) {
        if (answer && !answer->items.empty())
            take(answer->items.front());
    });
}

void ActionWatch::readOne()
{
    m_one.ask(this, *m_context.monitor, ep::getAction, {m_action->id}, [this](const Result<api::Action> &answer) {
        if (answer)
            take(*answer);
    });
}

void ActionWatch::take(const api::Action &action)
{
    // An answer of the list may be older than the one of the action itself.
    if (m_action && (action.started < m_action->started || (action.id == m_action->id && !isRunning() && action.state == api::ActionState::Running)))
        return;
    if (!m_action || m_action->id != action.id)
        m_cancelling = false;
    m_action = action;
    m_heard = m_context.clock.now();
    show();
}

bool ActionWatch::isWorthShowing(const api::Action &action) const
{
    if (action.state == api::ActionState::Running)
        return true;
    const auto news = action.state == api::ActionState::Done ? newsWhenDone : newsWhenNot;
    return stampOf(action) > dismissedUpTo() && m_context.clock.now() - action.ended.value_or(action.started) < news;
}

void ActionWatch::show()
{
    if (!m_action || !isWorthShowing(*m_action)) {
        m_panel->hide();
        m_fast.stop();
        Q_EMIT changed();
        return;
    }
    if (m_inSight && isRunning() != m_fast.isActive())
        isRunning() ? m_fast.start() : m_fast.stop();
    const Connection &connection = *m_context.monitorConnection;
    const Time now = m_context.clock.now();
    const bool operates = connection.allows(ep::cancelAction);
    m_panel->setMayCancel(operates, connection.isLive() && !m_cancelling,
                          m_cancelling ? tr("It is being cancelled: what has begun is finished first") : tr("No further step begins; what has begun is finished"));
    m_panel->setAction(*m_action, isOld(), now);
    Q_EMIT changed();
}

bool ActionWatch::isOld() const
{
    return !m_context.monitorConnection->isLive() || !m_heard || m_context.clock.now() - *m_heard > silentAfter;
}

const api::Action *ActionWatch::leading() const
{
    if (!m_action || m_action->state == api::ActionState::Done || !isWorthShowing(*m_action))
        return nullptr;
    if (isRunning())
        return isOld() ? nullptr : &*m_action;
    return m_context.clock.now() - m_action->ended.value_or(m_action->started) < leadsFor ? &*m_action : nullptr;
}

void ActionWatch::cancel()
{
    if (!isRunning())
        return;
    m_cancelling = true;
    show();
    whenDone(this, m_context.monitor->call(ep::cancelAction, {m_action->id, {}}), [this](const Result<api::Action> &answer) {
        if (!answer) {
            m_cancelling = false;
            const ErrorWords why = wordsFor(answer.error());
            m_context.shell.notify(Mark::Warning, tr("The action was not cancelled"), why.detail.isEmpty() ? why.title : why.detail);
        }
        readOne();
        show();
    });
}

QString ActionWatch::settingsKey() const
{
    return QStringLiteral("actions/dismissed/") + m_context.monitorConnection->profile().id;
}

std::int64_t ActionWatch::dismissedUpTo() const
{
    const qlonglong kept = m_context.settings ? m_context.settings->value(settingsKey()).toLongLong() : 0;
    return std::max<std::int64_t>(m_dismissed, kept);
}

void ActionWatch::dismiss()
{
    if (!m_action || isRunning())
        return;
    m_dismissed = stampOf(*m_action);
    if (m_context.settings)
        m_context.settings->setValue(settingsKey(), static_cast<qlonglong>(m_dismissed));
    show();
}

}  // namespace cm::ui
