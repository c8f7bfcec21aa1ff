// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/live_feed.h"

#include "core/api/codec.h"
#include "core/api/endpoints.h"
#include "ui/client/wire.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>

#include <algorithm>

namespace cm::ui {

namespace {
constexpr int silenceMilliseconds = 45'000;
constexpr int firstRetryMilliseconds = 250;
}  // namespace

QList<EventStreamParser::Message> EventStreamParser::feed(const QByteArray &bytes)
{
    QList<Message> out;
    for (const char byte : bytes) {
        if (m_overlong)
            break;
        // A line ends with CR, LF or CRLF.
        if (byte == '\n' && std::exchange(m_sawCarriageReturn, false))
            continue;
        m_sawCarriageReturn = byte == '\r';
        if (byte == '\n' || byte == '\r') {
            line(m_rest, out);
            m_rest.clear();
        } else if (m_rest.size() < longestMessage) {
            m_rest.append(byte);
        } else {
            m_overlong = true;
            m_rest.clear();
            m_current = {};
        }
    }
    return out;
}

void EventStreamParser::line(const QByteArray &text, QList<Message> &out)
{
    if (text.isEmpty()) {
        if (!m_current.data.isNull() || !m_current.event.isEmpty())
            out.append(m_current);
        m_current = {};
        return;
    }
    const qsizetype colon = text.indexOf(':');
    if (colon == 0)
        return;
    const QByteArray field = colon < 0 ? text : text.left(colon);
    QByteArray value = colon < 0 ? QByteArray() : text.mid(colon + 1);
    if (value.startsWith(' '))
        value.remove(0, 1);
    if (field == "id" && !value.contains('\0'))
        m_current.id = value;
    else if (field == "event")
        m_current.event = value;
    else if (field == "data" && m_current.data.size() + value.size() < longestMessage)
        m_current.data = m_current.data.isNull() ? value : m_current.data + '\n' + value;
    else if (field == "data")
        m_overlong = true;
}

void EventStreamParser::clear()
{
    m_rest.clear();
    m_current = {};
    m_sawCarriageReturn = false;
    m_overlong = false;
}

LiveFeed::LiveFeed(Wire &wire, QObject *parent) : QObject(parent), m_wire(wire)
{
    m_retry.setSingleShot(true);
    m_silence.setSingleShot(true);
    m_silence.setInterval(silenceMilliseconds);
    connect(&m_retry, &QTimer::timeout, this, &LiveFeed::open);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        if (m_reply)
            m_reply->abort();
    });
}

LiveFeed::~LiveFeed()
{
    stop();
}

void LiveFeed::start()
{
    m_wanted = true;
    m_failures = 0;
    if (!m_reply)
        open();
}

void LiveFeed::stop()
{
    m_wanted = false;
    m_connected = false;
    m_retry.stop();
    m_silence.stop();
    if (QNetworkReply *reply = std::exchange(m_reply, nullptr)) {
        reply->disconnect(this);
        reply->abort();
        reply->deleteLater();
    }
}

void LiveFeed::forget()
{
    m_lastId.clear();
}

void LiveFeed::open()
{
    m_parser.clear();
    const std::string_view path = api::endpoints::events.path;
    auto request = m_wire.request(QByteArray(path.data(), static_cast<qsizetype>(path.size())));
    if (!request) {
        retryLater(request.error());
        return;
    }
    request->setRawHeader("Accept", "text/event-stream");
    request->setRawHeader("Cache-Control", "no-cache");
    if (!m_lastId.isEmpty())
        request->setRawHeader("Last-Event-ID", m_lastId);
    m_reply = m_wire.manager().get(*request);
    m_silence.start();
    connect(m_reply, &QNetworkReply::metaDataChanged, this, [this] {
        if (!m_reply)
            return;
        const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        if (status != 200 || m_connected)
            return;
        m_connected = true;
        m_failures = 0;
        Q_EMIT connected();
    });
    connect(m_reply, &QNetworkReply::readyRead, this, &LiveFeed::onReadyRead);
    connect(m_reply, &QNetworkReply::finished, this, &LiveFeed::onFinished);
    Wire::bound(*m_reply, EventStreamParser::longestMessage);
}

void LiveFeed::onReadyRead()
{
    if (!m_connected || !m_reply)
        return;
    m_silence.start();
    const auto messages = m_parser.feed(m_reply->readAll());
    Q_EMIT heard();
    for (const EventStreamParser::Message &message : messages) {
        if (!message.id.isNull())
            m_lastId = message.id;
        if (message.event == "reset") {
            Q_EMIT reset();
            continue;
        }
        auto decoded = api::fromJsonText<api::Event>(
            std::string_view(message.data.constData(), static_cast<std::size_t>(message.data.size())));
        if (!decoded) {
            // An event that we cannot read still says that something changed.
            Q_EMIT reset();
            continue;
        }
        if (decoded->kind.empty())
            decoded->kind = message.event.toStdString();
        Q_EMIT event(*decoded);
    }
    if (m_reply && m_parser.isOverlong())
        Wire::abortOversized(*m_reply, EventStreamParser::longestMessage);
}

void LiveFeed::onFinished()
{
    QNetworkReply *reply = std::exchange(m_reply, nullptr);
    reply->deleteLater();
    m_silence.stop();
    m_connected = false;
    if (!m_wanted)
        return;
    const auto outcome = Wire::outcome(*reply);
    retryLater(outcome ? Error{ErrorCode::Unavailable, "the live feed ended", {}, {}} : outcome.error());
}

void LiveFeed::retryLater(const Error &error)
{
    if (!m_wanted)
        return;
    const std::chrono::milliseconds wait(firstRetryMilliseconds << std::min(m_failures, 6));
    ++m_failures;
    m_retry.start(std::min(wait, m_longestRetry));
    Q_EMIT broken(error);
}

}  // namespace cm::ui
