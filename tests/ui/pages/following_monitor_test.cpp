// SPDX-License-Identifier: GPL-3.0-or-later
// An action followed to its end by everybody who looks, the one next act where something is wrong, the
// runbook with its values, and what nobody sees.
#include "tests/ui/pages/acts_window.h"
#include "ui/pages/incidents/runbook.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/step_row.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QMenu>

using namespace cm;
using namespace cm::ui;

class FollowingMonitorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anObserverMayOnlyRead();
    void followsAnActionToItsEnd();
    void cancels();
    void aFailureStaysUntilItIsDismissed();
    void offersTheNextActOnOverview();
    void acknowledgesAStormFromOverview();
    void showsWhatNobodySees();
    void fillsTheRunbook();
    void theRunbookOpensWithItsAct();
    void readOnlyIsFollowedUntilEveryNodeSaysSo();
};

void FollowingMonitorTest::anObserverMayOnlyRead()
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

void FollowingMonitorTest::followsAnActionToItsEnd()
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
    auto *dismiss = buttonOf(panelOf(w), QStringLiteral("Hide this report: db2 becomes the primary"));
    QVERIFY(dismiss && dismiss->isVisible());
    dismiss->click();
    QVERIFY(!panelOf(w)->isVisible());
    Q_EMIT w.monitorConnection.event(event);
    QTest::qWait(100);
    QVERIFY(!panelOf(w)->isVisible());
}

void FollowingMonitorTest::cancels()
{
    PageWindow w;
    auto action = recordedAction(w, "action-copy");
    tell(w, action);
    w.answer(QStringLiteral("monitor/cancel-action"), bytesOf(action));
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(panelOf(w) && panelOf(w)->isVisible());
    QVERIFY(w.says(QStringLiteral("41")));
    auto *cancel = buttonOf(panelOf(w), QStringLiteral("Call off: db2 is made to follow the primary"));
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

void FollowingMonitorTest::aFailureStaysUntilItIsDismissed()
{
    PageWindow w;
    tell(w, recordedAction(w, "action-failed"));
    for (const char *route : {"nodes", "overview", "replication"}) {
        w.window.go(Route::parse(QLatin1String(route)));
        QTRY_VERIFY(panelOf(w) && panelOf(w)->isVisible());
        QVERIFY(w.says(QStringLiteral("The agent on db2 does not answer")));
        // Overview says it by what is so now.
        const bool leads = QLatin1String(route) == QLatin1String("overview");
        QVERIFY(w.says(leads ? QStringLiteral("then plan it again: db1 takes writes") : QStringLiteral("If nobody does, promote db2 by its plan")));
    }
    w.setMonitorState(Connection::State::Stale);
    QVERIFY(panelOf(w)->isVisible());
}

void FollowingMonitorTest::offersTheNextActOnOverview()
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

void FollowingMonitorTest::acknowledgesAStormFromOverview()
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

void FollowingMonitorTest::showsWhatNobodySees()
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
    QTRY_VERIFY(w.says(QStringLiteral("m2: web2-tls is warning; m1: ok")));
    line->click();
    QTRY_COMPARE(w.window.pages().route().page, QStringLiteral("nodes"));
    QTRY_VERIFY(w.says(QStringLiteral("Nobody watches disk /var/lib/postgresql on db2")));
    auto *table = w.named<DataTable>(QStringLiteral("Other monitors"));
    QVERIFY(table);
    QTRY_COMPARE(table->model()->rowCount(), 1);
    QCOMPARE(table->model()->index(0, 1).data().toString(), QStringLiteral("web2-tls"));
    QCOMPARE(table->model()->index(0, 3).data().toString(), QStringLiteral("warning"));
}

void FollowingMonitorTest::fillsTheRunbook()
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

void FollowingMonitorTest::theRunbookOpensWithItsAct()
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

void FollowingMonitorTest::readOnlyIsFollowedUntilEveryNodeSaysSo()
{
    PageWindow w;
    // A page that asks the monitor nothing itself.
    w.window.go(Route::parse(QStringLiteral("settings")));
    const auto say = [&w](const QStringList &refusing) {
        auto state = *api::fromJsonText<api::MonitorState>(w.record("monitor/monitor-state.json").toStdString());
        for (api::Node &node : state.nodes) {
            api::NodeFinding finding;
            finding.code = "READ_ONLY_MODE";
            if (refusing.contains(QString::fromStdString(node.name)))
                node.findings.push_back(finding);
        }
        w.answer(QStringLiteral("monitor/monitor-state"), QByteArray::fromStdString(api::printJson(api::toJson(state))));
    };
    say({});
    api::RegistryInfo info = *w.connection.registry();
    info.readOnly = api::ReadOnlyMode{w.clock.now() + std::chrono::hours(1), w.clock.now(), "ada", "new disks", ""};
    w.connection.force(Connection::State::Live, w.connection.who(), info, w.clock.now());
    QTRY_VERIFY(w.says(QStringLiteral("None says so yet: web1, web2")));
    say({QStringLiteral("web1")});
    QTRY_VERIFY(w.says(QStringLiteral("Changes are refused by web1; not by web2 yet")));
    say({QStringLiteral("web1"), QStringLiteral("web2")});
    QTRY_VERIFY(w.says(QStringLiteral("Every web node says that it refuses changes: web1, web2")));
    // What it said is not known of a moment at which the monitor is silent.
    w.setMonitorState(Connection::State::Stale);
    QTRY_VERIFY(!w.says(QStringLiteral("Every web node")));
    QVERIFY(w.says(QStringLiteral("new disks")));
}

QTEST_MAIN(FollowingMonitorTest)
#include "following_monitor_test.moc"
