// SPDX-License-Identifier: GPL-3.0-or-later
// Deprecations: a step is pressed only where its guards hold, what nobody knows is a dash, all of it by keyboard.
#include "tests/ui/pages/deprecation_window.h"
#include "ui/format/deprecation_words.h"
#include "ui/format/format.h"
#include "ui/widgets/count_bars.h"
#include "ui/widgets/stage_track.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTimeEdit>

#include <cmath>

using namespace cm;
using namespace cm::ui;

class DeprecationsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme(*qApp).apply(Theme::Scheme::Dark); }
    void theTrackSaysWhereItStands();
    void aRecordBesideTheWayIsHalted();
    void january2014IsToldWithItsDashes();
    void whatNobodyKnowsIsNoZero();
    void usesOfNobodyAreNotThoseOfPeople();
    void aStepWaitsForItsGuards();
    void anOverrideIsSaidAndReasoned();
    void aRefusedPressShowsTheGuardsAnew();
    void theSecondPersonConfirms();
    void aBrownOutIsScheduledByKeyboard();
    void onlyPossibleStepsAreOffered();
    void whoOnlyLooksPressesNothing();
    void anEventReadsItAgain();
    void theLastOneIsReplacedByWhatCanBeProposed();
    void theOrdinaryNextStepStandsFirst();
    void onlyWhatTheRegistryRetiresIsOffered();
    void whatIsReadIsReadByNobodyWhoIsKnown();

private:
    static void allow(PageWindow &w)
    {
        auto plan = recordOf<api::DeprecationPlan>(w, "plan-deprecation-step.json");
        for (api::DeprecationGuard &guard : plan.guards)
            guard.state = guard.state == api::GuardState::Unmet ? api::GuardState::Met : guard.state;
        plan.allowed = true;
        put(w, "plan-deprecation-step", plan);
    }
};

void DeprecationsTest::theTrackSaysWhereItStands()
{
    PageWindow w;
    auto *page = openRecord(w);
    auto *track = page->findChild<StageTrack *>();
    QTRY_VERIFY(track->accessibleDescription().contains(QStringLiteral("Brown-out 2 of 4: now, next 2026-11-26 10:00")));
    QVERIFY(track->accessibleDescription().contains(QStringLiteral("Warning: done, 2026-10-12")));
    QVERIFY(track->accessibleDescription().contains(QStringLiteral("Sunset: ahead, 2027-01-29")));
    QVERIFY(track->accessibleDescription().contains(QStringLiteral("Closed: ahead, \u2013")));
}

void DeprecationsTest::aRecordBesideTheWayIsHalted()
{
    PageWindow w;
    auto *page = openRecord(w, "deprecations/2");
    auto *track = page->findChild<StageTrack *>();
    QTRY_VERIFY(track->accessibleDescription().contains(QStringLiteral("Announced: halted here, frozen")));
    QTRY_VERIFY(w.says(QStringLiteral("Next step: measuring")));
    // One that is over for good goes nowhere.
    auto over = recordOf<api::DeprecationRecord>(w, "get-deprecation/2.json");
    over.possible.clear();
    put(w, "get-deprecation/2", over);
    page->refresh();
    QTRY_VERIFY(w.says(QStringLiteral("No further step")));
    // A known zero is one, with what it leaves open.
    QTRY_VERIFY(w.says(QStringLiteral("none seen: at most 0.03 a day")));
}

void DeprecationsTest::january2014IsToldWithItsDashes()
{
    PageWindow w;
    auto *page = openRecord(w);
    auto *bars = page->findChild<CountBars *>();
    QTRY_VERIFY(bars->accessibleDescription().contains(QStringLiteral("Interactive installers 7, 95 %: 2.8 to 14.4")));
    QVERIFY(bars->accessibleDescription().contains(QStringLiteral("Browsers and fetchers 7, 95 %: 2.8 to 14.4")));
    QVERIFY(bars->accessibleDescription().contains(QStringLiteral("Mirrors and proxies \u2013, not known")));
    QVERIFY(bars->accessibleDescription().contains(QStringLiteral("CI installers \u2013, not known")));
    QVERIFY(w.says(QStringLiteral("Downloads of a client are not uses of the channel")));
}

void DeprecationsTest::whatNobodyKnowsIsNoZero()
{
    PageWindow w;
    put(w, "deprecation-evidence", api::DeprecationEvidence{});
    auto plan = recordOf<api::DeprecationPlan>(w, "plan-deprecation-step.json");
    plan.refused.clear();
    plan.recordedSince.reset();
    put(w, "plan-deprecation-step", plan);
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("nobody knows who uses it")));
    QTRY_VERIFY(w.says(QStringLiteral("whom it would refuse is not known")));
    QVERIFY(!w.says(QStringLiteral("30 days: 0 uses")));
    QVERIFY(!w.says(QStringLiteral("People 0")));
    // Where it cannot even be asked, the rest of the record stays.
    w.client.failAt("deprecation-evidence", Error{ErrorCode::Unavailable, "x", {}, {}});
    page->refresh();
    QTRY_VERIFY(w.says(QStringLiteral("Not known: ")));
    QVERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
}

void DeprecationsTest::usesOfNobodyAreNotThoseOfPeople()
{
    PageWindow w;
    auto *page = openRecord(w);
    const auto ask = [&] {
        action(page, QStringLiteral("Pause…"))->trigger();
        return w.window.findChildren<ActionSheet *>().last();
    };
    // Nine uses, all of them of people who are named.
    QCOMPARE(recordOf<api::DeprecationPlan>(w, "plan-deprecation-step.json").refusedUses, 9);
    QTRY_VERIFY(action(page, QStringLiteral("Pause…")) && action(page, QStringLiteral("Pause…"))->isEnabled());
    ActionSheet *sheet = ask();
    QTRY_VERIFY(w.says(QStringLiteral(": 6 uses in 30 days")));
    QVERIFY(!w.says(QStringLiteral("that no account stands behind")));
    sheet->close();
    auto plan = recordOf<api::DeprecationPlan>(w, "plan-deprecation-step.json");
    plan.refusedAnonymous = 5'000'000'000;
    put(w, "plan-deprecation-step", plan);
    page->refresh();
    QTRY_VERIFY(w.says(QStringLiteral("1000000000 use(s) that no account stands behind.")));
    plan.refusedAnonymous = 4;
    put(w, "plan-deprecation-step", plan);
    page->refresh();
    QTRY_VERIFY(w.says(QStringLiteral("4 use(s) that no account stands behind.")));
    ask();
    QTRY_COMPARE(w.texts().filter(QStringLiteral("4 use(s) that no account stands behind")).size(), 2);
    QVERIFY(!w.says(QStringLiteral("9 use(s)")));
}

void DeprecationsTest::aStepWaitsForItsGuards()
{
    PageWindow w;
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("A second person has not confirmed")));
    action(page, QStringLiteral("Pause…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    reason(sheet, QStringLiteral("holidays"));
    auto *button = confirm(sheet, QStringLiteral("Pause Upload over ssh"));
    QVERIFY(button);
    QTest::qWait(50);
    QVERIFY(!button->isEnabled());
    sheet->close();
    allow(w);
    w.answer(QStringLiteral("take-deprecation-step"), "{\"serial\": 1}");
    action(page, QStringLiteral("Pause…"))->trigger();
    sheet = w.window.findChildren<ActionSheet *>().last();
    button = confirm(sheet, QStringLiteral("Pause Upload over ssh"));
    QTest::qWait(50);
    QVERIFY(!button->isEnabled());
    reason(sheet, QStringLiteral("holidays"));
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QTRY_COMPARE(times(w, "take-deprecation-step"), 1);
    const QJsonObject body = objectOf(lastBody(w, "take-deprecation-step"));
    QCOMPARE(body[QLatin1String("to")].toString(), QStringLiteral("paused"));
    QCOMPARE(body[QLatin1String("revision")].toInt(), 17);
    QCOMPARE(body[QLatin1String("reason")].toString(), QStringLiteral("holidays"));
    QVERIFY(!body[QLatin1String("override_guards")].toBool());
}

void DeprecationsTest::anOverrideIsSaidAndReasoned()
{
    PageWindow w;
    auto plan = recordOf<api::DeprecationPlan>(w, "plan-deprecation-step.json");
    for (api::DeprecationGuard &guard : plan.guards)
        guard.overridable = guard.state == api::GuardState::Unmet;
    plan.allowedByOverride = true;
    put(w, "plan-deprecation-step", plan);
    w.answer(QStringLiteral("take-deprecation-step"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Sunset…")) && action(page, QStringLiteral("Sunset…"))->isEnabled());
    action(page, QStringLiteral("Sunset…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    auto *button = confirm(sheet, QStringLiteral("End Upload over ssh"));
    auto *box = sheet->findChild<QCheckBox *>();
    QTRY_VERIFY(box->isVisible());
    reason(sheet, QStringLiteral("the host dies tomorrow"));
    for (auto *line : sheet->findChildren<QLineEdit *>()) {
        if (line->isVisible())
            line->setText(QStringLiteral("ssh upload"));
    }
    QVERIFY(!button->isEnabled());
    box->setChecked(true);
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QTRY_COMPARE(times(w, "take-deprecation-step"), 1);
    QVERIFY(objectOf(lastBody(w, "take-deprecation-step"))[QLatin1String("override_guards")].toBool());
}

void DeprecationsTest::aRefusedPressShowsTheGuardsAnew()
{
    PageWindow w;
    allow(w);
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Pause…")) && action(page, QStringLiteral("Pause…"))->isEnabled());
    action(page, QStringLiteral("Pause…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    reason(sheet, QStringLiteral("x"));
    auto *button = confirm(sheet, QStringLiteral("Pause Upload over ssh"));
    QTRY_VERIFY(button->isEnabled());
    w.client.failAt("take-deprecation-step", Error{ErrorCode::Conflict, "the record has moved to revision 18", {}, {}});
    const auto planned = times(w, "plan-deprecation-step");
    button->click();
    QTRY_VERIFY(w.says(QStringLiteral("revision 18")));
    QTRY_VERIFY(times(w, "plan-deprecation-step") > planned);
    QVERIFY(sheet->isVisible());
}

void DeprecationsTest::theSecondPersonConfirms()
{
    PageWindow w;
    w.answer(QStringLiteral("confirm-deprecation-step"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Confirm a step…")) && action(page, QStringLiteral("Confirm a step…"))->isEnabled());
    action(page, QStringLiteral("Confirm a step…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    reason(sheet, QStringLiteral("seen the figures"));
    QTRY_VERIFY(confirm(sheet, QStringLiteral("Confirm it"))->isEnabled());
    confirm(sheet, QStringLiteral("Confirm it"))->click();
    QTRY_COMPARE(times(w, "confirm-deprecation-step"), 1);
    // The word binds all that the step is made of.
    const QJsonObject word = objectOf(lastBody(w, "confirm-deprecation-step"));
    QCOMPARE(word[QLatin1String("to")].toString(), QStringLiteral("brown_out"));
    QCOMPARE(word[QLatin1String("starts")].toString(), QStringLiteral("2026-11-23T10:00:00.000000Z"));
    QCOMPARE(word[QLatin1String("ends")].toString(), QStringLiteral("2026-11-23T10:10:00.000000Z"));
    QCOMPARE(word[QLatin1String("on_call")].toString(), QStringLiteral("sam"));
    QCOMPARE(word[QLatin1String("abort_at")].toInt(), 20);
    // Who has confirmed stands there.
    auto record = recordOf<api::DeprecationRecord>(w, "get-deprecation.json");
    record.confirmedStep = api::DeprecationState::BrownOut;
    record.confirmedBy = "lee";
    api::AgreedStep agreed;
    agreed.to = api::DeprecationState::BrownOut;
    agreed.revision = record.revision;
    agreed.starts = *parseRfc3339("2026-11-24T08:00:00Z");
    agreed.ends = *parseRfc3339("2026-11-24T08:45:00Z");
    agreed.onCall = "dana";
    agreed.abortAt = 5;
    agreed.by = "lee";
    record.agreed = agreed;
    put(w, "get-deprecation", record);
    page->refresh();
    QTRY_VERIFY(w.says(QStringLiteral("lee has confirmed: brown-out, 2026-11-24 08:00 UTC for %1, on call dana, aborts at 5 refusals").arg(formatDuration(std::chrono::minutes(45)))));
    // Who takes it finds it filled in as it was agreed.
    allow(w);
    w.answer(QStringLiteral("take-deprecation-step"), "{\"serial\": 1}");
    action(page, QStringLiteral("Schedule brown-out…"))->trigger();
    sheet = w.window.findChildren<ActionSheet *>().last();
    reason(sheet, QStringLiteral("as agreed"));
    QTRY_VERIFY(confirm(sheet, QStringLiteral("Schedule a brown-out of Upload over ssh"))->isEnabled());
    confirm(sheet, QStringLiteral("Schedule a brown-out of Upload over ssh"))->click();
    QTRY_COMPARE(times(w, "take-deprecation-step"), 1);
    const QJsonObject step = objectOf(lastBody(w, "take-deprecation-step"));
    QCOMPARE(step[QLatin1String("starts")].toString(), QStringLiteral("2026-11-24T08:00:00.000000Z"));
    QCOMPARE(step[QLatin1String("ends")].toString(), QStringLiteral("2026-11-24T08:45:00.000000Z"));
    QCOMPARE(step[QLatin1String("on_call")].toString(), QStringLiteral("dana"));
    QCOMPARE(step[QLatin1String("abort_at")].toInt(), 5);
}

void DeprecationsTest::aBrownOutIsScheduledByKeyboard()
{
    PageWindow w;
    allow(w);
    w.answer(QStringLiteral("take-deprecation-step"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Schedule brown-out…")) && action(page, QStringLiteral("Schedule brown-out…"))->isEnabled());
    QVERIFY(w.tabTo(QStringLiteral("Schedule brown-out…")));
    w.key(Qt::Key_Space);
    auto *sheet = w.window.findChild<ActionSheet *>();
    QVERIFY(sheet);
    w.type(QStringLiteral("an hour"));
    auto *start = sheet->findChild<QDateTimeEdit *>();
    // The next working day, not the weekend.
    QCOMPARE(start->dateTime().date(), QDate(2026, 11, 23));
    const auto planned = times(w, "plan-deprecation-step");
    QVERIFY(w.tabTo(formatDuration(std::chrono::minutes(10))));
    w.key(Qt::Key_Down);
    // Guards are asked of the window that was chosen.
    QTRY_VERIFY(times(w, "plan-deprecation-step") > planned);
    QCOMPARE(objectOf(lastBody(w, "plan-deprecation-step"))[QLatin1String("ends")].toString(), QStringLiteral("2026-11-23T11:00:00.000000Z"));
    QTRY_VERIFY(confirm(sheet, QStringLiteral("Schedule a brown-out of Upload over ssh"))->isEnabled());
    QVERIFY(w.tabTo(QStringLiteral("Schedule a brown-out")));
    w.key(Qt::Key_Space);
    QTRY_COMPARE(times(w, "take-deprecation-step"), 1);
    const QJsonObject body = objectOf(lastBody(w, "take-deprecation-step"));
    QCOMPARE(body[QLatin1String("starts")].toString(), QStringLiteral("2026-11-23T10:00:00.000000Z"));
    QCOMPARE(body[QLatin1String("ends")].toString(), QStringLiteral("2026-11-23T11:00:00.000000Z"));
    QCOMPARE(body[QLatin1String("on_call")].toString(), QStringLiteral("local"));
    QCOMPARE(body[QLatin1String("abort_at")].toInt(), 20);
}

void DeprecationsTest::onlyPossibleStepsAreOffered()
{
    PageWindow w;
    auto record = recordOf<api::DeprecationRecord>(w, "get-deprecation.json");
    record.state = api::DeprecationState::Paused;
    record.pausedFrom = api::DeprecationState::BrownOut;
    record.possible = {api::DeprecationState::BrownOut, api::DeprecationState::Cancelled};
    put(w, "get-deprecation", record);
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Resume…")) && action(page, QStringLiteral("Resume…"))->isVisible());
    QVERIFY(!action(page, QStringLiteral("Pause…"))->isVisible());
    QVERIFY(!action(page, QStringLiteral("Sunset…"))->isVisible());
    QVERIFY(page->findChild<StageTrack *>()->accessibleDescription().contains(QStringLiteral("halted here, paused")));
}

void DeprecationsTest::whoOnlyLooksPressesNothing()
{
    PageWindow w;
    w.connection.force(Connection::State::Live, api::Who{"olga", api::Role::Observer, 0, false}, w.connection.registry(), w.clock.now());
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
    for (QAction *one : page->pageActions()) {
        const QString text = one->text().remove(QLatin1Char('&'));
        const bool reads = text.startsWith(QStringLiteral("Export")) || text.startsWith(QStringLiteral("Search")) || text.startsWith(QStringLiteral("Save the report")) || text.startsWith(QStringLiteral("Calendar"));
        QVERIFY2(reads || !one->isEnabled(), qPrintable(text));
    }
}

void DeprecationsTest::anEventReadsItAgain()
{
    PageWindow w;
    auto *page = openRecord(w);
    QTRY_VERIFY(times(w, "get-deprecation") > 0);
    const auto before = times(w, "get-deprecation");
    page->onEvent(api::Event{{1}, w.clock.now(), "token.created", std::nullopt, "4", "sam"});
    page->onEvent(api::Event{{2}, w.clock.now(), "deprecation.step", std::nullopt, "4", "sam"});
    QTRY_VERIFY(times(w, "get-deprecation") > before);
}

void DeprecationsTest::theLastOneIsReplacedByWhatCanBeProposed()
{
    PageWindow w(RecordedClient::Mode::Empty);
    w.answer(QStringLiteral("propose-deprecation"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_COMPARE(page->faces()->face(), Face::Empty);
    action(page, QStringLiteral("Propose a deprecation…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    auto *button = confirm(sheet, QStringLiteral("Propose it"));
    reason(sheet, QStringLiteral("nobody knows who uses it"));
    QVERIFY(!button->isEnabled());
    QVERIFY(w.tabTo(QStringLiteral("Name")));
    w.type(QStringLiteral("Passwords"));
    // A choice is called by what is chosen.
    QVERIFY(w.tabTo(nameFor(api::DeprecationKind::Channel)));
    w.type(nameFor(api::DeprecationKind::Authentication));
    w.key(Qt::Key_Tab);
    w.type(QStringLiteral("password"));
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QTRY_COMPARE(times(w, "propose-deprecation"), 1);
    const QJsonObject terms = objectOf(lastBody(w, "propose-deprecation"))[QLatin1String("terms")].toObject();
    QCOMPARE(terms[QLatin1String("kind")].toString(), QStringLiteral("authentication"));
    QCOMPARE(terms[QLatin1String("subject")].toString(), QStringLiteral("password"));
    QCOMPARE(terms[QLatin1String("owner")].toString(), QStringLiteral("local"));
    // A date that is not set is none.
    QVERIFY(!terms.contains(QLatin1String("sunset")) || terms[QLatin1String("sunset")].isNull());
}

void DeprecationsTest::theOrdinaryNextStepStandsFirst()
{
    PageWindow w;
    openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step: brown-out 3")));
    QVERIFY(w.tabTo(QStringLiteral("Schedule brown-out…")));
    QStringList met;
    for (int i = 0; i < 3; ++i) {
        met << PageWindow::nameOf(QApplication::focusWidget());
        w.key(Qt::Key_Tab);
    }
    QCOMPARE(met, (QStringList{QStringLiteral("Schedule brown-out…"), QStringLiteral("Sunset…"), QStringLiteral("Warn at each use…")}));
}

void DeprecationsTest::onlyWhatTheRegistryRetiresIsOffered()
{
    PageWindow w;
    w.answer(QStringLiteral("propose-deprecation"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    action(page, QStringLiteral("Propose a deprecation…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    QComboBox *kind = nullptr, *subject = nullptr;
    for (auto *box : sheet->findChildren<QComboBox *>())
        (box->accessibleName() == QStringLiteral("Kind") ? kind : subject) = box;
    const auto choose = [&](api::DeprecationKind one) { kind->setCurrentIndex(kind->findData(static_cast<int>(one))); };
    choose(api::DeprecationKind::Endpoint);
    // The simple index and the files are refused, so that nobody can name them.
    QStringList offered;
    for (int i = 0; i < subject->count(); ++i)
        offered << subject->itemData(i).toString();
    QCOMPARE(offered, (QStringList{QStringLiteral("file-upload"), QStringLiteral("doc-upload"), QStringLiteral("project-json"), QStringLiteral("journal"), QStringLiteral("stats")}));
    QVERIFY(!subject->isEditable());
    QCOMPARE(subject->currentIndex(), -1);
    // Clients are named with a range, which no list has.
    choose(api::DeprecationKind::ClientVersion);
    QVERIFY(subject->isEditable());
    choose(api::DeprecationKind::Endpoint);
    for (auto *line : sheet->findChildren<QLineEdit *>()) {
        if (line->accessibleName() == QStringLiteral("Name"))
            line->setText(QStringLiteral("JSON"));
    }
    reason(sheet, QStringLiteral("who reads it"));
    QVERIFY(!confirm(sheet, QStringLiteral("Propose it"))->isEnabled());
    subject->setCurrentIndex(2);
    QTRY_VERIFY(confirm(sheet, QStringLiteral("Propose it"))->isEnabled());
    confirm(sheet, QStringLiteral("Propose it"))->click();
    QTRY_COMPARE(times(w, "propose-deprecation"), 1);
    const QJsonObject terms = objectOf(lastBody(w, "propose-deprecation"))[QLatin1String("terms")].toObject();
    QCOMPARE(terms[QLatin1String("subject")].toString(), QStringLiteral("project-json"));
}

void DeprecationsTest::whatIsReadIsReadByNobodyWhoIsKnown()
{
    PageWindow w;
    auto evidence = recordOf<api::DeprecationEvidence>(w, "deprecation-evidence/7/evidence.json");
    auto *page = openRecord(w, "deprecations/7");
    QTRY_VERIFY(w.says(QStringLiteral("without an account: %1 in 30 days, %2 in 90").arg(formatCount(evidence.anonymous30), formatCount(evidence.anonymous90))));
    // Where caches answer as well, what was counted is no sample of all.
    QVERIFY(evidence.behindCaches && !w.says(QStringLiteral("95 % interval of the")));
    QVERIFY(w.says(QStringLiteral("Mirrors and proxies  ")));
    QVERIFY(w.says(QStringLiteral("from 3 networks, those of caches, not of who asks them")));
    QVERIFY(w.says(QStringLiteral("caches in front answer for it as well: this is the least that there was")));
    // Networks are a count: which they are is nobody's business here.
    QVERIFY(!w.says(text(evidence.networks.front().network)));
    // The list does not pass over them either.
    const auto list = recordOf<api::DeprecationList>(w, "list-deprecations.json");
    auto *rows = table(page, QStringLiteral("Everything on its way out"));
    int column = 0;
    while (rows->table()->columnInfo(column).key != QStringLiteral("uses"))
        ++column;
    QCOMPARE(rows->model()->index(rows->table()->rowOf(QStringLiteral("7")), column).data().toString(), formatCount(list.items.back().uses + list.items.back().anonymous));
    // Without caches the networks are of those who ask, and what was counted is all.
    evidence.behindCaches = false;
    put(w, "deprecation-evidence/7/evidence", evidence);
    page->refresh();
    QTRY_VERIFY(!w.says(QStringLiteral("this is the least that there was")));
    QVERIFY(w.says(QStringLiteral("from 3 networks")));
    QVERIFY(!w.says(QStringLiteral("those of caches")));
    // Of all uses, those without an account among them.
    QVERIFY(*evidence.lower90 > static_cast<double>(evidence.uses90));
    QVERIFY(w.says(QStringLiteral("95 % interval of the %1 uses of 90 days %2 to %3, if each came by itself")
                       .arg(formatCount(evidence.uses90 + evidence.anonymous90), formatCount(std::llround(*evidence.lower90)), formatCount(std::llround(*evidence.upper90)))));
    // Caches answer for no upload.
    auto upload = recordOf<api::DeprecationEvidence>(w, "deprecation-evidence.json");
    upload.behindCaches = true;
    put(w, "deprecation-evidence", upload);
    openRecord(w, "deprecations/4");
    QTRY_VERIFY(w.says(QStringLiteral("Tooling  %1, people: %2").arg(formatCount(upload.uses90), formatCount(upload.people90))));
    QVERIFY(!w.says(QStringLiteral("this is the least that there was")));
    QVERIFY(!w.says(QStringLiteral("without an account:")));
}

QTEST_MAIN(DeprecationsTest)
#include "deprecations_test.moc"
