// SPDX-License-Identifier: GPL-3.0-or-later
// A monitor's client that keeps the last answers of what is read in files, so that a window opened while
// every monitor is dead still shows what was last known. Such an answer has the times it was taken at;
// whoever shows it asks the connection whether it is live. GUI thread; files are written beside it.
#pragma once

#include "ui/client/http_admin_client.h"

#include <QElapsedTimer>
#include <QHash>
#include <QString>

namespace cm::ui {

class RememberingClient final : public HttpAdminClient {
public:
    // `folder`: ours alone; one folder in it for each address.
    RememberingClient(Wire &wire, QString folder, std::chrono::milliseconds timeout = std::chrono::seconds(30));
    // Between two writes of one answer.
    void setInterval(std::chrono::milliseconds interval) { m_interval = interval; }

protected:
    QFuture<Result<QByteArray>> send(const api::EndpointInfo &endpoint, const QByteArray &target, const QByteArray &body) override;

private:
    [[nodiscard]] QString fileOf(const QByteArray &target) const;
    void keep(const QString &file, const QByteArray &answer);

    Wire &m_wire;
    QString m_folder;
    std::chrono::milliseconds m_interval{10'000};
    QHash<QString, QElapsedTimer> m_written;
    QObject m_context;
};

}  // namespace cm::ui
