// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/upload_client.h"

#include "ui/client/counting_file.h"
#include "ui/client/wire.h"

#include <QFileInfo>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QUuid>

namespace cm::ui {

namespace {

constexpr int signalMilliseconds = 50;
// One line, or a problem document.
constexpr qint64 longestAnswer = 1024 * 1024;

// Names and file names in a form are quoted; a quote or a line end in them would end the header.
QByteArray quoted(const QString &text)
{
    QByteArray bytes = text.toUtf8();
    bytes.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    return '"' + bytes + '"';
}

QByteArray part(const QByteArray &boundary, const QString &name, const QString &value)
{
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=" + quoted(name) + "\r\n\r\n" + value.toUtf8() + "\r\n";
}

QByteArray headOf(const UploadRequest &request, const QByteArray &boundary)
{
    QByteArray head = part(boundary, QStringLiteral(":action"), request.action)
        + part(boundary, QStringLiteral("protocol_version"), QStringLiteral("1"));
    for (const auto &[name, value] : request.fields)
        head += part(boundary, name, value);
    head += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"content\"; filename="
        + quoted(QFileInfo(request.path).fileName()) + "\r\nContent-Type: application/octet-stream\r\n\r\n";
    return head;
}

}  // namespace

Upload::Upload(UploadRequest request, QObject *parent)
    : QObject(parent), m_request(std::move(request)), m_total(QFileInfo(m_request.path).size())
{
}

Upload::Progress Upload::progress() const
{
    Progress progress{m_sent, m_total, 0, -1};
    if (m_state == State::Sending && m_clock.isValid() && m_clock.elapsed() > 200) {
        progress.bytesPerSecond = static_cast<double>(m_sent) * 1000.0 / static_cast<double>(m_clock.elapsed());
        if (progress.bytesPerSecond > 0)
            progress.secondsLeft = static_cast<double>(m_total - m_sent) / progress.bytesPerSecond;
    }
    return progress;
}

void Upload::setState(State state)
{
    if (state == m_state)
        return;
    m_state = state;
    Q_EMIT stateChanged();
    if (state == State::Done || state == State::Refused || state == State::Cancelled)
        Q_EMIT finished();
}

void Upload::cancel()
{
    if (m_state == State::Waiting)
        setState(State::Cancelled);
    else if (m_reply)
        m_reply->abort();
}

UploadClient::UploadClient(Wire &wire, QObject *parent) : QObject(parent), m_wire(wire) {}

UploadClient::~UploadClient() = default;

Upload *UploadClient::start(const UploadRequest &request)
{
    auto *upload = new Upload(request, this);
    m_waiting.append(upload);
    // The caller connects before anything happens.
    QMetaObject::invokeMethod(this, &UploadClient::startNext, Qt::QueuedConnection);
    return upload;
}

void UploadClient::startNext()
{
    while (m_running < parallel && !m_waiting.isEmpty()) {
        const QPointer<Upload> next = m_waiting.takeFirst();
        if (next && next->state() == Upload::State::Waiting)
            send(next);
    }
}

void UploadClient::send(Upload *upload)
{
    const UploadRequest &wanted = upload->request();
    const auto refuse = [upload](Error error) {
        upload->m_error = std::move(error);
        upload->setState(Upload::State::Refused);
    };
    auto request = wanted.url.isEmpty() ? m_wire.request("/legacy/") : Result<QNetworkRequest>(QNetworkRequest(wanted.url));
    if (!request) {
        refuse(request.error());
        return;
    }
    if (!wanted.url.isEmpty()) {
        if (wanted.url.scheme() != QLatin1String("https") && wanted.url.host() != m_wire.base().host()) {
            refuse({ErrorCode::Forbidden, "credentials are not sent over plain HTTP to another machine; use https", {}, {}});
            return;
        }
        if (wanted.url.host() == m_wire.base().host())
            m_wire.vouch(*request);
        request->setRawHeader("Authorization", "Basic " + (wanted.user.toUtf8() + ':' + wanted.secret).toBase64());
    } else {
        // What every upload tool sends, so that the desktop takes the same way as they do.
        request->setRawHeader("Authorization", "Basic " + ("__token__:" + m_wire.token()).toBase64());
    }
    const QByteArray boundary = "cheesemonger-" + QUuid::createUuid().toByteArray(QUuid::Id128);
    auto *form = new CountingFile(headOf(wanted, boundary), wanted.path, "\r\n--" + boundary + "--\r\n", nullptr);
    if (!form->openForUpload()) {
        refuse({ErrorCode::NotFound, form->errorString().toStdString(), {}, {}});
        delete form;
        return;
    }
    request->setHeader(QNetworkRequest::ContentTypeHeader, "multipart/form-data; boundary=" + boundary);
    request->setHeader(QNetworkRequest::ContentLengthHeader, form->size());
    request->setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true);
    request->setRawHeader("Accept", "application/problem+json, text/plain");

    ++m_running;
    QNetworkReply *reply = m_wire.manager().post(*request, form);
    form->setParent(reply);
    upload->m_reply = reply;
    upload->m_file = form;
    upload->m_total = form->fileSize();
    upload->m_clock.start();
    upload->m_lastSignal.start();
    upload->setState(Upload::State::Sending);
    connect(form, &CountingFile::advanced, upload, [upload, form] {
        upload->m_sent = form->fileBytesRead();
        const bool all = upload->m_sent >= upload->m_total;
        if (!all && upload->m_lastSignal.elapsed() < signalMilliseconds)
            return;
        upload->m_lastSignal.start();
        Q_EMIT upload->progressed();
        if (all && upload->m_state == Upload::State::Sending)
            upload->setState(Upload::State::Answering);
    });
    connect(reply, &QNetworkReply::finished, this, [this, reply, upload = QPointer<Upload>(upload)] { onFinished(upload, reply); });
    connect(upload, &QObject::destroyed, reply, &QNetworkReply::abort);
    Wire::bound(*reply, longestAnswer);
}

void UploadClient::onFinished(Upload *upload, QNetworkReply *reply)
{
    reply->deleteLater();
    --m_running;
    if (upload) {
        const auto outcome = Wire::outcome(*reply);
        if (outcome) {
            upload->setState(Upload::State::Done);
        } else if (outcome.error().code == ErrorCode::Cancelled) {
            upload->setState(Upload::State::Cancelled);
        } else {
            upload->m_error = outcome.error();
            upload->setState(Upload::State::Refused);
        }
    }
    startNext();
}

}  // namespace cm::ui
