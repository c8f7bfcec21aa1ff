// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads of the desktop against a server on loopback: streamed, refused, cancelled, two at a time.
#include "tests/ui/loopback_server.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"

#include <QSignalSpy>
#include <QTemporaryFile>
#include <QTest>

using namespace cm;
using namespace cm::ui;

class UploadClientTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void uploadsAFile();
    void uploadIsRefusedInTheRegistrysWords();
    void uploadCanBeCancelled();
    void twoUploadsAtATime();
};

void UploadClientTest::uploadsAFile()
{
    LoopbackServer server;
    server.handler = [](const LoopbackServer::Request &request) { LoopbackServer::answer(request.socket, "200 OK", "text/plain", ""); };
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    QTemporaryFile file;
    QVERIFY(file.open());
    const QByteArray content(3'000'000, 'c');
    file.write(content);
    file.close();
    UploadClient uploads(wire);
    Upload *upload = uploads.start({file.fileName(), {{QStringLiteral("name"), QStringLiteral("prüf\"ung")}}, {}, {}, {}});
    QSignalSpy finished(upload, &Upload::finished);
    QVERIFY(finished.wait(10'000));
    QCOMPARE(upload->state(), Upload::State::Done);
    QCOMPARE(upload->progress().sent, content.size());
    const LoopbackServer::Request &request = server.requests.first();
    QVERIFY(request.head.startsWith("POST /legacy/ "));
    QVERIFY(request.head.contains("Authorization: Basic " + QByteArray("__token__:secret").toBase64()));
    QVERIFY(request.body.contains("name=\":action\"\r\n\r\nfile_upload\r\n"));
    QVERIFY(request.body.contains("prüf\"ung"));
    QVERIFY(request.body.contains("\r\n\r\n" + content + "\r\n--"));
}

void UploadClientTest::uploadIsRefusedInTheRegistrysWords()
{
    LoopbackServer server;
    server.handler = [](const LoopbackServer::Request &request) {
        LoopbackServer::answer(request.socket, "400 File already exists", "text/plain; charset=utf-8", "File already exists ('a.whl').");
    };
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    QTemporaryFile file;
    QVERIFY(file.open());
    UploadClient uploads(wire);
    Upload *upload = uploads.start({file.fileName(), {}, {}, {}, {}});
    QTRY_COMPARE(upload->state(), Upload::State::Refused);
    QCOMPARE(upload->error().detail, std::string("File already exists ('a.whl')."));
    Upload *missing = uploads.start({QStringLiteral("/nonexistent/a.whl"), {}, {}, {}, {}});
    QTRY_COMPARE(missing->state(), Upload::State::Refused);
    QCOMPARE(missing->error().code, ErrorCode::NotFound);
}

void UploadClientTest::uploadCanBeCancelled()
{
    LoopbackServer server;
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write("content");
    file.close();
    UploadClient uploads(wire);
    Upload *upload = uploads.start({file.fileName(), {}, {}, {}, {}});
    QTRY_COMPARE(server.requests.size(), 1);
    upload->cancel();
    QTRY_COMPARE(upload->state(), Upload::State::Cancelled);
    Upload *waiting = uploads.start({file.fileName(), {}, {}, {}, {}});
    waiting->cancel();
    QCOMPARE(waiting->state(), Upload::State::Cancelled);
    QTRY_COMPARE(uploads.running(), 0);
}

void UploadClientTest::twoUploadsAtATime()
{
    LoopbackServer server;
    Wire wire;
    wire.setEndpoint(server.url(), "secret");
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write("content");
    file.close();
    UploadClient uploads(wire);
    QList<Upload *> started;
    for (int i = 0; i < 3; ++i)
        started << uploads.start({file.fileName(), {}, {}, {}, {}});
    QTRY_COMPARE(server.requests.size(), 2);
    QCOMPARE(uploads.running(), 2);
    QCOMPARE(started[2]->state(), Upload::State::Waiting);
    LoopbackServer::answer(server.requests[0].socket, "200 OK", "text/plain", "");
    QTRY_COMPARE(server.requests.size(), 3);
}

QTEST_GUILESS_MAIN(UploadClientTest)
#include "upload_client_test.moc"
