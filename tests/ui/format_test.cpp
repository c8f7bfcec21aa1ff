// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/error_words.h"
#include "ui/format/format.h"

#include <QTest>

using namespace cm;
using namespace cm::ui;
using namespace std::chrono_literals;

namespace {

// Hard and thin spaces as plain ones, so that the table below can be read.
QString plain(QString text)
{
    return text.replace(QChar(0x202f), QLatin1Char(' ')).replace(QChar(0x00a0), QLatin1Char(' '));
}

}  // namespace

class FormatTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void durations_data();
    void durations();
    void bytes_data();
    void bytes();
    void percents_data();
    void percents();
    void counts();
    void ages();
    void times();
    void middle();
    void everyErrorHasWords();
};

void FormatTest::durations_data()
{
    QTest::addColumn<qint64>("milliseconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << qint64(0) << "0 ms";
    QTest::newRow("below a second") << qint64(250) << "250 ms";
    QTest::newRow("seconds") << qint64(59'999) << "59 s";
    QTest::newRow("minutes and seconds") << qint64(192'000) << "3 min 12 s";
    QTest::newRow("many minutes") << qint64(1'500'000) << "25 min";
    QTest::newRow("hours") << qint64(7'800'000) << "2 h 10 min";
    QTest::newRow("days") << qint64(90'000'000) << "1 d 1 h";
    QTest::newRow("many days") << qint64(17LL * 86'400'000) << "17 d";
    QTest::newRow("negative is not knowable") << qint64(-5000) << "–";
}

void FormatTest::durations()
{
    QFETCH(qint64, milliseconds);
    QTEST(plain(formatDuration(std::chrono::milliseconds(milliseconds))), "text");
}

void FormatTest::bytes_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << qint64(0) << "0 B";
    QTest::newRow("bytes") << qint64(1023) << "1023 B";
    QTest::newRow("one and a half") << qint64(1536) << "1.5 kB";
    QTest::newRow("never four digits") << qint64(1'023'900) << "1.0 MB";
    QTest::newRow("megabytes") << qint64(214LL << 20) << "214 MB";
    QTest::newRow("largest") << std::numeric_limits<qint64>::max() << "8192 PB";
    QTest::newRow("not knowable") << qint64(-1) << "–";
}

void FormatTest::bytes()
{
    QFETCH(qint64, size);
    QTEST(plain(formatBytes(size)), "text");
}

void FormatTest::percents_data()
{
    QTest::addColumn<double>("ratio");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << 0.0 << "0.0 %";
    QTest::newRow("a trace") << 0.00001 << "< 0.01 %";
    QTest::newRow("a little is not nothing") << 0.0002 << "0.02 %";
    QTest::newRow("some") << 0.0013 << "0.1 %";
    QTest::newRow("most") << 0.989 << "98.9 %";
    QTest::newRow("nearly all is not all") << 0.9998 << "99.98 %";
    QTest::newRow("all but a trace") << 0.99999 << "> 99.99 %";
    QTest::newRow("all") << 1.0 << "100.0 %";
}

void FormatTest::percents()
{
    QFETCH(double, ratio);
    QTEST(plain(formatPercent(ratio)), "text");
}

void FormatTest::counts()
{
    QCOMPARE(plain(formatCount(0)), QStringLiteral("0"));
    QCOMPARE(plain(formatCount(999)), QStringLiteral("999"));
    QCOMPARE(plain(formatCount(31'407'922)), QStringLiteral("31 407 922"));
    QCOMPARE(plain(formatCount(-1000)), QStringLiteral("-1 000"));
}

void FormatTest::ages()
{
    const Time now(1000h);
    QCOMPARE(formatAge(now, now), QStringLiteral("just now"));
    QCOMPARE(plain(formatAge(now - 12s, now)), QStringLiteral("12 s ago"));
    QCOMPARE(plain(formatAge(now - 3h - 10min, now)), QStringLiteral("3 h ago"));
    // Another machine's clock may run ahead.
    QCOMPARE(formatAge(now + 5s, now), QStringLiteral("just now"));
    QCOMPARE(plain(formatSampleAge(now - 1200ms, now)), QStringLiteral("1.2 s"));
}

void FormatTest::times()
{
    const Time time = *parseRfc3339("2026-11-22T09:44:19.250000Z");
    QCOMPARE(formatTime(time), QStringLiteral("2026-11-22 09:44:19 UTC"));
    QCOMPARE(formatMinute(time), QStringLiteral("2026-11-22 09:44"));
    QCOMPARE(formatUntil(time, time - std::chrono::hours(1)), QStringLiteral("09:45 UTC"));
    QCOMPARE(formatUntil(time, time - std::chrono::hours(20)), QStringLiteral("2026-11-22 09:45 UTC"));
    QVERIFY(timeTip(time).contains(QStringLiteral("local time")));
}

void FormatTest::middle()
{
    QCOMPARE(elideMiddle(QStringLiteral("short"), 10), QStringLiteral("short"));
    const QString elided = elideMiddle(QStringLiteral("0123456789abcdef"), 8);
    QCOMPARE(elided.size(), 8);
    QVERIFY(elided.startsWith(QStringLiteral("0123")));
    QVERIFY(elided.endsWith(QStringLiteral("ef")));
}

void FormatTest::everyErrorHasWords()
{
    QStringList titles;
    for (int code = 0; code <= static_cast<int>(ErrorCode::BadAnswer); ++code) {
        const ErrorWords words = wordsFor({static_cast<ErrorCode>(code), "detail", {{"name", "is too long"}}, 0s});
        QVERIFY(!words.title.isEmpty());
        QVERIFY(!words.stillTrue.isEmpty());
        QVERIFY(!words.title.contains(QLatin1Char('!')));
        QVERIFY(!titles.contains(words.title));
        QCOMPARE(words.fields, QStringList{QStringLiteral("name: is too long")});
        titles << words.title;
    }
    const ErrorWords ordered = wordsFor({ErrorCode::Unavailable, "by order of ada", {{"read-only", "2026-11-22T14:05:00Z"}}, 90s});
    QCOMPARE(ordered.title, QStringLiteral("The registry is read-only"));
    QCOMPARE(ordered.detail, QStringLiteral("by order of ada"));
    QVERIFY(ordered.fields.isEmpty());
    QVERIFY(ordered.remedy.contains(QStringLiteral("1")));
    QVERIFY(wordsFor({ErrorCode::RateLimited, "", {}, 90s}).remedy.contains(QStringLiteral("1")));
}

QTEST_GUILESS_MAIN(FormatTest)
#include "format_test.moc"
