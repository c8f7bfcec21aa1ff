// SPDX-License-Identifier: GPL-3.0-or-later
// The pages that live from a monitor: what they say is true, also when nobody knows, when the monitor
// falls silent and when there is none; and what people come for, with the keyboard alone.
#include "tests/ui/pages/page_window.h"
#include "ui/client/freshness.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/models/roles.h"
#include "ui/pages/overview/topology_tiles.h"
#include "ui/pages/overview/verdict.h"
#include "ui/pages/replication/standby_lines.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/series_points.h"
#include "ui/widgets/time_chart.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QTabWidget>

#include <cmath>

using namespace cm;
using namespace cm::ui;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

api::StandbyReplication standby()
{
    api::StandbyReplication out;
    out.name = "db2";
    out.primary = "db1";
    return out;
}

// The recorded record with one member of the first fact of a node changed.
QByteArray changedState(const PageWindow &w, const std::function<void(api::MonitorState &)> &change)
{
    auto state = *api::fromJsonText<api::MonitorState>(w.record("monitor/monitor-state.json").toStdString());
    change(state);
    return QByteArray::fromStdString(api::printJson(api::toJson(state)));
}

}  // namespace

class MonitorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anAbsentFigureIsADash();
    void whatIsOldIsStruckThrough();
    void notSeenIsNotDown();
    void aSilentMonitorIsNoGoodNews();
    void aGapIsAGap();
    void lagIsSpreadBySamples();
    void everyPageWithoutAMonitor_data();
    void everyPageWithoutAMonitor();
    void staysReadableWhenTheMonitorIsGone();
    void theRegistryMayBeDeadMeanwhile();
    void aMonitorThatRepeatsItselfIsOld();
    void anotherMonitorIsReadFromTheStart();
    void asksNothingWhileHidden();
    void keepsSelectionOverARefresh();
    void findsWhatIsWrongAndOwnsIt();
    void looksBeforeItSilences();
    void anObserverChangesNothing();
    void exportsAnIncident();
    void countsInTheNavigation();
    void filtersTheTimelineToWhatPeopleDo();
    void chartsTraffic();
};

void MonitorTest::anAbsentFigureIsADash()
{
    const auto lines = StandbyWords::lines(standby(), false, noon);
    for (const ComparisonGrid::Line &line : lines) {
        for (const ComparisonGrid::Cell &cell : line.cells)
            QCOMPARE(cell.text, QStringLiteral("–"));
    }
    QCOMPARE(StandbyWords::loss(standby()), QStringLiteral("–"));
    api::StandbyReplication known = standby();
    known.lossBytes.value = 0;
    QVERIFY(StandbyWords::loss(known) != QStringLiteral("–"));
    api::Signal fact;
    fact.unit = "bytes";
    QCOMPARE(thresholdWords(fact), QStringLiteral("–"));
    fact.critical = 1024;
    QVERIFY(thresholdWords(fact).startsWith(QStringLiteral("– ")));
}

void MonitorTest::whatIsOldIsStruckThrough()
{
    api::StandbyReplication known = standby();
    known.replayBytes.value = 1024;
    const auto of = [&known](bool old) { return StandbyWords::lines(known, old, noon); };
    const auto struck = [](const QList<ComparisonGrid::Line> &lines) {
        return std::count_if(lines.begin(), lines.end(), [](const auto &line) { return line.cells.at(0).struck || line.cells.at(1).struck; });
    };
    QCOMPARE(struck(of(false)), 0);
    // A dash stays a dash: there is nothing to strike.
    QCOMPARE(struck(of(true)), 1);
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("nodes/db2")));
    QTRY_VERIFY(w.named<DataTable>(QStringLiteral("Signals")) && w.named<DataTable>(QStringLiteral("Signals"))->model()->rowCount() > 5);
    auto *signals_ = w.named<DataTable>(QStringLiteral("Signals"));
    QVERIFY(!signals_->model()->index(0, 1).data(StruckRole).toBool());
    w.setMonitorState(Connection::State::Stale);
    QVERIFY(signals_->model()->index(0, 1).data(StruckRole).toBool());
    const auto lag = signals_->model()->match(signals_->model()->index(0, 0), Qt::DisplayRole, QStringLiteral("lag bytes"));
    QCOMPARE(lag.size(), 1);
    QCOMPARE(lag.first().siblingAtColumn(1).data().toString(), formatBytes(std::int64_t(214) << 20));
    // And what stood there as ok no longer does.
    for (int row = 0; row < signals_->model()->rowCount(); ++row)
        QVERIFY(signals_->model()->index(row, 0).data(VerdictRole).toInt() >= static_cast<int>(api::Verdict::Unknown));
}

void MonitorTest::notSeenIsNotDown()
{
    api::Topology topology;
    topology.nodes = {{"web1", "web", "", "", ""}, {"web2", "web", "", "", ""}, {"db1", "postgres", "", "", ""}, {"old-cert", "certificate", "", "", ""}};
    topology.edges = {{"web1", "db1", "requests", api::Verdict::Unknown, false, "", {}}};
    api::MonitorState state;
    for (const auto &[name, verdict] : {std::pair{"web1", api::Verdict::Critical}, std::pair{"web2", api::Verdict::Unknown}}) {
        api::Node node;
        node.name = name;
        node.role = "web";
        node.verdict = verdict;
        state.nodes.push_back(node);
    }
    api::Node well;
    well.name = "old-cert";
    well.verdict = api::Verdict::Ok;
    state.nodes.push_back(well);
    const auto tiles = TopologyTiles::nodes(topology, state, false);
    QCOMPARE(tiles.size(), 3);
    QVERIFY(tiles.at(0).seen && tiles.at(0).mark == Mark::Critical);
    QVERIFY(!tiles.at(1).seen && tiles.at(1).mark == Mark::Unknown);
    // Of db1 nothing was told: that is not ok either.
    QVERIFY(!tiles.at(2).seen && tiles.at(2).mark == Mark::Unknown);
    QVERIFY(!TopologyTiles::edges(topology, state, false).at(0).live);
    // A line says what the tiles at its ends do not.
    topology.edges.front().statement = "web1 is down";
    QCOMPARE(TopologyTiles::edges(topology, state, false).at(0).label, QStringLiteral("web1 is down"));
    state.nodes.front().findings.emplace_back().statement = "web1 is down";
    QCOMPARE(TopologyTiles::edges(topology, state, false).at(0).label, QString());
    for (const auto &tile : TopologyTiles::nodes(topology, state, true))
        QVERIFY(!tile.seen);
}

void MonitorTest::aSilentMonitorIsNoGoodNews()
{
    api::MonitorState state;
    state.line = {api::Verdict::Ok, "Everything works", "", "", "", "", std::nullopt};
    QCOMPARE(VerdictWords::of(state, noon, true, true, noon).verdict, api::Verdict::Ok);
    const auto silent = VerdictWords::of(state, noon - std::chrono::seconds(90), false, true, noon);
    QCOMPARE(silent.verdict, api::Verdict::Unknown);
    QVERIFY(silent.detail.contains(QStringLiteral("The registry itself answers")));
    QVERIFY(VerdictWords::of(state, noon, false, false, noon).detail.contains(QStringLiteral("does not answer either")));
    Freshness freshness;
    QVERIFY(freshness.isOld(noon));
    freshness.heard(noon, std::chrono::seconds(1), noon);
    QVERIFY(!freshness.isOld(noon + std::chrono::seconds(3)));
    QVERIFY(freshness.isOld(noon + std::chrono::seconds(30)));
    freshness.heard(noon, std::chrono::seconds(1), noon + std::chrono::seconds(30));
    QVERIFY(freshness.isOld(noon + std::chrono::seconds(30)));
}

void MonitorTest::aGapIsAGap()
{
    api::Series series;
    api::SeriesPoint with{noon, 3, 1, 2, 4, 3, 4};
    api::SeriesPoint without;
    without.time = noon + std::chrono::seconds(1);
    series.points = {with, without};
    const auto points = pointsOf(series, Bucket::Greatest);
    QCOMPARE(points.size(), std::size_t(2));
    QCOMPARE(points[0].value, 4.0);
    QVERIFY(std::isnan(points[1].value));
    const Spread spread = spreadOf(series, {secondsOf(noon), secondsOf(noon) + 10});
    QVERIFY(!spread.now);
    QCOMPARE(spread.greatest.value_or(0), 4.0);
    QCOMPARE(spread.known, 0.5);
}

void MonitorTest::lagIsSpreadBySamples()
{
    api::Series series;
    for (int i = 0; i < 100; ++i) {
        api::SeriesPoint point;
        point.time = noon + std::chrono::seconds(i);
        point.count = 10;
        point.average = point.p95 = point.p99 = point.max = i < 90 ? 1 : 100;
        series.points.push_back(point);
    }
    const Spread spread = spreadOf(series, {secondsOf(noon), secondsOf(noon) + 200});
    QCOMPARE(spread.p50.value_or(0), 1.0);
    QCOMPARE(spread.p95.value_or(0), 100.0);
    QCOMPARE(spread.greatest.value_or(0), 100.0);
    QVERIFY(!spreadOf(series, {0, 1}).p50);
}

void MonitorTest::everyPageWithoutAMonitor_data()
{
    QTest::addColumn<QString>("route");
    for (const char *route : {"nodes", "replication", "incidents"})
        QTest::newRow(route) << QString::fromLatin1(route);
}

void MonitorTest::everyPageWithoutAMonitor()
{
    QFETCH(QString, route);
    PageWindow w(RecordedClient::Mode::Answer, false);
    w.window.go(Route::parse(route));
    auto *page = w.window.pages().made(route);
    QTRY_COMPARE(page->faces()->face(), Face::Empty);
    QVERIFY(w.says(QStringLiteral("No monitor watches this registry")));
    QTest::qWait(1200);
    QVERIFY(w.monitor.sent().isEmpty());
    QVERIFY(w.tabTo(QStringLiteral("Open Settings")));
    w.key(Qt::Key_Space);
    QCOMPARE(w.window.pages().route().text(), QStringLiteral("settings"));
    // And the registry's own Overview is there as ever.
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(w.says(QStringLiteral("answers on 127.0.0.1:8427")));
}

void MonitorTest::staysReadableWhenTheMonitorIsGone()
{
    PageWindow w;
    for (const char *route : {"overview", "nodes", "replication", "incidents"}) {
        w.setMonitorState(Connection::State::Live);
        w.window.go(Route::parse(QLatin1String(route)));
        auto *page = w.window.pages().made(QLatin1String(route));
        QTRY_COMPARE(page->faces()->face(), Face::Filled);
        w.setMonitorState(Connection::State::Stale);
        QCOMPARE(page->faces()->face(), Face::Stale);
        QTRY_VERIFY(w.says(QStringLiteral("Monitor silent")));
    }
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(w.says(QStringLiteral("The monitor has told nothing new")));
    // What was known is still there, and not as something that is so now.
    QVERIFY(w.says(QStringLiteral("last: db2 has stopped replaying")));
    w.setMonitorState(Connection::State::Live);
    QTRY_VERIFY(!w.says(QStringLiteral("The monitor has told nothing new")));
}

void MonitorTest::theRegistryMayBeDeadMeanwhile()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("overview")));
    auto *page = w.window.pages().made(QStringLiteral("overview"));
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    w.setState(Connection::State::Stale);
    w.setMonitorState(Connection::State::Live);
    QCOMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(w.says(QStringLiteral("db2 has stopped replaying")));
}

void MonitorTest::aMonitorThatRepeatsItselfIsOld()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(w.says(QStringLiteral("db2 has stopped replaying")));
    w.clock.set(w.clock.now() + std::chrono::seconds(60));
    QTRY_VERIFY(w.says(QStringLiteral("The monitor has told nothing new")));
    w.answer(QStringLiteral("monitor/monitor-state"), changedState(w, [&w](api::MonitorState &state) { state.time = w.clock.now(); }));
    QTRY_VERIFY(!w.says(QStringLiteral("The monitor has told nothing new")));
}

void MonitorTest::anotherMonitorIsReadFromTheStart()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("nodes")));
    auto *page = w.window.pages().made(QStringLiteral("nodes"));
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    w.monitorConnection.leave();
    QTRY_COMPARE(page->faces()->face(), Face::Empty);
    w.setMonitorState(Connection::State::Live);
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QVERIFY(w.named<DataTable>(QStringLiteral("Nodes"))->model()->rowCount() > 5);
}

void MonitorTest::asksNothingWhileHidden()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("replication")));
    QTRY_COMPARE(w.window.pages().made(QStringLiteral("replication"))->faces()->face(), Face::Filled);
    w.window.go(Route::parse(QStringLiteral("settings")));
    const auto asked = [&w] {
        return std::count_if(w.monitor.sent().begin(), w.monitor.sent().end(), [](const auto &sent) { return sent.endpoint == "monitor-replication"; });
    };
    const auto before = asked();
    QTest::qWait(1500);
    QCOMPARE(asked(), before);
    w.window.go(Route::parse(QStringLiteral("replication")));
    QTRY_VERIFY(asked() > before);
}

void MonitorTest::keepsSelectionOverARefresh()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("nodes/web2")));
    QTRY_COMPARE(w.window.pages().made(QStringLiteral("nodes"))->faces()->face(), Face::Filled);
    auto *table = w.named<DataTable>(QStringLiteral("Nodes"));
    QTRY_COMPARE(table->currentKey(), QStringLiteral("web2"));
    w.answer(QStringLiteral("monitor/monitor-state"), changedState(w, [&w](api::MonitorState &state) {
                 state.time = w.clock.now() + std::chrono::seconds(1);
                 for (api::Node &node : state.nodes) {
                     if (node.name == "web1")
                         node.verdict = api::Verdict::Critical;
                 }
             }));
    w.window.pages().current()->refresh();
    QTRY_COMPARE(table->model()->index(0, 0).data().toString(), QStringLiteral("web1"));
    QCOMPARE(table->currentKey(), QStringLiteral("web2"));
    QCOMPARE(table->currentIndex().siblingAtColumn(0).data().toString(), QStringLiteral("web2"));
}

void MonitorTest::findsWhatIsWrongAndOwnsIt()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/acknowledge-alert"), w.record("monitor/get-alert.json"));
    w.answer(QStringLiteral("monitor/release-alert"), w.record("monitor/get-alert.json"));
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(w.says(QStringLiteral("db2 has stopped replaying: replay is paused")));
    // What is wrong, who is hit, what helps.
    QVERIFY(w.says(QStringLiteral("nobody yet; a failover now would lose work")));
    QVERIFY(w.says(QStringLiteral("pg_wal_replay_resume")));
    QTRY_VERIFY(QApplication::activeWindow());
    QVERIFY(w.tabTo(QStringLiteral("Acknowledge…")));
    w.key(Qt::Key_Space);
    QTRY_COMPARE(w.window.pages().route().page, QStringLiteral("incidents"));
    QTRY_VERIFY(w.says(QStringLiteral("The alert is yours until")));
    QVERIFY(w.tabTo(QStringLiteral("Note for the others")));
    w.type(QStringLiteral("paused for a dump, resumes at ten"));
    QVERIFY(w.sentBody("acknowledge-alert").isEmpty());
    QVERIFY(w.tabTo(QStringLiteral("Acknowledge the alert")));
    w.key(Qt::Key_Space);
    QByteArray target;
    QTRY_VERIFY(!w.sentBody("acknowledge-alert", &target).isEmpty());
    QVERIFY(target.contains("/alerts/41/acknowledge"));
    QVERIFY(w.sentBody("acknowledge-alert").contains("paused for a dump"));
    QVERIFY(w.sentBody("acknowledge-alert").contains("2026-11-22T11:44:19"));
    QTRY_VERIFY(w.says(QStringLiteral("The alert of db2 is yours")));
    QVERIFY(w.tabTo(QStringLiteral("Undo")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(!w.sentBody("release-alert", &target).isEmpty());
    QVERIFY(target.contains("/alerts/41/release"));
}

void MonitorTest::looksBeforeItSilences()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("incidents")));
    QTRY_VERIFY(w.says(QStringLiteral("1 firing")));
    QTRY_VERIFY(QApplication::activeWindow());
    QVERIFY(w.tabTo(QStringLiteral("Silence…")));
    w.key(Qt::Key_Space);
    // What it would do is on the screen before anything is done.
    QTRY_VERIFY(w.says(QStringLiteral("Hides a warning that nobody owns")));
    QVERIFY(!w.sentBody("preview-silence").isEmpty());
    QVERIFY(w.sentBody("create-silence").isEmpty());
    QVERIFY(w.tabTo(QStringLiteral("Reason")));
    w.type(QStringLiteral("planned"));
    w.answer(QStringLiteral("monitor/create-silence"),
             R"({"id": "9", "match": {"node": "db2", "finding": "STALLED", "role": "", "site": ""}, "author": "dana", "reason": "planned",
                 "created": "2026-11-22T09:44:19Z", "until": "2026-11-22T11:44:19Z", "ended_by": "", "holds": 1})");
    QVERIFY(w.tabTo(QStringLiteral("Hold back")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(w.sentBody("create-silence").contains("STALLED"));
    QTRY_VERIFY(w.says(QStringLiteral("is held back")));
}

void MonitorTest::anObserverChangesNothing()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/who-am-i"), R"({"name": "olga", "role": "observer", "projects": 0, "local": false})");
    w.setMonitorState(Connection::State::Live);
    w.window.go(Route::parse(QStringLiteral("incidents")));
    QTRY_VERIFY(w.says(QStringLiteral("1 firing")));
    for (const QAction *action : w.window.pages().current()->pageActions()) {
        const QString text = action->text();
        const bool looks = text.contains(QStringLiteral("node")) || text.contains(QStringLiteral("port"));
        QVERIFY2(action->isEnabled() == looks, qPrintable(text));
    }
}

void MonitorTest::exportsAnIncident()
{
    PageWindow w;
    api::Incident incident;
    incident.time = noon;
    incident.topology.name = "production";
    w.answer(QStringLiteral("monitor/export-incident"), QByteArray::fromStdString(api::printJson(api::toJson(incident))));
    w.window.go(Route::parse(QStringLiteral("incidents")));
    QTRY_VERIFY(w.says(QStringLiteral("1 firing")));
    const auto read = api::fromJsonText<api::Incident>(w.exported(QStringLiteral("out.json")).toStdString());
    QVERIFY(read && read->topology.name == "production");
}

void MonitorTest::countsInTheNavigation()
{
    PageWindow w;
    const auto badge = [&w](const QString &page) {
        for (auto *button : w.window.findChildren<QAbstractButton *>()) {
            if (QLatin1String(button->metaObject()->className()) == QLatin1String("cm::ui::NavigationButton") && button->text() == page)
                return button->accessibleDescription();
        }
        return QStringLiteral("no such page");
    };
    QTRY_COMPARE(badge(QStringLiteral("Incidents")), QStringLiteral("1"));
    QTRY_COMPARE(badge(QStringLiteral("Nodes")), QStringLiteral("1"));
    w.setMonitorState(Connection::State::Stale);
    QTRY_COMPARE(badge(QStringLiteral("Incidents")), QStringLiteral("?"));
    w.monitorConnection.leave();
    QTRY_COMPARE(badge(QStringLiteral("Incidents")), QString());
}

void MonitorTest::filtersTheTimelineToWhatPeopleDo()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("incidents")));
    auto *kinds = w.named<QComboBox>(QStringLiteral("Event filter"));
    QVERIFY(kinds);
    for (const auto &[words, kind] : {std::pair{"Actions", "kind=action."}, std::pair{"Versions", "kind=version."}}) {
        const int choice = kinds->findText(QLatin1String(words));
        QVERIFY(choice > 0);
        kinds->setCurrentIndex(choice);
        QTRY_VERIFY(std::any_of(w.monitor.sent().begin(), w.monitor.sent().end(),
                                [kind = kind](const auto &sent) { return sent.endpoint == "list-timeline" && sent.target.contains(kind); }));
    }
}

void MonitorTest::chartsTraffic()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("overview")));
    TimeChart *traffic = nullptr;
    for (auto *chart : w.window.findChildren<TimeChart *>()) {
        for (const auto *part : chart->findChildren<QWidget *>()) {
            if (part->accessibleName() == QStringLiteral("Requests per second"))
                traffic = chart;
        }
    }
    QVERIFY(traffic);
    // All that comes, and where it goes.
    QTRY_VERIFY(traffic->isVisible() && traffic->figures().contains(QStringLiteral("to web2")));
    QVERIFY(traffic->figures().contains(QStringLiteral("cdn")) && traffic->figures().contains(QStringLiteral("to web1")));
    // Where nothing counts there is no chart.
    w.answer(QStringLiteral("monitor/list-series"), R"({"series": []})");
    w.window.pages().current()->refresh();
    QTRY_VERIFY(!traffic->isVisible());
}

QTEST_MAIN(MonitorTest)
#include "monitor_test.moc"
