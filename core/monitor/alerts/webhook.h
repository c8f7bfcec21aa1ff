// SPDX-License-Identifier: GPL-3.0-or-later
// Alerts by webhook, in Alertmanager's format (version 4): the body is pure, each delivery a connection of its
// own. Owned by the courier.
#pragma once

#include "core/http/client/http_client.h"
#include "core/monitor/alerts/receiver.h"

namespace cm::monitor {

struct WebhookSettings {
    std::string name;
    std::string url;
    http::Headers headers;
    std::string caFile;
};

// One alert, firing or closed, with the sentence, its age and the runbook.
[[nodiscard]] std::string webhookBody(const api::Alert &alert, const std::string &receiver, const LetterContext &context);

class WebhookReceiver : public Receiver {
public:
    explicit WebhookReceiver(WebhookSettings settings) : m_settings(std::move(settings)) {}

    [[nodiscard]] const std::string &name() const override { return m_settings.name; }
    [[nodiscard]] std::string_view kind() const override { return "webhook"; }
    [[nodiscard]] std::string letterFor(const api::Alert &alert, const LetterContext &context) const override
    {
        return webhookBody(alert, m_settings.name, context);
    }
    Result<std::string> deliver(const std::string &letter, const std::stop_token &stop) override;

private:
    WebhookSettings m_settings;
};

}  // namespace cm::monitor
