// SPDX-License-Identifier: GPL-3.0-or-later
// Every way in which the desktop speaks, over TLS to a server that is trusted by a file alone, and to those that are not:
// nothing is sent there, and the reason is told. Files that are none are told too, and read anew once they are mended.
#include "core/api/codec.h"
#include "core/api/endpoints.h"
#include "tests/ui/loopback_server.h"
#include "tests/ui/private_authority.h"
#include "ui/client/connection.h"
#include "ui/client/direct_probe.h"
#include "ui/client/http_admin_client.h"
#include "ui/client/live_feed.h"
#include "ui/client/profiles.h"
#include "ui/client/recorded_client.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"

#include <QSettings>
#include <QSignalSpy>
#include <QTest>

#include <sys/stat.h>

using namespace cm;
using namespace cm::ui;

namespace {

constexpr int patience = 20'000;
const QByteArray me = R"({"name":"dana","role":"operator","projects":0,"local":false})";

void answerAll(LoopbackServer &server)
{
    server.handler = [](const LoopbackServer::Request &request) {
        if (request.head.contains("/admin/v1/events"))
            request.socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n");
        else
            LoopbackServer::answer(request.socket, "200 OK", "application/json", request.head.contains("/me ") ? me : QByteArray("{}"));
    };
}

// A connection as the desktop wires it.
struct Desk {
    void connectTo(const QUrl &url, const QString &authority)
    {
        Profile profile{QStringLiteral("one"), QStringLiteral("One"), url, {}};
        profile.authority = authority;
        connection.connectTo(profile, url, "secret");
    }
    [[nodiscard]] std::string problem() const { return connection.problem() ? trustProblem(*connection.problem()) : std::string(); }

    SystemClock clock;
    Wire wire;
    HttpAdminClient client{wire};
    LiveFeed feed{wire};
    Connection connection{client, &wire, &feed, clock};
};

}  // namespace

class TrustTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyWayTrustsTheFile();
    void tellsWhyAServerIsNotTrusted_data();
    void tellsWhyAServerIsNotTrusted();
    void tellsWhatSpeaksNoTls();
    void theFeedAndUploadsTellItToo();
    void allWhoAskAtOnceAreTold();
    void tellsWhatIsWrongWithAFile_data();
    void tellsWhatIsWrongWithAFile();
    void aFileIsReadAnewOnceItIsMended();
    void anotherAuthorityIsFollowed();
    void aWebNodeIsLookedAtWithBothAuthorities();
    void profilesRememberTheFiles();

private:
    void write(const QString &path, const QByteArray &text) const
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    [[nodiscard]] QString file(const char *name) const { return m_folder.filePath(QLatin1String(name)); }

    QTemporaryDir m_folder;
    PrivateAuthority m_authority;
    PrivateAuthority m_another;
};

void TrustTest::everyWayTrustsTheFile()
{
    LoopbackServer server(shownBy(m_authority.issue()));
    answerAll(server);
    Desk desk;
    desk.connectTo(server.url(), m_authority.file());
    QTRY_VERIFY_WITH_TIMEOUT(desk.connection.isLive(), patience);
    QVERIFY(desk.feed.isConnected());
    QVERIFY(server.requests.first().head.contains("Authorization: Bearer secret"));

    write(file("cheddar-1.0.tar.gz"), "content");
    UploadClient uploads(desk.wire);
    UploadRequest request;
    request.path = file("cheddar-1.0.tar.gz");
    const Upload *own = uploads.start(request);
    request.url = server.url().resolved(QUrl(QStringLiteral("legacy/")));
    request.user = QStringLiteral("dana");
    const Upload *named = uploads.start(request);
    QTRY_COMPARE_WITH_TIMEOUT(own->state(), Upload::State::Done, patience);
    QTRY_COMPARE_WITH_TIMEOUT(named->state(), Upload::State::Done, patience);
}

void TrustTest::tellsWhyAServerIsNotTrusted_data()
{
    QTest::addColumn<PrivateAuthority::Files>("files");
    QTest::addColumn<QString>("authority");
    QTest::addColumn<QByteArray>("problem");
    QTest::addColumn<QString>("detail");
    const Time now = SystemClock().now();
    const QString ours = m_authority.file();
    QTest::newRow("no file") << m_authority.issue() << QString() << QByteArray("authority") << "by 'Cheesemonger internal authority'";
    QTest::newRow("another authority") << m_authority.issue() << m_another.file() << QByteArray("authority") << "by 'Cheesemonger internal authority'";
    QTest::newRow("another name") << m_authority.issue("192.0.2.1") << ours << QByteArray("name") << "192.0.2.1, server-";
    QTest::newRow("another name by another authority") << m_authority.issue("192.0.2.1") << m_another.file() << QByteArray("authority") << "by '";
    QTest::newRow("ended") << m_authority.issue("127.0.0.1", std::chrono::days(1), now - std::chrono::days(2)) << ours << QByteArray("ended") << " ended 20";
    QTest::newRow("not yet") << m_authority.issue("127.0.0.1", std::chrono::days(1), now + std::chrono::days(2)) << ours << QByteArray("early") << " begins 20";
}

void TrustTest::tellsWhyAServerIsNotTrusted()
{
    QFETCH(PrivateAuthority::Files, files);
    QFETCH(QString, authority);
    QFETCH(QByteArray, problem);
    QFETCH(QString, detail);
    LoopbackServer server(shownBy(files));
    answerAll(server);
    Desk desk;
    desk.connectTo(server.url(), authority);
    QTRY_VERIFY_WITH_TIMEOUT(desk.connection.problem(), patience);
    QCOMPARE(QByteArray::fromStdString(desk.problem()), problem);
    const QString told = QString::fromStdString(desk.connection.problem()->detail);
    QVERIFY2(told.startsWith(QStringLiteral("127.0.0.1:%1: ").arg(server.url().port())) && told.contains(detail), qPrintable(told));
    // It may be renewed at any time, and is tried again.
    QCOMPARE(desk.connection.state(), Connection::State::Connecting);
    // Neither a token nor a question.
    QVERIFY(server.requests.isEmpty());
}

void TrustTest::tellsWhatSpeaksNoTls()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, this, [&server] {
        QTcpSocket *socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            socket->write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            socket->disconnectFromHost();
        });
    });
    Desk desk;
    desk.connectTo(QUrl(QStringLiteral("https://127.0.0.1:%1/").arg(server.serverPort())), m_authority.file());
    QTRY_VERIFY_WITH_TIMEOUT(desk.connection.problem(), patience);
    QCOMPARE(desk.problem(), std::string("handshake"));
}

void TrustTest::theFeedAndUploadsTellItToo()
{
    LoopbackServer server(shownBy(m_authority.issue()));
    answerAll(server);
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    LiveFeed feed(wire);
    std::optional<Error> broken;
    connect(&feed, &LiveFeed::broken, this, [&broken](const Error &error) { broken = error; });
    feed.start();
    QTRY_VERIFY_WITH_TIMEOUT(broken, patience);
    QCOMPARE(trustProblem(*broken), std::string("authority"));
    feed.stop();

    write(file("cheddar-1.0.tar.gz"), "content");
    UploadClient uploads(wire);
    UploadRequest request;
    request.path = file("cheddar-1.0.tar.gz");
    const Upload *upload = uploads.start(request);
    QTRY_COMPARE_WITH_TIMEOUT(upload->state(), Upload::State::Refused, patience);
    QCOMPARE(trustProblem(upload->error()), std::string("authority"));
    QVERIFY(server.requests.isEmpty());
}

void TrustTest::allWhoAskAtOnceAreTold()
{
    LoopbackServer server(shownBy(m_authority.issue()));
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    HttpAdminClient client(wire);
    std::vector<std::string> told;
    constexpr std::size_t many = 12;
    for (std::size_t i = 0; i < many; ++i) {
        whenDone(this, client.call(api::endpoints::whoAmI, {}), [&told](const Result<api::Who> &answer) {
            told.push_back(answer ? "an answer" : trustProblem(answer.error()));
        });
    }
    QTRY_COMPARE_WITH_TIMEOUT(told.size(), many, patience);
    QCOMPARE(told, std::vector<std::string>(many, "authority"));
}

void TrustTest::tellsWhatIsWrongWithAFile_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("why");
    const QByteArray good = contentOf(m_authority.file());
    QTest::newRow("missing") << file("missing.pem") << "there is no such file";
    QTest::newRow("a folder") << m_folder.path() << "it is no file";
    QVERIFY(::mkfifo(file("pipe").toLocal8Bit().constData(), 0600) == 0);
    QTest::newRow("a pipe") << file("pipe") << "it is no file";
    write(file("empty"), {});
    QTest::newRow("empty") << file("empty") << "it is no PEM file";
    write(file("text"), "cheese\n");
    QTest::newRow("text") << file("text") << "it is no PEM file";
    QTest::newRow("a key") << m_authority.issue().key << "it holds a key and no certificate";
    write(file("request"), "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
    QTest::newRow("a request") << file("request") << "it holds no certificate";
    write(file("cut"), good.left(good.size() / 2));
    QTest::newRow("cut") << file("cut") << "a certificate in it is damaged";
    write(file("second"), good + good.left(good.size() / 2));
    QTest::newRow("one of two cut") << file("second") << "a certificate in it is damaged";
    write(file("long"), QByteArray(2 * 1024 * 1024, '\n') + good);
    QTest::newRow("long") << file("long") << "it is too long to be one";
}

void TrustTest::tellsWhatIsWrongWithAFile()
{
    QFETCH(QString, path);
    QFETCH(QString, why);
    LoopbackServer server(shownBy(m_authority.issue()));
    Desk desk;
    desk.connectTo(server.url(), path);
    QTRY_VERIFY_WITH_TIMEOUT(desk.connection.problem(), patience);
    QCOMPARE(desk.problem(), std::string("file"));
    QCOMPARE(QString::fromStdString(desk.connection.problem()->detail), path + QStringLiteral(": ") + why);
    QVERIFY(server.requests.isEmpty());
}

void TrustTest::aFileIsReadAnewOnceItIsMended()
{
    LoopbackServer server(shownBy(m_authority.issue()));
    answerAll(server);
    Desk desk;
    desk.connectTo(server.url(), file("later.pem"));
    // Whoever asks before it was read waits for that.
    std::optional<Result<api::Who>> early;
    whenDone(this, desk.client.call(api::endpoints::whoAmI, {}), [&early](Result<api::Who> answer) { early = std::move(answer); });
    QTRY_VERIFY_WITH_TIMEOUT(early, patience);
    QVERIFY(!*early);
    QCOMPARE(trustProblem(early->error()), std::string("file"));
    QTRY_COMPARE_WITH_TIMEOUT(desk.problem(), std::string("file"), patience);
    QVERIFY(QFile::copy(m_authority.file(), file("later.pem")));
    QTRY_VERIFY_WITH_TIMEOUT(desk.connection.isLive(), patience);
}

void TrustTest::anotherAuthorityIsFollowed()
{
    auto server = std::make_unique<LoopbackServer>(shownBy(m_another.issue()));
    answerAll(*server);
    QVERIFY(QFile::copy(m_authority.file(), file("ours.pem")));
    Desk desk;
    desk.connectTo(server->url(), file("ours.pem"));
    QTRY_COMPARE_WITH_TIMEOUT(desk.problem(), std::string("authority"), patience);
    // Its file is put where the old one is.
    write(file("ours.pem"), contentOf(m_another.file()));
    QTRY_VERIFY_WITH_TIMEOUT(desk.connection.isLive(), patience);
    QVERIFY(!desk.connection.problem());
}

void TrustTest::aWebNodeIsLookedAtWithBothAuthorities()
{
    PrivateAuthority third;
    LoopbackServer byRegistrys(shownBy(m_authority.issue()));
    LoopbackServer byMonitors(shownBy(m_another.issue()));
    LoopbackServer byNobodys(shownBy(third.issue()));
    api::Topology topology;
    for (const auto &[name, server] : {std::pair{"web1", &byRegistrys}, std::pair{"web2", &byMonitors}, std::pair{"web3", &byNobodys}}) {
        answerAll(*server);
        api::TopologyNode node{name, "web", "h", "", "127.0.0.1:" + std::to_string(server->url().port())};
        node.tls = true;
        topology.nodes.push_back(node);
    }
    SystemClock clock;
    Wire registryWire, monitorWire;
    HttpAdminClient registryClient(registryWire);
    RecordedClient monitorClient(m_folder.path());
    Connection registry(registryClient, &registryWire, nullptr, clock);
    Connection monitor(monitorClient, &monitorWire, nullptr, clock, Connection::To::Monitor);
    Profile profile{QStringLiteral("one"), QStringLiteral("One"), byRegistrys.url(), {}};
    profile.authority = m_authority.file();
    registry.connectTo(profile, profile.url, {});
    profile.authority = m_another.file();
    monitor.connectTo(profile, byMonitors.url(), {});
    QTRY_VERIFY_WITH_TIMEOUT(!registry.authorities().isEmpty() && !monitor.authorities().isEmpty(), patience);
    DirectProbe probe(registry, monitor, monitorClient, clock, {std::chrono::milliseconds(300), std::chrono::seconds(10), 5});
    probe.setTopology(topology);
    monitor.force(Connection::State::Stale, std::nullopt, std::nullopt, clock.now());
    const auto outcome = [&probe](const char *name) { return probe.lookAt(name) ? probe.lookAt(name)->outcome : DirectOutcome::NotYet; };
    QTRY_COMPARE_WITH_TIMEOUT(outcome("web1"), DirectOutcome::Answers, patience);
    QTRY_COMPARE_WITH_TIMEOUT(outcome("web2"), DirectOutcome::Answers, patience);
    // It answers all the same, and that is told.
    QTRY_COMPARE_WITH_TIMEOUT(outcome("web3"), DirectOutcome::Untrusted, patience);
    const QString detail = QString::fromStdString(probe.lookAt("web3")->detail);
    QVERIFY2(detail.contains(QStringLiteral("its certificate is by 'Cheesemonger internal authority'")), qPrintable(detail));
    QVERIFY(!byNobodys.requests.isEmpty());
    QVERIFY(!byNobodys.requests.first().head.toLower().contains("authorization"));
}

void TrustTest::profilesRememberTheFiles()
{
    QSettings settings(file("settings.ini"), QSettings::IniFormat);
    Profile profile{{}, QStringLiteral("One"), QUrl(QStringLiteral("https://one/")), QUrl(QStringLiteral("https://two/"))};
    profile.authority = QStringLiteral("/etc/one.pem");
    profile.monitorAuthority = QStringLiteral("/etc/two.pem");
    profile.id = Profiles(&settings).save(profile);
    QCOMPARE(Profiles(&settings).find(profile.id), profile);
    // What has none any more does not find its old one.
    profile.authority.clear();
    Profiles(&settings).save(profile);
    QCOMPARE(Profiles(&settings).find(profile.id), profile);
}

QTEST_GUILESS_MAIN(TrustTest)
#include "trust_test.moc"
