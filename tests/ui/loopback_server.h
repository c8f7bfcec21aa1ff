// SPDX-License-Identifier: GPL-3.0-or-later
// A server on loopback that misbehaves as told, for tests of the desktop's side of the wire. GUI
// thread.
#pragma once

#include <QHash>
#include <QList>
#include <QObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>

#include <functional>

namespace cm::ui {

// Reads requests whole and hands each to the test, which answers or does not.
class LoopbackServer : public QObject {
public:
    struct Request {
        QByteArray head;
        QByteArray body;
        QTcpSocket *socket = nullptr;
    };

    LoopbackServer()
    {
        [[maybe_unused]] const bool listening = m_server.listen(QHostAddress::LocalHost);
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
        });
    }
    [[nodiscard]] QUrl url() const { return QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(m_server.serverPort())); }
    void close() { m_server.close(); }

    static void answer(QTcpSocket *socket, const QByteArray &status, const QByteArray &type, const QByteArray &body)
    {
        socket->write("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: "
                      + QByteArray::number(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
        socket->disconnectFromHost();
    }

    QList<Request> requests;
    std::function<void(const Request &)> handler;

private:
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

    QTcpServer m_server;
    QHash<QTcpSocket *, QByteArray> m_buffers;
};

}  // namespace cm::ui
