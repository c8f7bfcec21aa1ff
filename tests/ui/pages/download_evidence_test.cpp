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
    void whatAStoreSaysOfItselfIsNotRemoved();
    void aChannelHasItsUsesBesideTheDownloadsOfItsClient();
};

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
    QTRY_VERIFY(w.says(QStringLiteral("14 downloads of pypissh")));
    QVERIFY(w.says(QStringLiteral("95 % interval 7.7 to 23.5 · 9.1 % of 154 in all")));
    QTRY_VERIFY(w.says(QStringLiteral("%1 uses of Upload over ssh").arg(uses.uses90)));
    QVERIFY(w.says(QStringLiteral("95 % interval %1 to %2").arg(boundWords(*uses.lower90), boundWords(*uses.upper90))));
    QVERIFY(w.says(QStringLiteral("%1 people with an account").arg(uses.people90)));
    QVERIFY(w.says(QStringLiteral("Tooling  100.0 %")));
    // A count of what caches let through is no sample of all, and none seen has a bound.
    channels->setCurrentText(QStringLiteral("JSON of projects"));
    QTRY_VERIFY(w.says(QStringLiteral("uses of JSON of projects")));
    QTRY_VERIFY(w.says(QStringLiteral("this is the least that there was")));
    QTRY_VERIFY(!w.says(QStringLiteral("14 downloads of pypissh")));
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

QTEST_MAIN(DownloadEvidenceTest)
#include "download_evidence_test.moc"
