// SPDX-License-Identifier: GPL-3.0-or-later
// What a desktop sees itself while its monitor is silent, over real listeners on loopback: one that is well, one
// that is not, a port that is closed, and one that takes connections and says nothing.
#include "core/api/codec.h"
#include "tests/ui/loopback_server.h"
#include "ui/client/connection.h"
#include "ui/client/direct_probe.h"
#include "ui/client/recorded_client.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace cm;
using namespace cm::ui;
using namespace std::chrono_literals;

namespace {

// Takes what comes and never says a word.
class SilentServer {
public:
    SilentServer()
    {
        [[maybe_unused]] const bool listening = m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            while (QTcpSocket *socket = m_server.nextPendingConnection()) {
                most = std::max(most, ++m_open);
                QObject::connect(socket, &QTcpSocket::disconnected, &m_server, [this] { --m_open; });
            }
        });
    }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(m_server.serverPort()); }
    int most = 0;

private:
    QTcpServer m_server;
    int m_open = 0;
};

std::string closedAddress()
{
    QTcpServer server;
    [[maybe_unused]] const bool listening = server.listen(QHostAddress::LocalHost);
    return "127.0.0.1:" + std::to_string(server.serverPort());
}

std::string addressOf(const LoopbackServer &server)
{
    return "127.0.0.1:" + std::to_string(server.url().port());
}

// A desktop without its window: two connections that are told how they stand.
struct Desk {
    explicit Desk(DirectProbe::Pace pace = {300ms, 400ms, 5})
        : client(folder.path()), registry(client, nullptr, nullptr, clock), monitor(client, nullptr, nullptr, clock, Connection::To::Monitor),
          probe(registry, monitor, client, clock, pace)
    {
    }
    void know(std::vector<api::TopologyNode> nodes, const std::string &url = {})
    {
        api::Topology topology;
        topology.name = "test";
        topology.registryUrl = url;
        topology.nodes = std::move(nodes);
        QFile file(folder.filePath(QStringLiteral("monitor-topology.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(api::toJsonText(topology)));
    }
    void monitorIs(Connection::State state) { monitor.force(state, std::nullopt, std::nullopt, clock.now()); }
    void registryIs(Connection::State state) { registry.force(state, std::nullopt, std::nullopt, clock.now()); }
    [[nodiscard]] DirectOutcome of(const char *name) const
    {
        const DirectLook *look = probe.lookAt(name);
        return look ? look->outcome : DirectOutcome::NotYet;
    }

    QTemporaryDir folder;
    SystemClock clock;
    RecordedClient client;
    Connection registry;
    Connection monitor;
    DirectProbe probe;
};

api::TopologyNode node(const char *name, const char *role, const std::string &address)
{
    return {name, role, "h", "", address};
}

}  // namespace

class DirectProbeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void looksOnlyWhileTheMonitorIsSilent();
    void tellsWhatItSeesAndNothingMore();
    void oneFailedLookIsNoVerdict();
    void aRegistryThatAnswersIsNotAway();
    void endsAtOnceWhenTheMonitorIsBack();
    void looksAtAFewAtOnce();
    void webNodesAreNotHeldUpByDeadOnes();
    void aHangingMonitorIsSilentToo();
    void neverBlocksTheThread();
};

void DirectProbeTest::looksOnlyWhileTheMonitorIsSilent()
{
    LoopbackServer web;
    Desk desk;
    desk.know({node("web1", "web", addressOf(web))});
    desk.monitorIs(Connection::State::Live);
    desk.registryIs(Connection::State::Stale);
    QTest::qWait(700);
    QVERIFY(!desk.probe.isLooking());
    QVERIFY(web.requests.isEmpty());
    desk.monitorIs(Connection::State::Stale);
    QVERIFY(desk.probe.isLooking());
    QTRY_VERIFY(!web.requests.isEmpty());
    QVERIFY(web.requests.first().head.startsWith("GET /_health/ HTTP/1.1"));
    // Whoever stands there now is told nothing.
    QVERIFY(!web.requests.first().head.toLower().contains("authorization"));
    QVERIFY(!web.requests.first().head.toLower().contains("cookie"));
}

void DirectProbeTest::tellsWhatItSeesAndNothingMore()
{
    LoopbackServer well;
    LoopbackServer ill;
    well.handler = [](const auto &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", "{}"); };
    ill.handler = [](const auto &request) { LoopbackServer::answer(request.socket, "503 Service Unavailable", "text/plain", "no"); };
    SilentServer silent;
    Desk desk;
    desk.know({node("web1", "web", addressOf(well)), node("web2", "web", addressOf(ill)), node("web3", "web", closedAddress()),
               node("web4", "web", silent.address()), node("pg1", "postgres", silent.address()), node("pg2", "postgres", closedAddress()),
               node("web1-disk", "disk", ""), node("web1-tls", "certificate", addressOf(well)), node("cdn", "cdn", ""),
               node("odd", "pgpool", "no address at all")});
    desk.monitorIs(Connection::State::Live);
    desk.monitorIs(Connection::State::Stale);
    QTRY_COMPARE(desk.of("web1"), DirectOutcome::Answers);
    QTRY_COMPARE(desk.of("web2"), DirectOutcome::AnswersWrong);
    QCOMPARE(desk.probe.lookAt("web2")->detail, std::string("503 Service Unavailable"));
    QTRY_COMPARE(desk.of("web3"), DirectOutcome::Refuses);
    QTRY_COMPARE(desk.of("web4"), DirectOutcome::NoAnswer);
    // It takes connections; whether a database stands behind it nobody knows.
    QTRY_COMPARE(desk.of("pg1"), DirectOutcome::TakesConnections);
    QTRY_COMPARE(desk.of("pg2"), DirectOutcome::Refuses);
    for (const char *blind : {"web1-disk", "web1-tls", "cdn", "odd"}) {
        QCOMPARE(desk.of(blind), DirectOutcome::CannotLook);
        QVERIFY(!desk.probe.lookAt(blind)->looked);
    }
    // It goes on looking.
    well.close();
    QTRY_VERIFY(desk.of("web1") == DirectOutcome::Refuses);
}

void DirectProbeTest::oneFailedLookIsNoVerdict()
{
    Desk desk;
    desk.know({node("web1", "web", closedAddress()), node("web2", "web", closedAddress())});
    desk.registryIs(Connection::State::Stale);
    desk.monitorIs(Connection::State::Live);
    desk.monitorIs(Connection::State::Stale);
    bool early = false;
    connect(&desk.probe, &DirectProbe::changed, this, [&] {
        const auto failures = [&](const char *name) { return desk.probe.lookAt(name) ? desk.probe.lookAt(name)->failures : 0; };
        early = early || (desk.probe.isRegistryAway() && std::min(failures("web1"), failures("web2")) < DirectProbe::enough);
    });
    QTRY_VERIFY(desk.probe.isRegistryAway());
    QVERIFY(!early);
    // Refusing is an answer of whoever keeps the machine: the network is there.
    QVERIFY(desk.probe.hasReachedAnybody());
}

void DirectProbeTest::aRegistryThatAnswersIsNotAway()
{
    LoopbackServer door;
    door.handler = [](const auto &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", "{}"); };
    Desk desk;
    desk.know({node("web1", "web", closedAddress())}, door.url().toString().toStdString());
    desk.registryIs(Connection::State::Stale);
    desk.monitorIs(Connection::State::Live);
    // The topology is read while the monitor lives, and not asked for when it is gone.
    QTRY_VERIFY(!desk.client.sent().isEmpty());
    QTest::qWait(50);
    desk.monitorIs(Connection::State::Stale);
    QTRY_VERIFY(desk.probe.report().registry && desk.probe.report().registry->outcome == DirectOutcome::Answers);
    QTRY_VERIFY(desk.probe.lookAt("web1")->failures > DirectProbe::enough);
    QVERIFY(!desk.probe.isRegistryAway());
    door.close();
    QTRY_VERIFY(desk.probe.isRegistryAway());
    // Its connection stands again: whatever a look says.
    desk.registryIs(Connection::State::Live);
    QVERIFY(!desk.probe.isRegistryAway());
}

void DirectProbeTest::endsAtOnceWhenTheMonitorIsBack()
{
    SilentServer silent;
    Desk desk({300ms, 60s, 5});
    desk.know({node("web1", "web", silent.address()), node("web2", "web", silent.address())});
    desk.monitorIs(Connection::State::Live);
    desk.monitorIs(Connection::State::Stale);
    QTRY_COMPARE(silent.most, 2);
    QSignalSpy told(&desk.probe, &DirectProbe::changed);
    desk.monitorIs(Connection::State::Live);
    QVERIFY(!desk.probe.isLooking());
    QVERIFY(desk.probe.report().nodes.empty());
    QVERIFY(!told.isEmpty());
    told.clear();
    QTest::qWait(600);
    QCOMPARE(told.size(), 0);
    // And of another monitor nothing is known.
    desk.monitor.leave();
    QVERIFY(!desk.probe.isLooking());
}

void DirectProbeTest::looksAtAFewAtOnce()
{
    SilentServer silent;
    Desk desk({100ms, 150ms, 3});
    std::vector<api::TopologyNode> many;
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i)
        names.push_back("web" + std::to_string(i));
    for (const std::string &name : names)
        many.push_back(node(name.c_str(), "web", silent.address()));
    desk.know(many);
    desk.monitorIs(Connection::State::Live);
    desk.monitorIs(Connection::State::Stale);
    QTRY_VERIFY_WITH_TIMEOUT(std::all_of(names.begin(), names.end(), [&](const std::string &name) { return desk.of(name.c_str()) == DirectOutcome::NoAnswer; }), 20'000);
    // One that was given up a moment ago may still be open at the other end.
    QVERIFY2(silent.most <= 6, qPrintable(QString::number(silent.most)));
}

void DirectProbeTest::webNodesAreNotHeldUpByDeadOnes()
{
    LoopbackServer web;
    web.handler = [](const auto &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", "{}"); };
    SilentServer silent;
    Desk desk({200ms, 300ms, 2});
    std::vector<api::TopologyNode> nodes;
    for (int i = 0; i < 12; ++i)
        nodes.push_back(node("cold", "web", silent.address()));
    nodes.push_back(node("web1", "web", addressOf(web)));
    for (int i = 0; i < 40; ++i)
        nodes.push_back(node("pg", "postgres", silent.address()));
    desk.know(nodes);
    desk.monitorIs(Connection::State::Live);
    desk.monitorIs(Connection::State::Stale);
    QTRY_VERIFY_WITH_TIMEOUT(web.requests.size() >= 3, 20'000);
    // Nor do they keep the others from their turn for good.
    QTRY_COMPARE_WITH_TIMEOUT(desk.of("pg"), DirectOutcome::TakesConnections, 30'000);
}

void DirectProbeTest::aHangingMonitorIsSilentToo()
{
    Desk desk;
    desk.know({node("web1", "web", closedAddress())});
    desk.monitorIs(Connection::State::Live);
    desk.probe.setMonitorOld(true);
    QVERIFY(desk.probe.isLooking());
    QTRY_COMPARE(desk.of("web1"), DirectOutcome::Refuses);
    desk.probe.setMonitorOld(false);
    QVERIFY(!desk.probe.isLooking());
    // One that refuses us speaks.
    desk.monitorIs(Connection::State::Refused);
    QVERIFY(!desk.probe.isLooking());
}

void DirectProbeTest::neverBlocksTheThread()
{
    SilentServer silent;
    Desk desk({200ms, 2s, 5});
    desk.know({node("web1", "web", silent.address()), node("pg1", "postgres", "127.255.255.254:1"), node("pg2", "postgres", "no-such-name.invalid:5432")});
    desk.monitorIs(Connection::State::Live);
    QElapsedTimer since;
    since.start();
    desk.monitorIs(Connection::State::Stale);
    // A look takes two seconds; beginning it must not.
    QVERIFY(since.elapsed() < 1000);
    QTRY_VERIFY(desk.of("pg2") == DirectOutcome::NoWay || desk.of("pg2") == DirectOutcome::NoAnswer);
}

QTEST_GUILESS_MAIN(DirectProbeTest)
#include "direct_probe_test.moc"
