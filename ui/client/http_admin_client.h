// SPDX-License-Identifier: GPL-3.0-or-later
// The admin API over HTTP. Calls made before the Wire knows a registry wait for it. GUI thread; the
// Wire outlives it.
#pragma once

#include "ui/client/admin_client.h"

#include <chrono>

namespace cm::ui {

class Wire;

class HttpAdminClient final : public AdminClient {
public:
    explicit HttpAdminClient(Wire &wire, std::chrono::milliseconds timeout = std::chrono::seconds(30));

protected:
    QFuture<Result<QByteArray>> send(const api::EndpointInfo &endpoint, const QByteArray &target,
                                     const QByteArray &body) override;

private:
    using Promise = std::shared_ptr<QPromise<Result<QByteArray>>>;
    void sendNow(api::Method method, const QByteArray &target, const QByteArray &body, const Promise &promise);

    Wire &m_wire;
    std::chrono::milliseconds m_timeout;
    QObject m_waiting;
};

}  // namespace cm::ui
