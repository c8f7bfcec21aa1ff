// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/http_admin_client.h"

#include "ui/client/wire.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTimer>

namespace cm::ui {

namespace {

using Answer = Result<QByteArray>;

void settle(QPromise<Answer> &promise, Answer answer)
{
    promise.addResult(std::move(answer));
    promise.finish();
}

}  // namespace

HttpAdminClient::HttpAdminClient(Wire &wire, std::chrono::milliseconds timeout) : m_wire(wire), m_timeout(timeout) {}

QFuture<Answer> HttpAdminClient::send(const api::EndpointInfo &endpoint, const QByteArray &target, const QByteArray &body)
{
    auto promise = std::make_shared<QPromise<Answer>>();
    promise->start();
    QFuture<Answer> future = promise->future();
    if (m_wire.hasEndpoint()) {
        sendNow(endpoint.method, target, body, promise);
        return future;
    }
    auto *waiting = new QObject(&m_waiting);
    QObject::connect(&m_wire, &Wire::endpointChanged, waiting, [this, waiting, method = endpoint.method, target, body, promise] {
        QObject::disconnect(&m_wire, nullptr, waiting, nullptr);
        waiting->deleteLater();
        sendNow(method, target, body, promise);
    });
    return future;
}

void HttpAdminClient::sendNow(api::Method method, const QByteArray &target, const QByteArray &body, const Promise &promise)
{
    auto request = m_wire.request(target);
    if (!request) {
        settle(*promise, fail(std::move(request.error())));
        return;
    }
    request->setRawHeader("Accept", "application/json, application/problem+json");
    if (!body.isEmpty())
        request->setHeader(QNetworkRequest::ContentTypeHeader, QByteArray("application/json"));
    const std::string_view verb = api::nameOf(method);
    QNetworkReply *reply = m_wire.manager().sendCustomRequest(
        *request, QByteArray(verb.data(), static_cast<qsizetype>(verb.size())), body);
    // Qt's own transfer timeout is told as a cancellation, which is something else.
    QTimer::singleShot(m_timeout, reply, [reply] {
        reply->setProperty("timedOut", true);
        reply->abort();
    });
    QObject::connect(reply, &QNetworkReply::finished, reply, [reply, promise] {
        settle(*promise, Wire::outcome(*reply));
        reply->deleteLater();
    });
}

}  // namespace cm::ui
