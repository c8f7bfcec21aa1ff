// SPDX-License-Identifier: GPL-3.0-or-later
// A real `cheesemongerd monitor` of the same build over a topology of a test, which can be killed and started
// again at the same address. GUI thread.
#pragma once

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

namespace cm::ui {

// Of a port that was free a moment ago, and that nobody listens on.
inline quint16 closedPort()
{
    QTcpServer server;
    return server.listen(QHostAddress::LocalHost) ? server.serverPort() : 0;
}

class MonitorProcess {
public:
    static constexpr int patience = 30'000;

    ~MonitorProcess() { end(); }
    static QString core() { return QCoreApplication::applicationDirPath() + QStringLiteral("/cheesemongerd"); }
    static bool isBuilt() { return QFileInfo(core()).isExecutable(); }
    // The part of a topology file that says where a host is, and one part on it.
    static QByteArray part(const QByteArray &kind, const QByteArray &name, quint16 port, const QByteArray &more = {})
    {
        return "[[host]]\nname = \"h-" + name + "\"\naddress = \"127.0.0.1\"\n[[" + kind + "]]\nname = \"" + name + "\"\nhost = \"h-" + name +
            "\"\nport = " + QByteArray::number(port) + "\n" + more;
    }

    // `certificate` and `key`: files with which its own API speaks TLS; without them plain HTTP.
    void start(const QByteArray &parts, const QString &certificate = {}, const QString &key = {})
    {
        write(QStringLiteral("topology.toml"), "name = \"test\"\n[registry]\nname = \"shop\"\n" + parts);
        const QByteArray tls = "[monitor.tls]\ncert = \"" + certificate.toUtf8() + "\"\nkey = \"" + key.toUtf8() + "\"\n";
        write(QStringLiteral("monitor.toml"), "[monitor]\n" + (certificate.isEmpty() ? QByteArray() : tls));
        QProcess made;
        made.start(core(), {QStringLiteral("admin"), QStringLiteral("monitor-token"), QStringLiteral("create"), QStringLiteral("--user"), QStringLiteral("dana"),
                            QStringLiteral("--role"), QStringLiteral("operator"), QStringLiteral("--data"), data()});
        QVERIFY(made.waitForFinished(patience) && made.exitCode() == 0);
        m_token = made.readAllStandardOutput().trimmed();
        begin(QStringLiteral("127.0.0.1:0"));
    }
    // As a machine that loses its power.
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished(patience);
    }
    void startAgain() { begin(QStringLiteral("127.0.0.1:%1").arg(m_url.port())); }
    void end()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        m_process.terminate();
        m_process.waitForFinished(patience);
    }
    [[nodiscard]] QUrl url() const { return m_url; }
    [[nodiscard]] QByteArray token() const { return m_token; }
    [[nodiscard]] QString file(const QString &name) const { return m_folder.filePath(name); }

private:
    [[nodiscard]] QString data() const { return file(QStringLiteral("data")); }
    void write(const QString &name, const QByteArray &text) const
    {
        QFile out(file(name));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(text);
    }
    void begin(const QString &listen)
    {
        m_process.setStandardErrorFile(file(QStringLiteral("log")));
        m_process.start(core(), {QStringLiteral("monitor"), QStringLiteral("--topology"), file(QStringLiteral("topology.toml")), QStringLiteral("--config"),
                                 file(QStringLiteral("monitor.toml")), QStringLiteral("--data"), data(), QStringLiteral("--listen"), listen});
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((said += m_process.readAllStandardOutput()).contains('\n') || m_process.state() == QProcess::NotRunning, patience);
        QVERIFY2(said.startsWith("ready "), said.constData());
        m_url = QUrl(QString::fromLatin1(said.mid(6).trimmed()));
    }

    QTemporaryDir m_folder;
    QProcess m_process;
    QUrl m_url;
    QByteArray m_token;
};

}  // namespace cm::ui
