// SPDX-License-Identifier: GPL-3.0-or-later
// Repairing the topology from the window: the plan before anything is done, guards that are looked at
// while it is read, what is sent, and the action followed to its end.
#include "tests/ui/pages/page_window.h"
#include "ui/pages/incidents/runbook.h"
#include "ui/shell/topology_acts.h"
#include "ui/widgets/action_panel.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/step_row.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>

using namespace cm;
using namespace cm::ui;

namespace {

QAction *actionOf(PageWindow &w, const QString &text)
{
    for (QAction *action : w.window.pages().current()->pageActions()) {
        if (action->text().remove(QLatin1Char('&')) == text)
            return action;
    }
    return nullptr;
}

QByteArray bytesOf(const auto &value)
{
    return QByteArray::fromStdString(api::printJson(api::toJson(value)));
}

api::ActionPlan recordedPlan(const PageWindow &w, const char *record)
{
    return *api::fromJsonText<api::ActionPlan>(w.record(record).toStdString());
}

api::Action recordedAction(const PageWindow &w, const char *scene)
{
    return *api::fromJsonText<api::Action>(w.record((QByteArray("monitor-scenes/") + scene + "/get-action.json").constData()).toStdString());
}

void tell(const PageWindow &w, const api::Action &action)
{
    api::Page<api::Action> page;
    page.items = {action};
    page.total = 1;
    w.answer(QStringLiteral("monitor/get-action"), bytesOf(action));
    w.answer(QStringLiteral("monitor/list-actions"), bytesOf(page));
}

// The sheet of an act on a node, opened from Nodes.
ActionSheet *opened(PageWindow &w, const QString &node, const QString &act)
{
    w.window.go(Route::parse(QStringLiteral("nodes/") + node));
    if (!QTest::qWaitFor([&] { return actionOf(w, act) && actionOf(w, act)->isEnabled(); }))
        return nullptr;
    actionOf(w, act)->trigger();
    return w.window.findChild<ActionSheet *>();
}

QPushButton *buttonOf(const QWidget *parent, const QString &name)
{
    for (auto *button : parent->findChildren<QPushButton *>()) {
        if (button->accessibleName() == name)
            return button;
    }
    return nullptr;
}

qsizetype times(const PageWindow &w, const QByteArray &endpoint)
{
    return std::count_if(w.monitor.sent().begin(), w.monitor.sent().end(), [&endpoint](const auto &sent) { return sent.endpoint == endpoint; });
}

ActionPanel *panelOf(PageWindow &w)
{
    return w.window.pages().current()->findChild<ActionPanel *>();
}

void become(PageWindow &w, const char *role)
{
    w.answer(QStringLiteral("monitor/who-am-i"), QByteArray(R"({"name": "olga", "role": ")") + role + R"(", "projects": 0, "local": false})");
    w.setMonitorState(Connection::State::Live);
}

}  // namespace

class ActsMonitorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knowsWhatMakesSense();
    void knowsTheNextAct();
    void showsThePlanBeforeAnythingIsDone();
    void aGuardThatStopsHoldingShutsTheButton();
    void sendsWishBasisReasonAndConfirm();
    void asksForAnEndAndACopy();
    void keepsTheSheetWhenAGuardFails();
    void saysWhoDoesWhat();
    void whatHasChangedIsReadAgain();
    void anUnknownLossIsADash();
    void anObserverMayOnlyRead();
    void followsAnActionToItsEnd();
    void cancels();
    void aFailureStaysUntilItIsDismissed();
    void offersTheNextActOnOverview();
    void acknowledgesAStormFromOverview();
    void showsWhatNobodySees();
    void fillsTheRunbook();
    void theRunbookOpensWithItsAct();
};

void ActsMonitorTest::knowsWhatMakesSense()
{
    api::Node web;
    web.name = "web1";
    web.role = "web";
    web.verdict = api::Verdict::Ok;
    const auto choice = [](const api::Node &node, api::ActionKind kind) {
        const auto all = TopologyActs::on(node);
        const auto found = std::find_if(all.begin(), all.end(), [kind](const ActChoice &one) { return one.wish.action == kind; });
        return found == all.end() ? ActChoice{{}, false, QStringLiteral("not offered")} : *found;
    };
    QVERIFY(choice(web, api::ActionKind::DrainWeb).sensible);
    QVERIFY(!choice(web, api::ActionKind::ReturnWeb).sensible);
    QVERIFY(choice(web, api::ActionKind::ReturnWeb).why.contains(QStringLiteral("is not drained")));
    QCOMPARE(choice(web, api::ActionKind::Fence).why, QStringLiteral("not offered"));
    web.finding = "DRAINED";
    QVERIFY(!choice(web, api::ActionKind::DrainWeb).sensible);
    QVERIFY(choice(web, api::ActionKind::ReturnWeb).sensible);
    api::Node primary;
    primary.name = "db1";
    primary.role = "postgres";
    primary.verdict = api::Verdict::Ok;
    api::Signal role;
    role.name = "role";
    role.text = "primary";
    primary.facts = {role};
    for (const auto kind : {api::ActionKind::SwitchOver, api::ActionKind::Promote, api::ActionKind::Rejoin, api::ActionKind::DetachBackend})
        QVERIFY(choice(primary, kind).why.contains(QStringLiteral("takes writes")));
    QVERIFY(choice(primary, api::ActionKind::Fence).sensible);
    // Of one that is not seen nobody says what it is: the plan has the last word.
    primary.facts.clear();
    primary.verdict = api::Verdict::Critical;
    QVERIFY(choice(primary, api::ActionKind::Promote).sensible);
    QVERIFY(choice(primary, api::ActionKind::Unfence).sensible);
    api::Node cdn;
    cdn.role = "cdn";
    QVERIFY(TopologyActs::on(cdn).isEmpty());
    QVERIFY(!TopologyActs::dropOf({"s", "db1", true, {}, {}, {}, {}, {}}).sensible);
}

void ActsMonitorTest::knowsTheNextAct()
{
    api::Topology topology;
    topology.nodes = {{"web2", "web", "h2", "", ""}, {"web2-tls", "certificate", "h2", "", ""}, {"db2", "postgres", "", "", ""}};
    topology.edges = {{"web2-tls", "web2", "presents", api::Verdict::Ok, true, "", {}}};
    const auto next = [&topology](const char *finding, const char *node) { return TopologyActs::next(finding, node, topology); };
    QVERIFY(next("STALLED", "db2")->action == api::ActionKind::ResumeReplay);
    QVERIFY(next("MEMORY_CERT_OLD", "web2-tls")->action == api::ActionKind::ReloadWeb);
    QCOMPARE(next("MEMORY_CERT_OLD", "web2-tls")->target, std::string("web2"));
    QVERIFY(next("DRAINED", "web2")->action == api::ActionKind::ReturnWeb);
    QVERIFY(next("SET_ASIDE", "db2")->action == api::ActionKind::AttachBackend);
    QVERIFY(next("FENCED", "db2")->action == api::ActionKind::Unfence);
    QVERIFY(next("DIVERGED", "db2")->action == api::ActionKind::Rejoin);
    // Nobody should be led to these by a menu.
    for (const char *finding : {"NO_PRIMARY", "SPLIT_BRAIN", "DOWN", "NO_ANSWER", "MONITOR_BLIND", "SLOT_INACTIVE", ""})
        QVERIFY(!next(finding, "db2"));
}

void ActsMonitorTest::showsThePlanBeforeAnythingIsDone()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/plan-action"), w.record("monitor-scenes/plan-switch-over/plan-action.json"));
    auto *sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Switch over to this…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("db2 becomes the primary, db1 its standby")));
    QVERIFY(w.says(QStringLiteral("Writes pause for about a second")));
    QVERIFY(w.says(QStringLiteral("db1 finishes what is under way, sends the rest and stops")));
    QVERIFY(w.says(QStringLiteral("Nothing: db1 stops only when db2 has everything")));
    QVERIFY(w.says(QStringLiteral("Both are on timeline 7")));
    QVERIFY(w.says(QStringLiteral("Switch over to db1 as soon as it follows")));
    const auto asked = *api::fromJsonText<api::PlanAction>(w.sentBody("plan-action").toStdString());
    QVERIFY(asked.wish.action == api::ActionKind::SwitchOver && asked.wish.target == "db2");
    QVERIFY(w.sentBody("press-action").isEmpty());
    auto *button = buttonOf(sheet, QStringLiteral("Switch over to db2"));
    QVERIFY(button && !button->isEnabled());
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("new disk"));
    QVERIFY(button->isEnabled());
}

void ActsMonitorTest::aGuardThatStopsHoldingShutsTheButton()
{
    PageWindow w;
    auto *sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Resume replay…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("db2 is paused")));
    auto *reason = sheet->findChild<QPlainTextEdit *>();
    reason->setPlainText(QStringLiteral("the dump is done"));
    auto *button = buttonOf(sheet, QStringLiteral("Resume replay of db2"));
    QVERIFY(button->isEnabled());
    auto plan = recordedPlan(w, "monitor/plan-action.json");
    plan.guards.at(0) = {"agent", false, "The agent on db2 does not answer: timed out"};
    plan.allowed = false;
    w.answer(QStringLiteral("monitor/plan-action"), bytesOf(plan));
    QTRY_VERIFY(w.says(QStringLiteral("The agent on db2 does not answer")));
    QVERIFY(!button->isEnabled());
    QCOMPARE(reason->toPlainText(), QStringLiteral("the dump is done"));
    // Nobody can look: that is no reason to act either.
    w.monitor.failAt("plan-action", Error{ErrorCode::Unavailable, "the monitor is being stopped", {}, {}});
    QTRY_VERIFY(w.says(QStringLiteral("Not checked now: the monitor is being stopped")));
    QVERIFY(!button->isEnabled());
    w.monitor.failAt("plan-action", {});
    plan.guards.at(0).holds = true;
    plan.allowed = true;
    w.answer(QStringLiteral("monitor/plan-action"), bytesOf(plan));
    QTRY_VERIFY(button->isEnabled());
}

void ActsMonitorTest::sendsWishBasisReasonAndConfirm()
{
    PageWindow w;
    auto plan = recordedPlan(w, "monitor-scenes/plan-promotion-refused/plan-action.json");
    for (api::ActionGuard &guard : plan.guards)
        guard.holds = true;
    plan.allowed = true;
    w.answer(QStringLiteral("monitor/plan-action"), bytesOf(plan));
    auto running = recordedAction(w, "action-running");
    w.answer(QStringLiteral("monitor/press-action"), bytesOf(running));
    auto *sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Promote…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("without the old one")));
    auto *button = buttonOf(sheet, QStringLiteral("Promote db2"));
    QVERIFY(button);
    QTRY_VERIFY(QApplication::activeWindow());
    QVERIFY(w.tabTo(QStringLiteral("Reason")));
    w.type(QStringLiteral("db1 burns"));
    QVERIFY(!button->isEnabled());
    QVERIFY(w.tabTo(QStringLiteral("Name, typed to confirm")));
    w.type(QStringLiteral("db1"));
    QVERIFY(!button->isEnabled());
    w.key(Qt::Key_Backspace);
    w.type(QStringLiteral("2"));
    QVERIFY(button->isEnabled());
    QVERIFY(w.tabTo(QStringLiteral("Promote db2")));
    tell(w, running);
    w.key(Qt::Key_Space);
    QTRY_VERIFY(!w.sentBody("press-action").isEmpty());
    const auto sent = *api::fromJsonText<api::PressAction>(w.sentBody("press-action").toStdString());
    QVERIFY(sent.wish.action == api::ActionKind::Promote && sent.wish.target == "db2");
    QCOMPARE(sent.basis, plan.basis);
    QCOMPARE(sent.confirm, std::string("db2"));
    QCOMPARE(sent.reason, std::string("db1 burns"));
    QTRY_VERIFY(!w.window.findChild<ActionSheet *>());
    QVERIFY(w.says(QStringLiteral("Begun:")));
}

void ActsMonitorTest::asksForAnEndAndACopy()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/plan-action"), w.record("monitor-scenes/plan-drain/plan-action.json"));
    auto *sheet = opened(w, QStringLiteral("web2"), QStringLiteral("Drain…"));
    QVERIFY(sheet);
    const auto last = [&w](auto of) {
        for (auto sent = w.monitor.sent().crbegin(); sent != w.monitor.sent().crend(); ++sent) {
            if (sent->endpoint == "plan-action")
                return of(api::fromJsonText<api::PlanAction>(sent->body.toStdString())->wish);
        }
        return of(api::ActionWish{});
    };
    const auto until = [](const api::ActionWish &wish) { return wish.until.value_or(Time()); };
    const Time now = w.clock.now();
    QTRY_VERIFY(last(until) > now + std::chrono::minutes(58) && last(until) <= now + std::chrono::minutes(60));
    auto *span = sheet->findChild<QComboBox *>();
    QCOMPARE(span->count(), 4);
    span->setCurrentIndex(0);
    QTRY_VERIFY(last(until) <= now + std::chrono::minutes(15));
    span->setCurrentIndex(3);
    QTRY_VERIFY(last(until) > now + std::chrono::hours(23));
    // A monitor whose clock is a little behind still calls that a day.
    QVERIFY(last(until) < now + std::chrono::hours(24) - std::chrono::seconds(30));
    w.answer(QStringLiteral("monitor/plan-action"), w.record("monitor-scenes/plan-rejoin/plan-action.json"));
    sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Rejoin…"));
    QVERIFY(sheet);
    const auto copy = [](const api::ActionWish &wish) { return wish.copy; };
    QTRY_VERIFY(last([](const api::ActionWish &wish) { return wish.action; }) == api::ActionKind::Rejoin);
    QVERIFY(!last(copy));
    const auto boxes = w.window.findChildren<QCheckBox *>();
    const auto box = std::find_if(boxes.begin(), boxes.end(), [](const QCheckBox *one) { return one->isVisible() && one->text().contains(QStringLiteral("copy")); });
    QVERIFY(box != boxes.end());
    (*box)->setChecked(true);
    QTRY_VERIFY(last(copy));
}

void ActsMonitorTest::keepsTheSheetWhenAGuardFails()
{
    PageWindow w;
    auto *sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Resume replay…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("db2 is paused")));
    auto *reason = sheet->findChild<QPlainTextEdit *>();
    reason->setPlainText(QStringLiteral("the dump is done"));
    w.monitor.failAt("press-action", Error{ErrorCode::GuardFailed, "db2 is not paused", {{"paused", "db2 is not paused"}}, {}});
    auto *button = buttonOf(sheet, QStringLiteral("Resume replay of db2"));
    button->click();
    QTRY_VERIFY(w.says(QStringLiteral("A condition no longer holds")));
    QVERIFY(w.says(QStringLiteral("db2 is not paused")));
    // The one that held is still there, and so is what was typed.
    QTRY_VERIFY(w.says(QStringLiteral("The agent on db2 answers")));
    QVERIFY(!button->isEnabled());
    QCOMPARE(reason->toPlainText(), QStringLiteral("the dump is done"));
    QVERIFY(reason->isEnabled());
    // The next look finds it well; what refused stays to be read.
    QTRY_VERIFY(button->isEnabled());
    QVERIFY(w.says(QStringLiteral("A condition no longer holds")));
}

void ActsMonitorTest::saysWhoDoesWhat()
{
    PageWindow w;
    auto *sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Resume replay…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("db2 is paused")));
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("the dump is done"));
    w.monitor.failAt("press-action", Error{ErrorCode::Conflict, "switch-over of db2 by ada is at work", {}, {}});
    buttonOf(sheet, QStringLiteral("Resume replay of db2"))->click();
    QTRY_VERIFY(w.says(QStringLiteral("switch-over of db2 by ada is at work")));
    QVERIFY(w.window.findChild<ActionSheet *>());
}

void ActsMonitorTest::whatHasChangedIsReadAgain()
{
    PageWindow w;
    auto *sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Resume replay…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("db2 is paused")));
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("the dump is done"));
    auto *button = buttonOf(sheet, QStringLiteral("Resume replay of db2"));
    QVERIFY(button->isEnabled());
    auto plan = recordedPlan(w, "monitor/plan-action.json");
    plan.basis = "db1 primary on timeline 8, db2 standby on timeline 8";
    w.answer(QStringLiteral("monitor/plan-action"), bytesOf(plan));
    QTRY_VERIFY(w.says(QStringLiteral("It has changed since you opened this")));
    QVERIFY(!button->isEnabled());
    for (auto *box : sheet->findChildren<QCheckBox *>())
        box->setChecked(true);
    QVERIFY(button->isEnabled());
}

void ActsMonitorTest::anUnknownLossIsADash()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/plan-action"), w.record("monitor-scenes/plan-promotion-refused/plan-action.json"));
    auto *sheet = opened(w, QStringLiteral("db2"), QStringLiteral("Promote…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("Not known: db1 still takes writes")));
    QVERIFY(w.texts().contains(QStringLiteral("–")));
    QVERIFY(w.says(QStringLiteral("db1 takes writes: switch over instead")));
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("try"));
    QVERIFY(!buttonOf(sheet, QStringLiteral("Promote db2"))->isEnabled());
}

void ActsMonitorTest::anObserverMayOnlyRead()
{
    PageWindow w;
    tell(w, recordedAction(w, "action-running"));
    become(w, "observer");
    for (const char *route : {"nodes/db2", "replication", "overview"}) {
        w.window.go(Route::parse(QLatin1String(route)));
        QTRY_VERIFY(panelOf(w) && panelOf(w)->isVisible());
        QVERIFY(w.says(QStringLiteral("db1 follows, and commits wait for it")));
        for (const auto *button : panelOf(w)->findChildren<QPushButton *>())
            QVERIFY2(!button->isVisible(), qPrintable(button->text()));
        for (const QAction *action : w.window.pages().current()->pageActions()) {
            const bool looks = action->text().contains(QStringLiteral("Open")) || action->text().remove(QLatin1Char('&')).contains(QStringLiteral("Open"));
            const bool elsewhere = action->text().contains(QStringLiteral("pload")) || action->text().contains(QStringLiteral("knowledge"));
            QVERIFY2(!action->isVisible() || looks || elsewhere || !action->isEnabled(), qPrintable(action->text()));
        }
    }
}

void ActsMonitorTest::followsAnActionToItsEnd()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("nodes")));
    QTRY_COMPARE(w.window.pages().current()->faces()->face(), Face::Filled);
    // What is over since days is no news.
    QTRY_VERIFY(times(w, "list-actions") > 0);
    QVERIFY(!panelOf(w)->isVisible());
    auto action = recordedAction(w, "action-running");
    action.steps.at(1).state = api::StepState::Running;
    action.steps.at(1).ended.reset();
    for (api::ActionStep &step : action.aftermath)
        step = {step.name, step.statement, api::StepState::Waiting, {}, {}, {}};
    tell(w, action);
    // Somebody else began it: an event tells.
    api::Event event;
    event.kind = "action.started";
    event.subject = "db2";
    Q_EMIT w.monitorConnection.event(event);
    QTRY_VERIFY(panelOf(w)->isVisible());
    QVERIFY(w.says(QStringLiteral("db2 becomes the primary")));
    QVERIFY(w.says(QStringLiteral("by ada")));
    const auto rows = [&w](const QString &state) {
        const auto all = panelOf(w)->findChildren<StepRow *>();
        return std::count_if(all.begin(), all.end(), [&state](const StepRow *row) { return row->accessibleName().startsWith(state); });
    };
    QCOMPARE(rows(QStringLiteral("done:")), 1);
    QCOMPARE(rows(QStringLiteral("under way:")), 1);
    QCOMPARE(rows(QStringLiteral("waits:")), 4);
    // It is asked for again without a word from anybody.
    tell(w, recordedAction(w, "action-running"));
    QTRY_COMPARE(rows(QStringLiteral("done:")), 5);
    action = recordedAction(w, "action-running");
    action.state = api::ActionState::Done;
    action.ended = w.clock.now();
    action.aftermath.back().state = api::StepState::Done;
    tell(w, action);
    QTRY_COMPARE(rows(QStringLiteral("done:")), 6);
    const auto asked = times(w, "get-action");
    QTest::qWait(1200);
    QCOMPARE(times(w, "get-action"), asked);
    auto *dismiss = buttonOf(panelOf(w), QStringLiteral("Dismiss: db2 becomes the primary"));
    QVERIFY(dismiss && dismiss->isVisible());
    dismiss->click();
    QVERIFY(!panelOf(w)->isVisible());
    Q_EMIT w.monitorConnection.event(event);
    QTest::qWait(100);
    QVERIFY(!panelOf(w)->isVisible());
}

void ActsMonitorTest::cancels()
{
    PageWindow w;
    auto action = recordedAction(w, "action-copy");
    tell(w, action);
    w.answer(QStringLiteral("monitor/cancel-action"), bytesOf(action));
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(panelOf(w) && panelOf(w)->isVisible());
    QVERIFY(w.says(QStringLiteral("41")));
    auto *cancel = buttonOf(panelOf(w), QStringLiteral("Cancel: db2 is made to follow the primary"));
    QVERIFY(cancel && cancel->isEnabled());
    cancel->click();
    QByteArray target;
    QTRY_VERIFY(!w.sentBody("cancel-action", &target).isEmpty());
    QVERIFY(target.contains("/actions/8/cancel"));
    QVERIFY(!cancel->isEnabled());
    action.state = api::ActionState::Cancelled;
    action.statement = "no longer watched; the agent goes on with it";
    action.ended = w.clock.now();
    tell(w, action);
    QTRY_VERIFY(w.says(QStringLiteral("the agent goes on with it")));
    QVERIFY(!cancel->isVisible());
}

void ActsMonitorTest::aFailureStaysUntilItIsDismissed()
{
    PageWindow w;
    tell(w, recordedAction(w, "action-failed"));
    for (const char *route : {"nodes", "overview", "replication"}) {
        w.window.go(Route::parse(QLatin1String(route)));
        QTRY_VERIFY(panelOf(w) && panelOf(w)->isVisible());
        QVERIFY(w.says(QStringLiteral("The agent on db2 does not answer")));
        QVERIFY(w.says(QStringLiteral("if nobody takes writes, plan the promotion")));
    }
    w.setMonitorState(Connection::State::Stale);
    QVERIFY(panelOf(w)->isVisible());
}

void ActsMonitorTest::offersTheNextActOnOverview()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(w.says(QStringLiteral("db2 has stopped replaying: replay is paused")));
    QTRY_VERIFY(actionOf(w, QStringLiteral("Resume replay of db2…")) && actionOf(w, QStringLiteral("Resume replay of db2…"))->isEnabled());
    // From a tile, by the keyboard.
    QWidget *tile = nullptr;
    for (auto *button : w.window.findChildren<QAbstractButton *>()) {
        if (button->accessibleName().startsWith(QStringLiteral("db2 · standby")))
            tile = button;
    }
    QVERIFY(tile);
    QContextMenuEvent wish(QContextMenuEvent::Keyboard, QPoint(), tile->mapToGlobal(QPoint()));
    QApplication::sendEvent(tile, &wish);
    QMenu *menu = nullptr;
    QTRY_VERIFY((menu = qobject_cast<QMenu *>(QApplication::activePopupWidget())));
    QCOMPARE(menu->actions().at(0)->text().remove(QLatin1Char('&')), QStringLiteral("Resume replay of db2…"));
    menu->actions().at(0)->trigger();
    menu->close();
    QTRY_VERIFY(w.window.findChild<ActionSheet *>());
    QTRY_VERIFY(w.says(QStringLiteral("db2 replays again")));
}

void ActsMonitorTest::acknowledgesAStormFromOverview()
{
    PageWindow w;
    auto alerts = *api::fromJsonText<api::Page<api::Alert>>(w.record("monitor/list-alerts.json").toStdString());
    for (api::Alert &alert : alerts.items)
        alert.state = api::AlertState::Firing;
    w.answer(QStringLiteral("monitor/list-alerts"), bytesOf(alerts));
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(actionOf(w, QStringLiteral("Acknowledge all 3…")) && actionOf(w, QStringLiteral("Acknowledge all 3…"))->isVisible());
    actionOf(w, QStringLiteral("Acknowledge all 3…"))->trigger();
    QTRY_VERIFY(w.window.findChild<ActionSheet *>());
    QVERIFY(w.says(QStringLiteral("Everything that fires now")));
}

void ActsMonitorTest::showsWhatNobodySees()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("overview")));
    QPushButton *line = nullptr;
    QTRY_VERIFY([&] {
        for (auto *button : w.window.findChildren<QPushButton *>()) {
            if (button->isVisible() && button->text().contains(QStringLiteral("nobody watches")))
                line = button;
        }
        return line != nullptr;
    }());
    QVERIFY(line->text().contains(QStringLiteral("2 ")));
    QTRY_VERIFY(w.says(QStringLiteral("m2 concludes otherwise on 1")));
    line->click();
    QTRY_COMPARE(w.window.pages().route().page, QStringLiteral("nodes"));
    QTRY_VERIFY(w.says(QStringLiteral("Nobody watches disk /var/lib/postgresql on db2")));
    DataTable *table = nullptr;
    for (auto *one : w.window.pages().current()->findChildren<DataTable *>()) {
        if (one->accessibleName() == QStringLiteral("Other monitors"))
            table = one;
    }
    QVERIFY(table);
    QTRY_COMPARE(table->model()->rowCount(), 1);
    QCOMPARE(table->model()->index(0, 1).data().toString(), QStringLiteral("web2-tls"));
    QCOMPARE(table->model()->index(0, 3).data().toString(), QStringLiteral("warning"));
}

void ActsMonitorTest::fillsTheRunbook()
{
    api::Topology topology;
    topology.nodes = {{"db1", "postgres", "h1", "", "10.0.0.1:5432"}, {"db2", "postgres", "h2", "", "10.0.0.2:5433"}, {"bad", "web", "", "", "x; rm -rf ~:80"}};
    api::ReplicationView replication;
    replication.primary = "db1";
    api::StandbyReplication standby;
    standby.name = "db2";
    standby.primary = "db1";
    standby.receiveLsn = "5B/9D6E0F48";
    replication.standbys = {standby};
    api::Alert alert;
    alert.node = "db2";
    alert.role = "postgres";
    alert.finding = "STALLED";
    alert.runbook = "On the standby: resume";
    const auto all = [](const Runbook &book) {
        QString out;
        for (const Runbook::Line &line : book.commands + book.values)
            out += line.words + QLatin1Char(' ') + line.command + QLatin1Char(' ') + line.value + QLatin1Char('\n');
        return out;
    };
    const QString stalled = all(RunbookWords::of(alert, topology, replication));
    QVERIFY(stalled.contains(QStringLiteral("psql -h 10.0.0.2 -p 5433 -d postgres -c \"select pg_wal_replay_resume()\"")));
    QVERIFY(stalled.contains(QStringLiteral("5B/9D6E0F48")));
    alert.finding = "DISCONNECTED";
    const QString gone = all(RunbookWords::of(alert, topology, replication));
    QVERIFY(gone.contains(QStringLiteral("-h 10.0.0.1 -p 5432")) && gone.contains(QStringLiteral("pg_stat_wal_receiver")));
    // Nothing that is only looked at changes anything.
    QVERIFY(!gone.contains(QStringLiteral("resume")));
    alert.node = "bad";
    alert.role = "web";
    alert.finding = "DOWN";
    QVERIFY(all(RunbookWords::of(alert, topology, replication)).contains(QStringLiteral("'http://x; rm -rf ~:80/_health/'")));
    QCOMPARE(RunbookWords::quoted(QStringLiteral("it's")), QStringLiteral("'it'\\''s'"));
    // Of what is not known there is no command rather than one with a hole.
    alert.node = "nobody";
    QVERIFY(RunbookWords::of(alert, topology, replication).commands.isEmpty());
}

void ActsMonitorTest::theRunbookOpensWithItsAct()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("incidents/41")));
    QTRY_VERIFY(w.says(QStringLiteral("All its guards hold: db2 replays again")));
    auto *copy = buttonOf(w.window.pages().current(), QStringLiteral("Copy: Is db2 paused, and where is it?"));
    QVERIFY(copy);
    copy->click();
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("psql -h db2 -p 5432")));
    auto plan = recordedPlan(w, "monitor/plan-action.json");
    plan.guards.at(1) = {"paused", false, "db2 is not paused"};
    plan.allowed = false;
    w.answer(QStringLiteral("monitor/plan-action"), bytesOf(plan));
    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("db2 is not paused")), 10'000);
    auto *act = buttonOf(w.window.pages().current(), QStringLiteral("Resume replay of db2"));
    QVERIFY(act && act->isEnabled());
    act->click();
    QTRY_VERIFY(w.window.findChild<ActionSheet *>());
    become(w, "observer");
    QTRY_VERIFY(!act->isEnabled());
}

QTEST_MAIN(ActsMonitorTest)
#include "acts_monitor_test.moc"
