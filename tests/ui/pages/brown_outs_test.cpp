// SPDX-License-Identifier: GPL-3.0-or-later
// Brown-outs on the Deprecations page: one while it runs, all of them in a calendar, and nodes that no step waits for.
#include "tests/ui/pages/deprecation_window.h"
#include "ui/format/format.h"
#include "ui/widgets/count_bars.h"
#include "ui/widgets/stage_track.h"
#include "ui/widgets/window_calendar.h"

#include <QComboBox>

using namespace cm;
using namespace cm::ui;

class BrownOutsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme(*qApp).apply(Theme::Scheme::Dark); }
    void aRunningBrownOutCountsDownAndIsAborted();
    void theCalendarShowsWhereWindowsMeet();
    void theCalendarIsOfOneRegistry();
    void theCalendarGoesByKeyboard();
    void aRecordThatCannotBeReadIsNoFreeCalendar();
    void whatABrownOutDoesIsADashWhereNobodyKnows();
    void onlyASilentNodeIsForgotten();

private:
    static CountBars *barsNamed(const Page *page, const QString &name)
    {
        for (auto *one : page->findChildren<CountBars *>()) {
            if (one->accessibleName() == name)
                return one;
        }
        return nullptr;
    }
    static constexpr int calendarTab = 5;
    // The record of eggs with two windows of its own: one in the middle of that of ssh, one a week later.
    static void planEggs(PageWindow &w)
    {
        auto eggs = recordOf<api::DeprecationRecord>(w, "get-deprecation/2.json");
        const auto at = [](const char *time) { return *parseRfc3339(time); };
        api::BrownOut one;
        one.id = {31};
        one.number = 1;
        one.starts = at("2026-11-26T10:30:00Z");
        one.ends = at("2026-11-26T11:30:00Z");
        api::BrownOut two = one;
        two.id = {32};
        two.number = 2;
        two.starts = at("2026-12-03T23:30:00Z");
        two.ends = at("2026-12-04T00:30:00Z");
        eggs.brownOuts = {one, two};
        put(w, "get-deprecation/2", eggs);
    }
};

void BrownOutsTest::aRunningBrownOutCountsDownAndIsAborted()
{
    PageWindow w;
    w.client.layOver(w.folder.filePath(QStringLiteral("registry-scenes/brown-out")));
    w.answer(QStringLiteral("end-brown-out"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("ends in ") + formatDuration(std::chrono::seconds(341))));
    QVERIFY(w.says(QStringLiteral("3 uses of 2 people")));
    QTRY_VERIFY(w.says(QStringLiteral("3 of 20 refusals, then it aborts by itself")));
    QTRY_VERIFY(barsNamed(page, QStringLiteral("Refused by class of client"))->accessibleDescription().contains(QStringLiteral("CI installers 1, people: 1")));
    QVERIFY(w.says(QStringLiteral("mira")));
    QVERIFY(w.says(formatCount(4210)));
    QVERIFY(w.says(QStringLiteral("Without the figures of")));
    w.clock.set(w.clock.now() + std::chrono::seconds(60));
    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("ends in ") + formatDuration(std::chrono::seconds(281))), 10'000);
    action(page, QStringLiteral("Abort it…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    reason(sheet, QStringLiteral("too many tickets"));
    QTRY_VERIFY(confirm(sheet, QStringLiteral("Abort brown-out 3"))->isEnabled());
    confirm(sheet, QStringLiteral("Abort brown-out 3"))->click();
    QByteArray target;
    QTRY_VERIFY(!w.sentBody("end-brown-out", &target).isEmpty());
    QCOMPARE(target, QByteArray("/admin/v1/deprecations/4/brown-outs/13/end"));
    // At its end it says so, and asks what came of it.
    const auto read = times(w, "get-deprecation");
    w.clock.set(w.clock.now() + std::chrono::minutes(10));
    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("by each node's own clock")), 10'000);
    QTRY_VERIFY(times(w, "get-deprecation") > read);
}

void BrownOutsTest::theCalendarShowsWhereWindowsMeet()
{
    PageWindow w;
    planEggs(w);
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
    const auto askedOfEggs = [&w] {
        return std::any_of(w.client.sent().begin(), w.client.sent().end(), [](const auto &sent) { return sent.endpoint == "get-deprecation" && sent.target.endsWith("/2"); });
    };
    // The others are read when somebody looks at the calendar.
    QVERIFY(!askedOfEggs());
    showTab(page, calendarTab);
    auto *calendar = page->findChild<WindowCalendar *>();
    QTRY_VERIFY(askedOfEggs());
    QTRY_COMPARE(calendar->windowsOn(QDate(2026, 11, 26)).size(), 2);
    for (const WindowCalendar::Window &one : calendar->windowsOn(QDate(2026, 11, 26))) {
        QVERIFY(one.collides);
        QCOMPARE(one.chosen, one.words.startsWith(QStringLiteral("Upload over ssh")));
    }
    QVERIFY(calendar->accessibleDescription().contains(
        QStringLiteral("Uploads of eggs, brown-out 1: 2026-11-26 10:30 to 11:30 UTC, planned, meets Upload over ssh")));
    // One over midnight lies on both days, and meets nobody.
    QCOMPARE(calendar->windowsOn(QDate(2026, 12, 4)).size(), 1);
    QVERIFY(!calendar->windowsOn(QDate(2026, 12, 3)).first().collides);
    // Read once; again only when the record has moved.
    const auto read = times(w, "get-deprecation");
    page->refresh();
    QTRY_VERIFY(times(w, "get-deprecation") > read);
    QTest::qWait(50);  // whatever else is asked has been by then
    QCOMPARE(times(w, "get-deprecation"), read + 1);
    // What is called off is in nobody's way.
    auto eggs = recordOf<api::DeprecationRecord>(w, "get-deprecation/2.json");
    eggs.brownOuts.front().state = api::BrownOutState::CalledOff;
    put(w, "get-deprecation/2", eggs);
    auto list = recordOf<api::DeprecationList>(w, "list-deprecations.json");
    list.items[1].revision += 1;
    put(w, "list-deprecations", list);
    page->refresh();
    QTRY_VERIFY(!calendar->windowsOn(QDate(2026, 11, 26)).first().collides);
}

void BrownOutsTest::theCalendarIsOfOneRegistry()
{
    PageWindow w;
    planEggs(w);
    w.connectTo(QStringLiteral("one"));
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
    showTab(page, calendarTab);
    auto *calendar = page->findChild<WindowCalendar *>();
    QTRY_COMPARE(calendar->windowsOn(QDate(2026, 12, 4)).size(), 1);
    // The other one has records of the same numbers and revisions, and does not answer yet.
    auto eggs = recordOf<api::DeprecationRecord>(w, "get-deprecation/2.json");
    eggs.brownOuts.erase(eggs.brownOuts.begin() + 1);
    eggs.brownOuts.front().starts += std::chrono::days(30);
    eggs.brownOuts.front().ends += std::chrono::days(30);
    put(w, "get-deprecation/2", eggs);
    w.client.setMode(RecordedClient::Mode::Silent);
    w.connectTo(QStringLiteral("two"));
    QVERIFY(calendar->windowsOn(QDate(2026, 12, 4)).isEmpty());
    w.client.setMode(RecordedClient::Mode::Answer);
    page->refresh();
    QTRY_COMPARE(calendar->windowsOn(QDate(2026, 12, 26)).size(), 1);
    QVERIFY(calendar->windowsOn(QDate(2026, 12, 4)).isEmpty());
    // What is asked of one that never answers keeps nobody from asking the next.
    showTab(page, 0);
    auto list = recordOf<api::DeprecationList>(w, "list-deprecations.json");
    auto renamed = std::find_if(list.items.begin(), list.items.end(), [](const auto &one) { return one.id.value == 2; });
    renamed->title = "Eggs once more";
    renamed->revision += 1;
    put(w, "list-deprecations", list);
    page->refresh();
    auto *records = table(page, QStringLiteral("Everything on its way out"));
    QTRY_COMPARE(records->model()->index(1, 0).data().toString(), QStringLiteral("Eggs once more"));
    w.client.setMode(RecordedClient::Mode::Silent);
    const auto read = times(w, "get-deprecation");
    showTab(page, calendarTab);
    QCOMPARE(times(w, "get-deprecation"), read + 1);
    eggs.brownOuts.front().starts += std::chrono::days(1);
    eggs.brownOuts.front().ends += std::chrono::days(1);
    put(w, "get-deprecation/2", eggs);
    w.client.setMode(RecordedClient::Mode::Answer);
    w.connectTo(QStringLiteral("three"));
    QTRY_COMPARE(calendar->windowsOn(QDate(2026, 12, 27)).size(), 1);
    QVERIFY(calendar->windowsOn(QDate(2026, 12, 26)).isEmpty());
    // Of none there is nothing to show.
    w.connection.leave();
    QVERIFY(calendar->windowsOn(QDate(2026, 12, 27)).isEmpty());
}

void BrownOutsTest::theCalendarGoesByKeyboard()
{
    PageWindow w;
    planEggs(w);
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
    showTab(page, calendarTab);
    auto *calendar = page->findChild<WindowCalendar *>();
    QTRY_COMPARE(calendar->windowsOn(QDate(2026, 11, 26)).size(), 2);
    QVERIFY(w.tabTo(QStringLiteral("Calendar of brown-outs")));
    QCOMPARE(calendar->day(), QDate(2026, 11, 22));
    QVERIFY(w.says(QStringLiteral("2026-11-22: no brown-out")));
    w.key(Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(calendar->day(), QDate(2026, 11, 26));
    QVERIFY(w.says(QStringLiteral("Upload over ssh, brown-out 3: 2026-11-26 10:00 to 11:00 UTC, planned, on call dana, meets Uploads of eggs")));
    w.key(Qt::Key_T);
    auto *rows = table(page, QStringLiteral("Brown-outs of all records"));
    QVERIFY(rows->isVisible());
    QCOMPARE(rows->model()->rowCount(), 6);
    w.key(Qt::Key_T);
    QVERIFY(calendar->hasFocus());
    w.key(Qt::Key_Down);
    w.key(Qt::Key_PageDown);
    w.key(Qt::Key_Home);
    QCOMPARE(calendar->day(), QDate(2026, 11, 22));
    w.key(Qt::Key_PageDown);
    QVERIFY(w.says(QStringLiteral("2026-12")));
    w.key(Qt::Key_Left, Qt::ControlModifier);
    QCOMPARE(calendar->day(), QDate(2026, 12, 15));
    w.key(Qt::Key_Left, Qt::ControlModifier);
    QCOMPARE(calendar->day(), QDate(2026, 12, 3));
    w.key(Qt::Key_Return);
    QTRY_VERIFY(page->findChild<StageTrack *>()->accessibleDescription().contains(QStringLiteral("Announced: halted here, frozen")));
}

void BrownOutsTest::aRecordThatCannotBeReadIsNoFreeCalendar()
{
    PageWindow w;
    const QByteArray whole = w.record("get-deprecation/2.json");
    w.answer(QStringLiteral("get-deprecation/2"), "{");
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
    showTab(page, calendarTab);
    QTRY_VERIFY(w.says(QStringLiteral("Not known yet: the brown-outs of Uploads of eggs: ")));
    w.answer(QStringLiteral("get-deprecation/2"), whole);
    page->refresh();
    QTRY_VERIFY(!w.says(QStringLiteral("Not known yet: the brown-outs of")));
}

void BrownOutsTest::whatABrownOutDoesIsADashWhereNobodyKnows()
{
    PageWindow w;
    const QString scene = w.folder.filePath(QStringLiteral("registry-scenes/brown-out"));
    w.client.layOver(scene);
    w.client.failAt("watch-brown-out", Error{ErrorCode::Unavailable, "x", {}, {}});
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Whom it refuses is not known now")));
    QCOMPARE(barsNamed(page, QStringLiteral("Refused by class of client"))->accessibleDescription(), QStringLiteral("By class \u2013"));
    QVERIFY(!w.says(formatCount(4210)));
    // A node that had not counted before has nothing to compare with.
    w.client.failAt("watch-brown-out", std::nullopt);
    auto view = recordOf<api::BrownOutView>(w, "registry-scenes/brown-out/watch-brown-out.json");
    view.collateral.front().before.reset();
    put(w, "registry-scenes/brown-out/watch-brown-out", view);
    page->refresh();
    QTRY_VERIFY(!w.says(QStringLiteral("Whom it refuses is not known now")));
    QTRY_VERIFY(w.says(QStringLiteral("Without the figures of")));
    QVERIFY(w.says(formatCount(4210)));
    QVERIFY(!w.says(formatCount(4388)));
}

void BrownOutsTest::onlyASilentNodeIsForgotten()
{
    PageWindow w;
    w.answer(QStringLiteral("forget-serving-node"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
    action(page, QStringLiteral("Forget a node that stays away…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    reason(sheet, QStringLiteral("its disk is broken"));
    auto *button = confirm(sheet, QStringLiteral("Forget it"));
    // Silent longest: proposed first.
    QTRY_VERIFY(button->isEnabled());
    auto *node = sheet->findChild<QComboBox *>();
    node->setCurrentIndex(1);
    QVERIFY(!button->isEnabled());
    QVERIFY(w.says(QStringLiteral("it is not lost")));
    node->setCurrentIndex(0);
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QByteArray target;
    QTRY_VERIFY(!w.sentBody("forget-serving-node", &target).isEmpty());
    QCOMPARE(target, QByteArray("/admin/v1/serving-nodes/web0/forget"));
}

QTEST_MAIN(BrownOutsTest)
#include "brown_outs_test.moc"
