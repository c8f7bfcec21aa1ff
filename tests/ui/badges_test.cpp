// SPDX-License-Identifier: GPL-3.0-or-later
// What the tray tells of alerts: each that begins to fire, and each that fires again, with its sentence, its age
// and what helps; nothing twice, and within one question to the monitor.
#include "tests/ui/quiet_shell.h"
#include "ui/client/connection.h"
#include "ui/client/recorded_client.h"
#include "ui/client/secrets.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"
#include "ui/shell/monitor_badges.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

struct Notice {
    Mark mark;
    QString title;
    QString text;
};

class ListeningShell final : public QuietShell {
public:
    void notify(Mark mark, const QString &title, const QString &text) override { told << Notice{mark, title, text}; }

    QList<Notice> told;
};

api::Alert killed(std::int64_t id, const std::string &node)
{
    api::Alert alert;
    alert.id = {id};
    alert.node = node;
    alert.role = "postgres";
    alert.finding = "DOWN";
    alert.verdict = api::Verdict::Critical;
    alert.statement = node + " refuses connections";
    alert.runbook = "Start it.";
    alert.started = alert.changed = noon - std::chrono::seconds(3);
    return alert;
}

struct Fixture {
    Fixture()
        : theme(*qApp), client(folder.path()), monitor(folder.path()), uploads(wire), connection(client, nullptr, nullptr, clock),
          monitorConnection(monitor, nullptr, nullptr, clock, Connection::To::Monitor), profiles(nullptr), secrets(false)
    {
        set({});
        monitorConnection.force(Connection::State::Live, api::Who{"dana", api::Role::Operator, 0, false}, std::nullopt, noon);
        badges = std::make_unique<MonitorBadges>(
            PageContext{client, connection, uploads, profiles, secrets, theme, clock, shell, nullptr, {}, &monitor, &monitorConnection}, nullptr);
    }
    // What the monitor answers from now on.
    void set(const std::vector<api::Alert> &alerts)
    {
        api::Page<api::Alert> page;
        page.items = alerts;
        page.total = static_cast<std::int64_t>(alerts.size());
        QFile file(folder.filePath(QStringLiteral("list-alerts.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(api::printJson(api::toJson(page))));
    }
    [[nodiscard]] qsizetype asked() const
    {
        const auto &sent = monitor.sent();
        return std::count_if(sent.begin(), sent.end(), [](const auto &one) { return one.endpoint == "list-alerts"; });
    }
    // The monitor says that something changed, is asked once, and has been heard.
    void happens(const std::vector<api::Alert> &alerts)
    {
        set(alerts);
        const qsizetype before = asked();
        Q_EMIT monitorConnection.event({});
        QTRY_COMPARE(asked(), before + 1);
        QCoreApplication::processEvents();
    }

    QTemporaryDir folder;
    ManualClock clock{noon};
    ListeningShell shell;
    Theme theme;
    Wire wire;
    RecordedClient client;
    RecordedClient monitor;
    UploadClient uploads;
    Connection connection;
    Connection monitorConnection;
    Profiles profiles;
    Secrets secrets;
    std::unique_ptr<MonitorBadges> badges;
};

}  // namespace

class BadgesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsAKilledPrimaryWithItsAgeAndWhatHelps();
    void tellsItAlsoWhereTheEventIsLost();
    void tellsOnceWhatFiresOn();
    void tellsAgainWhatFiresAgain_data();
    void tellsAgainWhatFiresAgain();
    void tellsWhatHasBecomeWorse();
    void whatFiresAlreadyIsOnTheScreen();
    void aStormOfEventsDoesNotPutItOff();
};

void BadgesTest::tellsAKilledPrimaryWithItsAgeAndWhatHelps()
{
    Fixture f;
    QTRY_COMPARE(f.asked(), 1);
    f.happens({killed(7, "db1")});
    QTRY_COMPARE(f.shell.told.size(), 1);
    // One question after the verdict, and that one was enough.
    QCOMPARE(f.asked(), 2);
    QCOMPARE(f.shell.told.first().mark, Mark::Critical);
    QCOMPARE(f.shell.told.first().title, QStringLiteral("db1 refuses connections"));
    QCOMPARE(f.shell.told.first().text, QStringLiteral("Open for 3\u00a0s. What helps: Start it."));
}

void BadgesTest::tellsItAlsoWhereTheEventIsLost()
{
    // Within five seconds by construction: the next question comes by itself, and the first one after the verdict tells.
    static_assert(MonitorBadges::soon + MonitorBadges::again < std::chrono::seconds(5));
    Fixture f;
    QTRY_COMPARE(f.asked(), 1);
    QCoreApplication::processEvents();
    f.set({killed(7, "db1")});
    QTRY_COMPARE_WITH_TIMEOUT(f.shell.told.size(), 1, 60'000);
    QCOMPARE(f.asked(), 2);
}

void BadgesTest::tellsOnceWhatFiresOn()
{
    Fixture f;
    QTRY_COMPARE(f.asked(), 1);
    api::Alert alert = killed(7, "db1");
    f.happens({alert});
    QTRY_COMPARE(f.shell.told.size(), 1);
    // Its figures move; that is no news. Nor is that it became lighter, or that it ended.
    alert.statement = "db1 refuses connections, the 40th time";
    f.happens({alert});
    alert.verdict = api::Verdict::Warning;
    f.happens({alert});
    f.happens({});
    QCOMPARE(f.shell.told.size(), 1);
    // Another one, be it of the same node, is.
    f.happens({killed(8, "db1")});
    QTRY_COMPARE(f.shell.told.size(), 2);
}

void BadgesTest::tellsAgainWhatFiresAgain_data()
{
    QTest::addColumn<int>("meanwhile");
    QTest::newRow("an acknowledgement that expired or was given back") << static_cast<int>(api::AlertState::Acknowledged);
    QTest::newRow("a silence that ended") << static_cast<int>(api::AlertState::Silenced);
}

void BadgesTest::tellsAgainWhatFiresAgain()
{
    QFETCH(int, meanwhile);
    Fixture f;
    QTRY_COMPARE(f.asked(), 1);
    api::Alert alert = killed(7, "db1");
    f.happens({alert});
    QTRY_COMPARE(f.shell.told.size(), 1);
    alert.state = static_cast<api::AlertState>(meanwhile);
    f.happens({alert});
    QCOMPARE(f.shell.told.size(), 1);
    alert.state = api::AlertState::Firing;
    f.clock.advance(std::chrono::hours(2));
    f.happens({alert});
    QTRY_COMPARE(f.shell.told.size(), 2);
    QVERIFY(f.shell.told.last().text.startsWith(QStringLiteral("Open for 2\u00a0h.")));
}

void BadgesTest::tellsWhatHasBecomeWorse()
{
    Fixture f;
    QTRY_COMPARE(f.asked(), 1);
    api::Alert alert = killed(7, "db2");
    alert.verdict = api::Verdict::Warning;
    f.happens({alert});
    QTRY_COMPARE(f.shell.told.size(), 1);
    alert.verdict = api::Verdict::Critical;
    f.happens({alert});
    QTRY_COMPARE(f.shell.told.size(), 2);
    QCOMPARE(f.shell.told.last().mark, Mark::Critical);
    alert.finding = "SPLIT_BRAIN";
    f.happens({alert});
    QTRY_COMPARE(f.shell.told.size(), 3);
}

void BadgesTest::whatFiresAlreadyIsOnTheScreen()
{
    Fixture f;
    f.set({killed(7, "db1")});
    QTRY_COMPARE(f.asked(), 1);
    f.happens({killed(7, "db1")});
    QCOMPARE(f.shell.told.size(), 0);
    f.happens({killed(7, "db1"), killed(8, "web1")});
    QTRY_COMPARE(f.shell.told.size(), 1);
    QCOMPARE(f.shell.told.first().title, QStringLiteral("web1 refuses connections"));
}

void BadgesTest::aStormOfEventsDoesNotPutItOff()
{
    Fixture f;
    QTRY_COMPARE(f.asked(), 1);
    f.set({killed(7, "db1")});
    // Each comes before the pause after the one before is over, for as long as nobody was told.
    QTimer storm;
    connect(&storm, &QTimer::timeout, &f.monitorConnection, [&f] { Q_EMIT f.monitorConnection.event({}); });
    storm.start(MonitorBadges::soon / 10);
    QTRY_COMPARE_WITH_TIMEOUT(f.shell.told.size(), 1, 60'000);
    QCOMPARE(f.asked(), 2);
}

QTEST_MAIN(BadgesTest)
#include "badges_test.moc"
