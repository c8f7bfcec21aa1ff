// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/http_admin_client.h"

#include "ui/client/wire.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTimer>

namespace cm::ui {

namespace {

using Answer = Result<QByteArray>;

QFuture<Answer> settled(Answer answer)
{
    QPromise<Answer> promise;
    promise.start();
    promise.addResult(std::move(answer));
    promise.finish();
    return promise.future();
}

}  // namespace

HttpAdminClient::HttpAdminClient(Wire &wire, std::chrono::milliseconds timeout) : m_wire(wire), m_timeout(timeout) {}

QFuture<Answer> HttpAdminClient::send(const api::EndpointInfo &endpoint, const QByteArray &target, const QByteArray &body)
{
    auto request = m_wire.request(target);
    if (!request)
        return settled(fail(std::move(request.error())));
    request->setRawHeader("Accept", "application/json, application/problem+json");
    if (!body.isEmpty())
        request->setHeader(QNetworkRequest::ContentTypeHeader, QByteArray("application/json"));
    const std::string_view verb = api::nameOf(endpoint.method);
    QNetworkReply *reply = m_wire.manager().sendCustomRequest(
        *request, QByteArray(verb.data(), static_cast<qsizetype>(verb.size())), body);

    auto promise = std::make_shared<QPromise<Answer>>();
    promise->start();
    // Qt's own transfer timeout is told as a cancellation, which is something else.
    QTimer::singleShot(m_timeout, reply, [reply] {
        reply->setProperty("timedOut", true);
        reply->abort();
    });
    QObject::connect(reply, &QNetworkReply::finished, reply, [reply, promise] {
        promise->addResult(Wire::outcome(*reply));
        promise->finish();
        reply->deleteLater();
    });
    return promise->future();
}

}  // namespace cm::ui
