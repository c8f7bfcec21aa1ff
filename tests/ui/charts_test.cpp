// SPDX-License-Identifier: GPL-3.0-or-later
// Charts and the topology: no peak is lost, a gap stays a gap, and whoever cannot see or point reads
// the same.
#include "ui/theme/colors.h"
#include "ui/theme/theme.h"
#include "ui/widgets/chart_data.h"
#include "ui/widgets/time_chart.h"
#include "ui/widgets/topology_view.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include <cmath>
#include <limits>

using namespace cm::ui;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double start = 1'795'640'400;  // 2026-11-25 21:00:00 UTC

std::vector<ChartPoint> flat(int count, double value)
{
    std::vector<ChartPoint> points;
    for (int i = 0; i < count; ++i)
        points.push_back({start + i, value});
    return points;
}

QAbstractButton *tile(const TopologyView &view, const QString &title)
{
    for (auto *button : view.findChildren<QAbstractButton *>()) {
        if (button->accessibleName().startsWith(title))
            return button;
    }
    return nullptr;
}

}  // namespace

class ChartsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme(*qApp).apply(Theme::Scheme::Dark); }
    void keepsEveryPeakOfAMillionPoints();
    void aSummaryChangesNothing();
    void leavesAGapWhereNothingIsKnown();
    void ticksAreRoundAndFew();
    void bucketsAreReadAsAWholeAndStackedFromTheGround();
    void tellsInWordsAndFigures();
    void zoomsByKeyAndMouseAndKeepsThePlace();
    void topologyIsReachedByKeyboard();
    void topologyTellsWhatIsNotSeen();
};

void ChartsTest::keepsEveryPeakOfAMillionPoints()
{
    auto points = flat(1'000'000, 1);
    points[654'321].value = 1000;
    points[654'322].value = 0;
    const QRectF area(0, 0, 1000, 500);
    const auto lines = linesWithin(points, {start, start + 1'000'000}, 1000, area, 1);
    QCOMPARE(lines.size(), 1U);
    QVERIFY2(lines[0].size() < 5'000, qPrintable(QString::number(lines[0].size())));
    double top = area.bottom();
    double bottom = area.top();
    for (const QPointF &point : lines[0]) {
        top = std::min(top, point.y());
        bottom = std::max(bottom, point.y());
    }
    QCOMPARE(top, 0.0);
    QCOMPARE(bottom, 500.0);
}

// Drawn and scaled by blocks it is the same line to the last point, whatever is shown of it.
void ChartsTest::aSummaryChangesNothing()
{
    std::vector<ChartPoint> points;
    std::uint32_t random = 12345;
    const auto next = [&random] { return random = random * 1664525U + 1013904223U; };
    for (int i = 0; i < 20'003; ++i) {
        const bool gap = (next() >> 16) % 500 == 0;
        points.push_back({start + i * 0.25 + (i > 9000 ? 600 : 0), gap ? unknown : (next() >> 16) % 1000});
    }
    const ChartSummary summary(points);
    QCOMPARE(summary.blocks.size(), points.size() / ChartSummary::block);
    const QRectF area(3.5, 0, 300, 120);
    for (int round = 0; round < 200; ++round) {
        const double from = start - 100 + (next() >> 16) % 5700;
        const ChartRange range{from, from + 1 + (next() >> 16) % 6000};
        const auto greatest = greatestWithin(points, range);
        QCOMPARE(greatestWithin(points, range, summary), greatest);
        QCOMPARE(linesWithin(points, range, greatest.value_or(1) + 1, area, 1.25, summary), linesWithin(points, range, greatest.value_or(1) + 1, area, 1.25));
    }
    QCOMPARE(lastKnown({{1, 5}, {2, unknown}, {3, 7}}, 2.5)->value, 5.0);
    QVERIFY(!lastKnown({{1, unknown}, {2, 5}}, 1.5));
}

void ChartsTest::leavesAGapWhereNothingIsKnown()
{
    auto points = flat(100, 5);
    for (std::size_t i = 40; i < 60; ++i)
        points[i].value = unknown;
    const auto lines = linesWithin(points, {start, start + 99}, 10, {0, 0, 990, 100}, 1);
    QCOMPARE(lines.size(), 2U);
    QCOMPARE(lines[0].last().x(), 390.0);
    QCOMPARE(lines[1].first().x(), 600.0);
    QVERIFY(!nearest(points, start + 50, 3));
    QCOMPARE(nearest(points, start + 37.6, 3)->at, start + 38);
    QVERIFY(!greatestWithin(points, {start + 42, start + 55}));
    QVERIFY(linesWithin({}, {start, start + 1}, 10, {0, 0, 10, 10}, 1).empty());
}

void ChartsTest::ticksAreRoundAndFew()
{
    QCOMPARE(valueTicks(0.5, 10, 4).size(), 4U);
    QVERIFY(qFuzzyCompare(valueTicks(0.5, 10, 4).back(), 0.6));
    QCOMPARE(valueTicks(214e6, 1024, 4).back() / (1024.0 * 1024), 256.0);
    QCOMPARE(valueTicks(200, 60, 4), (std::vector<double>{0, 60, 120, 180, 240}));
    for (const double greatest : {1e-6, 0.03, 1.0, 7.7, 99.0, 1e5, 3.2e9, 1e15}) {
        for (const int base : {10, 60, 1024}) {
            const auto ticks = valueTicks(greatest, base, 4);
            QVERIFY2(ticks.size() <= 6 && ticks.back() >= greatest && ticks.front() == 0, qPrintable(QStringLiteral("%1 %2").arg(greatest).arg(base)));
        }
    }
    const auto times = timeTicks({start + 130, start + 3730}, 6);
    QVERIFY(times.size() <= 7);
    QCOMPARE(times.front(), start + 600);
}

void ChartsTest::bucketsAreReadAsAWholeAndStackedFromTheGround()
{
    QCOMPARE(tenfoldTicks(0, 4), (std::vector<double>{0, 1, 10}));
    QCOMPARE(tenfoldTicks(250'000, 4), (std::vector<double>{0, 1, 100, 10'000, 1'000'000}));
    TimeChart chart(QStringLiteral("downloads"), TimeChart::Unit::Count);
    chart.resize(400, 240);
    chart.setWhole({start, start + 400});
    std::vector<double> starts;
    std::vector<ChartPoint> low, high;
    for (int i = 0; i < 4; ++i) {
        starts.push_back(start + i * 100);
        low.push_back({starts.back(), i == 2 ? unknown : 0.0});
        high.push_back({starts.back(), i == 2 ? unknown : 60.0});
    }
    chart.setBuckets(starts, start + 400);
    chart.setGaps({{start + 200, start + 300, QStringLiteral("nothing known")}});
    chart.setSeries({{QStringLiteral("low"), low}, {QStringLiteral("high"), high}});
    const QImage lines = chart.grab().toImage();
    chart.setShape(TimeChart::Shape::Stacked);
    const QImage bars = chart.grab().toImage();
    // A bar fills what a line only borders.
    const QColor colour = darkColors().series[1];
    const auto count = [&colour](const QImage &image) {
        int pixels = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                pixels += image.pixelColor(x, y) == colour ? 1 : 0;
        }
        return pixels;
    };
    QVERIFY2(count(bars) > 20 * count(lines), qPrintable(QStringLiteral("%1 against %2").arg(count(bars)).arg(count(lines))));
    // What is not known is no 0, in figures as in the picture.
    const QStringList figures = chart.figures().split(QLatin1Char('\n'));
    QCOMPARE(figures.size(), 6);
    QVERIFY(figures[2].contains(QStringLiteral("\t\u2013\t\u2013")));
    QVERIFY(figures[1].contains(QStringLiteral("\t0\t60")));
}

void ChartsTest::tellsInWordsAndFigures()
{
    TimeChart chart(QStringLiteral("Replication lag"), TimeChart::Unit::Bytes);
    chart.setSeries({{QStringLiteral("db2"), flat(3, 1536)}, {QStringLiteral("db3"), {{start, unknown}, {start + 1, 0}, {start + 2, unknown}}}});
    chart.setMarks({{start + 1, QStringLiteral("replay paused"), QStringLiteral("dana")}});
    chart.setWhole({start, start + 2});
    chart.resize(600, 300);
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    const QAccessibleInterface *node = QAccessible::queryAccessibleInterface(chart.focusProxy());
    QCOMPARE(node->text(QAccessible::Name), QStringLiteral("Replication lag"));
    QVERIFY2(node->text(QAccessible::Description).contains(QLatin1String("db2: 1.5")), qPrintable(node->text(QAccessible::Description)));
    chart.focusProxy()->setFocus();
    QTest::keyClick(chart.focusProxy(), Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 4);
    QVERIFY2(lines[2].contains(QStringLiteral("replay paused · dana")), qPrintable(lines[2]));
    // What is not known is a dash, never 0.
    QVERIFY2(lines[1].split(QLatin1Char('\t'))[2] != lines[2].split(QLatin1Char('\t'))[2], qPrintable(lines[1]));
    QTest::keyClick(chart.focusProxy(), Qt::Key_T);
    QVERIFY(chart.isTable());
    const auto *table = chart.findChild<QTableView *>();
    QVERIFY(table->isVisible());
    QCOMPARE(table->model()->rowCount(), 3);
    QTest::keyClick(chart.focusProxy(), Qt::Key_T);
    QVERIFY(!chart.isTable());
}

void ChartsTest::zoomsByKeyAndMouseAndKeepsThePlace()
{
    TimeChart chart(QStringLiteral("Requests"), TimeChart::Unit::Count);
    chart.setSeries({{QStringLiteral("web1"), flat(3'600, 40)}});
    chart.setWhole({start, start + 3'600});
    chart.resize(800, 300);
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    QSignalSpy chosen(&chart, &TimeChart::shownChanged);
    QWidget *view = chart.focusProxy();
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Plus);
    QCOMPARE(chart.shown(), (ChartRange{start + 900, start + 2'700}));
    // New figures leave a person where they look.
    chart.setWhole({start + 60, start + 3'660});
    QCOMPARE(chart.shown(), (ChartRange{start + 900, start + 2'700}));
    QTest::keyClick(view, Qt::Key_Left);
    QVERIFY(chart.shown().from < start + 900);
    QTest::keyClick(view, Qt::Key_Home);
    QCOMPARE(chart.shown(), (ChartRange{start + 60, start + 3'660}));
    // And who looks at the whole goes on with it.
    chart.setWhole({start + 120, start + 3'720});
    QCOMPARE(chart.shown().to, start + 3'720);
    QWidget *viewport = qobject_cast<QAbstractScrollArea *>(view)->viewport();
    QTest::mousePress(viewport, Qt::LeftButton, {}, {300, 100});
    QTest::mouseMove(viewport, {450, 100});
    QTest::mouseRelease(viewport, Qt::LeftButton, {}, {450, 100});
    QVERIFY(chart.shown().to - chart.shown().from < 1'800);
    QTest::mouseDClick(viewport, Qt::LeftButton, {}, {300, 100});
    QCOMPARE(chart.shown(), (ChartRange{start + 120, start + 3'720}));
    QVERIFY(chosen.size() >= 4);
}

void ChartsTest::topologyIsReachedByKeyboard()
{
    TopologyView view;
    const QList<TopologyNode> nodes{{QStringLiteral("cdn"), QStringLiteral("CDN"), QStringLiteral("ok"), Mark::Ok, true, 0, {}},
                                    {QStringLiteral("web1"), QStringLiteral("web1"), QStringLiteral("412/s"), Mark::Ok, true, 1, {}},
                                    {QStringLiteral("web2"), QStringLiteral("web2"), QStringLiteral("398/s"), Mark::Ok, true, 1, {}}};
    view.setTopology(nodes, {{QStringLiteral("cdn"), QStringLiteral("web1"), {}, Mark::Ok, true}});
    view.resize(700, 240);
    view.show();
    QVERIFY(QTest::qWaitForWindowActive(&view));
    QSignalSpy opened(&view, &TopologyView::opened);
    tile(view, QStringLiteral("CDN"))->setFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Right);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down);
    if (!tile(view, QStringLiteral("web2"))->hasFocus())
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down);
    QVERIFY(tile(view, QStringLiteral("web2"))->hasFocus());
    view.setTopology(nodes, {});
    QVERIFY(tile(view, QStringLiteral("web2"))->hasFocus());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(opened.value(0).value(0).toString(), QStringLiteral("web2"));
}

void ChartsTest::topologyTellsWhatIsNotSeen()
{
    TopologyView view;
    view.setTopology({{QStringLiteral("db1"), QStringLiteral("db1 · primary"), QStringLiteral("timeline 7"), Mark::Ok, false, 0, {}},
                      {QStringLiteral("db2"), QStringLiteral("db2 · standby"), QStringLiteral("down"), Mark::Critical, true, 0, {}}},
                     {});
    QCOMPARE(tile(view, QStringLiteral("db1"))->accessibleName(), QStringLiteral("db1 · primary, not seen now; last: timeline 7"));
    QCOMPARE(tile(view, QStringLiteral("db2"))->accessibleName(), QStringLiteral("db2 · standby, down"));
}

QTEST_MAIN(ChartsTest)
#include "charts_test.moc"
