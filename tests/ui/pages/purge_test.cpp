// SPDX-License-Identifier: GPL-3.0-or-later
// Purging the CDN from the window: what it would ask of the web nodes, by figures that are there; who may, and when
// nobody should; what is sent.
#include "tests/ui/pages/acts_window.h"
#include "ui/format/format.h"
#include "ui/format/purge_estimate.h"
#include "ui/shell/purge_sheet.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>

using namespace cm;
using namespace cm::ui;

namespace {

api::Signal fact(const char *name, double value)
{
    api::Signal signal;
    signal.name = name;
    signal.value = value;
    signal.sampled = *parseRfc3339("2026-11-22T09:44:16Z");
    return signal;
}

api::Node cache(std::vector<api::Signal> facts)
{
    api::Node node;
    node.role = "cdn";
    node.facts = std::move(facts);
    return node;
}

QString estimate(PurgeWhat what, bool soft, const PurgeFigures &figures)
{
    return purgeEstimate(what, soft, figures).join(QLatin1Char('\n'));
}

ActionSheet *sheetOn(PageWindow &w, const QString &route, const QString &act)
{
    w.window.go(Route::parse(route));
    if (!QTest::qWaitFor([&] { return actionOf(w, act) && actionOf(w, act)->isEnabled() && actionOf(w, act)->isVisible(); }))
        return nullptr;
    actionOf(w, act)->trigger();
    return w.window.findChild<PurgeSheet *>();
}

ActionSheet *onCdn(PageWindow &w)
{
    return sheetOn(w, QStringLiteral("nodes/cdn"), QStringLiteral("Purge the CDN…"));
}

void choose(const ActionSheet &sheet, PurgeWhat what, bool hard = false)
{
    sheet.findChild<QComboBox *>()->setCurrentIndex(static_cast<int>(what));
    sheet.findChild<QCheckBox *>()->setChecked(hard);
}

QLineEdit *lineOf(const ActionSheet &sheet, const QString &name)
{
    for (auto *line : sheet.findChildren<QLineEdit *>()) {
        if (line->accessibleName() == name)
            return line;
    }
    return nullptr;
}

void giveReason(const ActionSheet &sheet)
{
    sheet.findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("wrong pages since noon"));
}

QPushButton *press(const ActionSheet &sheet)
{
    return buttonOf(&sheet, QStringLiteral("Purge the CDN"));
}

void layOver(PageWindow &w, const char *scene)
{
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/") + QLatin1String(scene)));
}

}  // namespace

class PurgeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void figuresAreOfAllCachesOrOfNone();
    void whatNobodyToldIsUnknown();
    void theEstimateIsOfWhatIsThere();
    void readyIsWhoTakesWork();
    void isOfferedOnTheCdnAlone();
    void saysWhatItAsksOfTheWebNodes();
    void sendsOneProjectSoftly();
    void aNameThatTheRegistryLacksIsSaid();
    void everythingAsksForTheName();
    void hardIsRefusedWhileNoWebNodeIsReady();
    void withoutAMonitorTheFiguresAreUnknown();
    void aBacklogIsToldWithItsAge();
    void withoutACdnThereIsNothingToPurge();
    void aRefusalStaysToBeRead();
    void isForOperators();
    void worksByKeyboard();
};

void PurgeTest::figuresAreOfAllCachesOrOfNone()
{
    api::MonitorState state;
    state.nodes = {cache({fact("objects", 100), fact("requests", 30), fact("hit-ratio", 0.9)}), cache({fact("objects", 50), fact("requests", 10), fact("hit-ratio", 0.5)})};
    PurgeFigures figures = purgeFigures(state);
    QVERIFY(figures.objects == 150 && figures.requests == 40.0);
    QCOMPARE(*figures.hitRatio, 0.8);
    // One that does not tell makes the whole unknown, in whatever order.
    for (const std::size_t silent : {0U, 1U}) {
        api::MonitorState partly = state;
        partly.nodes.at(silent).facts.erase(partly.nodes.at(silent).facts.begin());
        QVERIFY(!purgeFigures(partly).objects);
        QVERIFY(purgeFigures(partly).requests);
        partly.nodes.at(silent).facts.at(1).stale = true;
        QVERIFY(!purgeFigures(partly).hitRatio);
    }
    state.nodes.clear();
    figures = purgeFigures(state);
    QVERIFY(!figures.objects && !figures.requests && !figures.hitRatio && !figures.sampled);
}

void PurgeTest::whatNobodyToldIsUnknown()
{
    for (const auto what : {PurgeWhat::Project, PurgeWhat::SimplePages, PurgeWhat::Everything}) {
        const QString said = estimate(what, true, {});
        QVERIFY2(said.contains(QStringLiteral("unknown")), qPrintable(said));
        QVERIFY2(!said.contains(QRegularExpression(QStringLiteral("\\b0\\b"))), qPrintable(said));
    }
    PurgeFigures asked;
    asked.requests = 12;
    QVERIFY(estimate(PurgeWhat::Everything, true, asked).contains(QStringLiteral("how much of that the CDN answers itself is unknown")));
}

void PurgeTest::theEstimateIsOfWhatIsThere()
{
    PurgeFigures figures{412'806, 6120, 0.989, 1, 886'412, 4, {}};
    QString said = estimate(PurgeWhat::Everything, false, figures);
    QVERIFY2(said.contains(QStringLiteral("All 412")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("passes about 67/s on. At first it may pass on all: %1 times as much").arg(QLocale().toString(90.9, 'f', 1))), qPrintable(said));
    QVERIFY(said.contains(QStringLiteral("only the mirror can serve it")));
    // No more pages than the CDN holds answers.
    said = estimate(PurgeWhat::SimplePages, true, figures);
    QVERIFY2(said.contains(QStringLiteral("At most 412")) && said.contains(QStringLiteral("how much that is, is unknown")), qPrintable(said));
    figures.projects = 9;
    said = estimate(PurgeWhat::SimplePages, true, figures);
    QVERIFY2(said.contains(QStringLiteral("At most 30 pages")) && said.contains(QStringLiteral("stays for the time when no web node answers")), qPrintable(said));
    said = estimate(PurgeWhat::Project, true, figures);
    QVERIFY2(said.contains(QStringLiteral("About 12 answers")) && !said.contains(QStringLiteral("At first")), qPrintable(said));
    // Of nearly nothing a multiple is no figure.
    figures.hitRatio = 1;
    QVERIFY(!estimate(PurgeWhat::Everything, true, figures).contains(QStringLiteral("times as much")));
}

void PurgeTest::readyIsWhoTakesWork()
{
    api::MonitorState state;
    const auto web = [&state](api::Verdict verdict, const char *finding) {
        api::Node node;
        node.role = "web";
        node.verdict = verdict;
        node.finding = finding;
        state.nodes.push_back(node);
    };
    web(api::Verdict::Ok, "");
    web(api::Verdict::Warning, "SLOW");
    web(api::Verdict::Warning, "DRAINED");
    web(api::Verdict::Critical, "DOWN");
    web(api::Verdict::Unknown, "NOT_WATCHED");
    const ReadyNodes nodes = readyWebNodes(state);
    QVERIFY(nodes.ready == 2 && nodes.unknown == 1 && nodes.all == 5);
}

void PurgeTest::isOfferedOnTheCdnAlone()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("nodes/web1")));
    const auto act = [&w] { return actionOf(w, QStringLiteral("Purge the CDN…")); };
    QTRY_VERIFY(w.says(QStringLiteral("Act on web1")));
    QVERIFY(act() && !act()->isVisible());
    w.window.go(Route::parse(QStringLiteral("nodes/cdn")));
    QTRY_VERIFY(act()->isVisible() && act()->isEnabled());
}

void PurgeTest::saysWhatItAsksOfTheWebNodes()
{
    PageWindow w;
    auto *sheet = onCdn(w);
    QVERIFY(sheet);
    choose(*sheet, PurgeWhat::Everything);
    QTRY_VERIFY(w.says(QStringLiteral("answers that the CDN holds are asked for anew")));
    QVERIFY(w.says(QStringLiteral("What is asked of the web nodes anew")));
    QVERIFY(w.says(QStringLiteral("passes about 67/s on")));
    QVERIFY(w.says(QStringLiteral("The CDN's figures are 3")));
    QVERIFY(w.says(QStringLiteral("nothing waits to be purged")));
    QVERIFY(w.says(QStringLiteral("There is no undo")));
}

void PurgeTest::sendsOneProjectSoftly()
{
    PageWindow w;
    w.answer(QStringLiteral("purge-cdn"), R"({"serial": 5, "audit": "7"})");
    auto *sheet = sheetOn(w, QStringLiteral("project/geoflux"), QStringLiteral("Purge from the CDN…"));
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("The registry has")));
    QVERIFY(w.says(QStringLiteral("are asked for anew, once each")));
    QVERIFY(!press(*sheet)->isEnabled());
    giveReason(*sheet);
    QTRY_VERIFY(press(*sheet)->isEnabled());
    press(*sheet)->click();
    QTRY_VERIFY(w.says(QStringLiteral("The purge is ordered")));
    const auto sent = *api::fromJsonText<api::PurgeCdn>(w.sentBody("purge-cdn").toStdString());
    QVERIFY(sent.keys == std::vector<std::string>{"project/geoflux"} && sent.soft && !sent.everything);
    QCOMPARE(sent.reason, std::string("wrong pages since noon"));
}

void PurgeTest::aNameThatTheRegistryLacksIsSaid()
{
    PageWindow w;
    auto *sheet = onCdn(w);
    QVERIFY(sheet);
    giveReason(*sheet);
    QTRY_VERIFY(w.says(QStringLiteral("No project is named yet")));
    QVERIFY(!press(*sheet)->isEnabled());
    w.client.setMode(RecordedClient::Mode::Fail);
    lineOf(*sheet, QStringLiteral("Project"))->setText(QStringLiteral("Geo_Flux"));
    QTRY_VERIFY(w.says(QStringLiteral("geo-flux")));
    QTRY_VERIFY(w.says(QStringLiteral("Whether the registry has")));
}

void PurgeTest::everythingAsksForTheName()
{
    PageWindow w;
    w.answer(QStringLiteral("purge-cdn"), R"({"serial": 5, "audit": "7"})");
    auto *sheet = onCdn(w);
    QVERIFY(sheet);
    giveReason(*sheet);
    choose(*sheet, PurgeWhat::SimplePages);
    QTRY_VERIFY(press(*sheet)->isEnabled());
    choose(*sheet, PurgeWhat::Everything, true);
    QTRY_VERIFY(w.says(QStringLiteral("2 of 2 web nodes are ready")));
    QVERIFY(!press(*sheet)->isEnabled());
    const QString registry = text(w.connection.registry()->name);
    QLineEdit *typed = lineOf(*sheet, QStringLiteral("Name, typed to confirm"));
    QVERIFY(typed && typed->isVisible());
    typed->setText(registry);
    QTRY_VERIFY(press(*sheet)->isEnabled());
    press(*sheet)->click();
    QTRY_VERIFY(!w.sentBody("purge-cdn").isEmpty());
    const auto sent = *api::fromJsonText<api::PurgeCdn>(w.sentBody("purge-cdn").toStdString());
    QVERIFY(sent.keys.empty() && !sent.soft && sent.everything);
    QCOMPARE(sent.confirm, w.connection.registry()->name);
}

void PurgeTest::hardIsRefusedWhileNoWebNodeIsReady()
{
    PageWindow w;
    layOver(w, "fallback-serving");
    auto *sheet = onCdn(w);
    QVERIFY(sheet);
    giveReason(*sheet);
    choose(*sheet, PurgeWhat::SimplePages, true);
    QTRY_VERIFY(w.says(QStringLiteral("No web node is ready: a hard purge would empty the CDN of what it still serves")));
    QVERIFY(!press(*sheet)->isEnabled());
    // Softly it takes nothing away.
    choose(*sheet, PurgeWhat::SimplePages, false);
    QTRY_VERIFY(press(*sheet)->isEnabled());
}

void PurgeTest::withoutAMonitorTheFiguresAreUnknown()
{
    PageWindow w(RecordedClient::Mode::Answer, false);
    auto *sheet = sheetOn(w, QStringLiteral("project/geoflux"), QStringLiteral("Purge from the CDN…"));
    QVERIFY(sheet);
    giveReason(*sheet);
    choose(*sheet, PurgeWhat::SimplePages, true);
    QTRY_VERIFY(w.says(QStringLiteral("How many requests the CDN keeps from the web nodes now is unknown")));
    QVERIFY(w.says(QStringLiteral("No monitor is connected here")));
    QVERIFY(w.says(QStringLiteral("Whether any web node is ready is not known here")));
    // The node that takes the order looks at itself.
    QTRY_VERIFY(press(*sheet)->isEnabled());
}

void PurgeTest::aBacklogIsToldWithItsAge()
{
    PageWindow w;
    w.client.layOver(w.folder.filePath(QStringLiteral("registry-scenes/purges-wait")));
    auto *sheet = onCdn(w);
    QVERIFY(sheet);
    choose(*sheet, PurgeWhat::SimplePages);
    QTRY_VERIFY(w.says(QStringLiteral("41 wait to be purged, the oldest for %1 (%2 old)").arg(formatDuration(std::chrono::seconds(50)), formatSampleAge(w.clock.now(), w.clock.now()))));
    QVERIFY(w.says(QStringLiteral("connection refused: start Varnish there, or open the way to it. The order is kept until it does")));
    giveReason(*sheet);
    QVERIFY(press(*sheet)->isEnabled());
}

void PurgeTest::withoutACdnThereIsNothingToPurge()
{
    PageWindow w;
    w.answer(QStringLiteral("cdn-state"), R"({"node": "web1", "driver": "", "edges": [], "pending_keys": 0, "last_error": "", "sampled": "2026-11-22T09:44:19Z"})");
    auto *sheet = onCdn(w);
    QVERIFY(sheet);
    giveReason(*sheet);
    choose(*sheet, PurgeWhat::SimplePages);
    QTRY_VERIFY(w.says(QStringLiteral("This registry knows of no CDN")));
    QVERIFY(!press(*sheet)->isEnabled());
}

void PurgeTest::aRefusalStaysToBeRead()
{
    PageWindow w;
    auto *sheet = onCdn(w);
    QVERIFY(sheet);
    giveReason(*sheet);
    choose(*sheet, PurgeWhat::SimplePages);
    QTRY_VERIFY(press(*sheet)->isEnabled());
    w.client.setMode(RecordedClient::Mode::Fail);
    press(*sheet)->click();
    QTRY_VERIFY(press(*sheet)->isEnabled() || w.window.findChild<PurgeSheet *>());
    QTRY_VERIFY(!w.sentBody("purge-cdn").isEmpty());
    QVERIFY(w.window.findChild<PurgeSheet *>());
    QCOMPARE(sheet->reason(), QStringLiteral("wrong pages since noon"));
}

void PurgeTest::isForOperators()
{
    PageWindow w;
    w.connection.force(Connection::State::Live, api::Who{"olga", api::Role::Observer, 0, false}, *w.connection.registry(), w.clock.now());
    w.window.go(Route::parse(QStringLiteral("nodes/cdn")));
    const auto act = [&w] { return actionOf(w, QStringLiteral("Purge the CDN…")); };
    QTRY_VERIFY(act() && act()->isVisible());
    QVERIFY(!act()->isEnabled());
    QVERIFY(act()->toolTip().contains(QStringLiteral("an operator's does")));
    w.connection.force(Connection::State::Live, api::Who{"olga", api::Role::Operator, 0, false}, *w.connection.registry(), w.clock.now());
    QTRY_VERIFY(act()->isEnabled());
}

void PurgeTest::worksByKeyboard()
{
    PageWindow w;
    w.answer(QStringLiteral("purge-cdn"), R"({"serial": 5, "audit": "7"})");
    w.window.go(Route::parse(QStringLiteral("nodes/cdn")));
    QTRY_VERIFY(actionOf(w, QStringLiteral("Purge the CDN…"))->isVisible());
    QVERIFY(w.tabTo(QStringLiteral("Purge the CDN")));
    w.key(Qt::Key_Space);
    auto *sheet = w.window.findChild<PurgeSheet *>();
    QVERIFY(sheet);
    // What, then how, then why.
    QTRY_COMPARE(QApplication::focusWidget()->accessibleName(), QStringLiteral("What is purged"));
    w.key(Qt::Key_Down);
    QVERIFY(w.tabTo(QStringLiteral("Hard")));
    w.key(Qt::Key_Space);
    QVERIFY(sheet->findChild<QCheckBox *>()->isChecked());
    QVERIFY(w.tabTo(QStringLiteral("Reason")));
    PageWindow::type(QStringLiteral("wrong pages"));
    QTRY_VERIFY(press(*sheet)->isEnabled());
    QVERIFY(w.tabTo(QStringLiteral("Purge the CDN")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(!w.sentBody("purge-cdn").isEmpty());
    const auto sent = *api::fromJsonText<api::PurgeCdn>(w.sentBody("purge-cdn").toStdString());
    QVERIFY(sent.keys == std::vector<std::string>{"simple-pages"} && !sent.soft);
}

QTEST_MAIN(PurgeTest)
#include "purge_test.moc"
