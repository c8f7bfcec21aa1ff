// SPDX-License-Identifier: GPL-3.0-or-later
// The Audit page over two sources: each line of both exactly once and in its place, wherever one looks, without reading
// all of the registry; what is missing is told; each chain has its own proof.
#include "tests/ui/pages/page_window.h"
#include "tests/ui/pages/served_page.h"
#include "tests/ui/quiet_shell.h"
#include "ui/pages/audit/audit_sources.h"
#include "ui/widgets/data_table.h"

#include <QAction>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

// A server's audit, newest first, filtered and cut as servers do.
class AuditServer final : public AdminClient {
public:
    std::vector<api::AuditEntry> lines;
    bool away = false;
    int asked = 0;
    qint64 told = 0;

    // `seconds` before noon, for each from the newest on.
    void fill(const std::vector<int> &seconds)
    {
        lines.clear();
        for (std::size_t i = 0; i < seconds.size(); ++i) {
            api::AuditEntry entry;
            entry.id = {static_cast<std::int64_t>(seconds.size() - i)};
            entry.time = noon - std::chrono::seconds(seconds[i]);
            lines.push_back(entry);
        }
    }

protected:
    QFuture<Result<QByteArray>> send(const api::EndpointInfo &, const QByteArray &target, const QByteArray &) override
    {
        ++asked;
        QPromise<Result<QByteArray>> promise;
        promise.start();
        promise.addResult(away ? Result<QByteArray>(fail(ErrorCode::Unavailable, "nobody answers")) : servedPage(lines, target, &told));
        promise.finish();
        return promise.future();
    }
};

struct Fixture {
    Fixture()
        : theme(*qApp), uploads(wire), connection(registry, nullptr, nullptr, clock), monitorConnection(monitor, nullptr, nullptr, clock, Connection::To::Monitor),
          profiles(nullptr), secrets(false),
          sources({registry, connection, uploads, profiles, secrets, theme, clock, shell, nullptr, {}, &monitor, &monitorConnection}, nullptr)
    {
        const api::Who dana{"dana", api::Role::Operator, 0, false};
        connection.force(Connection::State::Live, dana, std::nullopt, noon);
        monitorConnection.force(Connection::State::Live, dana, std::nullopt, noon);
    }
    Result<api::Page<AuditLine>> read(qint64 offset, qint64 limit)
    {
        std::optional<Result<api::Page<AuditLine>>> got;
        sources.read(offset, limit, [&got](Result<api::Page<AuditLine>> answer) { got = std::move(answer); });
        [[maybe_unused]] const bool came = QTest::qWaitFor([&got] { return got.has_value(); }, 60'000);
        return got ? *got : Result<api::Page<AuditLine>>(fail(ErrorCode::Cancelled, "no answer came"));
    }

    ManualClock clock{noon};
    QuietShell shell;
    Theme theme;
    Wire wire;
    AuditServer registry;
    AuditServer monitor;
    UploadClient uploads;
    Connection connection;
    Connection monitorConnection;
    Profiles profiles;
    Secrets secrets;
    AuditSources sources;
};

std::vector<int> each(int count, int step, int first = 0)
{
    std::vector<int> out;
    for (int i = 0; i < count; ++i)
        out.push_back(first + i * step);
    return out;
}

QString nameOf(const AuditLine &line)
{
    return QStringLiteral("%1%2").arg(line.source == AuditSource::Registry ? 'r' : 'm').arg(line.entry.id.value);
}

DataTable *linesOf(PageWindow &w)
{
    return w.named<DataTable>(QStringLiteral("Audit lines"));
}

}  // namespace

class AuditTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void showsEachLineOnceWhereverOneLooks_data();
    void showsEachLineOnceWhereverOneLooks();
    void readsNoMoreThanItShows();
    void readsAMonitorOfAnyLength();
    void eitherMayBeAway();
    void namesTheSourceOfEachLine();
    void saysWhoseLinesAreMissing();
    void provesBothChains();
    void needsNoMonitor();
};

void AuditTest::showsEachLineOnceWhereverOneLooks_data()
{
    QTest::addColumn<std::vector<int>>("registry");
    QTest::addColumn<std::vector<int>>("monitor");
    QTest::newRow("in turn") << each(700, 10) << each(90, 70, 5);
    QTest::newRow("at the same moments") << each(600, 10) << each(300, 20);
    QTest::newRow("all of the monitor's newer") << each(600, 10, 5000) << each(300, 1);
    QTest::newRow("all of the monitor's older") << each(600, 1) << each(300, 1, 5000);
    QTest::newRow("none of the registry") << std::vector<int>() << each(300, 1);
    QTest::newRow("none of the monitor") << each(600, 1) << std::vector<int>();
    // Nodes whose clocks differ: times of the registry go back and forth by a second or two.
    std::vector<int> skewed = each(700, 1);
    for (std::size_t i = 0; i < skewed.size(); ++i)
        skewed[i] += i % 3 == 0 ? 2 : i % 3 == 1 ? -1 : 0;
    QTest::newRow("clocks that differ") << skewed << each(300, 2, 1);
    // And a monitor's clock that was set back.
    std::vector<int> back = each(100, 5);
    std::rotate(back.begin(), back.begin() + 30, back.end());
    QTest::newRow("a clock that was set back") << each(700, 1) << back;
}

void AuditTest::showsEachLineOnceWhereverOneLooks()
{
    QFETCH(std::vector<int>, registry);
    QFETCH(std::vector<int>, monitor);
    Fixture f;
    f.registry.fill(registry);
    f.monitor.fill(monitor);
    f.sources.begin({}, true);
    const auto all = static_cast<qint64>(registry.size() + monitor.size());
    QStringList seen;
    std::vector<AuditLine> whole;
    // From the end to the beginning, as a scroll bar may go.
    constexpr qint64 window = 256;
    for (qint64 offset = (all - 1) / window * window; offset >= 0; offset -= window) {
        const auto page = f.read(offset, window);
        QVERIFY(page);
        QCOMPARE(page->total, all);
        QCOMPARE(static_cast<qint64>(page->items.size()), std::min(window, all - offset));
        whole.insert(whole.begin(), page->items.begin(), page->items.end());
        for (const AuditLine &line : page->items)
            seen << nameOf(line);
    }
    seen.removeDuplicates();
    QCOMPARE(seen.size(), all);
    if (std::is_sorted(registry.begin(), registry.end()) && std::is_sorted(monitor.begin(), monitor.end()))
        QVERIFY(std::is_sorted(whole.begin(), whole.end(), [](const AuditLine &a, const AuditLine &b) { return a.entry.time > b.entry.time; }));
}

void AuditTest::readsNoMoreThanItShows()
{
    Fixture f;
    f.registry.fill(each(20'000, 10));
    f.monitor.fill(each(200, 1000, 5));
    f.sources.begin({}, true);
    QVERIFY(f.read(15'000, 256));
    QVERIFY2(f.registry.told <= 256 + 16, qPrintable(QString::number(f.registry.told)));
    QCOMPARE(f.monitor.asked, 1);
    // The next one knows most of it.
    const int before = f.registry.asked;
    QVERIFY(f.read(15'256, 256));
    QVERIFY(f.registry.asked - before <= 9);
    // Nor is the monitor asked again when only the registry has changed.
    f.sources.begin({}, false);
    QVERIFY(f.read(0, 256));
    QCOMPARE(f.monitor.asked, 1);
}

void AuditTest::readsAMonitorOfAnyLength()
{
    Fixture f;
    f.registry.fill(each(10, 100));
    f.monitor.fill(each(2500, 1));
    f.sources.begin({}, true);
    const auto page = f.read(2500, 256);
    QVERIFY(page);
    QCOMPARE(page->total, 2510);
    QCOMPARE(static_cast<int>(page->items.size()), 10);
}

void AuditTest::eitherMayBeAway()
{
    Fixture f;
    f.registry.fill(each(600, 10));
    f.monitor.fill(each(300, 20, 5));
    f.registry.away = true;
    f.sources.begin({}, true);
    auto page = f.read(256, 256);
    QVERIFY(page);
    QCOMPARE(page->total, 300);
    QCOMPARE(static_cast<int>(page->items.size()), 44);
    QVERIFY(f.sources.missing(AuditSource::Registry) && !f.sources.missing(AuditSource::Monitor));
    // It is back.
    f.registry.away = false;
    f.sources.begin({}, false);
    page = f.read(0, 256);
    QVERIFY(page);
    QCOMPARE(page->total, 900);
    QVERIFY(!f.sources.missing(AuditSource::Registry));
    f.monitor.away = true;
    f.sources.begin({}, true);
    page = f.read(0, 256);
    QVERIFY(page);
    QCOMPARE(page->total, 600);
    QVERIFY(f.sources.missing(AuditSource::Monitor));
    f.registry.away = true;
    f.sources.begin({}, true);
    QVERIFY(!f.read(0, 256));
    // One that is known to be silent is not waited for.
    f.registry.away = f.monitor.away = false;
    f.connection.force(Connection::State::Stale, std::nullopt, std::nullopt, noon);
    const int before = f.registry.asked;
    f.sources.begin({}, true);
    page = f.read(0, 256);
    QVERIFY(page);
    QCOMPARE(page->total, 300);
    QCOMPARE(f.registry.asked, before);
}

void AuditTest::namesTheSourceOfEachLine()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("audit")));
    auto *table = linesOf(w);
    QVERIFY(table);
    QTRY_COMPARE(table->model()->rowCount(), 30);
    const auto cell = [table](int row, int column) { return table->model()->index(row, column).data().toString(); };
    QCOMPARE(cell(0, 1), QStringLiteral("monitor"));
    QCOMPARE(cell(0, 3), QStringLiteral("Refused: Switched over"));
    QCOMPARE(cell(1, 1), QStringLiteral("registry"));
    QCOMPARE(cell(1, 3), QStringLiteral("Uploaded the file"));
    QCOMPARE(cell(29, 1), QStringLiteral("monitor"));
    QVERIFY(!w.says(QStringLiteral("lines are here")));
    // What a person does at the monitor comes as it happens.
    const auto asked = [&w] { return std::count_if(w.monitor.sent().begin(), w.monitor.sent().end(), [](const auto &sent) { return sent.endpoint == "list-audit"; }); };
    const auto before = asked();
    api::Event event;
    event.kind = "action.started";
    Q_EMIT w.monitorConnection.event(event);
    QTRY_VERIFY(asked() > before);
}

void AuditTest::saysWhoseLinesAreMissing()
{
    PageWindow w;
    const Error away{ErrorCode::Unavailable, "nobody answers", {}, {}};
    w.client.failAt("list-audit", away);
    w.window.go(Route::parse(QStringLiteral("audit")));
    auto *page = w.window.pages().current();
    auto *table = linesOf(w);
    QTRY_COMPARE(table->model()->rowCount(), 4);
    QTRY_VERIFY(w.says(QStringLiteral("Only the monitor's lines are here")));
    // The registry's connection is gone too: the monitor's lines are about now all the same.
    w.connection.force(Connection::State::Stale, w.connection.who(), std::nullopt, w.clock.now());
    QCOMPARE(page->faces()->face(), Face::Filled);
    w.client.failAt("list-audit", std::nullopt);
    w.monitor.failAt("list-audit", away);
    w.connection.force(Connection::State::Live, w.connection.who(), std::nullopt, w.clock.now());
    QTRY_COMPARE(table->model()->rowCount(), 26);
    QTRY_VERIFY(w.says(QStringLiteral("Only the registry's lines are here")));
    w.monitor.failAt("list-audit", std::nullopt);
    page->refresh();
    QTRY_COMPARE(table->model()->rowCount(), 30);
    QTRY_VERIFY(!w.says(QStringLiteral("lines are here")));
}

void AuditTest::provesBothChains()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("audit")));
    auto *page = w.window.pages().current();
    const auto verify = [&] { page->pageActions().first()->trigger(); };
    verify();
    QTRY_VERIFY(w.says(QStringLiteral("Registry: The chain of 26 lines is whole")));
    QTRY_VERIFY(w.says(QStringLiteral("Monitor: The chain of 4 lines is whole")));
    w.answer(QStringLiteral("monitor/verify-audit"), R"({"intact": false, "lines": 4, "first_broken": "3"})");
    verify();
    QTRY_VERIFY(w.says(QStringLiteral("Monitor: The chain is broken at line 3")));
    QVERIFY(w.says(QStringLiteral("Registry: The chain of 26 lines is whole")));
    w.client.failAt("verify-audit", Error{ErrorCode::Unavailable, "nobody answers", {}, {}});
    verify();
    QTRY_VERIFY(w.says(QStringLiteral("Registry: Not known")));
    QTRY_VERIFY(w.says(QStringLiteral("Monitor: The chain is broken at line 3")));
}

void AuditTest::needsNoMonitor()
{
    PageWindow w(RecordedClient::Mode::Answer, false);
    w.window.go(Route::parse(QStringLiteral("audit")));
    auto *page = w.window.pages().current();
    QTRY_COMPARE(linesOf(w)->model()->rowCount(), 26);
    QVERIFY(!w.says(QStringLiteral("lines are here")));
    page->pageActions().first()->trigger();
    QTRY_VERIFY(w.says(QStringLiteral("The chain of 26 lines is whole")));
    QVERIFY(!w.says(QStringLiteral("Monitor:")));
}

QTEST_MAIN(AuditTest)
#include "audit_test.moc"
