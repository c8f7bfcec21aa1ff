// SPDX-License-Identifier: GPL-3.0-or-later
// What a monitor said last is there when every monitor is dead, also for a window opened only then.
#include "core/api/codec.h"
#include "core/api/monitor_endpoints.h"
#include "tests/ui/loopback_server.h"
#include "ui/client/remembering_client.h"
#include "ui/client/wire.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

using namespace cm;
using namespace cm::ui;

namespace ep = api::endpoints;

class RememberingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_server.reset(); }
    void answersWhatWasKnownLast();
    void keepsNothingOfWhoWeAre();
    void doesNotTakeARefusalForSilence();

private:
    template <class E>
    Result<typename E::Response> ask(RememberingClient &client, const E &endpoint, const typename E::Request &request)
    {
        std::optional<Result<typename E::Response>> out;
        whenDone(this, client.call(endpoint, request), [&out](Result<typename E::Response> answer) { out = std::move(answer); });
        [[maybe_unused]] const bool came = QTest::qWaitFor([&out] { return out.has_value(); }, 20'000);
        return out.value_or(fail(ErrorCode::Timeout, "no answer"));
    }
    QStringList files() const
    {
        QStringList out;
        QDirIterator each(m_folder->path(), QDir::Files, QDirIterator::Subdirectories);
        while (each.hasNext())
            out << each.next();
        return out;
    }

    std::unique_ptr<LoopbackServer> m_server;
    std::unique_ptr<QTemporaryDir> m_folder;
    QByteArray m_status;
    QByteArray m_body;
};

void RememberingTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<LoopbackServer>();
    m_status = "200 OK";
    m_server->handler = [this](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, m_status, "application/json", m_body); };
}

void RememberingTest::answersWhatWasKnownLast()
{
    api::MonitorState state;
    state.line.statement = "db2 has stopped replaying";
    m_body = QByteArray::fromStdString(api::printJson(api::toJson(state)));
    const QUrl url = m_server->url();
    {
        Wire wire;
        wire.setEndpoint(url, "secret");
        RememberingClient client(wire, m_folder->path());
        QVERIFY(ask(client, ep::monitorState, {}));
        QTRY_COMPARE(files().size(), 1);
        QCOMPARE(QFile::permissions(files().first()) & (QFileDevice::ReadGroup | QFileDevice::ReadOther), QFileDevice::Permissions());
    }
    m_server.reset();
    Wire wire;
    wire.setEndpoint(url, "secret");
    RememberingClient later(wire, m_folder->path());
    const auto kept = ask(later, ep::monitorState, {});
    QVERIFY(kept);
    QCOMPARE(kept->line.statement, state.line.statement);
    // What was never told is still not known, and another address is another monitor.
    QVERIFY(!ask(later, ep::monitorTopology, {}));
    wire.setEndpoint(QUrl(QStringLiteral("http://127.0.0.1:1/")), "secret");
    QVERIFY(!ask(later, ep::monitorState, {}));
}

void RememberingTest::keepsNothingOfWhoWeAre()
{
    m_body = R"({"name": "dana", "role": "operator", "projects": 0, "local": false})";
    Wire wire;
    wire.setEndpoint(m_server->url(), "secret");
    RememberingClient client(wire, m_folder->path());
    QVERIFY(ask(client, ep::whoAmI, {}));
    QTest::qWait(100);
    QVERIFY(files().isEmpty());
}

void RememberingTest::doesNotTakeARefusalForSilence()
{
    m_body = QByteArray::fromStdString(api::printJson(api::toJson(api::MonitorState())));
    Wire wire;
    wire.setEndpoint(m_server->url(), "secret");
    RememberingClient client(wire, m_folder->path());
    QVERIFY(ask(client, ep::monitorState, {}));
    QTRY_COMPARE(files().size(), 1);
    m_status = "403 Forbidden";
    m_body = R"({"code": "forbidden", "title": "no"})";
    QVERIFY(!ask(client, ep::monitorState, {}));
}

QTEST_MAIN(RememberingTest)
#include "remembering_test.moc"
