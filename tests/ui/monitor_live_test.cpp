// SPDX-License-Identifier: GPL-3.0-or-later
// The real window over a real `cheesemongerd monitor` of the same build: what it watches is one web node
// that answers and others whose ports are closed. No agent is anywhere, so nothing can be done, and the
// window says why in the monitor's own words.
#include "core/monitor/evaluator.h"
#include "tests/ui/desktop_window.h"
#include "tests/ui/loopback_server.h"
#include "tests/ui/monitor_process.h"
#include "ui/shell/page.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/series_points.h"
#include "ui/widgets/time_chart.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QTest>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

constexpr int patience = 30'000;

}  // namespace

class MonitorLiveTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void listsTheNodesWithTheirRealSignals();
    void chartsWhatTheMonitorOffers();
    void refusesADrainInTheGuardsWords();
    void tellsWhatNobodySees();
    void choosesTheRealNamesOfLag();
    void choosesTheRealNamesOfTraffic();
    void offersNoSpanThatNobodyKeeps();

private:
    void go(const char *route);
    [[nodiscard]] DataTable *table(const QString &name) const;
    [[nodiscard]] bool says(const QString &part) const;

    LoopbackServer m_web;
    MonitorProcess m_monitor;
    std::unique_ptr<desktop::Desktop> m_desktop;
    QPointer<MainWindow> m_window;
};

void MonitorLiveTest::initTestCase()
{
    if (!MonitorProcess::isBuilt())
        QSKIP("cheesemongerd is not built");
    m_web.handler = [](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", "{}"); };
    m_monitor.start(MonitorProcess::part("web", "web1", static_cast<quint16>(m_web.url().port())) +
                    MonitorProcess::part("postgres", "db1", closedPort(), "monitor_user = \"watcher\"\n"));
    QVERIFY(m_monitor.url().isValid());
    qputenv("XDG_CONFIG_HOME", m_monitor.file(QStringLiteral("config")).toLocal8Bit());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_monitor.file(QStringLiteral("config")));
    desktop::Options options;
    // The registry is dead: what is shown comes from the monitor alone.
    options.connect = QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(closedPort()));
    options.monitor = m_monitor.url();
    options.monitorToken = m_monitor.token();
    options.route = QStringLiteral("nodes");
    m_window = openDesktop(m_desktop, options);
    QVERIFY(m_window && m_window->pages().current());
    m_window->resize(1440, 900);
}

void MonitorLiveTest::cleanupTestCase()
{
    m_desktop.reset();
    m_monitor.end();
}

void MonitorLiveTest::go(const char *route)
{
    m_window->go(Route::parse(QLatin1String(route)));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->pages().current()->faces()->face(), Face::Filled, patience);
}

DataTable *MonitorLiveTest::table(const QString &name) const
{
    for (auto *one : m_window->pages().current()->findChildren<DataTable *>()) {
        if (one->accessibleName() == name)
            return one;
    }
    return nullptr;
}

bool MonitorLiveTest::says(const QString &part) const
{
    const auto labels = m_window->findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&part](const QLabel *label) { return label->isVisible() && label->text().contains(part); });
}

void MonitorLiveTest::listsTheNodesWithTheirRealSignals()
{
    go("nodes/web1");
    auto *nodes = table(QStringLiteral("Nodes"));
    QTRY_COMPARE_WITH_TIMEOUT(nodes->model()->rowCount(), 2, patience);
    QTRY_COMPARE(nodes->currentKey(), QStringLiteral("web1"));
    auto *signals_ = table(QStringLiteral("Signals"));
    const auto value = [signals_](const QString &name) {
        const auto found = signals_->model()->match(signals_->model()->index(0, 0), Qt::DisplayRole, name, 1, Qt::MatchExactly);
        return found.isEmpty() ? QStringLiteral("no such signal") : found.first().siblingAtColumn(1).data().toString();
    };
    QTRY_VERIFY_WITH_TIMEOUT(value(QStringLiteral("health time")).endsWith(QLatin1Char('s')), patience);
    go("nodes/db1");
    // Nobody can know, so it is a dash.
    QTRY_COMPARE_WITH_TIMEOUT(value(QStringLiteral("answer time")), QStringLiteral("–"), patience);
    QCOMPARE(value(QStringLiteral("role")), QStringLiteral("–"));
}

void MonitorLiveTest::chartsWhatTheMonitorOffers()
{
    go("overview");
    TimeChart *answers = nullptr;
    for (auto *chart : m_window->findChildren<TimeChart *>()) {
        for (const auto *part : chart->findChildren<QWidget *>()) {
            if (part->accessibleName() == QStringLiteral("Answer time of the web nodes"))
                answers = chart;
        }
    }
    QVERIFY(answers);
    QTRY_VERIFY_WITH_TIMEOUT(answers->figures().contains(QStringLiteral("web1")), patience);
}

void MonitorLiveTest::refusesADrainInTheGuardsWords()
{
    go("nodes/web1");
    QAction *drain = nullptr;
    for (QAction *action : m_window->pages().current()->pageActions()) {
        if (action->text().remove(QLatin1Char('&')) == QStringLiteral("Drain…"))
            drain = action;
    }
    QVERIFY(drain);
    QTRY_VERIFY_WITH_TIMEOUT(drain->isEnabled(), patience);
    drain->trigger();
    auto *sheet = m_window->findChild<ActionSheet *>();
    QVERIFY(sheet);
    QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("No agent is on h-web1: nothing can be done there from here")), patience);
    QVERIFY(says(QStringLiteral("web1 is the last web node that works")));
    QVERIFY(says(QStringLiteral("web1 gets no new requests until")));
    QVERIFY(says(QStringLiteral("Ends by itself at")));
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("try"));
    for (auto *button : sheet->findChildren<QPushButton *>()) {
        if (button->accessibleName() == QStringLiteral("Drain web1"))
            QVERIFY(!button->isEnabled());
    }
    sheet->close();
}

void MonitorLiveTest::tellsWhatNobodySees()
{
    go("nodes/tab/unwatched");
    QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("Nobody tries to write through the web nodes")), patience);
}

// No database runs here; these are the signals that a monitor makes of one.
void MonitorLiveTest::choosesTheRealNamesOfLag()
{
    monitor::DatabaseInput input;
    input.name = "db2";
    monitor::ClusterJudgement cluster;
    monitor::StandbyJudgement judged;
    judged.name = "db2";
    cluster.standbys = {judged};
    QStringList bytes;
    QStringList seconds;
    for (const api::Signal &signal : monitor::signalsOf(input, cluster, Time(), {})) {
        const api::SeriesInfo info{"db2", signal.name, signal.unit, std::nullopt};
        if (isLagSeries(info, {QStringLiteral("db2")}, "bytes"))
            bytes << QString::fromStdString(signal.name);
        if (isLagSeries(info, {QStringLiteral("db2")}, "seconds"))
            seconds << QString::fromStdString(signal.name);
    }
    QCOMPARE(bytes, QStringList{QStringLiteral("lag-bytes")});
    QCOMPARE(seconds, (QStringList{QStringLiteral("lag-seconds"), QStringLiteral("heartbeat-lag")}));
}

void MonitorLiveTest::choosesTheRealNamesOfTraffic()
{
    monitor::EdgeInput input;
    input.name = "cdn";
    input.rates.facts = monitor::EdgeRates();
    input.rates.facts->sent = {{"web1", 412}};
    QStringList traffic;
    for (const api::Signal &signal : monitor::signalsOf(input, {}, {}, Time(), Time())) {
        if (isTrafficSeries({"cdn", signal.name, signal.unit, std::nullopt}))
            traffic << QString::fromStdString(signal.name);
    }
    QCOMPARE(traffic, (QStringList{QStringLiteral("requests"), QStringLiteral("requests-web1")}));
}

void MonitorLiveTest::offersNoSpanThatNobodyKeeps()
{
    m_window->go(Route::parse(QStringLiteral("replication")));
    QComboBox *spans = nullptr;
    for (auto *box : m_window->pages().current()->findChildren<QComboBox *>()) {
        if (box->accessibleName() == QStringLiteral("Span of time"))
            spans = box;
    }
    QVERIFY(spans && spans->count() > 1);
    for (int i = 0; i < spans->count(); ++i)
        QVERIFY2(std::chrono::seconds(spans->itemData(i).toInt()) <= monitor::History::longest, qPrintable(spans->itemText(i)));
}

QTEST_MAIN(MonitorLiveTest)
#include "monitor_live_test.moc"
