// SPDX-License-Identifier: GPL-3.0-or-later
// The admin API over HTTP. Calls made before the Wire knows a registry wait for it; what is only read
// waits for the registry's return, too, and is asked once more when the connection broke under it.
// GUI thread; the Wire outlives it.
#pragma once

#include "ui/client/admin_client.h"

#include <chrono>

class QNetworkReply;

namespace cm::ui {

class Wire;

class HttpAdminClient : public AdminClient {
public:
    // The largest answers are lists of pages and members of files; a real one is below half of this.
    static constexpr qint64 longestAnswer = 64 * 1024 * 1024;

    explicit HttpAdminClient(Wire &wire, std::chrono::milliseconds timeout = std::chrono::seconds(30));

protected:
    QFuture<Result<QByteArray>> send(const api::EndpointInfo &endpoint, const QByteArray &target,
                                     const QByteArray &body) override;

private:
    struct Call {
        api::Method method = api::Method::Get;
        QByteArray target;
        QByteArray body;
        // May be asked twice, and later than it was meant.
        bool patient = false;
        bool again = false;
        std::shared_ptr<QPromise<Result<QByteArray>>> promise;
    };
    void dispatch(const Call &call);
    void wait(const Call &call);
    void sendNow(const Call &call);
    void onFinished(QNetworkReply &reply, const Call &call);

    Wire &m_wire;
    std::chrono::milliseconds m_timeout;
    QObject m_waiting;
};

}  // namespace cm::ui
