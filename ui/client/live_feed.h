// SPDX-License-Identifier: GPL-3.0-or-later
// Live events of a registry (Server-Sent Events), resumed with Last-Event-ID after a break, with a
// back-off of 0.25 s to 15 s. Silence longer than three heartbeats counts as a break. GUI thread.
#pragma once

#include "core/api/people.h"
#include "core/base/result.h"

#include <QByteArray>
#include <QObject>
#include <QTimer>

#include <chrono>

class QNetworkReply;

namespace cm::ui {

class Wire;

// The text/event-stream grammar, fed with bytes as they come.
class EventStreamParser {
public:
    struct Message {
        QByteArray id;
        QByteArray event;
        QByteArray data;
    };
    static constexpr qsizetype longestMessage = 1024 * 1024;

    // The messages completed by these bytes; none from a line or message of over 1 MiB on.
    QList<Message> feed(const QByteArray &bytes);
    // Such a one came: nothing of this stream is to be believed any more.
    [[nodiscard]] bool isOverlong() const { return m_overlong; }
    void clear();

private:
    void line(const QByteArray &text, QList<Message> &out);

    QByteArray m_rest;
    Message m_current;
    bool m_sawCarriageReturn = false;
    bool m_overlong = false;
};

class LiveFeed : public QObject {
    Q_OBJECT
public:
    explicit LiveFeed(Wire &wire, QObject *parent = nullptr);
    ~LiveFeed() override;

    void start();
    void stop();
    // Of the growing pauses between two attempts.
    void setLongestRetry(std::chrono::milliseconds longest) { m_longestRetry = longest; }
    // Forgets the position: what follows is another registry.
    void forget();
    [[nodiscard]] bool isConnected() const { return m_connected; }
    void setSilenceLimit(int milliseconds) { m_silence.setInterval(milliseconds); }

Q_SIGNALS:
    void connected();
    // Bytes arrived: the figures on the screen are as fresh as this moment.
    void heard();
    void event(const cm::api::Event &event);
    // Events were missed: read everything again.
    void reset();
    void broken(const cm::Error &error);

private:
    void open();
    void onReadyRead();
    void onFinished();
    void retryLater(const Error &error);

    Wire &m_wire;
    QNetworkReply *m_reply = nullptr;
    EventStreamParser m_parser;
    QByteArray m_lastId;
    QTimer m_retry;
    QTimer m_silence;
    int m_failures = 0;
    std::chrono::milliseconds m_longestRetry{15'000};
    bool m_connected = false;
    bool m_wanted = false;
};

}  // namespace cm::ui
