// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/lazy_table_model.h"
#include "ui/models/list_table_model.h"
#include "ui/widgets/data_table.h"

#include <QAbstractItemModelTester>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace cm;
using namespace cm::ui;

namespace {

struct Row {
    int number = 0;
    QString note;
    bool operator==(const Row &) const = default;
};

QString keyOf(const Row &row)
{
    return QStringLiteral("row-%1").arg(row.number);
}

QList<Column<Row>> columns()
{
    return {column<Row>({QStringLiteral("key"), QStringLiteral("Key"), false, true, false, QStringLiteral("key"), 12, true}, keyOf),
            column<Row>({QStringLiteral("note"), QStringLiteral("Note")}, [](const Row &row) { return row.note; })};
}

// A list on a server that answers when it is told to.
class Server {
public:
    explicit Server(LazyTableModel<Row> &model) : m_model(model)
    {
        model.setFetch([this](const WindowRequest &request) { asked.append(request); });
    }
    void answer(const WindowRequest &request)
    {
        api::Page<Row> page;
        page.total = total;
        page.offset = request.offset;
        for (qint64 i = request.offset; i < std::min<qint64>(request.offset + request.limit, total); ++i) {
            const int number = static_cast<int>(request.descending ? total - 1 - i : i) + shift;
            page.items.push_back({number, note});
        }
        m_model.deliver(request, page);
    }
    void answerAll()
    {
        while (!asked.isEmpty())
            answer(asked.takeFirst());
    }

    QList<WindowRequest> asked;
    qint64 total = 0;
    int shift = 0;
    QString note = QStringLiteral("first");

private:
    LazyTableModel<Row> &m_model;
};

}  // namespace

class ModelsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void asksOnlyForWhatIsSeen();
    void dropsAnswersOfAnOlderQuestion();
    void keepsSelectionAndScrollOverARefresh();
    void selectsNothingWhenTheSelectedIsGone();
    void keepsASelectionThatMovedOutOfSight();
    void tellsAFailureAndRecovers();
    void sortsOnTheServer();
    void forgetsWindowsLongOutOfSight();
    void mergesAListByKey();
};

void ModelsTest::asksOnlyForWhatIsSeen()
{
    LazyTableModel<Row> model(columns(), keyOf);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    tester.setUseFetchMore(false);
    Server server(model);
    server.total = 1'000'000;
    model.reload();
    QCOMPARE(server.asked.size(), 1);
    server.answerAll();
    QCOMPARE(model.rowCount(), 1'000'000);
    QCOMPARE(model.index(3, 0).data().toString(), QStringLiteral("row-3"));

    QVERIFY(model.index(900'000, 0).data(PlaceholderRole).toBool());
    QVERIFY(!model.index(900'000, 0).data().isValid());
    QTRY_COMPARE(server.asked.size(), 1);
    QCOMPARE(server.asked.first().offset, 900'000 / 256 * 256);
    server.answerAll();
    QCOMPARE(model.index(900'000, 0).data().toString(), QStringLiteral("row-900000"));
    QVERIFY(!model.index(900'000, 0).data(PlaceholderRole).toBool());
}

void ModelsTest::dropsAnswersOfAnOlderQuestion()
{
    LazyTableModel<Row> model(columns(), keyOf);
    Server server(model);
    server.total = 5;
    model.reload();
    const WindowRequest older = server.asked.takeFirst();
    model.reload();
    server.total = 7;
    server.answerAll();
    QCOMPARE(model.rowCount(), 7);
    server.total = 5;
    server.answer(older);
    QCOMPARE(model.rowCount(), 7);
}

void ModelsTest::keepsSelectionAndScrollOverARefresh()
{
    LazyTableModel<Row> model(columns(), keyOf);
    Server server(model);
    server.total = 10'000;
    DataTable table(QStringLiteral("Rows"));
    table.setTable(&model);
    table.resize(400, 400);
    table.show();
    model.reload();
    server.answerAll();
    QVERIFY(table.selectKey(QStringLiteral("row-100")));
    table.scrollTo(model.index(100, 0), QAbstractItemView::PositionAtTop);
    const int scroll = table.verticalScrollBar()->value();
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    QSignalSpy current(&table, &DataTable::currentKeyChanged);

    // Three rows came in above: what was number 100 is now at 103.
    server.shift = -3;
    server.total = 10'003;
    server.note = QStringLiteral("second");
    model.refresh();
    server.answerAll();
    QCOMPARE(table.currentKey(), QStringLiteral("row-100"));
    QCOMPARE(table.currentIndex().row(), 103);
    QCOMPARE(table.selectedKeys(), QStringList{QStringLiteral("row-100")});
    QCOMPARE(table.verticalScrollBar()->value(), scroll);
    QCOMPARE(model.index(103, 1).data().toString(), QStringLiteral("second"));
    QCOMPARE(model.rowCount(), 10'003);
    QVERIFY(reset.isEmpty());
    QVERIFY(current.isEmpty());
}

void ModelsTest::selectsNothingWhenTheSelectedIsGone()
{
    LazyTableModel<Row> model(columns(), keyOf);
    Server server(model);
    server.total = 10;
    DataTable table(QStringLiteral("Rows"));
    table.setTable(&model);
    model.reload();
    server.answerAll();
    QVERIFY(table.selectKey(QStringLiteral("row-4")));
    QSignalSpy current(&table, &DataTable::currentKeyChanged);
    server.shift = 1000;
    model.refresh();
    server.answerAll();
    QCOMPARE(table.currentKey(), QString());
    QCOMPARE(current.last().first().toString(), QString());
}

void ModelsTest::keepsASelectionThatMovedOutOfSight()
{
    LazyTableModel<Row> model(columns(), keyOf);
    Server server(model);
    server.total = 10'000;
    DataTable table(QStringLiteral("Rows"));
    table.setTable(&model);
    table.resize(400, 400);
    table.show();
    model.reload();
    server.answerAll();
    QVERIFY(table.selectKey(QStringLiteral("row-4")));
    QSignalSpy current(&table, &DataTable::currentKeyChanged);

    // A thousand rows came in above: row-4 is at 1004, in a window that nobody has asked for.
    server.shift = -1000;
    server.total = 11'000;
    model.refresh();
    server.answerAll();
    QCOMPARE(table.currentKey(), QStringLiteral("row-4"));
    QVERIFY(table.selectedKeys().isEmpty());
    table.scrollTo(model.index(1000, 0), QAbstractItemView::PositionAtTop);
    QTRY_VERIFY(!server.asked.isEmpty());
    server.answerAll();
    QCOMPARE(table.currentIndex().row(), 1004);
    QCOMPARE(table.selectedKeys(), QStringList{QStringLiteral("row-4")});
    QVERIFY(current.isEmpty());

    // What the person selects in the meantime counts.
    server.shift = -2000;
    server.total = 12'000;
    model.refresh();
    server.answerAll();
    table.setCurrentIndex(model.index(1000, 0));
    const QString chosen = table.currentKey();
    QVERIFY(chosen != QStringLiteral("row-4"));
    server.shift = -1000;
    model.refresh();
    server.answerAll();
    QCOMPARE(table.currentKey(), chosen);
}

void ModelsTest::tellsAFailureAndRecovers()
{
    LazyTableModel<Row> model(columns(), keyOf);
    Server server(model);
    server.total = 3;
    QSignalSpy failed(&model, &LazyWindowModel::failed);
    model.reload();
    model.deliver(server.asked.takeFirst(), fail(ErrorCode::Unavailable, "away"));
    QCOMPARE(failed.size(), 1);
    QVERIFY(!model.isLoaded());
    model.refresh();
    server.answerAll();
    QVERIFY(model.isLoaded());
    QVERIFY(!model.error());
    QCOMPARE(model.rowCount(), 3);
}

void ModelsTest::sortsOnTheServer()
{
    LazyTableModel<Row> model(columns(), keyOf);
    Server server(model);
    server.total = 3;
    model.reload();
    server.answerAll();
    model.sort(1, Qt::DescendingOrder);
    QVERIFY(server.asked.isEmpty());
    model.sort(0, Qt::DescendingOrder);
    QCOMPARE(server.asked.size(), 1);
    QCOMPARE(server.asked.first().sortKey, QStringLiteral("key"));
    server.answerAll();
    QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("row-2"));
}

void ModelsTest::forgetsWindowsLongOutOfSight()
{
    LazyTableModel<Row> model(columns(), keyOf);
    Server server(model);
    server.total = 256 * 200;
    model.reload();
    server.answerAll();
    for (int window = 1; window < 150; ++window)
        server.answer({window * 256LL, 256, {}, false, 1});
    QVERIFY(model.rowAt(149 * 256) != nullptr);
    QVERIFY(model.rowAt(0) == nullptr);
}

void ModelsTest::mergesAListByKey()
{
    ListTableModel<Row> model(columns(), keyOf);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    tester.setUseFetchMore(false);
    DataTable table(QStringLiteral("Rows"));
    table.setTable(&model);
    model.setRows({{1, {}}, {2, {}}, {3, {}}});
    QVERIFY(table.selectKey(QStringLiteral("row-3")));
    model.setRows({{0, {}}, {1, {}}, {3, QStringLiteral("new")}, {4, {}}, {5, {}}});
    QCOMPARE(table.currentKey(), QStringLiteral("row-3"));
    model.sort(0, Qt::DescendingOrder);
    QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("row-5"));
    QCOMPARE(table.currentKey(), QStringLiteral("row-3"));
    model.setRows({});
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(table.currentKey(), QString());
}

QTEST_MAIN(ModelsTest)
#include "models_test.moc"
