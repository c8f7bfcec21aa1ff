// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/codec.h"
#include "tests/ui/loopback_server.h"
#include "ui/client/connection.h"
#include "ui/client/http_admin_client.h"
#include "ui/client/live_feed.h"
#include "ui/client/wire.h"

#include <QTest>

using namespace cm;
using namespace cm::ui;

namespace {
const QByteArray me = R"({"name":"dana","role":"operator","projects":0,"local":false})";
}  // namespace

class ConnectionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readOnlyEndsWithoutAWord();
};

// No event tells of the end that comes by itself.
void ConnectionTest::readOnlyEndsWithoutAWord()
{
    LoopbackServer server;
    SystemClock clock;
    const Time until = clock.now() + std::chrono::milliseconds(1500);
    server.handler = [&](const LoopbackServer::Request &request) {
        if (request.head.contains("/admin/v1/events")) {
            request.socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n");
            return;
        }
        api::RegistryInfo info;
        if (clock.now() < until)
            info.readOnly = api::ReadOnlyMode{until, clock.now(), "ada", "new disks", ""};
        LoopbackServer::answer(request.socket, "200 OK", "application/json",
                               request.head.contains("/me ") ? me : QByteArray::fromStdString(api::toJsonText(info)));
    };
    Wire wire;
    HttpAdminClient client(wire);
    LiveFeed feed(wire);
    Connection connection(client, &wire, &feed, clock);
    connection.connectTo({QStringLiteral("one"), QStringLiteral("One"), server.url()}, server.url(), "secret");
    QTRY_VERIFY(connection.registry() && connection.registry()->readOnly);
    QTRY_VERIFY(!connection.registry()->readOnly);
    QVERIFY(clock.now() >= until);
}

QTEST_GUILESS_MAIN(ConnectionTest)
#include "connection_test.moc"
