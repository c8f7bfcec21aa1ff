// SPDX-License-Identifier: GPL-3.0-or-later
// The real window whose registry and monitor are both dead: it says so, looks itself, tells what it cannot see,
// keeps what it knew, also when it is opened anew, and stops looking when the monitor is back.
#include "tests/ui/desktop_window.h"
#include "tests/ui/loopback_server.h"
#include "tests/ui/monitor_process.h"
#include "ui/shell/page.h"

#include <QAbstractButton>
#include <QApplication>
#include <QLabel>
#include <QSettings>
#include <QTest>
#include <QTimer>

#include <algorithm>
#include <optional>

using namespace cm;
using namespace cm::ui;

namespace {

constexpr int patience = MonitorProcess::patience;

}  // namespace

class WithoutServersTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void saysWhoAnswersThisDesktop();
    void saysSoSoonAfterTheSecondLook();
    void saysItAlsoWhenOpenedNow();
    void endsWhenTheMonitorIsBack();

private:
    void open();
    [[nodiscard]] QString banner() const;
    [[nodiscard]] bool says(const QString &part) const;
    [[nodiscard]] QString tile(const QString &name) const;

    LoopbackServer m_web1;
    std::unique_ptr<LoopbackServer> m_web2 = std::make_unique<LoopbackServer>();
    quint16 m_closed = 0;
    MonitorProcess m_monitor;
    std::unique_ptr<desktop::Desktop> m_desktop;
    QPointer<MainWindow> m_window;
};

void WithoutServersTest::initTestCase()
{
    if (!MonitorProcess::isBuilt())
        QSKIP("cheesemongerd is not built");
    // web1 is well, web2 takes connections and says nothing, nobody listens where db1 should be.
    m_web1.handler = [](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", "{}"); };
    m_closed = closedPort();
    m_monitor.start(MonitorProcess::part("web", "web1", static_cast<quint16>(m_web1.url().port())) +
                    MonitorProcess::part("web", "web2", static_cast<quint16>(m_web2->url().port())) +
                    MonitorProcess::part("postgres", "db1", m_closed, "monitor_user = \"watcher\"\n"));
    QVERIFY(m_monitor.url().isValid());
    const QString home = m_monitor.file(QStringLiteral("config"));
    qputenv("XDG_CONFIG_HOME", home.toLocal8Bit());
    qputenv("XDG_CACHE_HOME", m_monitor.file(QStringLiteral("cache")).toLocal8Bit());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, home);
    open();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->pages().current()->faces()->face(), Face::Filled, patience);
    QTRY_VERIFY_WITH_TIMEOUT(tile(QStringLiteral("web1")).startsWith(QStringLiteral("web1, ")), patience);
    QVERIFY(!says(QStringLiteral("What this desktop cannot see")));
}

void WithoutServersTest::open()
{
    desktop::Options options;
    options.connect = QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(closedPort()));
    options.monitor = m_monitor.url();
    options.monitorToken = m_monitor.token();
    options.route = QStringLiteral("overview");
    m_window = openDesktop(m_desktop, options);
    QVERIFY(m_window && m_window->pages().current());
    m_window->resize(1440, 900);
}

void WithoutServersTest::cleanupTestCase()
{
    m_desktop.reset();
    m_monitor.end();
}

bool WithoutServersTest::says(const QString &part) const
{
    const auto labels = m_window->findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&part](const QLabel *label) { return label->isVisible() && label->text().contains(part); });
}

QString WithoutServersTest::banner() const
{
    for (const QLabel *label : m_window->findChildren<QLabel *>()) {
        if (label->isVisible() && label->text().startsWith(QStringLiteral("Neither the registry nor the monitor answers")))
            return label->text().remove(QChar(0x2066)).remove(QChar(0x2069));  // isolates of names
    }
    return {};
}

// What is said of a tile of the topology: "web1, answers this desktop".
QString WithoutServersTest::tile(const QString &name) const
{
    for (const auto *button : m_window->findChildren<QAbstractButton *>()) {
        if (button->isVisible() && button->accessibleName().startsWith(name + QStringLiteral(", ")))
            return button->accessibleName();
    }
    return {};
}

void WithoutServersTest::saysWhoAnswersThisDesktop()
{
    m_monitor.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!banner().isEmpty(), patience);
    QTRY_VERIFY_WITH_TIMEOUT(banner().endsWith(QStringLiteral("nor the monitor answers: web1 answers, web2 does not answer")), patience);
    QVERIFY(says(QStringLiteral("Looked from here within the last ")));
    QCOMPARE(tile(QStringLiteral("web1")), QStringLiteral("web1, answers this desktop"));
    QTRY_COMPARE_WITH_TIMEOUT(tile(QStringLiteral("web2")), QStringLiteral("web2, no answer in 2\u00a0s"), patience);
    QCOMPARE(tile(QStringLiteral("db1")), QStringLiteral("db1, refuses connections"));
    QVERIFY(says(QStringLiteral("What this desktop cannot see")));
    QVERIFY(says(QStringLiteral("Replication: lag, slots, timelines")));
    // What was known is kept.
    QVERIFY(says(QStringLiteral("Answer times")));
    QCOMPARE(m_window->pages().current()->faces()->face(), Face::Stale);
    // Nobody would take it.
    for (const QAction *action : m_window->pages().current()->pageActions()) {
        if (action->text().contains(QStringLiteral("cknowledge")))
            QVERIFY(!action->isVisible());
    }
}

void WithoutServersTest::saysSoSoonAfterTheSecondLook()
{
    // Both web nodes are gone; the window says it when either has failed twice in a row. What is judged is what it says
    // one turn of the event loop after that second look has been told: that is soon by any clock.
    const DirectProbe &direct = m_desktop->direct();
    const auto failedTwice = [&direct](const char *name) {
        const DirectLook *look = direct.lookAt(name);
        return look && look->outcome == DirectOutcome::Refuses && look->failures >= DirectProbe::enough;
    };
    std::optional<QString> said;
    QObject here;
    connect(&direct, &DirectProbe::changed, &here, [&] {
        if (said || !failedTwice("web1") || !failedTwice("web2"))
            return;
        said.emplace();
        QTimer::singleShot(0, &here, [&] { said = banner(); });
    });
    m_web1.close();
    m_web2.reset();
    QTRY_VERIFY_WITH_TIMEOUT(said && !said->isEmpty(), patience);
    QVERIFY2(said->endsWith(QStringLiteral("nor the monitor answers: web1 refuses, web2 refuses")), qPrintable(*said));
    // In which order, by name; what nobody needs for that can wait.
    QVERIFY(says(QStringLiteral("start web1, web2")) || says(QStringLiteral("this desktop's own network first")));
}

void WithoutServersTest::saysItAlsoWhenOpenedNow()
{
    m_desktop.reset();
    open();
    QTRY_VERIFY_WITH_TIMEOUT(banner().contains(QStringLiteral("web2")), patience);
    QVERIFY(says(QStringLiteral("What this desktop cannot see")));
}

void WithoutServersTest::endsWhenTheMonitorIsBack()
{
    m_monitor.startAgain();
    QTRY_VERIFY_WITH_TIMEOUT(banner().isEmpty(), patience);
    QTRY_VERIFY_WITH_TIMEOUT(!says(QStringLiteral("What this desktop cannot see")), patience);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->pages().current()->faces()->face(), Face::Filled, patience);
}

QTEST_MAIN(WithoutServersTest)
#include "without_servers_test.moc"
