// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/pages/page_window.h"
#include "ui/pages/audit/audit_export.h"
#include "ui/pages/audit/json_difference.h"
#include "ui/pages/inspector/code_view.h"
#include "ui/pages/inspector/member_tree.h"
#include "ui/format/signals.h"
#include "ui/pages/overview/verdict.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

using namespace cm;
using namespace cm::ui;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

api::Node node(const char *name, api::Verdict verdict, std::chrono::seconds age)
{
    api::Signal fact;
    fact.name = "uptime";
    fact.unit = "seconds";
    fact.value = 1;
    fact.verdict = verdict;
    fact.sampled = noon - age;
    return {name, "web", verdict, "", {fact}};
}

void nameless(QAccessibleInterface *at, QStringList &out)
{
    static const QSet<QAccessible::Role> controls{QAccessible::Button, QAccessible::EditableText, QAccessible::Table, QAccessible::Tree,
                                                  QAccessible::List, QAccessible::ComboBox, QAccessible::CheckBox, QAccessible::SpinBox,
                                                  QAccessible::PageTab, QAccessible::ProgressBar};
    if (!at || at->state().invisible)
        return;
    if (controls.contains(at->role()) && at->text(QAccessible::Name).isEmpty())
        out << QStringLiteral("%1 %2").arg(at->role()).arg(QLatin1String(at->object() ? at->object()->metaObject()->className() : "?"));
    if (at->role() == QAccessible::Table || at->role() == QAccessible::Tree)
        return;
    for (int i = 0; i < at->childCount(); ++i)
        nameless(at->child(i), out);
}

}  // namespace

class PagesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void unknownOutranksOk();
    void anOldSampleIsNoGoodNews();
    void aFigureNobodyKnowsIsADash();
    void tellsWhatAnActionChanged();
    void exportsWithoutFormulas();
    void breaksLongLinesForDisplay();
    void showsAWholeTextInOrder();
    void buildsATreeFromHostilePaths();
    void everyPageFillsAndNamesItsControls_data();
    void everyPageFillsAndNamesItsControls();
    void everyPageSaysWhatFailed();
};

void PagesTest::unknownOutranksOk()
{
    api::NodeList nodes{{node("web", api::Verdict::Ok, std::chrono::seconds(1)), node("files", api::Verdict::Unknown, std::chrono::seconds(1)),
                         node("database", api::Verdict::Warning, std::chrono::seconds(1))},
                        noon};
    QCOMPARE(VerdictWords::of(nodes, true, noon).verdict, api::Verdict::Unknown);
    QVERIFY(VerdictWords::of(nodes, true, noon).sentence.contains(QStringLiteral("files")));
    nodes.nodes[0].verdict = api::Verdict::Critical;
    QCOMPARE(VerdictWords::of(nodes, true, noon).verdict, api::Verdict::Critical);
    QCOMPARE(VerdictWords::of(api::NodeList{}, true, noon).verdict, api::Verdict::Unknown);
}

void PagesTest::anOldSampleIsNoGoodNews()
{
    const api::NodeList nodes{{node("web", api::Verdict::Ok, std::chrono::seconds(600))}, noon - std::chrono::seconds(600)};
    QCOMPARE(VerdictWords::of(nodes, true, noon).verdict, api::Verdict::Unknown);
    const api::NodeList fresh{{node("web", api::Verdict::Ok, std::chrono::seconds(2))}, noon};
    QCOMPARE(VerdictWords::of(fresh, true, noon).verdict, api::Verdict::Ok);
    QCOMPARE(VerdictWords::of(fresh, false, noon).verdict, api::Verdict::Unknown);
    api::Node silent = node("web", api::Verdict::Ok, std::chrono::seconds(2));
    silent.facts.clear();
    QCOMPARE(VerdictWords::of(silent, noon), api::Verdict::Unknown);
}

void PagesTest::aFigureNobodyKnowsIsADash()
{
    api::Signal fact;
    fact.unit = "bytes";
    QCOMPARE(signalValue(fact), QStringLiteral("–"));
    fact.value = 0;
    QVERIFY(signalValue(fact) != QStringLiteral("–"));
}

void PagesTest::tellsWhatAnActionChanged()
{
    const auto before = *api::parseJson(R"({"status": "active", "limits": {"file": 1}, "kept": true})");
    const auto after = *api::parseJson(R"({"status": "quarantined", "limits": {"file": 2}, "kept": true, "by": "sam"})");
    const QList<DifferenceRow> rows = differenceOf(before, after);
    QCOMPARE(rows.size(), 4);
    QCOMPARE(rows.at(0), (DifferenceRow{QStringLiteral("by"), {}, QStringLiteral("sam"), DifferenceRow::Kind::Added}));
    QCOMPARE(rows.at(1), (DifferenceRow{QStringLiteral("limits.file"), QStringLiteral("1"), QStringLiteral("2"), DifferenceRow::Kind::Changed}));
    QCOMPARE(rows.at(2).path, QStringLiteral("status"));
    QCOMPARE(rows.at(3).kind, DifferenceRow::Kind::Same);
    QVERIFY(differenceOf({}, {}).isEmpty());
}

void PagesTest::exportsWithoutFormulas()
{
    AuditLine line;
    line.source = AuditSource::Monitor;
    line.entry.id = {7};
    line.entry.subject = "=HYPERLINK(\"x\")";
    line.entry.reason = "two\nlines, one comma";
    const QByteArray csv = auditAsCsv({line});
    QVERIFY(csv.startsWith("id,time,"));
    QVERIFY(csv.contains("\"'=HYPERLINK(\"\"x\"\")\""));
    QVERIFY(csv.contains("\"two\nlines, one comma\""));
    const auto json = api::parseJson(auditAsJson({line}).toStdString());
    QVERIFY(json && json->is_array() && json->as_array().size() == 1);
    QVERIFY(csv.endsWith(",\"monitor\"\r\n"));
    QCOMPARE(json->as_array()[0].as_object().at("source").as_string().c_str(), "monitor");
}

void PagesTest::breaksLongLinesForDisplay()
{
    const QString text = QStringLiteral("short\n") + QString(2'500, QLatin1Char('x')) + QStringLiteral("\r\nend");
    const PreparedText prepared = Highlighter::prepare(text);
    QCOMPARE(prepared.brokenLines, 2);
    QCOMPARE(prepared.lineNumbers, (QList<int>{1, 2, -2, -2, 3}));
    const QStringList lines = prepared.slices.join(QString()).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 5);
    QCOMPARE(lines.at(1).size(), 1'000);
    QCOMPARE(lines.at(3).size(), 500);
    QCOMPARE(Highlighter::prepare({}).lineNumbers, QList<int>{1});
}

void PagesTest::showsAWholeTextInOrder()
{
    QString text;
    for (int i = 0; i < 20'000; ++i)
        text += QStringLiteral("value_%1 = %1  # note\n").arg(i);
    CodeView view;
    view.resize(600, 400);
    view.show();
    QSignalSpy done(&view, &CodeView::completed);
    view.setSource(QStringLiteral("many.py"), text);
    QTRY_COMPARE_WITH_TIMEOUT(done.size(), 1, 20'000);
    QCOMPARE(view.toPlainText(), text);
    // Another text takes the place of the first, whatever of it is still on its way.
    view.setSource(QStringLiteral("a.py"), text);
    view.setSource(QStringLiteral("b.py"), QStringLiteral("x = 1"));
    QTRY_COMPARE_WITH_TIMEOUT(view.toPlainText(), QStringLiteral("x = 1"), 20'000);
    QTest::qWait(50);
    QCOMPARE(view.toPlainText(), QStringLiteral("x = 1"));
}

void PagesTest::buildsATreeFromHostilePaths()
{
    QString deep;
    for (int i = 0; i < 3'000; ++i)
        deep += QStringLiteral("d/");
    MemberTree tree;
    QAbstractItemModelTester tester(&tree, QAbstractItemModelTester::FailureReportingMode::QtTest);
    tree.setListing({"x.whl",
                     {{"../../etc/passwd", 5, "file"}, {"/", 0, "directory"}, {"", 1, "file"}, {"a/b.py", 3, "file"}, {"a/b.py", 4, "file"},
                      {"a", 2, "file"}, {deep.toStdString(), 1, "file"}, {"demo-1.dist-info/METADATA", 9, "file"}},
                     false});
    QVERIFY(tree.rowCount() >= 3);
    const QModelIndex first = tree.firstToRead();
    QVERIFY(tree.isFile(first));
    QCOMPARE(tree.member(first)->path, std::string("demo-1.dist-info/METADATA"));
    QVERIFY(tree.indexOf(QStringLiteral("a/b.py")).isValid());
    QVERIFY(!tree.indexOf(QStringLiteral("a/none")).isValid());
}

void PagesTest::everyPageFillsAndNamesItsControls_data()
{
    QTest::addColumn<QString>("route");
    for (const char *route : {"overview", "nodes", "replication", "downloads", "downloads/geoflux", "incidents", "projects", "project/geoflux", "people", "person/local", "inspector/bitreader-2.1.0-py3-none-any.whl/bitreader/reader.py",
                              "upload", "my-projects", "deprecations", "deprecations/2", "audit", "settings"})
        QTest::newRow(route) << QString::fromLatin1(route);
}

void PagesTest::everyPageFillsAndNamesItsControls()
{
    QFETCH(QString, route);
    PageWindow w;
    const Route to = Route::parse(route);
    w.window.go(to);
    auto *page = w.window.pages().made(w.pages.find(to)->id);
    QVERIFY(page);
    if (page->faces())
        QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTest::qWait(200);
    QStringList without;
    nameless(QAccessible::queryAccessibleInterface(&w.window), without);
    QCOMPARE(without, QStringList());
}

void PagesTest::everyPageSaysWhatFailed()
{
    PageWindow w;
    w.client.setMode(RecordedClient::Mode::Fail);
    w.client.setFailure({ErrorCode::Unavailable, "nobody listens", {}, {}});
    w.monitor.setMode(RecordedClient::Mode::Fail);
    for (const char *route : {"overview", "nodes", "replication", "incidents", "projects", "inspector/x.whl", "my-projects", "audit"}) {
        const Route to = Route::parse(QLatin1String(route));
        w.window.go(to);
        auto *page = w.window.pages().made(w.pages.find(to)->id);
        QVERIFY(page);
        QTRY_COMPARE(page->faces()->face(), Face::Error);
    }
    // What was wrong is over: a page read again is there.
    w.client.setMode(RecordedClient::Mode::Answer);
    auto *audit = w.window.pages().made(QStringLiteral("audit"));
    audit->refresh();
    QTRY_COMPARE(audit->faces()->face(), Face::Filled);
}

QTEST_MAIN(PagesTest)
#include "pages_test.moc"
