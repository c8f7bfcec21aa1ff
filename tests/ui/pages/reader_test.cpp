// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody reads on Overview in five seconds: what is wrong, who is hit, what to do and what not, under each
// fault and while an action is at work.
#include "tests/ui/pages/acts_window.h"
#include "ui/format/findings.h"
#include "ui/format/format.h"
#include "ui/pages/overview/short_timeline.h"
#include "ui/widgets/comparison_grid.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/verdict_banner.h"

#include <QLabel>

using namespace cm;
using namespace cm::ui;

namespace {

struct Scene : PageWindow {
    explicit Scene(const QString &name)
    {
        monitor.layOver(folder.filePath(QStringLiteral("monitor-scenes/") + name));
        window.go(Route::parse(QStringLiteral("overview")));
    }
    QString headline()
    {
        const auto *banner = window.pages().current()->findChild<VerdictBanner *>();
        return banner && banner->isVisible() ? banner->accessibleName() : QString();
    }
    QString facts()
    {
        const auto *banner = window.pages().current()->findChild<VerdictBanner *>();
        return banner ? banner->accessibleDescription() : QString();
    }
    QString menuButton()
    {
        for (const QAction *action : window.pages().current()->pageActions()) {
            const QString text = action->text().remove(QLatin1Char('&'));
            if (action->isVisible() && text.startsWith(QStringLiteral("Open ")) && text != QStringLiteral("Open project"))
                return text;
        }
        return {};
    }
};

}  // namespace

class ReaderTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void saysWhoIsHitAndWhatNotToDo_data();
    void saysWhoIsHitAndWhatNotToDo();
    void anActionAtWorkLeads();
    void anActionThatFailedLeads();
    void aDismissedOneLeadsNoLonger();
    void aSilentMonitorLeadsBeforeAnything();
    void theButtonLeadsToWhatIsMissing();
    void namesWhoConcludesWhat();
    void aSplitBrainHasOneButton();
    void nothingLeadsToDangerWhereTheFactsDoNotDecide();
    void aDatabaseThatIsGoneLeadsToNoDanger();
    void whatIsNotDrawnIsNamed();
    void aCopyHasAnAgeBesidesThatOfItsReading();
    void theKeyIsOfTheLinesThatAreDrawn();
    void aRouteTakesTheFocusAlong();
    void aSheetLeavesNamesWhole();
    void oneLineForWhatHappenedOnce();
    void theDecisiveWordComesFirst();
};

void ReaderTest::saysWhoIsHitAndWhatNotToDo_data()
{
    QTest::addColumn<QString>("headline");
    QTest::addColumn<QString>("hit");
    QTest::addColumn<QString>("forbidden");
    const auto row = [](const char *scene, const char *headline, const char *hit, const char *forbidden) {
        QTest::newRow(scene) << QString::fromLatin1(headline) << QString::fromLatin1(hit) << QString::fromLatin1(forbidden);
    };
    row("db2-disconnected", "db2 is not connected to db1", "nobody yet; a failover now would lose work", "Do not: promote db2");
    row("split-brain", "db1 and db2 both take writes", "uploads: what db1 alone has taken", "Do not: fence db2, or promote, rejoin or restart");
    row("cannot-see-db1", "Monitor m1 cannot reach db1", "nobody as far as this monitor sees", "Do not: promote or fence anything");
    row("pgpools-disagree", "pgpool2 has set db2 aside (it says: quarantine)", "nobody yet", "Do not: switch over, or restart a pgpool");
    row("no-quorum", "Automatic failover is off", "nobody yet", "Do not: stop or restart pgpool1 or the primary");
    row("read-only-database", "web1 and web2 cannot write", "uploads and every other change", "Do not: promote anything: db1 takes writes");
    row("cdn-stale", "cdn gives clients the page of geoflux without what changed 84 s ago", "who installs through the CDN", "Do not: tell anybody that what was withdrawn is gone");
    row("certificate-old", "web2-tls presents its old certificate", "nobody yet", "Do not: restart the node for that: a reload is enough");
    row("fallback-serving", "No web node answers: web2, web1", "uploads and every other change; installs come from the mirror", "Do not: take the mirror out of rotation, or purge the CDN hard");
    row("primary-killed", "pg1 is down: connection refused (pg2 takes writes)", "nobody yet; pg2 alone has what is committed now",
        "Do not: stop or restart pg2: nobody else has what it commits. Nor start pg1 as a primary");
    row("primary-killed-just-now", "pg1 is down: connection refused (pg2 takes writes)", "nobody yet", "Do not: start pg1 as a primary: pg2 is the one");
    row("standby-killed", "pg2 is down: connection refused (pg1 takes writes)", "nobody yet; pg1 alone has what is committed now",
        "Do not: stop or restart pg1: nobody else has what it commits. Nor start pg2 as a primary");
    row("slot-lost", "pg2 cannot catch up: its slot has lost the WAL it needs", "nobody yet; pg1 alone has what is committed now", "Do not: promote pg2: it lacks what was written since");
    row("databases-away", "No database answers: pg1, pg2", "uploads and every other change, for no web node works", "Do not: promote whichever comes back first");
    row("disk-full", "pg1_disk has 0.0 % of its space left", "nobody yet; uploads as soon as pg1 needs room", "Do not: delete files of PostgreSQL to make room");
    row("web-killed", "web2 is down", "nobody while web1 carries", "Do not: drain or restart another");
    row("webs-killed", "No web node answers: web2, web1", "uploads and every other change; installs come from the mirror", "Do not: take the mirror out of rotation");
    row("web2-down", "web2 is down", "nobody while web1 carries", "Do not: drain or restart another");
}

void ReaderTest::saysWhoIsHitAndWhatNotToDo()
{
    QFETCH(QString, headline);
    QFETCH(QString, hit);
    QFETCH(QString, forbidden);
    Scene w(QString::fromLatin1(QTest::currentDataTag()));
    QTRY_VERIFY(w.headline().contains(headline));
    QVERIFY2(w.facts().contains(QStringLiteral("Who is hit: ") + hit), qPrintable(w.facts()));
    QVERIFY2(w.facts().contains(forbidden), qPrintable(w.facts()));
    QVERIFY2(w.facts().contains(QStringLiteral("Next: ")), qPrintable(w.facts()));
    // Neither is small and grey.
    const auto *banner = w.window.pages().current()->findChild<VerdictBanner *>();
    for (const auto *label : banner->findChildren<QLabel *>()) {
        if (!label->text().startsWith(hit) && !QStringLiteral("Do not: ").append(label->text()).startsWith(forbidden))
            continue;
        QVERIFY(label->isVisible());
        QVERIFY2(label->font().weight() > QFont::Normal, qPrintable(label->text()));
        QCOMPARE(label->foregroundRole(), QPalette::WindowText);
    }
}

void ReaderTest::anActionAtWorkLeads()
{
    Scene w(QStringLiteral("action-running"));
    QTRY_VERIFY(w.headline().startsWith(QStringLiteral("Switch over to db2 is under way")));
    QVERIFY(w.headline().contains(QStringLiteral("still to come: db1 follows, and commits wait for it")));
    QVERIFY(w.facts().contains(QStringLiteral("Do not: promote, fence or restart")));
    // While a step is at work it is named, and how far it is.
    Scene copy(QStringLiteral("action-copy"));
    QTRY_VERIFY(copy.headline().startsWith(QStringLiteral("Rejoin db2 is under way: step 1 of 1")));
    QVERIFY2(copy.headline().contains(QStringLiteral("61.2 GB of 148.0 GB")) && copy.headline().contains(QStringLiteral("41")), qPrintable(copy.headline()));
    QVERIFY2(copy.facts().contains(QStringLiteral("Meanwhile: db2 is down")), qPrintable(copy.facts()));
    // An old fault with a button of its own is no second thing to begin.
    PageWindow old;
    tell(old, recordedAction(old, "action-copy"));
    old.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(old.says(QStringLiteral("Rejoin db2 is under way")));
    QVERIFY(old.says(QStringLiteral("db2 has stopped replaying")));
    QVERIFY(!actionOf(old, QStringLiteral("Resume replay of db2…")) || !actionOf(old, QStringLiteral("Resume replay of db2…"))->isVisible());
}

void ReaderTest::anActionThatFailedLeads()
{
    Scene w(QStringLiteral("action-failed"));
    QTRY_VERIFY(w.headline().startsWith(QStringLiteral("Nothing takes writes: Switch over to db2 stopped halfway. The agent on db2 does not answer")));
    for (const char *said : {"Done before: db1: stopped on purpose at 5B/9D6E0F48", "Now: db1 is down", "Who is hit: uploads and every other change",
                             "Next: Start the agent on db2, which carries out the order. Then promote db2: its plan proves first that db1 has stopped",
                             "Do not: start db1, which was stopped on purpose, or promote db2 past its plan"})
        QVERIFY2(w.facts().contains(QLatin1String(said)), qPrintable(w.facts()));
    // The second step is not the first button: who would carry it out is away.
    QVERIFY(!actionOf(w, QStringLiteral("Promote db2…")) || !actionOf(w, QStringLiteral("Promote db2…"))->isVisible());
    QCOMPARE(w.menuButton(), QStringLiteral("Open Replication"));
    actionOf(w, QStringLiteral("Open Replication"))->trigger();
    QTRY_COMPARE(w.window.pages().route().page, QStringLiteral("replication"));
}

void ReaderTest::aDismissedOneLeadsNoLonger()
{
    Scene w(QStringLiteral("action-failed"));
    QTRY_VERIFY(w.headline().startsWith(QStringLiteral("Nothing takes writes: Switch over to db2 stopped halfway")));
    auto *dismiss = buttonOf(panelOf(w), QStringLiteral("Hide this report: db2 becomes the primary"));
    QVERIFY(dismiss);
    dismiss->click();
    QTRY_VERIFY(w.headline().startsWith(QStringLiteral("db1 is down: connection refused")));
    // Nor does one that is an hour old, although its panel still stands.
    PageWindow old;
    auto action = recordedAction(old, "action-failed");
    action.started -= std::chrono::hours(2);
    action.ended = *action.ended - std::chrono::hours(2);
    tell(old, action);
    old.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(panelOf(old) && panelOf(old)->isVisible());
    QVERIFY(old.says(QStringLiteral("db2 has stopped replaying: replay is paused")));
    QVERIFY(!old.says(QStringLiteral("Nothing takes writes: Switch over to db2 stopped halfway")));
}

void ReaderTest::aSilentMonitorLeadsBeforeAnything()
{
    Scene w(QStringLiteral("action-running"));
    QTRY_VERIFY(w.headline().startsWith(QStringLiteral("Switch over to db2 is under way")));
    w.setMonitorState(Connection::State::Stale);
    QTRY_VERIFY(w.headline().startsWith(QStringLiteral("The monitor has told nothing new")));
}

void ReaderTest::theButtonLeadsToWhatIsMissing()
{
    Scene w(QStringLiteral("no-quorum"));
    QTRY_COMPARE(w.menuButton(), QStringLiteral("Open Nodes"));
    actionOf(w, QStringLiteral("Open Nodes"))->trigger();
    QTRY_COMPARE(w.window.pages().route().text(), QStringLiteral("nodes/pgpool2"));
    const auto current = [&w] {
        for (const auto *table : w.window.pages().current()->findChildren<DataTable *>()) {
            if (table->hasFocus())
                return table->selectedKeys().value(0);
        }
        return QString();
    };
    QTRY_COMPARE(current(), QStringLiteral("pgpool2"));
    // One alone is opened by its name; the one that tells of it is no help.
    PageWindow one;
    auto state = *api::fromJsonText<api::MonitorState>(one.record("monitor-scenes/no-quorum/monitor-state.json").toStdString());
    for (api::Node &node : state.nodes) {
        if (node.name == "pgpool2")
            node.finding.clear();
    }
    one.answer(QStringLiteral("monitor/monitor-state"), bytesOf(state));
    one.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(actionOf(one, QStringLiteral("Open node witness")) && actionOf(one, QStringLiteral("Open node witness"))->isVisible());
}

void ReaderTest::namesWhoConcludesWhat()
{
    Scene w(QStringLiteral("cannot-see-db1"));
    QTRY_VERIFY(w.facts().contains(QStringLiteral("m2 says: db1 is ok")));
    QTRY_VERIFY(w.says(QStringLiteral("m2: db1 is ok; m1: unknown")));
}

void ReaderTest::aSplitBrainHasOneButton()
{
    Scene w(QStringLiteral("split-brain"));
    QTRY_VERIFY(w.headline().contains(QStringLiteral("no pgpool uses db1")));
    QVERIFY2(w.facts().contains(QStringLiteral("Next: Fence db1. db2 stays")), qPrintable(w.facts()));
    const QAction *fence = actionOf(w, QStringLiteral("Fence db1…"));
    QVERIFY(fence && fence->isVisible() && fence->isEnabled());
    QVERIFY(!actionOf(w, QStringLiteral("Fence db2…")) || !actionOf(w, QStringLiteral("Fence db2…"))->isVisible());
    // On the map it is the same one.
    bool stays = false, goes = false;
    for (const auto *tile : w.window.findChildren<QAbstractButton *>()) {
        goes = goes || tile->accessibleName().startsWith(QStringLiteral("db1 · primary, to be fenced"));
        stays = stays || tile->accessibleName().startsWith(QStringLiteral("db2 · primary, stays: the pgpools use it"));
    }
    QVERIFY(goes && stays);
}

void ReaderTest::nothingLeadsToDangerWhereTheFactsDoNotDecide()
{
    PageWindow w;
    auto state = *api::fromJsonText<api::MonitorState>(w.record("monitor-scenes/split-brain/monitor-state.json").toStdString());
    for (api::Node &node : state.nodes) {
        for (api::NodeFinding &finding : node.findings) {
            finding.act.clear();
            finding.actOn.clear();
        }
    }
    w.answer(QStringLiteral("monitor/monitor-state"), bytesOf(state));
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(w.says(QStringLiteral("db1 and db2 both take writes")));
    for (const char *text : {"Fence db1…", "Fence db2…", "Promote db2…"})
        QVERIFY2(!actionOf(w, QString::fromUtf8(text)) || !actionOf(w, QString::fromUtf8(text))->isVisible(), text);
    QVERIFY(actionOf(w, QStringLiteral("Open Replication")) && actionOf(w, QStringLiteral("Open Replication"))->isVisible());
}

void ReaderTest::aDatabaseThatIsGoneLeadsToNoDanger()
{
    // Failed over: nothing is to be promoted, fenced or switched, and the first thing to do is said.
    for (const char *scene : {"primary-killed", "primary-killed-just-now"}) {
        Scene w(QString::fromLatin1(scene));
        QTRY_VERIFY(w.facts().contains(QStringLiteral("Next: Bring pg1 back as a standby of pg2")));
        QVERIFY(!w.facts().contains(QStringLiteral("promote")));
        QCOMPARE(w.menuButton(), QStringLiteral("Open node pg1"));
        for (const QAction *action : w.window.pages().current()->pageActions()) {
            for (const char *word : {"Promote", "Fence", "Switch", "Unfence"})
                QVERIFY2(!action->isVisible() || !action->text().remove(QLatin1Char('&')).startsWith(QLatin1String(word)), qPrintable(action->text()));
        }
    }
    // All of them: whoever took writes last is the one to wait for.
    PageWindow none;
    auto state = *api::fromJsonText<api::MonitorState>(none.record("monitor-scenes/primary-killed/monitor-state.json").toStdString());
    for (api::Node &node : state.nodes) {
        if (node.name == "pg2") {
            node.verdict = api::Verdict::Critical;
            node.finding = "NO_ANSWER";
            node.findings = {{"NO_ANSWER", api::Verdict::Critical, "pg2 does not answer", state.time, "pg1", {}, {}, {}}};
        }
    }
    none.answer(QStringLiteral("monitor/monitor-state"), bytesOf(state));
    none.window.go(Route::parse(QStringLiteral("overview")));
    const auto *banner = none.window.pages().current()->findChild<VerdictBanner *>();
    QTRY_VERIFY2(banner->accessibleDescription().contains(QStringLiteral("Do not: promote whichever comes back first: it may lack what another has acknowledged")),
                 qPrintable(banner->accessibleDescription()));
}

void ReaderTest::whatIsNotDrawnIsNamed()
{
    Scene w(QStringLiteral("all-well"));
    QTRY_VERIFY(w.says(QStringLiteral("Well, and not drawn: web2-tls, db1-disk, m2")));
    QVERIFY(w.says(QStringLiteral("Nobody watches the disk of db2")));
}

void ReaderTest::theKeyIsOfTheLinesThatAreDrawn()
{
    // What leads to a disk without a tile of its own is no line; the fallback that nobody needs is one.
    Scene blind(QStringLiteral("cannot-see-db1"));
    QTRY_VERIFY(blind.says(QStringLiteral("Well, and not drawn")));
    QVERIFY(blind.says(QStringLiteral("Lines: dashed: idle, or not seen")));
    QVERIFY(!blind.says(QStringLiteral("purple")));
    Scene fallback(QStringLiteral("fallback-serving"));
    QTRY_VERIFY(fallback.says(QStringLiteral("dashed: idle, or not seen")));
    QVERIFY(fallback.says(QStringLiteral("red: it fails")));
}

void ReaderTest::aCopyHasAnAgeBesidesThatOfItsReading()
{
    for (const auto &node : {QStringLiteral("mirror"), QStringLiteral("cdn")}) {
        PageWindow w;
        w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/fallback-serving")));
        w.window.go(Route::parse(QStringLiteral("nodes/") + node));
        const auto sides = [&w] {
            QStringList shown;
            for (const ComparisonGrid *grid : w.window.pages().current()->findChildren<ComparisonGrid *>()) {
                for (const QLabel *label : grid->isVisible() ? grid->findChildren<QLabel *>() : QList<QLabel *>())
                    shown << label->text();
            }
            return shown;
        };
        // Compared 144 s ago, and that was read a moment ago.
        QTRY_VERIFY2(sides().contains(formatDuration(std::chrono::seconds(144))), qPrintable(sides().join(QLatin1Char('|'))));
        QVERIFY(w.says(QStringLiteral("Age of the copy")));
        QVERIFY(w.says(QStringLiteral("Age of the reading")));
    }
}

void ReaderTest::aRouteTakesTheFocusAlong()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("project/geoflux")));
    const auto focused = [] { return PageWindow::nameOf(QApplication::focusWidget()); };
    QTRY_VERIFY2(PageWindow::nameOf(QApplication::focusWidget()) == QStringLiteral("Parts of the project") || QApplication::focusWidget()->inherits("QTabBar"),
                 qPrintable(focused()));
    // And it is still the one that was asked for when the list has come to rest.
    QTest::qWait(300);
    QCOMPARE(w.window.pages().current()->title(), QStringLiteral("geoflux"));
    // The list alone begins with its search.
    PageWindow list;
    list.window.go(Route::parse(QStringLiteral("projects")));
    QTRY_COMPARE(focused(), QStringLiteral("Search projects by name"));
    // Who has gone elsewhere while it was read is left there.
    PageWindow slow(RecordedClient::Mode::Silent);
    slow.window.go(Route::parse(QStringLiteral("projects")));
    slow.window.openPalette();
    const QString elsewhere = focused();
    slow.client.setMode(RecordedClient::Mode::Answer);
    slow.window.pages().current()->refresh();
    QTRY_COMPARE(slow.window.pages().current()->faces()->face(), Face::Filled);
    QCOMPARE(focused(), elsewhere);
}

void ReaderTest::aSheetLeavesNamesWhole()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/plan-action"), w.record("monitor-scenes/plan-drain/plan-action.json"));
    QVERIFY(opened(w, QStringLiteral("web2"), QStringLiteral("Drain…")));
    const auto *table = w.named<DataTable>(QStringLiteral("Signals"));
    QVERIFY(table);
    QTRY_VERIFY(table->model()->rowCount() > 3);
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        const QString name = table->model()->index(row, 0).data().toString();
        QVERIFY2(table->fontMetrics().horizontalAdvance(name) + 32 <= table->columnWidth(0), qPrintable(name));
    }
}

void ReaderTest::oneLineForWhatHappenedOnce()
{
    const auto event = [](int id, int second, const char *kind, const char *node, const char *finding, std::optional<api::Verdict> after) {
        api::TimelineEvent out;
        out.id = api::Id{id};
        out.time = Time(std::chrono::seconds(second));
        out.kind = kind;
        out.node = node;
        out.finding = finding;
        out.statement = std::string(node) + " " + finding;
        out.after = after;
        return out;
    };
    constexpr auto critical = api::Verdict::Critical;
    const auto ids = [](const QList<api::TimelineEvent> &events) {
        QList<qint64> out;
        for (const api::TimelineEvent &one : events)
            out << one.id.value;
        return out;
    };
    // The alert of a verdict is not told twice; that of another node, or much later, is.
    QCOMPARE(ids(shortTimeline({event(4, 901, "alert.opened", "db2", "DOWN", critical), event(3, 900, "verdict.changed", "db2", "DOWN", critical),
                                event(2, 900, "alert.opened", "db1", "DOWN", critical), event(1, 100, "alert.opened", "db2", "DOWN", critical)})),
             (QList<qint64>{3, 2, 1}));
    QCOMPARE(ids(shortTimeline({event(2, 50, "alert.closed", "db2", "DOWN", {}), event(1, 50, "verdict.changed", "db2", "", api::Verdict::Ok)})), QList<qint64>{1});
    QCOMPARE(ids(shortTimeline({event(2, 50, "action.ended", "db2", "", {}), event(1, 50, "action.step", "db2", "", {})})), QList<qint64>{2});
    // A verdict that has no alert stays, whatever it is.
    QCOMPARE(ids(shortTimeline({event(1, 50, "verdict.changed", "db2", "DOWN", critical)})), QList<qint64>{1});
}

void ReaderTest::theDecisiveWordComesFirst()
{
    const auto words = [](const char *name, const char *finding, const char *statement) {
        api::Node node;
        node.name = name;
        node.finding = finding;
        node.statement = statement;
        return shortWordsOf(node);
    };
    QCOMPARE(words("web2", "DOWN", "web2 is down: connection refused"), QStringLiteral("down: connection refused"));
    QCOMPARE(words("db2", "STALLED", "db2 has stopped replaying: replay is paused"), QStringLiteral("stopped replaying: replay is paused"));
    QVERIFY(words("db1", "SPLIT_BRAIN", "db1 and db2 both take writes: db1 on timeline 7").startsWith(QStringLiteral("takes writes")));
    QVERIFY(words("pgpool1", "NO_QUORUM", "Automatic failover is off: pgpool1 sees 1 of 3 watchdogs").startsWith(QStringLiteral("works, but")));
    // One that speaks for others says of itself what is so.
    QCOMPARE(words("web2", "DOWN", "No web node answers: web2, web1"), QStringLiteral("down"));
    QCOMPARE(words("pg1", "NO_ANSWER", "Nothing on pg1 answers: pg1, agent-pg1"), QStringLiteral("does not answer"));
    // What a newer monitor finds is said in its own words.
    QCOMPARE(words("db2", "SOMETHING_NEW", "A word on db2"), QStringLiteral("A word on db2"));
}

QTEST_MAIN(ReaderTest)
#include "reader_test.moc"
