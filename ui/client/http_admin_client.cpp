// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/http_admin_client.h"

#include "core/api/endpoints.h"
#include "ui/client/wire.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTimer>

namespace cm::ui {

namespace {

using Answer = Result<QByteArray>;

// Long enough for the live feed to notice that the registry is away.
constexpr std::chrono::milliseconds beforeAskingAgain(100);

void answerWith(QPromise<Answer> &promise, Answer answer)
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
    // The greeting is how the registry's return is found out.
    const bool patient = endpoint.method == api::Method::Get && endpoint.name != api::endpoints::whoAmI.name;
    dispatch({endpoint.method, target, body, patient, false, std::move(promise)});
    return future;
}

void HttpAdminClient::dispatch(const Call &call)
{
    if (!m_wire.hasEndpoint() || (call.patient && m_wire.isHeld()))
        wait(call);
    else
        sendNow(call);
}

void HttpAdminClient::wait(const Call &call)
{
    auto *waiting = new QObject(&m_waiting);
    const auto go = [this, waiting, call] {
        QObject::disconnect(&m_wire, nullptr, waiting, nullptr);
        waiting->deleteLater();
        dispatch(call);
    };
    QObject::connect(&m_wire, &Wire::endpointChanged, waiting, go);
    QObject::connect(&m_wire, &Wire::released, waiting, go);
    QObject::connect(&m_wire, &Wire::givenUp, waiting, [this, waiting, call](const Error &why) {
        QObject::disconnect(&m_wire, nullptr, waiting, nullptr);
        waiting->deleteLater();
        answerWith(*call.promise, fail(why));
    });
}

void HttpAdminClient::sendNow(const Call &call)
{
    auto request = m_wire.request(call.target);
    if (!request) {
        answerWith(*call.promise, fail(std::move(request.error())));
        return;
    }
    request->setRawHeader("Accept", "application/json, application/problem+json");
    if (!call.body.isEmpty())
        request->setHeader(QNetworkRequest::ContentTypeHeader, QByteArray("application/json"));
    const std::string_view verb = api::nameOf(call.method);
    QNetworkReply *reply = m_wire.manager().sendCustomRequest(
        *request, QByteArray(verb.data(), static_cast<qsizetype>(verb.size())), call.body);
    // Qt's own transfer timeout is told as a cancellation, which is something else.
    QTimer::singleShot(m_timeout, reply, [reply] {
        reply->setProperty("timedOut", true);
        reply->abort();
    });
    QObject::connect(reply, &QNetworkReply::finished, &m_waiting, [this, reply, call] { onFinished(*reply, call); });
    Wire::bound(*reply, longestAnswer);
}

void HttpAdminClient::onFinished(QNetworkReply &reply, const Call &call)
{
    reply.deleteLater();
    Answer answer = Wire::outcome(reply);
    const bool broke = !answer && answer.error().code == ErrorCode::Unavailable
        && !reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).isValid();
    if (!broke || !call.patient || call.again) {
        answerWith(*call.promise, std::move(answer));
        return;
    }
    Call again = call;
    again.again = true;
    QTimer::singleShot(beforeAskingAgain, &m_waiting, [this, again] { dispatch(again); });
}

}  // namespace cm::ui
