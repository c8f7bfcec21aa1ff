// SPDX-License-Identifier: GPL-3.0-or-later
// What people come for, done with the keyboard alone and read through the accessibility tree.
#include "tests/ui/pages/page_window.h"

#include <QClipboard>
#include <QFileDialog>
#include <QTableView>
#include <QTcpServer>
#include <QTcpSocket>

using namespace cm;
using namespace cm::ui;

namespace {

// Takes uploads as a registry does: reads the whole body, then says yes.
class Taker : public QTcpServer {
public:
    Taker()
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            auto buffer = std::make_shared<QByteArray>();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket, buffer] {
                *buffer += socket->readAll();
                const qsizetype head = buffer->indexOf("\r\n\r\n");
                if (head < 0)
                    return;
                const QByteArray lower = buffer->left(head).toLower();
                const qsizetype at = lower.indexOf("content-length: ");
                const qsizetype length = lower.mid(at + 16, lower.indexOf("\r\n", at) - at - 16).toLongLong();
                if (buffer->size() < head + 4 + length)
                    return;
                bodies << buffer->mid(head + 4, length);
                buffer->clear();
                socket->write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            });
        });
    }
    QUrl url() const { return QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(serverPort())); }
    QList<QByteArray> bodies;
};

QStringList debianWheels()
{
    const QDir folder(QStringLiteral("/usr/share/python-wheels"));
    QStringList out;
    for (const QString &pattern : {QStringLiteral("wheel-*.whl"), QStringLiteral("setuptools-*.whl")}) {
        for (const QString &name : folder.entryList({pattern}, QDir::Files))
            out << folder.filePath(name);
    }
    return out;
}

}  // namespace

class JobsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsAndQuarantinesAProject();
    void uploadsTwoFiles();
    void readsWhatIsWrong();
    void replacesTheDocumentationOfARelease();
    void removesDocumentationAndTakesItBack();
    void uploadsDocumentation();
    void readsWhatIsWrongWithDocumentation();
};

void JobsTest::findsAndQuarantinesAProject()
{
    PageWindow w;
    w.answer(QStringLiteral("quarantine-project"), R"({"serial": 31408, "audit": "27"})");
    w.answer(QStringLiteral("lift-quarantine"), R"({"serial": 31409, "audit": "28"})");
    w.window.go(Route::parse(QStringLiteral("projects")));
    QTRY_COMPARE(w.window.pages().route().text(), QStringLiteral("projects"));
    QTRY_VERIFY(w.says(QStringLiteral("26 projects")));

    QTRY_VERIFY(QApplication::activeWindow());
    w.key(Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(w.nameOf(QApplication::focusWidget()), QStringLiteral("Search projects by name"));
    w.type(QStringLiteral("geoflux"));
    QTRY_VERIFY(std::any_of(w.client.sent().begin(), w.client.sent().end(),
                            [](const auto &sent) { return sent.target.contains("query=geoflux"); }));
    w.key(Qt::Key_Down);
    QTRY_COMPARE(w.nameOf(QApplication::focusWidget()), QStringLiteral("Projects"));
    // The recording answers every search alike: walk to the row.
    for (int i = 0; i < 30 && w.window.pages().route().text() != QStringLiteral("project/geoflux"); ++i) {
        const auto *table = qobject_cast<QTableView *>(QApplication::focusWidget());
        QVERIFY(table);
        if (table->currentIndex().siblingAtColumn(0).data().toString() == QLatin1String("geoflux"))
            w.key(Qt::Key_Return);
        else
            w.key(Qt::Key_Down);
    }
    QCOMPARE(w.window.pages().route().text(), QStringLiteral("project/geoflux"));
    QTRY_VERIFY(w.says(QStringLiteral("6 releases")));

    QVERIFY(w.tabTo(QStringLiteral("Quarantine…")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(w.says(QStringLiteral("Installers no longer find the project")));
    QVERIFY(w.sentBody("quarantine-project").isEmpty());
    QVERIFY(w.tabTo(QStringLiteral("Reason")));
    w.type(QStringLiteral("reads tokens on import"));
    QVERIFY(w.tabTo(QStringLiteral("Quarantine geoflux")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(!w.sentBody("quarantine-project").isEmpty());
    QByteArray target;
    QVERIFY(w.sentBody("quarantine-project", &target).contains("reads tokens on import"));
    QVERIFY(target.contains("/projects/geoflux/quarantine"));

    QTRY_VERIFY(w.says(QStringLiteral("is in quarantine")));
    QVERIFY(w.tabTo(QStringLiteral("Undo")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(!w.sentBody("lift-quarantine", &target).isEmpty());
    QVERIFY(target.contains("/projects/geoflux/lift"));
}

void JobsTest::uploadsTwoFiles()
{
    const QStringList files = debianWheels();
    if (files.size() < 2)
        QSKIP("Debian's wheels of setuptools and wheel are not installed");
    Taker taker;
    PageWindow w;
    w.wire.setEndpoint(taker.url(), "secret");
    w.window.go(Route::parse(QStringLiteral("upload")));
    QTRY_VERIFY(w.says(QStringLiteral("No files chosen yet")));
    w.key(Qt::Key_O, Qt::ControlModifier);
    QTRY_VERIFY(qobject_cast<QFileDialog *>(QApplication::activeModalWidget()));
    QTest::keyClick(QApplication::activeModalWidget(), Qt::Key_Escape);
    QTRY_VERIFY(!QApplication::activeModalWidget());
    // What the dialog answers depends on its folder; the palette's route takes a path as it is.
    for (const QString &file : files.mid(0, 2))
        w.window.go({QStringLiteral("upload"), file});

    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("2 ready")), 15'000);
    // After the dialog no window manager gives the window its focus back.
    QApplication::setActiveWindow(&w.window);
    // Nothing has travelled before it was asked about.
    QVERIFY(taker.bodies.isEmpty());
    QVERIFY(!w.sentBody("upload-preflight").isEmpty());
    QVERIFY(w.tabTo(QStringLiteral("Upload 2 file")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("2 uploaded")), 15'000);
    QCOMPARE(taker.bodies.size(), 2);
    QVERIFY(taker.bodies.at(0).contains("name=\"sha256_digest\"") || taker.bodies.at(0).contains("name=\"blake2_256_digest\""));
    QVERIFY(w.tabTo(QStringLiteral("Copy install line")));
    w.key(Qt::Key_Space);
    QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("pip install --index-url")));
}

void JobsTest::readsWhatIsWrong()
{
    Taker taker;
    PageWindow w;
    w.wire.setEndpoint(taker.url(), "secret");
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("demo-1.0-py3-none-any.whl"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("this is no archive at all");
    file.close();
    w.answer(QStringLiteral("upload-preflight"),
             R"({"files": [{"filename": "demo-1.0-py3-none-any.whl", "already_there": false, "creates_project": false,
                 "creates_release": true, "refusals": [{"check": "access.denied", "text": "You have no role on demo."}]}]})");
    w.window.go(Route::parse(QStringLiteral("upload/") + path));
    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("to mend")), 20'000);
    QVERIFY(w.says(QStringLiteral("Archive")));
    QVERIFY(w.says(QStringLiteral("Build the file again")));
    QVERIFY(w.says(QStringLiteral("You have no role on demo.")));
    QVERIFY(w.says(QStringLiteral("Ask an owner of the project to add you.")));
    QVERIFY(taker.bodies.isEmpty());
    // There is a way on: looking again.
    QVERIFY(w.tabTo(QStringLiteral("Check again")));
}

namespace {

QUrl sampleDocs()
{
    return QUrl::fromLocalFile(QStringLiteral(CHEESEMONGER_SAMPLES "/upload/geoflux-docs.zip"));
}

}  // namespace

void JobsTest::replacesTheDocumentationOfARelease()
{
    Taker taker;
    PageWindow w;
    w.wire.setEndpoint(taker.url(), "secret");
    w.answer(QStringLiteral("restore-documentation"), R"({"serial": 31409, "audit": "28"})");
    w.window.go(Route::parse(QStringLiteral("project/geoflux/docs")));
    QTRY_VERIFY(w.says(QStringLiteral("http://127.0.0.1:8429/geoflux/latest/")));
    // On the page of a project an archive is for that project.
    w.window.pages().dropFiles({sampleDocs()});
    QCOMPARE(w.window.pages().route().text(), QStringLiteral("project/geoflux/docs"));
    QTRY_VERIFY(w.says(QStringLiteral("unpacked, with a first page")));
    QVERIFY(w.says(QStringLiteral("takes the place of the documentation of")));
    QVERIFY(taker.bodies.isEmpty());
    QApplication::setActiveWindow(&w.window);
    QVERIFY(w.tabTo(QStringLiteral("Upload to geoflux")));
    w.key(Qt::Key_Space);
    QTRY_COMPARE(taker.bodies.size(), 1);
    for (const char *part : {"name=\":action\"\r\n\r\ndoc_upload\r\n", "name=\"name\"\r\n\r\ngeoflux\r\n", "name=\"version\"\r\n\r\n1.2.0\r\n", "PK"})
        QVERIFY2(taker.bodies.at(0).contains(part), part);
    QTRY_VERIFY(w.says(QStringLiteral("is there")));
    QVERIFY(w.tabTo(QStringLiteral("Undo")));
    w.key(Qt::Key_Space);
    QByteArray target;
    QTRY_VERIFY(!w.sentBody("restore-documentation", &target).isEmpty());
    QVERIFY(target.contains("/projects/geoflux/documentation/1.2.0/restore"));
}

void JobsTest::removesDocumentationAndTakesItBack()
{
    PageWindow w;
    w.answer(QStringLiteral("remove-documentation"), R"({"serial": 31408, "audit": "27"})");
    w.answer(QStringLiteral("restore-documentation"), R"({"serial": 31409, "audit": "28"})");
    w.window.go(Route::parse(QStringLiteral("project/geoflux/docs")));
    QTRY_VERIFY(w.says(QStringLiteral("http://127.0.0.1:8429/geoflux/latest/")));
    QApplication::setActiveWindow(&w.window);
    QVERIFY(w.tabTo(QStringLiteral("Remove documentation")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(w.says(QStringLiteral("becomes that of another version")));
    QVERIFY(w.tabTo(QStringLiteral("Reason")));
    w.type(QStringLiteral("wrong branch"));
    QVERIFY(w.tabTo(QStringLiteral("Remove it")));
    w.key(Qt::Key_Space);
    QByteArray target;
    QTRY_VERIFY(!w.sentBody("remove-documentation", &target).isEmpty());
    QVERIFY2(target.contains("/projects/geoflux/documentation/1.2.0?") && target.contains("reason=wrong%20branch"), target.constData());
    QTRY_VERIFY(w.says(QStringLiteral("is removed")));
    QVERIFY(w.tabTo(QStringLiteral("Undo")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(!w.sentBody("restore-documentation").isEmpty());
}

void JobsTest::uploadsDocumentation()
{
    Taker taker;
    PageWindow w;
    w.wire.setEndpoint(taker.url(), "secret");
    w.window.go(Route::parse(QStringLiteral("upload")));
    QTRY_VERIFY(w.says(QStringLiteral("No files chosen yet")));
    w.window.pages().dropFiles({sampleDocs()});
    // The name of the archive begins with that of a project.
    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("Becomes the documentation of")), 15'000);
    QVERIFY(w.says(QStringLiteral("1 ready")));
    QApplication::setActiveWindow(&w.window);
    QVERIFY(w.tabTo(QStringLiteral("Upload")));
    w.key(Qt::Key_Space);
    QTRY_COMPARE(taker.bodies.size(), 1);
    QVERIFY(taker.bodies.at(0).contains("doc_upload"));
    QVERIFY(taker.bodies.at(0).contains("geoflux"));
    QTRY_VERIFY(w.says(QStringLiteral("1 uploaded")));
    QVERIFY(w.tabTo(QStringLiteral("Open project")));
    w.key(Qt::Key_Space);
    QTRY_COMPARE(w.window.pages().route().text(), QStringLiteral("project/geoflux/docs"));
}

void JobsTest::readsWhatIsWrongWithDocumentation()
{
    Taker taker;
    PageWindow w;
    w.wire.setEndpoint(taker.url(), "secret");
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("pages.zip"));
    QFile from(sampleDocs().toLocalFile());
    QVERIFY(from.open(QIODevice::ReadOnly));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    // The first page in a folder of its own, in both records of it.
    file.write(from.readAll().replace("index.html", "html/x.htm").replace("api/html/x.htm", "api/index.html").replace("html/x.htm", "a/index.ht"));
    file.close();
    w.window.go({QStringLiteral("upload"), path});
    QTRY_VERIFY_WITH_TIMEOUT(w.says(QStringLiteral("is in the folder 'api'")), 15'000);
    QVERIFY(w.says(QStringLiteral("Zip the contents of that folder")));
    QVERIFY(w.says(QStringLiteral("1 to mend")));
    QVERIFY(w.tabTo(QStringLiteral("Check again")));
    QVERIFY(taker.bodies.isEmpty());
}

QTEST_MAIN(JobsTest)
#include "jobs_test.moc"
