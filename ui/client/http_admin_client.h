// SPDX-License-Identifier: GPL-3.0-or-later
// The admin API over HTTP. GUI thread; the Wire outlives it.
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
    Wire &m_wire;
    std::chrono::milliseconds m_timeout;
};

}  // namespace cm::ui
