// SPDX-License-Identifier: GPL-3.0-or-later
// The files on several servers, the mirror and the CDN in the window: each sheet from its plan to what is pressed, files with
// two versions one by one, how it went over time, and how far each copy has come.
#include "tests/ui/pages/acts_window.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/overview/copies_strip.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/time_chart.h"

#include <QPlainTextEdit>

using namespace cm;
using namespace cm::ui;

namespace {

const QString sheetName = QStringLiteral("geoflux-1.2.0-py3-none-any.whl");
const std::string wheel =
    "/files/packages/b3/c1/a205f6e5fa3198ae0a5afc1fb43014c641cfcf1b62ef58a85d64159279f0/geoflux-1.2.0-py3-none-any.whl";

api::MonitorState recordedState(const PageWindow &w)
{
    return *api::fromJsonText<api::MonitorState>(w.record("monitor/monitor-state.json").toStdString());
}

void change(api::MonitorState &state, const char *name, const std::function<void(api::Node &)> &how)
{
    for (api::Node &node : state.nodes) {
        if (node.name == name)
            how(node);
    }
}

api::Signal *factIn(api::Node &node, std::string_view name)
{
    return const_cast<api::Signal *>(factOf(node, name));
}

api::ActionWish askedFor(const PageWindow &w)
{
    const auto sent = w.monitor.sent();
    const auto asked = std::find_if(sent.crbegin(), sent.crend(), [](const auto &call) { return call.endpoint == "plan-action"; });
    return asked == sent.crend() ? api::ActionWish() : api::fromJsonText<api::PlanAction>(asked->body.toStdString())->wish;
}

DataTable *splitTable(PageWindow &w)
{
    return w.named<DataTable>(QStringLiteral("Files with two versions"));
}

// What a chart has of the only series at each moment, newest first, its gaps left out.
QStringList drawnBy(const TimeChart &chart)
{
    QStringList out;
    const QStringList lines = chart.figures().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const QString figure = lines.at(i).section(QLatin1Char('\t'), 1, 1).trimmed();
        if (!figure.isEmpty() && figure != dash())
            out << figure;
    }
    return out;
}

// By the name that assistive technology reads of its drawing.
TimeChart *chartNamed(PageWindow &w, const QString &name)
{
    for (auto *chart : w.window.pages().current()->findChildren<TimeChart *>()) {
        for (const auto *part : chart->findChildren<QWidget *>()) {
            if (part->accessibleName() == name)
                return chart;
        }
    }
    return nullptr;
}

bool wasAsked(const PageWindow &w, const char *target)
{
    const auto &sent = w.monitor.sent();
    return std::any_of(sent.begin(), sent.end(), [target](const auto &call) { return call.target.contains(target); });
}

const CopyFigure *figureNamed(const QList<CopyFigure> &all, const QString &name)
{
    const auto found = std::find_if(all.cbegin(), all.cend(), [&name](const CopyFigure &one) { return one.name == name; });
    return found == all.cend() ? nullptr : &*found;
}

}  // namespace

class CopiesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void pressesWhatThePlanSays_data();
    void pressesWhatThePlanSays();
    void resolvesOneFileAlone();
    void saysWhatHelpsWhereNoDigestDoes();
    void anObserverResolvesNothing();
    void drawsHowHealingWent();
    void drawsTheCacheWithItsGaps();
    void aNodeWithoutSamplesHasNoLine();
    void setsTheCopiesSideBySide();
    void anUnknownFigureOfACopyIsADash();
    void eachOfSeveralIsToldApart();
};

void CopiesTest::pressesWhatThePlanSays_data()
{
    struct Act {
        const char *scene, *node, *entry, *button;
        std::vector<const char *> says;
        api::ActionKind kind;
        bool ends;
    };
    const std::vector<Act> acts{
        {"files-split", "fs1", "Resolve all by digest…", "Resolve all by digest",
         {"Files with two versions get the bytes whose digest the catalog has", "fs2 has its bytes; those of the other server are overwritten", "It cannot be undone",
          "Every brick serves"},
         api::ActionKind::ResolveSplit, false},
        {"plan-drill", "cdn", "Fallback drill…", "Run the fallback drill through cdn",
         {"One page and one file go through cdn from mirror", "No client notices", "its bytes against their digest", "mirror is in rotation"},
         api::ActionKind::DrillFallback, false},
        {"plan-sync", "mirror", "Sync now…", "Sync mirror now", {"mirror compares itself with the registry now", "mirror is told to run", "mirror is not paused"},
         api::ActionKind::SyncMirror, false},
        {"plan-pause", "mirror", "Pause…", "Pause mirror",
         {"mirror stays as it is until", "what is removed or quarantined meanwhile is still served by it", "it resumes by itself"},
         api::ActionKind::PauseMirror, true},
        {"plan-resume", "mirror", "Resume…", "Resume mirror", {"mirror follows the registry again", "Pause it again"}, api::ActionKind::ResumeMirror, false},
        {"plan-mirror-out", "mirror", "Take out of rotation…", "Take mirror out of rotation",
         {"mirror is out of rotation until", "when they fail, installs fail", "Clients are served by the web nodes and not by mirror"},
         api::ActionKind::MirrorOut, true}};
    QTest::addColumn<QString>("scene");
    QTest::addColumn<QString>("node");
    QTest::addColumn<QString>("entry");
    QTest::addColumn<QString>("button");
    QTest::addColumn<QStringList>("says");
    QTest::addColumn<api::ActionKind>("kind");
    QTest::addColumn<bool>("ends");
    for (const Act &act : acts) {
        QStringList says;
        for (const char *words : act.says)
            says << QString::fromUtf8(words);
        QTest::newRow(act.button) << QString::fromUtf8(act.scene) << QString::fromUtf8(act.node) << QString::fromUtf8(act.entry) << QString::fromUtf8(act.button) << says
                                  << act.kind << act.ends;
    }
}

void CopiesTest::pressesWhatThePlanSays()
{
    QFETCH(QString, scene);
    QFETCH(QString, node);
    QFETCH(QString, entry);
    QFETCH(QString, button);
    QFETCH(QStringList, says);
    QFETCH(api::ActionKind, kind);
    QFETCH(bool, ends);
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/") + scene));
    if (kind == api::ActionKind::ResumeMirror) {
        auto state = recordedState(w);
        change(state, "mirror", [](api::Node &mirror) { mirror.finding = "PAUSED"; });
        w.answer(QStringLiteral("monitor/monitor-state"), bytesOf(state));
    }
    const auto plan = recordedPlan(w, QStringLiteral("monitor-scenes/%1/plan-action.json").arg(scene).toUtf8().constData());
    auto begun = recordedAction(w, "action-running");
    begun.wish = plan.wish;
    w.answer(QStringLiteral("monitor/press-action"), bytesOf(begun));
    auto *sheet = opened(w, node, entry);
    QVERIFY(sheet);
    for (const QString &words : std::as_const(says))
        QTRY_VERIFY2(w.says(words), qPrintable(words));
    const api::ActionWish wish = askedFor(w);
    QVERIFY(wish.action == kind);
    QCOMPARE(wish.target, node.toStdString());
    QVERIFY(wish.file.empty());
    const Time now = w.clock.now();
    QCOMPARE(wish.until.has_value(), ends);
    QVERIFY(!ends || (*wish.until > now + std::chrono::minutes(58) && *wish.until <= now + std::chrono::minutes(60)));
    // Nothing is done before it is pressed, nor without a reason.
    auto *press = buttonOf(sheet, button);
    QVERIFY(press && !press->isEnabled());
    QVERIFY(w.sentBody("press-action").isEmpty());
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("rehearsed on Tuesday"));
    QVERIFY(press->isEnabled());
    press->click();
    QTRY_VERIFY(!w.sentBody("press-action").isEmpty());
    const auto sent = *api::fromJsonText<api::PressAction>(w.sentBody("press-action").toStdString());
    QCOMPARE(sent.plan, plan.id);
    QCOMPARE(sent.reason, std::string("rehearsed on Tuesday"));
    QVERIFY(sent.confirm.empty());
    QTRY_VERIFY(!w.window.findChild<ActionSheet *>());
    QVERIFY(w.says(QStringLiteral("Begun:")));
}

void CopiesTest::resolvesOneFileAlone()
{
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/files-split-many")));
    auto begun = recordedAction(w, "action-running");
    begun.wish.action = api::ActionKind::ResolveSplit;
    begun.wish.file = wheel;
    w.answer(QStringLiteral("monitor/press-action"), bytesOf(begun));
    w.window.go(Route::parse(QStringLiteral("nodes/fs1")));
    QTRY_VERIFY(splitTable(w) && splitTable(w)->model()->rowCount() == 4);
    QVERIFY(w.says(QStringLiteral("Counted and not named here: 150")));
    // They stand here and not among the signals.
    const auto *all = w.named<DataTable>(QStringLiteral("Signals"))->model();
    for (int row = 0; row < all->rowCount(); ++row)
        QVERIFY(!all->index(row, 0).data().toString().contains(QStringLiteral(".whl")));
    const auto rows = splitTable(w)->model()->match(splitTable(w)->model()->index(0, 0), Qt::DisplayRole, sheetName);
    QCOMPARE(rows.size(), 1);
    QCOMPARE(rows.first().siblingAtColumn(1).data().toString(), QStringLiteral("fs2 has the right bytes"));
    splitTable(w)->selectRow(rows.first().row());
    QVERIFY(actionOf(w, QStringLiteral("Resolve this file…"))->isEnabled());
    splitTable(w)->setFocus();
    w.key(Qt::Key_Return);
    auto *sheet = w.window.findChild<ActionSheet *>();
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("alone gets the bytes whose digest the catalog has; what else has two versions stays as it is")));
    QVERIFY(askedFor(w).action == api::ActionKind::ResolveSplit);
    QCOMPARE(askedFor(w).target, std::string("fs1"));
    QCOMPARE(askedFor(w).file, wheel);
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("installs of it fail"));
    auto *button = buttonOf(sheet, QStringLiteral("Resolve this file by digest"));
    QVERIFY(button && button->isEnabled());
    button->click();
    QTRY_VERIFY(!w.sentBody("press-action").isEmpty());
    QCOMPARE(api::fromJsonText<api::PressAction>(w.sentBody("press-action").toStdString())->plan, recordedPlan(w, "monitor-scenes/files-split-many/plan-action.json").id);
    QTRY_VERIFY(w.says(QStringLiteral("Begun: geoflux-1.2.0-py3-none-any.whl gets the bytes of its digest")));
    // All of them are another act.
    QVERIFY(actionOf(w, QStringLiteral("Resolve all by digest…"))->isEnabled());
    // A node with nothing of that kind has no such list.
    w.window.go(Route::parse(QStringLiteral("nodes/web1")));
    QTRY_VERIFY(!splitTable(w)->isVisible());
    QVERIFY(!actionOf(w, QStringLiteral("Resolve this file…"))->isVisible());
}

void CopiesTest::saysWhatHelpsWhereNoDigestDoes()
{
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/files-split-many")));
    w.window.go(Route::parse(QStringLiteral("nodes/fs1")));
    QTRY_VERIFY(splitTable(w) && splitTable(w)->model()->rowCount() == 4);
    for (const auto &[name, helps] : {std::pair("geoflux", "gluster volume heal packages split-brain source-brick SERVER:BRICK /files/documentation/geoflux"),
                                      std::pair("<gfid:a33c5929-6355-4309-b69b-bd8d89e66c11>", "find /srv/brick -samefile")}) {
        const auto rows = splitTable(w)->model()->match(splitTable(w)->model()->index(0, 0), Qt::DisplayRole, QString::fromLatin1(name), 1, Qt::MatchExactly);
        QCOMPARE(rows.size(), 1);
        splitTable(w)->selectRow(rows.first().row());
        QTRY_VERIFY(w.says(QString::fromLatin1(helps)));
        QVERIFY(!actionOf(w, QStringLiteral("Resolve this file…"))->isEnabled());
        QVERIFY(actionOf(w, QStringLiteral("Resolve this file…"))->toolTip().contains(QString::fromLatin1(helps)));
    }
    // What was told last is no reason to shut it: the plan looks anew.
    w.monitor.layOver({});
    auto state = *api::fromJsonText<api::MonitorState>(w.record("monitor-scenes/files-split-many/monitor-state.json").toStdString());
    change(state, "fs1", [](api::Node &node) {
        for (api::Signal &fact : node.facts) {
            fact.stale = true;
            fact.verdict = api::Verdict::Unknown;
        }
    });
    w.answer(QStringLiteral("monitor/monitor-state"), bytesOf(state));
    QTRY_VERIFY(actionOf(w, QStringLiteral("Resolve this file…"))->isEnabled());
}

void CopiesTest::anObserverResolvesNothing()
{
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/files-split")));
    w.window.go(Route::parse(QStringLiteral("nodes/fs1")));
    QTRY_VERIFY(actionOf(w, QStringLiteral("Resolve this file…"))->isEnabled());
    become(w, "observer");
    QTRY_VERIFY(!actionOf(w, QStringLiteral("Resolve this file…"))->isEnabled());
    QVERIFY(actionOf(w, QStringLiteral("Resolve this file…"))->toolTip().contains(QStringLiteral("Your role")));
    splitTable(w)->setFocus();
    w.key(Qt::Key_Return);
    QVERIFY(!w.window.findChild<ActionSheet *>());
}

void CopiesTest::drawsHowHealingWent()
{
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/files-healing")));
    w.window.go(Route::parse(QStringLiteral("nodes/fs1")));
    auto *chart = chartNamed(w, QStringLiteral("Files to be healed"));
    QVERIFY(chart);
    QTRY_VERIFY(chart->isVisible() && drawnBy(*chart).size() > 100);
    QVERIFY(wasAsked(w, "/fs1/to-heal"));
    QCOMPARE(chart->shown().to - chart->shown().from, 6 * 3600.0);
    // It falls towards what the node tells now.
    QVERIFY2(std::abs(drawnBy(*chart).first().toInt() - 118) < 30, qPrintable(drawnBy(*chart).first()));
    QVERIFY(!chartNamed(w, QStringLiteral("Answers from the cache"))->isVisible());
    // Another server is another line, asked for at once.
    w.window.go(Route::parse(QStringLiteral("nodes/fs2")));
    QTRY_VERIFY(wasAsked(w, "/fs2/to-heal"));
    w.window.go(Route::parse(QStringLiteral("nodes/web1")));
    QTRY_VERIFY(!chart->isVisible());
}

void CopiesTest::drawsTheCacheWithItsGaps()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("nodes/cdn")));
    for (const char *name : {"Answers from the cache", "Answers with 5xx"}) {
        auto *chart = chartNamed(w, QString::fromLatin1(name));
        QVERIFY(chart);
        QTRY_VERIFY(chart->isVisible() && !drawnBy(*chart).isEmpty());
        const auto series = QString::fromLatin1(name) == QStringLiteral("Answers with 5xx") ? "monitor/read-series/cdn/errors.json" : "monitor/read-series/cdn/hit-ratio.json";
        const auto recorded = *api::fromJsonText<api::Series>(w.record(series).toStdString());
        const auto known = std::count_if(recorded.points.begin(), recorded.points.end(), [](const api::SeriesPoint &point) { return point.count > 0; });
        QVERIFY(known < static_cast<std::ptrdiff_t>(recorded.points.size()));
        QCOMPARE(static_cast<std::ptrdiff_t>(drawnBy(*chart).size()), known);
    }
}

void CopiesTest::aNodeWithoutSamplesHasNoLine()
{
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/files-healing")));
    auto series = *api::fromJsonText<api::Series>(w.record("monitor-scenes/files-healing/read-series/fs1/to-heal.json").toStdString());
    for (api::SeriesPoint &point : series.points)
        point = {point.time, 0, {}, {}, {}, {}, {}};
    w.answer(QStringLiteral("monitor-scenes/files-healing/read-series/fs1/to-heal"), bytesOf(series));
    w.window.go(Route::parse(QStringLiteral("nodes/fs1")));
    auto *chart = chartNamed(w, QStringLiteral("Files to be healed"));
    QTRY_VERIFY(chart->isVisible() && wasAsked(w, "/fs1/to-heal"));
    QTRY_VERIFY(chart->shown().to > chart->shown().from);
    QVERIFY(!chart->figures().contains(QStringLiteral("fs1")));
    QVERIFY(drawnBy(*chart).isEmpty());
}

void CopiesTest::setsTheCopiesSideBySide()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("overview")));
    for (const char *said : {"Registry's serial: %1", "CDN's serial: %1"})
        QTRY_VERIFY2(w.says(QString::fromLatin1(said).arg(formatCount(31407922))), said);
    QVERIFY(w.says(QStringLiteral("Mirror's serial: %1").arg(formatCount(31407921))));
    QVERIFY(w.says(QStringLiteral("Mirror's age: %1").arg(formatDuration(std::chrono::seconds(22)))));
    QVERIFY(w.says(QStringLiteral("Installs come from: web1")));
    QVERIFY(w.says(QStringLiteral("From the cache: %1").arg(formatPercent(0.989))));
    QVERIFY(w.says(QStringLiteral("5xx: %1").arg(formatPercent(0.0002))));
    QVERIFY(w.says(QStringLiteral("Drawn files wrong: 0 of %1").arg(formatCount(20736))));
    // While the mirror serves that is what it says.
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/fallback-serving")));
    QTRY_VERIFY(w.says(QStringLiteral("Installs come from: mirror")));
    // Without anything in front there is nothing to set side by side.
    w.monitor.layOver({});
    auto state = recordedState(w);
    std::erase_if(state.nodes, [](const api::Node &node) { return node.role == "cdn" || node.role == "mirror"; });
    w.answer(QStringLiteral("monitor/monitor-state"), bytesOf(state));
    QTRY_VERIFY(!w.says(QStringLiteral("Registry's serial:")));
}

void CopiesTest::anUnknownFigureOfACopyIsADash()
{
    PageWindow w;
    auto state = recordedState(w);
    const auto now = CopiesStrip::figures(state, false);
    QVERIFY(std::none_of(now.begin(), now.end(), [](const CopyFigure &one) { return one.struck || one.value == dash(); }));
    for (const char *node : {"cdn", "mirror"}) {
        change(state, node, [](api::Node &one) {
            for (api::Signal &fact : one.facts) {
                fact.value.reset();
                fact.text.clear();
            }
        });
    }
    for (const CopyFigure &figure : CopiesStrip::figures(state, false)) {
        QCOMPARE(figure.value, dash());
        // There is nothing to strike, and nothing to judge.
        QVERIFY(!figure.struck && figure.mark == Mark::None);
    }
    state = recordedState(w);
    change(state, "mirror", [](api::Node &mirror) {
        factIn(mirror, "age")->verdict = api::Verdict::Critical;
        factIn(mirror, "serial")->stale = true;
    });
    const auto told = CopiesStrip::figures(state, false);
    QVERIFY(figureNamed(told, QStringLiteral("Mirror's age"))->mark == Mark::Critical);
    QVERIFY(figureNamed(told, QStringLiteral("Mirror's serial"))->struck);
    QVERIFY(!figureNamed(told, QStringLiteral("CDN's serial"))->struck);
    for (const CopyFigure &figure : CopiesStrip::figures(state, true))
        QVERIFY(figure.struck && figure.mark == Mark::None);
    QVERIFY(CopiesStrip::figures({}, false).isEmpty());
}

void CopiesTest::eachOfSeveralIsToldApart()
{
    PageWindow w;
    auto state = recordedState(w);
    const api::Node first = *nodeIn(state, "mirror");
    state.nodes.push_back(first);
    state.nodes.back().name = "mirror2";
    factIn(state.nodes.back(), "age")->value = 4000;
    const auto told = CopiesStrip::figures(state, false);
    QCOMPARE(figureNamed(told, QStringLiteral("Age of mirror"))->value, formatDuration(std::chrono::seconds(22)));
    QVERIFY(figureNamed(told, QStringLiteral("Age of mirror2"))->value != formatDuration(std::chrono::seconds(22)));
    QVERIFY(!figureNamed(told, QStringLiteral("Mirror's age")));
}

QTEST_MAIN(CopiesTest)
#include "copies_test.moc"
