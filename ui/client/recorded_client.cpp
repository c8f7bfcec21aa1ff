// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/recorded_client.h"

#include <QFile>
#include <QUrl>
#include <QUrlQuery>

namespace cm::ui {

namespace {

using Answer = Result<QByteArray>;

std::optional<QByteArray> contentOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    return file.readAll();
}

// A recorded page without its items, or a series of which nothing was ever counted; anything else as it is.
QByteArray emptied(const QByteArray &record)
{
    auto json = api::parseJson(std::string_view(record.constData(), static_cast<std::size_t>(record.size())));
    if (json && json->is_object() && json->as_object().contains("since") && json->as_object().contains("lines"))
        return QByteArrayLiteral("{}");
    if (!json || !json->is_object() || !json->as_object().contains("items"))
        return record;
    json->as_object()["items"] = boost::json::array();
    json->as_object()["total"] = 0;
    return QByteArray::fromStdString(api::printJson(*json));
}

}  // namespace

RecordedClient::RecordedClient(QString folder) : m_folder(std::move(folder)) {}

Answer RecordedClient::recorded(const QByteArray &name, const QByteArray &target) const
{
    if (!m_over.isEmpty()) {
        if (auto over = recordedIn(m_over, name, target))
            return *std::move(over);
    }
    if (auto found = recordedIn(m_folder, name, target))
        return *std::move(found);
    return fail(ErrorCode::NotFound, "nothing is recorded for " + name.toStdString());
}

std::optional<QByteArray> RecordedClient::recordedIn(const QString &folder, const QByteArray &name, const QByteArray &target)
{
    const qsizetype query = target.indexOf('?');
    const QByteArray path = query < 0 ? target : target.left(query);
    const QList<QByteArray> segments = path.split('/');
    const QString subject = QUrl::fromPercentEncoding(segments.last());
    const QString within = segments.size() > 1 ? QUrl::fromPercentEncoding(segments.at(segments.size() - 2)) : QString();
    const QString endpoint = QString::fromLatin1(name);
    if (!subject.contains(QLatin1Char('/')) && !within.contains(QLatin1Char('/'))) {
        if (const auto special = contentOf(QStringLiteral("%1/%2/%3/%4.json").arg(folder, endpoint, within, subject)))
            return special;
        if (const auto special = contentOf(QStringLiteral("%1/%2/%3.json").arg(folder, endpoint, subject)))
            return special;
    }
    // Nor are clients of one class those of another, nor those of a project those of the registry.
    const QUrlQuery asked(query < 0 ? QString() : QString::fromUtf8(target.mid(query + 1)));
    const QString project = asked.queryItemValue(QStringLiteral("project")), classes = asked.queryItemValue(QStringLiteral("classes"), QUrl::FullyDecoded);
    if (!project.isEmpty() && !project.contains(QLatin1Char('/')) && !classes.contains(QLatin1Char('/'))) {
        const QString which = classes.isEmpty() ? QStringLiteral("all") : classes;
        if (const auto part = contentOf(QStringLiteral("%1/%2/of-%3/%4.json").arg(folder, endpoint, project, which)))
            return part;
    }
    // Another order of a list is another record.
    const QString order = asked.queryItemValue(QStringLiteral("sort"));
    if (!order.isEmpty() && !order.contains(QLatin1Char('/'))) {
        if (const auto sorted = contentOf(QStringLiteral("%1/%2/by-%3.json").arg(folder, endpoint, order)))
            return sorted;
    }
    return contentOf(QStringLiteral("%1/%2.json").arg(folder, endpoint));
}

QFuture<Answer> RecordedClient::send(const api::EndpointInfo &endpoint, const QByteArray &target, const QByteArray &body)
{
    const QByteArray name(endpoint.name.data(), static_cast<qsizetype>(endpoint.name.size()));
    m_sent.append({name, target, body});
    auto promise = std::make_shared<QPromise<Answer>>();
    promise->start();
    if (m_mode == Mode::Silent) {
        m_silent.append(promise);
        return promise->future();
    }
    Answer answer = m_mode == Mode::Fail ? Answer(fail(m_failure)) : recorded(name, target);
    if (const auto failure = m_failures.constFind(name); failure != m_failures.cend())
        answer = fail(*failure);
    if (m_mode == Mode::Empty && answer)
        *answer = emptied(*answer);
    promise->addResult(std::move(answer));
    promise->finish();
    return promise->future();
}

}  // namespace cm::ui
