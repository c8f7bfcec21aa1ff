// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/remembering_client.h"

#include "core/api/monitor_endpoints.h"
#include "ui/client/wire.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>
#include <array>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

constexpr qsizetype largestKept = 4 * 1024 * 1024;

// What the monitor's pages show. Not who we are, and nothing that changes anything.
bool isKept(std::string_view name)
{
    static constexpr std::array names{ep::monitorState.name,  ep::monitorTopology.name,  ep::monitorReplication.name, ep::monitorPools.name,
                                      ep::listSeries.name,    ep::readSeries.name,       ep::listTimeline.name,       ep::readAvailability.name,
                                      ep::listAlerts.name,    ep::listSilences.name,     ep::listReceivers.name};
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

RememberingClient::RememberingClient(Wire &wire, QString folder, std::chrono::milliseconds timeout)
    : HttpAdminClient(wire, timeout), m_wire(wire), m_folder(std::move(folder))
{
}

QString RememberingClient::fileOf(const QByteArray &target) const
{
    // Queries differ by the moment they are asked in; the path says what was meant.
    const qsizetype query = target.indexOf('?');
    const auto hex = [](const QByteArray &bytes) {
        return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().left(32));
    };
    return QStringLiteral("%1/%2/%3.json").arg(m_folder, hex(m_wire.base().toEncoded()), hex(query < 0 ? target : target.left(query)));
}

QFuture<Result<QByteArray>> RememberingClient::send(const api::EndpointInfo &endpoint, const QByteArray &target, const QByteArray &body)
{
    QFuture<Result<QByteArray>> sent = HttpAdminClient::send(endpoint, target, body);
    if (m_folder.isEmpty() || !isKept(endpoint.name))
        return sent;
    auto promise = std::make_shared<QPromise<Result<QByteArray>>>();
    promise->start();
    QFuture<Result<QByteArray>> future = promise->future();
    whenDone(&m_context, sent, [this, promise, target](Result<QByteArray> answer) {
        // By now the address may be another; then so is the folder.
        const QString file = fileOf(target);
        if (answer) {
            keep(file, *answer);
        } else if (answer.error().code == ErrorCode::Unavailable || answer.error().code == ErrorCode::Timeout) {
            QFile kept(file);
            if (kept.open(QIODevice::ReadOnly) && kept.size() <= largestKept)
                answer = kept.readAll();
        }
        promise->addResult(std::move(answer));
        promise->finish();
    });
    return future;
}

void RememberingClient::keep(const QString &file, const QByteArray &answer)
{
    QElapsedTimer &written = m_written[file];
    if (answer.size() > largestKept || (written.isValid() && written.elapsed() < m_interval.count()))
        return;
    written.start();
    QThreadPool::globalInstance()->start([file, answer] {
        QDir().mkpath(QFileInfo(file).path());
        QSaveFile out(file);
        // Whoever else has an account here need not know the state of the house.
        if (out.open(QIODevice::WriteOnly) && out.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
            && out.write(answer) == answer.size())
            out.commit();
    });
}

}  // namespace cm::ui
