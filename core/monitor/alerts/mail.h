// SPDX-License-Identifier: GPL-3.0-or-later
// Alerts by mail: one mail for each change of an alert, all of one alert a thread. The words are pure; the way is
// core/mail's. Owned by the courier.
#pragma once

#include "core/mail/smtp.h"
#include "core/monitor/alerts/receiver.h"

#include <vector>

namespace cm::monitor {

struct MailSettings {
    std::string name;
    mail::SmtpServer server;
    std::string from;
    std::vector<std::string> to;
};

// "[critical] web1: web1 is down"
[[nodiscard]] std::string mailSubject(const api::Alert &alert);
// Sentence, age, who is hit, consequences, what helps, where to look.
[[nodiscard]] std::string mailBody(const api::Alert &alert, const LetterContext &context);

class MailReceiver : public Receiver {
public:
    explicit MailReceiver(MailSettings settings) : m_settings(std::move(settings)) {}

    [[nodiscard]] const std::string &name() const override { return m_settings.name; }
    [[nodiscard]] std::string_view kind() const override { return "mail"; }
    [[nodiscard]] std::string letterFor(const api::Alert &alert, const LetterContext &context) const override;
    Result<std::string> deliver(const std::string &letter, const std::stop_token &stop) override;

private:
    MailSettings m_settings;
};

}  // namespace cm::monitor
