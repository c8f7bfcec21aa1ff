// SPDX-License-Identifier: GPL-3.0-or-later
// A server on loopback that misbehaves as told, for tests of the desktop's side of the wire. GUI
// thread.
#pragma once

#include <QHash>
#include <QList>
#include <QObject>
#include <QSslConfiguration>
#include <QSslServer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>

#include <functional>
#include <memory>

namespace cm::ui {

// Reads requests whole and hands each to the test, which answers or does not.
class LoopbackServer : public QObject {
public:
    struct Request {
        QByteArray head;
        QByteArray body;
        QTcpSocket *socket = nullptr;
    };

    LoopbackServer() : LoopbackServer(std::make_unique<QTcpServer>(), QStringLiteral("http")) {}
    // Speaks TLS alone, with the certificate and key in there.
    explicit LoopbackServer(const QSslConfiguration &tls) : LoopbackServer(protectedServer(tls), QStringLiteral("https")) {}
    [[nodiscard]] QUrl url() const { return QUrl(QStringLiteral("%1://127.0.0.1:%2/").arg(m_scheme).arg(m_server->serverPort())); }
    void close() { m_server->close(); }

    static void answer(QTcpSocket *socket, const QByteArray &status, const QByteArray &type, const QByteArray &body)
    {
        socket->write("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: "
                      + QByteArray::number(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
        socket->disconnectFromHost();
    }

    QList<Request> requests;
    std::function<void(const Request &)> handler;

private:
    LoopbackServer(std::unique_ptr<QTcpServer> server, QString scheme) : m_server(std::move(server)), m_scheme(std::move(scheme))
    {
        [[maybe_unused]] const bool listening = m_server->listen(QHostAddress::LocalHost);
        connect(m_server.get(), &QTcpServer::pendingConnectionAvailable, this, [this] {
            while (QTcpSocket *socket = m_server->nextPendingConnection()) {
                connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
                read(socket);
            }
        });
    }
    static std::unique_ptr<QTcpServer> protectedServer(const QSslConfiguration &tls)
    {
        auto server = std::make_unique<QSslServer>();
        server->setSslConfiguration(tls);
        return server;
    }
    void read(QTcpSocket *socket)
    {
        QByteArray &buffer = m_buffers[socket];
        buffer += socket->readAll();
        const qsizetype end = buffer.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        const QByteArray head = buffer.left(end);
        const qsizetype at = head.toLower().indexOf("content-length:");
        const qint64 length = at < 0 ? 0 : head.mid(at + 15).split('\r').first().trimmed().toLongLong();
        if (buffer.size() < end + 4 + length)
            return;
        const Request request{head, buffer.mid(end + 4, length), socket};
        m_buffers.remove(socket);
        requests.append(request);
        if (handler)
            handler(request);
    }

    std::unique_ptr<QTcpServer> m_server;
    QString m_scheme;
    QHash<QTcpSocket *, QByteArray> m_buffers;
};

}  // namespace cm::ui
