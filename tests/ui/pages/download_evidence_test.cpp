// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads: what came twice is drawn as that, what stores and people say of times, and evidence for a decision about a
// channel.
#include "core/api/deprecation_evidence.h"
#include "tests/ui/pages/downloads_window.h"
#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/widgets/action_sheet.h"

#include <QAction>
#include <QComboBox>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

class DownloadEvidenceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme(*qApp).apply(Theme::Scheme::Dark); }
    void whatCameTwiceIsDrawnAsThat();
    void aSenderThatTellsByAnotherNameIsTakenForThat();
    void aTableNeedsNoLegend();
    void whatAStoreSaysOfItselfIsNotRemoved();
    void theWholeWindowIsNoGapUnlessSomebodySaysSo();
    void aChannelHasItsUsesBesideTheDownloadsOfItsClient();
    void aCountThatMayBeMoreSaysSo();
};

void DownloadEvidenceTest::whatCameTwiceIsDrawnAsThat()
{
    PageWindow w;
    const auto series = *api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    auto lines = *api::fromJsonText<api::DownloadCompleteness>(w.record("download-completeness.json").toStdString());
    QCOMPARE(lines.step, series.step);
    const std::int64_t missing = *lines.sent - *lines.told;
    for (std::size_t i = 0; i < lines.buckets.size(); ++i) {
        if (lines.buckets[i].lines)
            lines.buckets[i].lines->repeated = i == 4 ? 1'204 : 0;
    }
    lines.total.repeated = 1'204;
    lines.buckets[6].doubled = lines.doubled = lines.senders[0].doubled = 2'611;
    *lines.buckets[6].told += 2'611;
    *lines.told += 2'611;
    *lines.senders[0].told += 2'611;
    w.answer(QStringLiteral("download-completeness"), QByteArray::fromStdString(api::toJsonText(lines)));
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto *chart = page->findChild<TimeChart *>();
    const auto said = [&](std::size_t bucket) {
        const QStringList rows = chart->figures().trimmed().split(QLatin1Char('\n'));
        const QString date = formatDate(series.buckets[bucket].start);
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const QString &one) { return one.startsWith(date); });
        return row == rows.end() ? QStringLiteral("no row") : row->section(QLatin1Char('\t'), -1);
    };
    QTRY_COMPARE(said(4), QStringLiteral("Sent again: %1 lines, dropped").arg(formatCount(1'204)));
    QCOMPARE(said(6), QStringLiteral("Counted twice: %1 lines more than were sent").arg(formatCount(2'611)));
    QCOMPARE(said(5), QString());
    for (const char *kind : {"Sent again", "Counted twice"})
        QTRY_VERIFY2(w.says(QString::fromLatin1(kind)), kind);
    // The card: a part with its share, the hour, and what one sender sent twice hides nothing that another lost.
    QTRY_VERIFY(w.says(QStringLiteral("Sent again, dropped  %1 (%2)").arg(formatCount(1'204), formatPercent(1'204.0 / static_cast<double>(lines.total.received + 1'204)))));
    QVERIFY(w.says(QStringLiteral("%1 of %2 lines sent are missing").arg(formatCount(missing), formatCount(*lines.sent))));
    QVERIFY(w.says(QStringLiteral("%1 lines more came than were sent: they are counted twice").arg(formatCount(2'611))));
    QVERIFY(w.says(QStringLiteral("most are too many of %1: %2").arg(formatDate(series.buckets[6].start), formatCount(2'611))));
    QVERIFY(w.says(QStringLiteral("most were sent again on %1: %2").arg(formatDate(series.buckets[4].start), formatCount(1'204))));
    const QList<QByteArray> csv = downloadsAsCsv(api::DownloadSplit::Class, series, &lines).split('\n');
    QVERIFY(csv[0].trimmed().endsWith(",lines_sent_again,lines_counted_twice,annotations"));
    QVERIFY2(csv[5].trimmed().endsWith(",1204,0,"), csv[5].constData());
    QVERIFY2(csv[7].trimmed().endsWith(",0,2611,"), csv[7].constData());
    // Of a finer window it is said of which day it is.
    zoom(chart, 2);
    w.answer(QStringLiteral("download-series"), QByteArray::fromStdString(api::toJsonText(hourly("download-series.json", w, series.buckets[3].start, 24 * 12))));
    for (int i = 0; i < 8; ++i)
        QTest::keyClick(chart->focusProxy(), Qt::Key_Left);
    QTRY_VERIFY(chart->figures().contains(QStringLiteral("Counted twice: %1 lines more than were sent (%2)").arg(formatCount(2'611), formatDate(series.buckets[6].start))));
    // Where nobody knows nothing is said.
    w.client.failAt("download-completeness", Error{ErrorCode::Unavailable, "x", {}, {}});
    page->refresh();
    QTRY_VERIFY(!w.says(QStringLiteral("Counted twice")));
}

void DownloadEvidenceTest::aSenderThatTellsByAnotherNameIsTakenForThat()
{
    PageWindow w;
    auto lines = *api::fromJsonText<api::DownloadCompleteness>(w.record("download-completeness.json").toStdString());
    lines.sent = 1'000;
    lines.told = 60;  // what it says of itself bears its name
    lines.untold = 940;
    lines.senders = {{"cdn-host", 940, {}, {}}, {"cdn1", 60, 1'000, 60}};
    w.answer(QStringLiteral("download-completeness"), QByteArray::fromStdString(api::toJsonText(lines)));
    auto *page = open(w, "downloads");
    QTRY_VERIFY(w.says(QStringLiteral("most lines of cdn1 are missing, and as many came from senders that tell nothing")));
    // Where no such lines came they are lost.
    lines.untold = 100;
    w.answer(QStringLiteral("download-completeness"), QByteArray::fromStdString(api::toJsonText(lines)));
    page->refresh();
    QTRY_VERIFY(w.says(QStringLiteral("100 lines came from senders that tell nothing")));
    QVERIFY(!w.says(QStringLiteral("most lines of cdn1")));
}

void DownloadEvidenceTest::aTableNeedsNoLegend()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(w.says(QStringLiteral("Gap in the counts")) && w.says(QStringLiteral("No data, or not all")));
    auto *chart = page->findChild<TimeChart *>();
    chart->focusProxy()->setFocus();
    const auto actions = page->pageActions();
    const auto table = std::find_if(actions.begin(), actions.end(), [](const QAction *one) { return one->isCheckable(); });
    QTest::keyClick(chart->focusProxy(), Qt::Key_T);
    QVERIFY(chart->isTable());
    // The menu knows of the key.
    QVERIFY((*table)->isChecked());
    QVERIFY(!w.says(QStringLiteral("No data, or not all")));
    // Nor does it come with the next figures.
    const qsizetype before = asked(w, "download-completeness");
    page->refresh();
    QTRY_VERIFY(asked(w, "download-completeness") > before);  // they are drawn before that is asked
    QTest::qWait(50);                                         // for the answer
    QVERIFY(!w.says(QStringLiteral("No data, or not all")));
    (*table)->trigger();
    QVERIFY(!chart->isTable());
    QTRY_VERIFY(w.says(QStringLiteral("No data, or not all")));
}

void DownloadEvidenceTest::whatAStoreSaysOfItselfIsNotRemoved()
{
    PageWindow w;
    auto series = *api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    series.annotations = {{{}, api::AnnotationKind::Definition, {}, series.buckets[3].start, {}, "strict mode", "cheesemongerd ingest", {}}};
    w.answer(QStringLiteral("download-series"), QByteArray::fromStdString(api::toJsonText(series)));
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    const auto remove = [&] {
        const auto actions = page->pageActions();
        return *std::find_if(actions.begin(), actions.end(), [](const QAction *one) { return one->text().startsWith(QStringLiteral("Remove an")); });
    };
    QVERIFY(!remove()->isEnabled());
    series.annotations.push_back({api::Id{7}, api::AnnotationKind::Note, {}, series.buckets[4].start, {}, "ours", "ada", {}});
    w.answer(QStringLiteral("download-series"), QByteArray::fromStdString(api::toJsonText(series)));
    page->refresh();
    QTRY_VERIFY(remove()->isEnabled());
}

void DownloadEvidenceTest::theWholeWindowIsNoGapUnlessSomebodySaysSo()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    const auto kindOfNew = [&] {
        for (QAction *action : page->pageActions()) {
            if (action->text().startsWith(QStringLiteral("A&nnotate")))
                action->trigger();
        }
        auto *sheet = w.window.findChild<ActionSheet *>();
        QString kind;
        for (auto *box : sheet ? sheet->findChildren<QComboBox *>() : QList<QComboBox *>()) {
            if (box->accessibleName() == QStringLiteral("Kind"))
                kind = box->currentText();
        }
        if (sheet)
            sheet->close();
        return kind;
    };
    QCOMPARE(kindOfNew(), QStringLiteral("Note"));
    QTRY_VERIFY(!w.window.findChild<ActionSheet *>());
    zoom(page->findChild<TimeChart *>(), 2);
    QCOMPARE(kindOfNew(), QStringLiteral("Gap in the counts"));
}

// The question of January 2014.
void DownloadEvidenceTest::aChannelHasItsUsesBesideTheDownloadsOfItsClient()
{
    PageWindow w;
    auto *page = open(w, "downloads");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    auto uses = *api::fromJsonText<api::DeprecationEvidence>(w.record("deprecation-evidence.json").toStdString());
    QVERIFY(asked(w, "deprecation-evidence") == 0);
    auto *channels = w.named<QComboBox>(QStringLiteral("Channel that retires"));
    QTRY_VERIFY(channels && channels->findText(QStringLiteral("Upload over ssh")) > 0);
    channels->setCurrentText(QStringLiteral("Upload over ssh"));
    // Downloads of its client alone, in the chart's window still.
    QTRY_COMPARE(lastQuery(w, "download-evidence").queryItemValue(QStringLiteral("project")), QStringLiteral("pypissh"));
    const auto series = api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    QCOMPARE(lastQuery(w, "download-evidence").queryItemValue(QStringLiteral("from"), QUrl::FullyDecoded), text(formatRfc3339(series->from)));
    auto *clients = w.named<QComboBox>(QStringLiteral("Clients"));
    clients->setCurrentText(QStringLiteral("Installers and browsers"));
    QTRY_VERIFY(w.says(QStringLiteral("14 downloads of %1").arg(ltr(QStringLiteral("pypissh")))));
    QVERIFY(w.says(QStringLiteral("95 % interval 7.7 to 23.5 · %1 of 154 in all").arg(formatPercent(14.0 / 154))));
    QTRY_VERIFY(w.says(QStringLiteral("%1 uses of Upload over ssh").arg(uses.uses90)));
    QVERIFY(w.says(QStringLiteral("95 % interval %1 to %2").arg(boundWords(*uses.lower90), boundWords(*uses.upper90))));
    QVERIFY(w.says(QStringLiteral("%1 people with an account").arg(uses.people90)));
    QTRY_VERIFY(w.says(QStringLiteral("Tooling  %1").arg(formatPercent(1))));
    // A count of what caches let through is no sample of all, and none seen has a bound.
    channels->setCurrentText(QStringLiteral("JSON of projects"));
    QTRY_VERIFY(w.says(QStringLiteral("uses of JSON of projects")));
    QTRY_VERIFY(w.says(QStringLiteral("this is the least that there was")));
    QTRY_VERIFY(!w.says(QStringLiteral("14 downloads of %1").arg(ltr(QStringLiteral("pypissh")))));
    channels->setCurrentText(QStringLiteral("Uploads of eggs"));
    QTRY_VERIFY(w.says(QStringLiteral("0 uses of Uploads of eggs")));
    QVERIFY(w.says(QStringLiteral("at most 0.03 a day (95 %)")));
    // What was never recorded is no 0.
    uses.recordedSince.reset();
    w.answer(QStringLiteral("deprecation-evidence"), QByteArray::fromStdString(api::toJsonText(uses)));
    channels->setCurrentText(QStringLiteral("Upload over ssh"));
    QTRY_VERIFY(w.says(QStringLiteral("nobody knows who uses it")));
    QVERIFY(!w.says(QStringLiteral("uses of Upload over ssh")));
    channels->setCurrentIndex(0);
    QTRY_VERIFY(!w.says(QStringLiteral("nobody knows who uses it")));
    QVERIFY(lastQuery(w, "download-evidence").queryItemValue(QStringLiteral("project")).isEmpty());
}

void DownloadEvidenceTest::aCountThatMayBeMoreSaysSo()
{
    PageWindow w;
    auto evidence = *api::fromJsonText<api::DownloadEvidence>(w.record("download-evidence.json").toStdString());
    evidence.folded = 54;
    w.answer(QStringLiteral("download-evidence"), QByteArray::fromStdString(api::toJsonText(evidence)));
    // A total is that of the window, also where some of it was counted within a gap.
    auto series = *api::fromJsonText<api::DownloadSeries>(w.record("download-series.json").toStdString());
    std::int64_t total = 0;
    for (api::DownloadLine &line : series.lines) {
        line.total = line.total.value_or(0) + 1'000'000;
        total += *line.total;
    }
    w.answer(QStringLiteral("download-series"), QByteArray::fromStdString(api::toJsonText(series)));
    open(w, "downloads");
    QTRY_VERIFY(w.says(QStringLiteral("a lower bound: 54 more are of clients too many to be told apart")));
    QTRY_VERIFY(w.says(QStringLiteral("%1 counted").arg(formatCount(total))));
}

QTEST_MAIN(DownloadEvidenceTest)
#include "download_evidence_test.moc"
