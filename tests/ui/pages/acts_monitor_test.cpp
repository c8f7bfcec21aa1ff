// SPDX-License-Identifier: GPL-3.0-or-later
// Repairing the topology from the window: the plan before anything is done, guards that are looked at
// while it is read, and what is sent.
#include "tests/ui/pages/acts_window.h"
#include "ui/shell/topology_acts.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>

using namespace cm;
using namespace cm::ui;

class ActsMonitorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knowsWhatMakesSense();
    void knowsTheNextAct();
    void showsThePlanBeforeAnythingIsDone();
    void aGuardThatStopsHoldingShutsTheButton();
    void sendsPlanReasonAndConfirm();
    void asksForAnEndAndACopy();
    void asksForAProject();
    void typesTheNumberOfDeletions();
    void keepsTheSheetWhenAGuardFails();
    void saysWhoDoesWhat();
    void whatHasChangedIsReadAgain();
    void anUnknownLossIsADash();
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
    QVERIFY(choice(cdn, api::ActionKind::DrillFallback).sensible);
    api::Node mirror;
    mirror.name = "far";
    mirror.role = "mirror";
    QVERIFY(choice(mirror, api::ActionKind::SyncMirror).sensible);
    QVERIFY(!choice(mirror, api::ActionKind::ResumeMirror).sensible);
    QVERIFY(choice(mirror, api::ActionKind::SyncProject).sensible);
    QVERIFY(choice(mirror, api::ActionKind::AllowDeletions).why.contains(QStringLiteral("holds nothing back")));
    mirror.finding = "MIRROR_HOLDS_BACK";
    QVERIFY(choice(mirror, api::ActionKind::AllowDeletions).sensible);
    mirror.finding = "PAUSED";
    QVERIFY(choice(mirror, api::ActionKind::ResumeMirror).sensible);
    QVERIFY(choice(mirror, api::ActionKind::SyncMirror).why.contains(QStringLiteral("resume it first")));
    mirror.finding = "OUT_OF_ROTATION";
    QVERIFY(choice(mirror, api::ActionKind::MirrorReturn).sensible);
    QVERIFY(!choice(mirror, api::ActionKind::MirrorOut).sensible);
    api::Node files;
    files.role = "gluster";
    QVERIFY(choice(files, api::ActionKind::RestartBrick).sensible);
    QVERIFY(!choice(files, api::ActionKind::ResolveSplit).sensible);
    api::Signal split;
    split.name = "split-brain";
    split.value = 1;
    files.facts.push_back(split);
    QVERIFY(choice(files, api::ActionKind::ResolveSplit).sensible);
    api::Node disk;
    disk.role = "disk";
    QVERIFY(TopologyActs::on(disk).isEmpty());
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
    QVERIFY(next("MIRROR_STALE", "far")->action == api::ActionKind::SyncMirror);
    QVERIFY(next("MIRROR_HOLDS_BACK", "far")->action == api::ActionKind::AllowDeletions);
    QVERIFY(next("MIRROR_LACKS", "far")->action == api::ActionKind::SyncProject);
    QVERIFY(next("DIGEST_MISMATCH", "far")->action == api::ActionKind::MirrorOut);
    QVERIFY(next("FILE_SPLIT_BRAIN", "gfs1")->action == api::ActionKind::ResolveSplit);
    QVERIFY(next("BRICK_DOWN", "gfs1")->action == api::ActionKind::RestartBrick);
    QVERIFY(next("DRILL_DUE", "cdn")->action == api::ActionKind::DrillFallback);
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

void ActsMonitorTest::sendsPlanReasonAndConfirm()
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
    QVERIFY(!plan.id.empty());
    QCOMPARE(sent.plan, plan.id);
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

void ActsMonitorTest::asksForAProject()
{
    PageWindow w;
    auto plan = recordedPlan(w, "monitor-scenes/plan-sync-project/plan-action.json");
    const auto sound = plan;
    plan.guards.back() = {"project", false, "Say which project"};
    plan.allowed = false;
    w.answer(QStringLiteral("monitor/plan-action"), bytesOf(plan));
    auto *sheet = opened(w, QStringLiteral("mirror"), QStringLiteral("Sync one project again…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("Say which project")));
    auto *button = buttonOf(sheet, QStringLiteral("Sync the project again"));
    QVERIFY(button);
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("its page looks wrong"));
    QVERIFY(!button->isEnabled());
    w.answer(QStringLiteral("monitor/plan-action"), bytesOf(sound));
    const auto fields = sheet->findChildren<QLineEdit *>();
    const auto field = std::find_if(fields.begin(), fields.end(), [](const QLineEdit *one) { return one->accessibleName() == QStringLiteral("Project"); });
    QVERIFY(field != fields.end());
    (*field)->setText(QStringLiteral(" Rindless "));
    QVERIFY(!button->isEnabled());
    QTRY_VERIFY(button->isEnabled());
    QVERIFY(w.says(QStringLiteral("rindless anew")));
    button->click();
    QTRY_VERIFY(!w.sentBody("press-action").isEmpty());
    const auto sent = *api::fromJsonText<api::PressAction>(w.sentBody("press-action").toStdString());
    QCOMPARE(sent.plan, sound.id);
    const auto calls = w.monitor.sent();
    const auto asked = std::find_if(calls.crbegin(), calls.crend(), [](const auto &call) { return call.endpoint == "plan-action"; });
    QVERIFY(asked != calls.crend());
    const api::ActionWish wish = api::fromJsonText<api::PlanAction>(asked->body.toStdString())->wish;
    QVERIFY(wish.action == api::ActionKind::SyncProject && wish.target == "mirror");
    QCOMPARE(wish.project, std::string("Rindless"));
}

void ActsMonitorTest::typesTheNumberOfDeletions()
{
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/mirror-holds")));
    auto *sheet = opened(w, QStringLiteral("mirror"), QStringLiteral("Allow deletions once…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("geoflux: all of it (12 files)")));
    QVERIFY(w.says(QStringLiteral("And 43 projects more")));
    QVERIFY(w.says(QStringLiteral("It cannot be undone from here")));
    auto *button = buttonOf(sheet, QStringLiteral("Allow these deletions once"));
    QVERIFY(button);
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("the owner left"));
    QVERIFY(!button->isEnabled());
    const auto fields = sheet->findChildren<QLineEdit *>();
    const auto typed = std::find_if(fields.begin(), fields.end(), [](const QLineEdit *one) { return one->isVisible(); });
    QVERIFY(typed != fields.end());
    (*typed)->setText(QStringLiteral("delete 45"));
    QVERIFY(!button->isEnabled());
    (*typed)->setText(QStringLiteral("delete 46"));
    QVERIFY(button->isEnabled());
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

QTEST_MAIN(ActsMonitorTest)
#include "acts_monitor_test.moc"
