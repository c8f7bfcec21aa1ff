// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads over the legacy protocol (POST /legacy/, multipart), streamed from disk, two at a time.
// An Upload is owned by its client until it is finished and released. GUI thread.
#pragma once

#include "core/base/result.h"

#include <QElapsedTimer>
#include <QList>
#include <QObject>
#include <QPair>
#include <QPointer>
#include <QString>
#include <QUrl>

class QNetworkReply;

namespace cm::ui {

class Wire;
class CountingFile;

struct UploadRequest {
    QString path;
    // Form fields in order, such as {"name", "sampleproject"}; `:action`, `protocol_version` and the
    // content are added.
    QList<QPair<QString, QString>> fields;
    // Empty: /legacy/ of the connected registry with its token.
    QUrl url;
    QString user;
    QByteArray secret;
    // "file_upload" or "doc_upload".
    QString action = QStringLiteral("file_upload");
};

class Upload : public QObject {
    Q_OBJECT
public:
    enum class State { Waiting, Sending, Answering, Done, Refused, Cancelled };
    struct Progress {
        qint64 sent = 0;
        qint64 total = 0;
        double bytesPerSecond = 0;
        // Seconds left, negative while nobody can know.
        double secondsLeft = -1;
    };

    [[nodiscard]] const UploadRequest &request() const { return m_request; }
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] Progress progress() const;
    // The refusal in the registry's own words; meaningful once Refused.
    [[nodiscard]] const Error &error() const { return m_error; }
    void cancel();

Q_SIGNALS:
    // At most 20 times a second.
    void progressed();
    void stateChanged();
    // Done, Refused or Cancelled.
    void finished();

private:
    friend class UploadClient;
    explicit Upload(UploadRequest request, QObject *parent);
    void setState(State state);

    UploadRequest m_request;
    State m_state = State::Waiting;
    Error m_error;
    QPointer<QNetworkReply> m_reply;
    QPointer<CountingFile> m_file;
    QElapsedTimer m_clock;
    QElapsedTimer m_lastSignal;
    qint64 m_total = 0;
    qint64 m_sent = 0;
};

class UploadClient : public QObject {
    Q_OBJECT
public:
    explicit UploadClient(Wire &wire, QObject *parent = nullptr);
    ~UploadClient() override;

    // Starts at once or waits for its turn.
    Upload *start(const UploadRequest &request);
    [[nodiscard]] int running() const { return m_running; }
    static constexpr int parallel = 2;

private:
    void startNext();
    void send(Upload *upload);
    void onFinished(Upload *upload, QNetworkReply *reply);

    Wire &m_wire;
    QList<QPointer<Upload>> m_waiting;
    int m_running = 0;
};

}  // namespace cm::ui
