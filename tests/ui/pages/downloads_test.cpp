// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads: what is asked is what the person chose, what nobody knows is no 0, and all of it by keyboard.
#include "tests/ui/pages/downloads_window.h"
#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/models/roles.h"
#include "ui/models/trend.h"
#include "ui/widgets/data_table.h"

#include <QComboBox>
#include <QLineEdit>

#include <cmath>

using namespace cm;
using namespace cm::ui;

class DownloadsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme(*qApp).apply(Theme::Scheme::Dark); }
    void mirrorsAreInOrOutByKeyboard();
    void comparesProjectsThatAreTyped();
    void everyFigureIsOfTheChartsWindow();
    void whatIsNotKnownIsNoZero();
    void whatPeopleSayIsTheStretchThatTheySayItOf();
    void saysHowToBeginWhereNothingWasCounted();
    void aMaintainerSeesTheirProjectAlone();
    void saysWhereFiguresDoNotAgree();
    void linesThatWereSentAndDidNotComeAreALoss();
    void whereNoSenderTellsSentIsADash();
    void zoomingByKeyboardTakesFinerFigures();
    void finerFiguresOfAnotherQuestionAreDropped();
    void theTabOfAProjectZoomsToo();
    void smallChartsAreAskedForWhatIsSeen();
    void smallChartsAreOfOneRegistry();
    void aMaintainerHasSmallChartsOfTheirOwn();
    void openedBeforeTheRegistryAnswersItComesWithIt();
};

void DownloadsTest::mirrorsAreInOrOutByKeyboard()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QVERIFY(lastQuery(w, "download-series").queryItemValue(QStringLiteral("classes")).isEmpty());
    QVERIFY(w.tabTo(QStringLiteral("With mirrors")));
    w.key(Qt::Key_Down);
    QTRY_COMPARE(lastQuery(w, "download-series").queryItemValue(QStringLiteral("classes"), QUrl::FullyDecoded),
                 QStringLiteral("interactive,ci,browser,tooling,unknown"));
    QTRY_COMPARE(lastQuery(w, "download-shares").queryItemValue(QStringLiteral("classes"), QUrl::FullyDecoded),
                 QStringLiteral("interactive,ci,browser,tooling,unknown"));
    w.key(Qt::Key_Down);
    QTRY_COMPARE(lastQuery(w, "download-series").queryItemValue(QStringLiteral("classes"), QUrl::FullyDecoded), QStringLiteral("mirror"));
}

void DownloadsTest::comparesProjectsThatAreTyped()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    page->find();
    w.type(QStringLiteral("geoflux, cheddar"));
    w.key(Qt::Key_Return);
    QTRY_COMPARE(lastQuery(w, "download-series").queryItemValue(QStringLiteral("projects"), QUrl::FullyDecoded), QStringLiteral("geoflux,cheddar"));
    QCOMPARE(lastQuery(w, "download-series").queryItemValue(QStringLiteral("split")), QStringLiteral("none"));
    // Its one name is a project's page, with its versions.
    page->find();
    w.type(QStringLiteral("geoflux"));
    w.key(Qt::Key_Return);
    QByteArray path;
    QTRY_VERIFY(!lastQuery(w, "project-download-shares", &path).isEmpty());
    QCOMPARE(path, QByteArray("/admin/v1/projects/geoflux/downloads/shares"));
    QTRY_VERIFY(w.says(QStringLiteral("Downloads of geoflux")));
    QVERIFY(w.tabTo(QStringLiteral("All versions")));
    const auto *versions = qobject_cast<QComboBox *>(QApplication::focusWidget());
    QVERIFY(versions);
    QTRY_VERIFY(versions->count() > 1);  // they come with an answer of their own
    w.key(Qt::Key_Down);
    QTRY_COMPARE(lastQuery(w, "project-download-series").queryItemValue(QStringLiteral("version")), QStringLiteral("1.2.0"));
}

void DownloadsTest::everyFigureIsOfTheChartsWindow()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    const auto series = api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    QVERIFY(series.has_value());
    for (const char *endpoint : {"download-shares", "download-completeness", "download-evidence"}) {
        const QUrlQuery query = lastQuery(w, endpoint);
        QCOMPARE(query.queryItemValue(QStringLiteral("from"), QUrl::FullyDecoded), text(formatRfc3339(series->from)));
        QCOMPARE(query.queryItemValue(QStringLiteral("to"), QUrl::FullyDecoded), text(formatRfc3339(series->to)));
    }
}

void DownloadsTest::whatIsNotKnownIsNoZero()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *chart = page->findChild<TimeChart *>();
    QVERIFY(chart);
    const QStringList rows = chart->figures().split(QLatin1Char('\n'));
    const auto gap = std::find_if(rows.begin(), rows.end(), [](const QString &row) { return row.startsWith(QStringLiteral("2026-11-12\t")); });
    QVERIFY(gap != rows.end());
    QVERIFY2(gap->startsWith(QStringLiteral("2026-11-12\t\u2013\t\u2013")), qPrintable(*gap));
    const auto series = api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    const QList<QByteArray> csv = downloadsAsCsv(api::DownloadSplit::Class, *series).split('\n');
    QCOMPARE(csv.size(), static_cast<qsizetype>(series->buckets.size()) + 2);
    QVERIFY(csv[0].startsWith("start_utc,minutes,minutes_known,Interactive installers,"));
    const auto line = std::find_if(csv.begin(), csv.end(), [](const QByteArray &one) { return one.startsWith("2026-11-12T"); });
    QCOMPARE(line->trimmed(), QByteArray("2026-11-12T00:00:00.000000Z,1440,0,,,,,,,gap: log stream was down (dana)"));
    // The figures of the pictures are a table for whoever reads.
    QVERIFY(!chart->isTable());
    for (QAction *action : page->pageActions()) {
        if (action->isCheckable())
            action->trigger();
    }
    QVERIFY(chart->isTable());
}

void DownloadsTest::whatPeopleSayIsTheStretchThatTheySayItOf()
{
    PageWindow w;
    auto series = *api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    using enum api::AnnotationKind;
    const Time day = series.buckets[3].start;
    series.annotations = {{{}, Definition, {}, series.from - std::chrono::hours(48), day + std::chrono::hours(7), "other classes", "ada", {}},
                          {{}, Deploy, {}, day + std::chrono::hours(30), {}, "new servers", "ben", {}},
                          {{}, Gap, {}, series.sampled - std::chrono::hours(30), {}, "still down", "dana", {}}};
    series.buckets[5].known = series.buckets[5].minutes - 1;
    w.answer(QStringLiteral("download-series"), QByteArray::fromStdString(api::toJsonText(series)));
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *chart = page->findChild<TimeChart *>();
    const QStringList rows = chart->figures().trimmed().split(QLatin1Char('\n'));
    const auto said = [&](std::size_t bucket) {
        const QString date = formatDate(series.buckets[bucket].start);
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const QString &one) { return one.startsWith(date); });
        return row == rows.end() ? QStringLiteral("no row") : row->section(QLatin1Char('\t'), -1);
    };
    // One row a bucket, and each tells what holds in it.
    QCOMPARE(rows.size(), static_cast<qsizetype>(series.buckets.size()) + 1);
    for (std::size_t bucket : {0U, 1U, 3U})
        QCOMPARE(said(bucket), QStringLiteral("Change of definition: other classes · ada"));
    QCOMPARE(said(4), QStringLiteral("Deploy: new servers · ben"));
    // One minute of a day is not hatched, but no secret either.
    QCOMPARE(said(5), missingWords(series.buckets[5].minutes, series.buckets[5].known));
    QVERIFY(said(series.buckets.size() - 1).startsWith(QStringLiteral("Gap in the counts: still down · dana")));
    QVERIFY(said(series.buckets.size() - 2).startsWith(QStringLiteral("Gap in the counts: still down · dana")));
    const QList<QByteArray> csv = downloadsAsCsv(api::DownloadSplit::Class, series).split('\n');
    QVERIFY(csv[1].trimmed().endsWith(",definition: other classes (ada)"));
    QVERIFY(csv[5].trimmed().endsWith(",deploy: new servers (ben)"));
    QVERIFY(csv[6].trimmed().endsWith(","));
    // Kinds are told apart, and which is which is said.
    for (const char *kind : {"Change of definition", "Deploy", "Gap in the counts"})
        QVERIFY2(w.says(QString::fromLatin1(kind)), kind);
    QVERIFY(!w.says(nameFor(Note)));
}

void DownloadsTest::saysHowToBeginWhereNothingWasCounted()
{
    PageWindow w(RecordedClient::Mode::Empty);
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Empty);
    QVERIFY(w.says(QStringLiteral("cheesemongerd ingest")));
}

void DownloadsTest::aMaintainerSeesTheirProjectAlone()
{
    PageWindow w;
    w.connection.force(Connection::State::Live, api::Who{"erin", api::Role::User, 0, false}, w.connection.registry(), w.clock.now());
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Empty);
    open(w, "downloads/geoflux");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(!lastQuery(w, "project-download-shares").isEmpty());
    for (const char *endpoint : {"download-series", "download-shares", "download-completeness", "download-evidence"})
        QVERIFY2(lastQuery(w, endpoint).isEmpty(), endpoint);
}

void DownloadsTest::saysWhereFiguresDoNotAgree()
{
    PageWindow w;
    auto answer = api::fromJsonText<api::DownloadCompleteness>(w.record("download-completeness.json").toStdString());
    QVERIFY(answer.has_value());
    answer->total.stored -= 5;
    w.answer(QStringLiteral("download-completeness"), QByteArray::fromStdString(api::toJsonText(*answer)));
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(w.says(QStringLiteral("lines were parsed, but")));
}

void DownloadsTest::linesThatWereSentAndDidNotComeAreALoss()
{
    PageWindow w;
    auto answer = *api::fromJsonText<api::DownloadCompleteness>(w.record("download-completeness.json").toStdString());
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    const std::int64_t missing = *answer.sent - *answer.told;
    QVERIFY(missing > 0 && answer.untold > 0);
    QTRY_VERIFY(w.says(QStringLiteral("%1 of %2 lines sent are missing").arg(formatCount(missing), formatCount(*answer.sent))));
    QTRY_VERIFY(w.says(QStringLiteral("Sent, not received  %1").arg(formatCount(missing))));
    QVERIFY(w.says(QStringLiteral("Sent %1 · received %2 · parsed %3 · stored %4")
                       .arg(formatCount(*answer.sent), formatCount(answer.total.received), formatCount(answer.total.downloads + answer.total.simple),
                            formatCount(answer.total.stored))));
    QVERIFY(w.says(QStringLiteral("most are missing of 2026-11-03: 412")));
    // A mix is said to be one, and who tells nothing has dashes.
    QVERIFY(w.says(QStringLiteral("%1 lines came from senders that tell nothing").arg(formatCount(answer.untold))));
    auto *senders = page->findChildren<DataTable *>().last();
    for (auto *one : page->findChildren<DataTable *>())
        senders = one->accessibleName() == QStringLiteral("Senders of lines") ? one : senders;
    QVERIFY(senders->isVisible());
    const auto row = [&](int at) {
        QStringList cells;
        for (int column = 0; column < senders->model()->columnCount(); ++column)
            cells << senders->model()->index(at, column).data().toString();
        return cells;
    };
    const auto &last = answer.senders.back();
    QVERIFY(!last.sent);
    QCOMPARE(row(static_cast<int>(answer.senders.size()) - 1), (QStringList{text(last.name), formatCount(last.received), dash(), dash(), dash(), dash()}));
    QCOMPARE(row(0).last(), QStringLiteral("0"));
    // A sender that began anew may have told of fewer than came: nothing is missing then.
    answer.sent = *answer.told - 5;
    answer.untold = 0;
    answer.known = answer.minutes;
    answer.senders = {{"", 30, 20, 25}};
    w.answer(QStringLiteral("download-completeness"), QByteArray::fromStdString(api::toJsonText(answer)));
    page->refresh();
    QTRY_VERIFY(w.says(QStringLiteral("Every minute is known")));
    QCOMPARE(row(0), (QStringList{QStringLiteral("not named"), QStringLiteral("30"), QStringLiteral("20"), QStringLiteral("25"), QStringLiteral("0"), QStringLiteral("0")}));
    QVERIFY(!w.says(QStringLiteral("lines sent are missing")));
    QVERIFY(!w.says(QStringLiteral("senders that tell nothing")));
}

void DownloadsTest::whereNoSenderTellsSentIsADash()
{
    PageWindow w;
    auto answer = *api::fromJsonText<api::DownloadCompleteness>(w.record("download-completeness.json").toStdString());
    answer.untold = answer.total.received;
    answer.sent.reset();
    answer.told.reset();
    for (api::CompletenessBucket &bucket : answer.buckets) {
        bucket.sent.reset();
        bucket.told.reset();
    }
    answer.senders = {{"cdn1", answer.total.received, {}, {}}};
    w.answer(QStringLiteral("download-completeness"), QByteArray::fromStdString(api::toJsonText(answer)));
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(w.says(QStringLiteral("Sent %1 · received %2").arg(dash(), formatCount(answer.total.received))));
    QVERIFY(w.says(QStringLiteral("no sender tells how many it sent")));
    QVERIFY(w.says(QStringLiteral("Sent, not received  %1").arg(dash())));
    QVERIFY(!w.says(QStringLiteral("are missing")));
}

void DownloadsTest::zoomingByKeyboardTakesFinerFigures()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *chart = page->findChild<TimeChart *>();
    const auto whole = *api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    QCOMPARE(whole.step, api::DownloadStep::Day);
    const qsizetype before = asked(w, "download-series");
    // Half of the month is days still.
    zoom(chart, 1);
    const QString days = chart->figures();
    zoom(chart, 1);
    const ChartRange shown = chart->shown();
    // The coarser figures stay until the finer ones come.
    QVERIFY(days.contains(chart->figures().split(QLatin1Char('\n')).value(2)));
    const auto finer = hourly("download-series.json", w, timeOf(shown.from - 86'400), 24 * 10);
    w.answer(QStringLiteral("download-series"), QByteArray::fromStdString(api::toJsonText(finer)));
    QTRY_VERIFY(chart->figures().contains(formatTime(finer.from + std::chrono::hours(30))));
    // Keys that follow each other are one question, about what is shown.
    QCOMPARE(asked(w, "download-series"), before + 1);
    const QUrlQuery query = lastQuery(w, "download-series");
    const auto from = parseRfc3339(query.queryItemValue(QStringLiteral("from"), QUrl::FullyDecoded).toStdString());
    const auto to = parseRfc3339(query.queryItemValue(QStringLiteral("to"), QUrl::FullyDecoded).toStdString());
    QVERIFY(from && to && secondsOf(*from) <= shown.from && secondsOf(*to) >= shown.to);
    QVERIFY(*to - *from <= std::chrono::days(10));
    QVERIFY(w.says(QStringLiteral("by hour")));
    // A step aside has its figures already; the whole is days again.
    QTest::keyClick(chart->focusProxy(), Qt::Key_Left);
    QVERIFY(w.says(QStringLiteral("by hour")));
    QTest::keyClick(chart->focusProxy(), Qt::Key_Home);
    QVERIFY(!w.says(QStringLiteral("by hour")));
    QCOMPARE(chart->figures().split(QLatin1Char('\n')).value(1).left(10), formatDate(whole.buckets.back().start));
}

void DownloadsTest::finerFiguresOfAnotherQuestionAreDropped()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *chart = page->findChild<TimeChart *>();
    const QByteArray whole = w.record("download-series.json");
    zoom(chart, 2);
    w.answer(QStringLiteral("download-series"), QByteArray::fromStdString(api::toJsonText(hourly("download-series.json", w, timeOf(chart->shown().from), 24 * 9))));
    QTRY_VERIFY(w.says(QStringLiteral("by hour")));
    // Another question is about the whole again, also while a finer answer is on its way.
    w.answer(QStringLiteral("download-series"), whole);
    zoom(chart, 4);
    QVERIFY(w.tabTo(QStringLiteral("With mirrors")));
    w.key(Qt::Key_Down);
    QTRY_COMPARE(lastQuery(w, "download-series").queryItemValue(QStringLiteral("classes"), QUrl::FullyDecoded),
                 QStringLiteral("interactive,ci,browser,tooling,unknown"));
    QTRY_VERIFY(!w.says(QStringLiteral("by hour")));
    QVERIFY(chart->shown().to - chart->shown().from > 20 * 86'400.0);
    // What cannot be had more finely is said, and what is known stays.
    w.client.failAt("download-series", Error{ErrorCode::Unavailable, "the store is busy", {}, {}});
    zoom(chart, 2);
    QTRY_VERIFY(w.says(QStringLiteral("no finer figures")));
    QCOMPARE(page->faces()->face(), Face::Filled);
}

void DownloadsTest::theTabOfAProjectZoomsToo()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("project/geoflux/downloads")));
    auto *page = w.window.pages().made(QStringLiteral("projects"));
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *chart = page->findChild<TimeChart *>();
    QVERIFY(chart);
    QTRY_VERIFY(chart->isVisible());
    zoom(chart, 2);
    w.answer(QStringLiteral("project-download-series"),
             QByteArray::fromStdString(api::toJsonText(hourly("project-download-series.json", w, timeOf(chart->shown().from), 24 * 9))));
    QTRY_VERIFY(w.says(QStringLiteral("by hour")));
    QCOMPARE(lastQuery(w, "project-download-series").queryItemValue(QStringLiteral("step")), QStringLiteral("auto"));
}

void DownloadsTest::smallChartsAreAskedForWhatIsSeen()
{
    PageWindow w;
    auto trends = *api::fromJsonText<api::DownloadTrends>(w.record("download-trends.json").toStdString());
    w.window.go(Route::parse(QStringLiteral("projects")));
    auto *page = w.window.pages().made(QStringLiteral("projects"));
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *table = page->findChild<DataTable *>(QStringLiteral("projects"));
    QTRY_VERIFY(asked(w, "download-trends") > 0);
    const QStringList names = lastQuery(w, "download-trends").queryItemValue(QStringLiteral("projects"), QUrl::FullyDecoded).split(QLatin1Char(','));
    QVERIFY(names.contains(QStringLiteral("geoflux")));
    QVERIFY(names.size() <= table->viewport()->height() / table->rowHeight(0) + 2);
    int column = 0;
    while (table->table()->columnInfo(column).key != QStringLiteral("trend"))
        ++column;
    const auto cell = [&](const QString &project, int role) { return table->model()->index(table->table()->rowOf(project), column).data(role); };
    QTRY_VERIFY(!cell(QStringLiteral("geoflux"), TrendRole).value<Trend>().days.isEmpty());
    const Trend geoflux = cell(QStringLiteral("geoflux"), TrendRole).value<Trend>();
    // A day of which nothing is known is a gap and no 0; the one that is not over is left out.
    QCOMPARE(geoflux.days.size(), static_cast<qsizetype>(trends.buckets.size()) - 1);
    for (std::size_t i = 0; i + 1 < trends.buckets.size(); ++i)
        QCOMPARE(std::isnan(geoflux.days[static_cast<qsizetype>(i)]), trends.buckets[i].known == 0);
    QVERIFY(std::any_of(geoflux.days.begin(), geoflux.days.end(), [](double day) { return std::isnan(day); }));
    // The same in words, for whoever does not see it.
    QVERIFY(cell(QStringLiteral("geoflux"), Qt::DisplayRole).toString().contains(QStringLiteral("downloads in 30 days; days of which nothing is known: 2")));
    QCOMPARE(asked(w, "download-trends"), 1);
    page->refresh();
    QTest::qWait(300);  // longer than scrolling rests
    QCOMPARE(asked(w, "download-trends"), 1);
}

void DownloadsTest::smallChartsAreOfOneRegistry()
{
    PageWindow w;
    w.connectTo(QStringLiteral("one"));
    w.window.go(Route::parse(QStringLiteral("projects")));
    auto *page = w.window.pages().made(QStringLiteral("projects"));
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *table = page->findChild<DataTable *>(QStringLiteral("projects"));
    int column = 0;
    while (table->table()->columnInfo(column).key != QStringLiteral("trend"))
        ++column;
    const auto words = [&] { return table->model()->index(table->table()->rowOf(QStringLiteral("geoflux")), column).data().toString(); };
    QTRY_VERIFY(words().contains(QStringLiteral("downloads in 30 days")));
    const QString ofOne = words();
    // Another one with a project of that name, downloaded more. Asked again at once, however young the figures are.
    auto trends = *api::fromJsonText<api::DownloadTrends>(w.record("download-trends.json").toStdString());
    for (api::DownloadTrend &one : trends.items) {
        for (auto &count : one.counts)
            count = count ? std::optional(*count + 1'000) : count;
        one.total = one.total.value_or(0) + 30'000;
    }
    w.answer(QStringLiteral("download-trends"), QByteArray::fromStdString(api::toJsonText(trends)));
    w.connectTo(QStringLiteral("two"));
    QVERIFY(words() != ofOne);
    QTRY_VERIFY(words().contains(QStringLiteral("downloads in 30 days")));
    QVERIFY(words() != ofOne);
    QCOMPARE(asked(w, "download-trends"), 2);
    // That one does not answer keeps nobody from asking the next.
    w.client.failAt("download-trends", Error{ErrorCode::Unavailable, "x", {}, {}});
    w.connectTo(QStringLiteral("three"));
    QTRY_VERIFY(asked(w, "download-trends") > 2);
    w.client.failAt("download-trends", std::nullopt);
    w.connectTo(QStringLiteral("four"));
    QTRY_VERIFY(words().contains(QStringLiteral("downloads in 30 days")));
}

void DownloadsTest::aMaintainerHasSmallChartsOfTheirOwn()
{
    PageWindow w;
    w.connection.force(Connection::State::Live, api::Who{"erin", api::Role::User, 0, false}, w.connection.registry(), w.clock.now());
    w.window.go(Route::parse(QStringLiteral("my-projects")));
    auto *page = w.window.pages().made(QStringLiteral("my-projects"));
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(asked(w, "project-download-series") > 0);
    QCOMPARE(lastQuery(w, "project-download-series").queryItemValue(QStringLiteral("step")), QStringLiteral("day"));
    QCOMPARE(asked(w, "download-trends"), 0);
}

void DownloadsTest::openedBeforeTheRegistryAnswersItComesWithIt()
{
    PageWindow w;
    w.connection.force(Connection::State::Connecting, std::nullopt, std::nullopt, w.clock.now());
    auto *page = open(w, "downloads");
    QTest::qWait(300);  // longer than a skeleton waits
    QCOMPARE(page->faces()->face(), Face::Loading);
    w.setState(Connection::State::Live);
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
}

QTEST_MAIN(DownloadsTest)
#include "downloads_test.moc"
