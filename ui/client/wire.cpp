// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/wire.h"

#include "core/api/codec.h"
#include "core/base/http_status.h"

#include <QHostAddress>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QVariant>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr qint64 longestRefusal = 1024 * 1024;
constexpr qint64 slack = 64 * 1024;
constexpr char oversized[] = "oversized";
constexpr char untrusted[] = "untrusted";

bool isLoopback(const QString &host)
{
    return host == QLatin1String("localhost") || QHostAddress(host).isLoopback();
}

std::string textMember(const boost::json::object &object, std::string_view key)
{
    const auto *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

// RFC 9457 with our members: code, fields, retryAfter.
std::optional<Error> problemFrom(const QByteArray &body, int status)
{
    const auto json = api::parseJson(std::string_view(body.constData(), static_cast<std::size_t>(body.size())));
    if (!json || !json->is_object())
        return std::nullopt;
    const boost::json::object &object = json->as_object();
    Error error;
    const std::string code = textMember(object, "code");
    error.code = code.empty() ? errorCodeOfHttpStatus(status) : errorCodeFromString(code);
    error.detail = textMember(object, "detail");
    if (error.detail.empty())
        error.detail = textMember(object, "title");
    if (const auto *fields = object.if_contains("fields"); fields && fields->is_array()) {
        for (const auto &field : fields->as_array()) {
            if (field.is_object())
                error.fields.push_back({textMember(field.as_object(), "field"), textMember(field.as_object(), "problem")});
        }
    }
    if (const auto *after = object.if_contains("retryAfter"); after && after->is_int64())
        error.retryAfter = std::chrono::seconds(after->as_int64());
    return error;
}

ErrorCode codeOf(QNetworkReply::NetworkError error)
{
    switch (error) {
    case QNetworkReply::OperationCanceledError:
        return ErrorCode::Cancelled;
    case QNetworkReply::TimeoutError:
        return ErrorCode::Timeout;
    case QNetworkReply::ProtocolUnknownError:
    case QNetworkReply::ProtocolInvalidOperationError:
    case QNetworkReply::ProtocolFailure:
        return ErrorCode::Unsupported;
    default:
        return ErrorCode::Unavailable;
    }
}

}  // namespace

Wire::Wire(QObject *parent) : QObject(parent) {}

Wire::~Wire() = default;

void Wire::setEndpoint(const QUrl &base, const QByteArray &token, const QString &authority)
{
    m_base = base;
    m_token = token;
    m_authority = authority;
    m_authorities.clear();
    m_distrust.reset();
    m_reading.drop();
    m_isReading = false;
    m_knowsAuthorities = authority.isEmpty();
    if (m_manager)
        m_manager->clearConnectionCache();
    if (m_knowsAuthorities)
        Q_EMIT endpointChanged();
    else
        readAuthorityAgain();
}

void Wire::readAuthorityAgain()
{
    if (m_authority.isEmpty() || std::exchange(m_isReading, true))
        return;
    m_reading.start(this, readAuthoritiesBeside(m_authority), [this](const Result<Authorities> &found) { take(found); });
}

void Wire::take(const Result<Authorities> &found)
{
    m_isReading = false;
    m_distrust = found ? std::nullopt : std::optional(found.error());
    const bool first = !std::exchange(m_knowsAuthorities, true);
    if (found && *found != m_authorities) {
        m_authorities = *found;
        // A manager keeps what its connections trusted; what is under way there may end.
        if (!first)
            m_manager = nullptr;
    }
    if (first)
        Q_EMIT endpointChanged();
}

void Wire::setHeld(bool held)
{
    if (std::exchange(m_held, held) && !held)
        Q_EMIT released();
}

void Wire::giveUp(const Error &why)
{
    Q_EMIT givenUp(why);
}

Result<QNetworkRequest> Wire::request(const QByteArray &target) const
{
    if (!hasEndpoint())
        return fail(ErrorCode::Unavailable, "no registry is connected yet");
    if (m_distrust)
        return fail(*m_distrust);
    const bool protectedWay = m_base.scheme() == QLatin1String("https") || isLoopback(m_base.host());
    if (!m_token.isEmpty() && !protectedWay)
        return fail(ErrorCode::Unsupported, "a token is not sent over plain HTTP to another machine; use https");
    QByteArray address = m_base.toEncoded(QUrl::StripTrailingSlash | QUrl::RemoveQuery | QUrl::RemoveFragment);
    QNetworkRequest request(QUrl::fromEncoded(address + target, QUrl::StrictMode));
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("cheesemonger-desktop"));
    if (!m_token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + m_token);
    vouch(request);
    return request;
}

void Wire::vouch(QNetworkRequest &request) const
{
    if (!m_authorities.isEmpty())
        request.setSslConfiguration(trusting(m_authorities));
}

QNetworkAccessManager &Wire::manager()
{
    if (!m_manager) {
        m_manager = new QNetworkAccessManager(this);
        m_manager->setAutoDeleteReplies(false);
        if (isLoopback(m_base.host()))
            m_manager->setProxy(QNetworkProxy::NoProxy);
        connect(m_manager, &QNetworkAccessManager::sslErrors, this, [](QNetworkReply *reply, const QList<QSslError> &errors) {
            reply->setProperty(untrusted, QVariant::fromValue(whyUntrusted(reply->url(), errors)));
        });
    }
    return *m_manager;
}

void Wire::bound(QNetworkReply &reply, qint64 most)
{
    // Without this Qt keeps whatever comes; with it the sender waits until the bytes were judged.
    reply.setReadBufferSize(most + slack);
    const auto judge = [&reply, most] {
        if (reply.isFinished())
            return;
        const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const qint64 allowed = status >= 200 && status < 300 ? most : std::min(most, longestRefusal);
        const qint64 announced = reply.header(QNetworkRequest::ContentLengthHeader).toLongLong();
        if (announced > allowed || reply.bytesAvailable() > allowed)
            abortOversized(reply, allowed);
    };
    QObject::connect(&reply, &QNetworkReply::metaDataChanged, &reply, judge);
    QObject::connect(&reply, &QNetworkReply::readyRead, &reply, judge);
}

void Wire::abortOversized(QNetworkReply &reply, qint64 most)
{
    reply.setProperty(oversized, most);
    reply.abort();
}

Result<QByteArray> Wire::outcome(QNetworkReply &reply)
{
    if (const QVariant most = reply.property(oversized); most.isValid())
        return fail(ErrorCode::BadAnswer, "an answer is longer than " + std::to_string(most.toLongLong() >> 20) + " MiB");
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    // A reply that ended early has a status but not all of its body.
    const bool whole = reply.error() == QNetworkReply::NoError || reply.error() >= QNetworkReply::ContentAccessDenied;
    if (status == 0 || !whole) {
        if (const QVariant why = reply.property(untrusted); why.isValid())
            return fail(why.value<Error>());
        if (reply.error() == QNetworkReply::SslHandshakeFailedError)
            return fail(noHandshake(reply.url(), reply.errorString()));
        const bool timedOut = reply.property("timedOut").toBool();
        return fail(timedOut ? ErrorCode::Timeout : codeOf(reply.error()), reply.errorString().toStdString());
    }
    const QByteArray body = reply.readAll();
    if (status >= 200 && status < 300)
        return body;
    if (status >= 300 && status < 400)
        return fail(ErrorCode::Unsupported, "the address redirects; use the registry's own address");
    const QByteArray type = reply.header(QNetworkRequest::ContentTypeHeader).toByteArray();
    if (type.startsWith("application/problem+json")) {
        if (auto problem = problemFrom(body, status))
            return fail(std::move(*problem));
    }
    Error error{errorCodeOfHttpStatus(status), {}, {}, {}};
    error.retryAfter = std::chrono::seconds(reply.rawHeader("Retry-After").toInt());
    // Legacy refusals are one line of plain text, the same in reason phrase and body.
    const QByteArray phrase = reply.attribute(QNetworkRequest::HttpReasonPhraseAttribute).toByteArray();
    error.detail = (type.startsWith("text/plain") && !body.isEmpty() ? body.left(2000) : phrase).trimmed().toStdString();
    if (error.detail.empty())
        error.detail = "HTTP status " + std::to_string(status);
    return fail(std::move(error));
}

}  // namespace cm::ui
