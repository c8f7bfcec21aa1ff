// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop's side of the wire against a real server on loopback that misbehaves as told.
#include "core/api/endpoints.h"
#include "tests/ui/loopback_server.h"
#include "ui/client/connection.h"
#include "ui/client/http_admin_client.h"
#include "ui/client/live_feed.h"
#include "ui/client/profiles.h"
#include "ui/client/secrets.h"
#include "ui/client/wire.h"

#include <QFile>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cm;
using namespace cm::ui;

namespace {

const QByteArray me = R"({"name":"dana","role":"operator","projects":0,"local":false})";

}  // namespace

class ClientTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void answersATypedValue();
    void waitsForARegistry();
    void namesWhatWentWrong_data();
    void namesWhatWentWrong();
    void refusedAndSlow();
    void keepsTheTokenFromOpenNetworks();
    void dropsTheAnswerOfADeadOwner();
    void onlyTheLatestCounts();
    void parsesEventStreams();
    void resumesTheFeed();
    void connectionGoesStaleAndComesBack();
    void readsWaitWhileTheRegistryIsAway();
    void aReadIsAskedOnceMore();
    void nothingIsTriedUntilTheReturn();
    void refusalIsFinal();
    void secretsStayInMemoryWithoutAKeychain();
    void damagedProfilesDelayNothing();
    void answersWithoutEndAreEnded_data();
    void answersWithoutEndAreEnded();
    void eventsWithoutEndAreEnded();

private:
    // What a call came to.
    template <class T>
    static Result<T> wait(const QFuture<Result<T>> &future)
    {
        QObject owner;
        std::optional<Result<T>> result;
        whenDone(&owner, future, [&result](Result<T> answer) { result = std::move(answer); });
        [[maybe_unused]] const bool came = QTest::qWaitFor([&result] { return result.has_value(); }, 10'000);
        return result.value_or(fail(ErrorCode::Internal, "no answer came"));
    }
};

void ClientTest::answersATypedValue()
{
    LoopbackServer server;
    server.handler = [](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", me); };
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    HttpAdminClient client(wire);
    const auto who = wait(client.call(api::endpoints::whoAmI, {}));
    QVERIFY(who);
    QCOMPARE(who->role, api::Role::Operator);
    QVERIFY(server.requests.first().head.startsWith("GET /admin/v1/me HTTP/1.1"));
    QVERIFY(server.requests.first().head.contains("Authorization: Bearer secret"));

    api::ProjectAction action{"Ein Paket/ü", "malware"};
    QVERIFY(wait(client.call(api::endpoints::quarantineProject, action)));
    QVERIFY(server.requests.last().head.startsWith("POST /admin/v1/projects/Ein%20Paket%2F%C3%BC/quarantine "));
    QVERIFY(server.requests.last().body.contains("malware"));
}

void ClientTest::waitsForARegistry()
{
    LoopbackServer server;
    server.handler = [](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", me); };
    Wire wire;
    HttpAdminClient client(wire);
    const auto early = client.call(api::endpoints::whoAmI, {});
    wire.setEndpoint(server.url(), "secret");
    QVERIFY(wait(early));
    wire.setEndpoint(server.url(), "other");
    QCOMPARE(server.requests.size(), 1);
}

void ClientTest::namesWhatWentWrong_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("detail");
    const QByteArray problem("application/problem+json");
    QTest::newRow("problem") << QByteArray("409 Conflict") << problem
                             << QByteArray(R"({"code":"guard-failed","detail":"not now","fields":[{"field":"x","problem":"y"}]})")
                             << int(ErrorCode::GuardFailed) << "not now";
    QTest::newRow("problem without a code") << QByteArray("404 Not Found") << problem << QByteArray(R"({"title":"No such project"})")
                                            << int(ErrorCode::NotFound) << "No such project";
    QTest::newRow("unauthorized") << QByteArray("401 Unauthorized") << QByteArray("text/plain") << QByteArray("who are you")
                                  << int(ErrorCode::Unauthorized) << "who are you";
    QTest::newRow("a proxy's page") << QByteArray("502 Bad Gateway") << QByteArray("text/html") << QByteArray("<html>")
                                    << int(ErrorCode::Unavailable) << "Bad Gateway";
    QTest::newRow("redirect") << QByteArray("302 Found") << QByteArray("text/html") << QByteArray() << int(ErrorCode::Unsupported)
                              << "the address redirects; use the registry's own address";
    QTest::newRow("not JSON") << QByteArray("200 OK") << QByteArray("application/json") << QByteArray("{\"name\":")
                              << int(ErrorCode::InvalidInput) << "";
    QTest::newRow("of another shape") << QByteArray("200 OK") << QByteArray("application/json") << QByteArray(R"({"role":7})")
                                      << int(ErrorCode::InvalidInput) << "";
}

void ClientTest::namesWhatWentWrong()
{
    QFETCH(QByteArray, status);
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(int, code);
    QFETCH(QString, detail);
    LoopbackServer server;
    server.handler = [&](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, status, type, body); };
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    HttpAdminClient client(wire);
    const auto answer = wait(client.call(api::endpoints::whoAmI, {}));
    QVERIFY(!answer);
    QCOMPARE(int(answer.error().code), code);
    if (!detail.isEmpty())
        QCOMPARE(QString::fromStdString(answer.error().detail), detail);
}

void ClientTest::refusedAndSlow()
{
    LoopbackServer server;
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    HttpAdminClient hasty(wire, std::chrono::milliseconds(100));
    QCOMPARE(wait(hasty.call(api::endpoints::whoAmI, {})).error().code, ErrorCode::Timeout);
    server.close();
    HttpAdminClient client(wire);
    QCOMPARE(wait(client.call(api::endpoints::whoAmI, {})).error().code, ErrorCode::Unavailable);
}

void ClientTest::keepsTheTokenFromOpenNetworks()
{
    Wire wire;
    wire.setEndpoint(QUrl(QStringLiteral("http://192.0.2.1/")), "secret");
    QCOMPARE(wire.request("/x").error().code, ErrorCode::Unsupported);
    wire.setEndpoint(QUrl(QStringLiteral("https://192.0.2.1/")), "secret");
    QVERIFY(wire.request("/x"));
    wire.setEndpoint(QUrl(QStringLiteral("http://[::1]:8427/")), "secret");
    QVERIFY(wire.request("/x"));
}

void ClientTest::dropsTheAnswerOfADeadOwner()
{
    QPromise<Result<int>> promise;
    promise.start();
    bool told = false;
    auto owner = std::make_unique<QObject>();
    whenDone(owner.get(), promise.future(), [&told](Result<int>) { told = true; });
    owner.reset();
    promise.addResult(Result<int>(1));
    promise.finish();
    QCoreApplication::processEvents();
    QVERIFY(!told);
}

void ClientTest::onlyTheLatestCounts()
{
    QPromise<Result<int>> first;
    QPromise<Result<int>> second;
    first.start();
    second.start();
    LatestCall latest;
    QList<int> told;
    latest.start(this, first.future(), [&told](Result<int> value) { told << *value; });
    latest.start(this, second.future(), [&told](Result<int> value) { told << *value; });
    second.addResult(Result<int>(2));
    second.finish();
    first.addResult(Result<int>(1));
    first.finish();
    QTRY_COMPARE(told, QList<int>{2});
    QCoreApplication::processEvents();
    QCOMPARE(told, QList<int>{2});
}

void ClientTest::parsesEventStreams()
{
    EventStreamParser parser;
    // Cut at the worst places, with every line end that is allowed, comments and unknown fields.
    QList<EventStreamParser::Message> messages;
    for (const char *piece : {": hello\nid", ": 7\r", "\nevent: project.yank\rda", "ta: one\ndata: two\nother: x\n", "\r", "\nid: 8\n\n"})
        messages += parser.feed(piece);
    QCOMPARE(messages.size(), 1);
    QCOMPARE(messages[0].id, QByteArray("7"));
    QCOMPARE(messages[0].event, QByteArray("project.yank"));
    QCOMPARE(messages[0].data, QByteArray("one\ntwo"));
    QVERIFY(!parser.isOverlong());
    QVERIFY(parser.feed(QByteArray(3 << 20, 'x')).isEmpty());
    QVERIFY(parser.isOverlong());
}

void ClientTest::resumesTheFeed()
{
    LoopbackServer server;
    QList<QTcpSocket *> streams;
    server.handler = [&](const LoopbackServer::Request &request) {
        request.socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
        streams.append(request.socket);
    };
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    LiveFeed feed(wire);
    QSignalSpy connected(&feed, &LiveFeed::connected);
    QSignalSpy reset(&feed, &LiveFeed::reset);
    QSignalSpy broken(&feed, &LiveFeed::broken);
    QList<api::Event> events;
    connect(&feed, &LiveFeed::event, this, [&events](const api::Event &event) { events.append(event); });
    feed.start();
    QTRY_COMPARE(connected.size(), 1);
    QVERIFY(!server.requests[0].head.contains("Last-Event-ID"));
    streams[0]->write("id: 41\nevent: file.upload\ndata: {\"id\":\"41\",\"time\":\"2026-11-22T09:44:19Z\",\"subject\":\"requests\"}\n\n");
    QTRY_COMPARE(events.size(), 1);
    QCOMPARE(events[0].kind, std::string("file.upload"));
    QCOMPARE(events[0].subject, std::string("requests"));
    streams[0]->disconnectFromHost();
    QTRY_COMPARE(broken.size(), 1);
    QTRY_COMPARE(connected.size(), 2);
    QVERIFY(server.requests[1].head.contains("Last-Event-ID: 41"));
    streams[1]->write("event: reset\ndata: {}\n\n");
    QTRY_COMPARE(reset.size(), 1);
    // Silence is a break too.
    feed.setSilenceLimit(100);
    streams[1]->write(": heartbeat\n\n");
    QTRY_COMPARE(broken.size(), 2);
    QTRY_COMPARE(connected.size(), 3);
}

void ClientTest::connectionGoesStaleAndComesBack()
{
    LoopbackServer server;
    QList<QTcpSocket *> streams;
    server.handler = [&](const LoopbackServer::Request &request) {
        if (request.head.contains("/admin/v1/events")) {
            request.socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            streams.append(request.socket);
        } else {
            LoopbackServer::answer(request.socket, "200 OK", "application/json", request.head.contains("/me ") ? me : QByteArray("{\"serial\":7}"));
        }
    };
    SystemClock clock;
    Wire wire;
    HttpAdminClient client(wire);
    LiveFeed feed(wire);
    Connection connection(client, &wire, &feed, clock);
    QSignalSpy reset(&connection, &Connection::reset);
    QCOMPARE(connection.state(), Connection::State::Connecting);
    connection.connectTo({QStringLiteral("one"), QStringLiteral("One"), server.url()}, server.url(), "secret");
    QTRY_COMPARE(connection.state(), Connection::State::Live);
    QTRY_VERIFY(connection.registry().has_value());
    QCOMPARE(connection.who()->name, std::string("dana"));
    QVERIFY(connection.allows(api::endpoints::listProjects));
    QVERIFY(!connection.allows(api::endpoints::quarantineProject));
    QVERIFY(reset.isEmpty());
    streams[0]->disconnectFromHost();
    QTRY_COMPARE(connection.state(), Connection::State::Stale);
    QVERIFY(connection.lastHeard().has_value());
    QTRY_COMPARE(connection.state(), Connection::State::Live);
    QCOMPARE(reset.size(), 1);
}

void ClientTest::readsWaitWhileTheRegistryIsAway()
{
    LoopbackServer server;
    Wire wire;
    wire.setEndpoint(server.url(), {});
    HttpAdminClient client(wire);
    server.handler = [](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, "200 OK", "application/json", me); };
    wire.setHeld(true);
    const auto read = client.call(api::endpoints::registryInfo, {});
    const auto greeting = client.call(api::endpoints::whoAmI, {});
    const auto change = client.call(api::endpoints::quarantineProject, {"requests", "why"});
    QTRY_VERIFY(greeting.isFinished() && change.isFinished());
    QCOMPARE(server.requests.size(), 2);
    QVERIFY(!read.isFinished());
    wire.setHeld(false);
    QTRY_VERIFY(read.isFinished());
    QCOMPARE(server.requests.size(), 3);
    QVERIFY(server.requests.last().head.startsWith("GET "));
}

void ClientTest::aReadIsAskedOnceMore()
{
    LoopbackServer server;
    Wire wire;
    wire.setEndpoint(server.url(), {});
    HttpAdminClient client(wire);
    server.handler = [](const LoopbackServer::Request &request) { request.socket->abort(); };
    const auto change = client.call(api::endpoints::quarantineProject, {"requests", "why"});
    QTRY_VERIFY(change.isFinished());
    QCOMPARE(change.result().error().code, ErrorCode::Unavailable);
    const auto changes = server.requests.size();
    server.requests.clear();
    const auto read = client.call(api::endpoints::registryInfo, {});
    QTRY_COMPARE(server.requests.size() > 0, true);
    // The connection broke under it; by the second time the registry is back.
    server.handler = [](const LoopbackServer::Request &request) {
        LoopbackServer::answer(request.socket, "403 Forbidden", "application/problem+json", R"({"code":"forbidden","detail":"not you"})");
    };
    QTRY_VERIFY(read.isFinished());
    QCOMPARE(read.result().error().code, ErrorCode::Forbidden);
    QVERIFY(changes >= 1);
}

void ClientTest::nothingIsTriedUntilTheReturn()
{
    LoopbackServer server;
    SystemClock clock;
    Wire wire;
    HttpAdminClient client(wire);
    LiveFeed feed(wire);
    Connection connection(client, &wire, &feed, clock);
    server.handler = [](const LoopbackServer::Request &request) {
        if (request.head.contains("/events"))
            request.socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n");
        else
            LoopbackServer::answer(request.socket, "200 OK", "application/json", me);
    };
    // Nobody has been there yet: what waits is told why it waits in vain.
    const auto early = client.call(api::endpoints::whoAmI, {});
    connection.awaitReturn(Error{ErrorCode::Unavailable, "the disk is full", {}, {}});
    QTRY_VERIFY(early.isFinished());
    QCOMPARE(early.result().error().detail, std::string("the disk is full"));
    QCOMPARE(connection.state(), Connection::State::Connecting);
    QSignalSpy reset(&connection, &Connection::reset);
    const Profile profile{QStringLiteral("a"), QStringLiteral("A"), server.url()};
    connection.connectTo(profile, server.url(), {});
    QCOMPARE(reset.size(), 1);
    QTRY_COMPARE(connection.state(), Connection::State::Live);

    connection.awaitReturn(Error{ErrorCode::Unavailable, "killed", {}, {}});
    QCOMPARE(connection.state(), Connection::State::Stale);
    QVERIFY(wire.isHeld());
    const auto asked = server.requests.size();
    connection.retryNow();
    const auto ours = client.call(api::endpoints::whoAmI, {});
    QTRY_VERIFY(ours.isFinished());
    QCOMPARE(server.requests.size(), asked + 1);
    connection.connectTo(profile, server.url(), {});
    QTRY_COMPARE(connection.state(), Connection::State::Live);
    QVERIFY(!wire.isHeld());
}

void ClientTest::refusalIsFinal()
{
    LoopbackServer server;
    server.handler = [](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, "401 Unauthorized", "text/plain", "no"); };
    SystemClock clock;
    Wire wire;
    HttpAdminClient client(wire);
    LiveFeed feed(wire);
    Connection connection(client, &wire, &feed, clock);
    connection.connectTo({QStringLiteral("one"), QStringLiteral("One"), server.url()}, server.url(), "stale token");
    QTRY_COMPARE(connection.state(), Connection::State::Refused);
    const qsizetype asked = server.requests.size();
    QTest::qWait(400);
    QCOMPARE(server.requests.size(), asked);
}

void ClientTest::secretsStayInMemoryWithoutAKeychain()
{
    Secrets secrets(false);
    QCOMPARE(wait(secrets.read(QStringLiteral("a"))).error().code, ErrorCode::NotFound);
    QCOMPARE(wait(secrets.write(QStringLiteral("a"), "token")).value(), false);
    QCOMPARE(wait(secrets.read(QStringLiteral("a"))).value(), QByteArray("token"));
    secrets.remove(QStringLiteral("a"));
    QVERIFY(!wait(secrets.read(QStringLiteral("a"))));
}

void ClientTest::answersWithoutEndAreEnded_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<qint64>("most");
    QTest::newRow("an answer") << QByteArray("200 OK\r\nContent-Type: application/json") << HttpAdminClient::longestAnswer;
    QTest::newRow("a refusal") << QByteArray("500 Oh\r\nContent-Type: application/problem+json") << qint64(1024 * 1024);
    QTest::newRow("a length") << QByteArray("200 OK\r\nContent-Length: 99999999999") << qint64(0);
}

void ClientTest::answersWithoutEndAreEnded()
{
    QFETCH(QByteArray, head);
    QFETCH(qint64, most);
    LoopbackServer server;
    qint64 sent = 0;
    server.handler = [&](const LoopbackServer::Request &request) {
        QTcpSocket *socket = request.socket;
        const auto more = [&sent, socket] {
            if (socket->bytesToWrite() < 1'000'000)
                sent += socket->write(QByteArray(1'000'000, 'a'));
        };
        QObject::connect(socket, &QTcpSocket::bytesWritten, socket, more);
        socket->write("HTTP/1.1 " + head + "\r\n\r\n{\"name\":\"");
        more();
    };
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    HttpAdminClient client(wire, std::chrono::minutes(5));
    const QFuture<Result<api::Who>> future = client.call(api::endpoints::whoAmI, {});
    QVERIFY(QTest::qWaitFor([&future] { return future.isFinished(); }, 60'000));
    const auto answer = future.result();
    QVERIFY(!answer);
    QCOMPARE(answer.error().code, ErrorCode::BadAnswer);
    QVERIFY(QString::fromStdString(answer.error().detail).contains(QStringLiteral("MiB")));
    // With what the sockets between hold.
    QVERIFY2(sent < most + 32 * 1024 * 1024, qPrintable(QString::number(sent)));
}

void ClientTest::eventsWithoutEndAreEnded()
{
    LoopbackServer server;
    server.handler = [](const LoopbackServer::Request &request) {
        QTcpSocket *socket = request.socket;
        QObject::connect(socket, &QTcpSocket::bytesWritten, socket, [socket] {
            if (socket->bytesToWrite() < 500'000)
                socket->write(QByteArray(500'000, 'a'));
        });
        socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ");
    };
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    LiveFeed feed(wire);
    std::optional<Error> why;
    connect(&feed, &LiveFeed::broken, this, [&](const Error &error) {
        why = error;
        feed.stop();
    });
    feed.start();
    QVERIFY(QTest::qWaitFor([&why] { return why.has_value(); }, 60'000));
    QCOMPARE(why->code, ErrorCode::BadAnswer);

    // Many short lines make a long message, too.
    EventStreamParser parser;
    const QByteArray line = "data: " + QByteArray(1000, 'x') + '\n';
    QCOMPARE(parser.feed(line + '\n').size(), 1);
    for (int i = 0; i < 2000; ++i)
        parser.feed(line);
    QVERIFY(parser.isOverlong());
    QVERIFY(parser.feed("\n\ndata: more\n\n").isEmpty());
    parser.clear();
    QCOMPARE(parser.feed("data: more\n\n").size(), 1);
}

void ClientTest::damagedProfilesDelayNothing()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("desktop.ini"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    // Reading so many takes longer than this test may.
    file.write("[connections]\nsize=2000000000\n1\\id=one\n1\\name=One\n1\\url=https://one.example/\n3\\id=three\n");
    file.close();
    QSettings settings(path, QSettings::IniFormat);
    Profiles profiles(&settings);
    QCOMPARE(profiles.all().size(), 2);
    QCOMPARE(profiles.find(QStringLiteral("one")).url, QUrl(QStringLiteral("https://one.example/")));
    // What is written next is sound again.
    profiles.remove(QStringLiteral("three"));
    QCOMPARE(settings.value(QStringLiteral("connections/size")).toInt(), 1);
    QCOMPARE(Profiles(&settings).all().size(), 1);
}

QTEST_GUILESS_MAIN(ClientTest)
#include "client_test.moc"
