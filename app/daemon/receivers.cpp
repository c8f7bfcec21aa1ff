// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/receivers.h"

#include "app/daemon/mail_server.h"
#include "core/mail/message.h"
#include "core/monitor/alerts/mail.h"
#include "core/monitor/alerts/webhook.h"

#include <fmt/format.h>

namespace cm::daemon {
namespace {

Result<monitor::WebhookSettings> webhookOf(const config::MonitorReceiver &wanted, const config::MonitorConfig &config)
{
    monitor::WebhookSettings settings{wanted.name, wanted.url, {}, config.caFile.string()};
    CM_TRY(http::parseHttpUrl(wanted.url));
    for (const std::string &line : wanted.headers) {
        const auto colon = line.find(':');
        const std::string value = colon == std::string::npos ? "" : std::string(http::trimmed(line.substr(colon + 1)));
        const std::string name = line.substr(0, colon);
        CM_TRY(http::checkHeader(name, value));
        settings.headers.push_back({name, value});
    }
    return settings;
}

Result<monitor::MailSettings> mailOf(const config::MonitorMail &wanted, const config::MonitorConfig &config,
                                     const config::MonitorSecrets &secrets)
{
    const std::string setting = fmt::format("monitor.mail {}", wanted.name);
    const auto password = [&]() -> Result<std::string> {
        const auto found = secrets.mailPasswords.find(wanted.name);
        if (found == secrets.mailPasswords.end())
            return fail(ErrorCode::InvalidInput, setting + ": the user has no password in the table [mail] of the secrets");
        return found->second;
    };
    CM_TRY(mail::checkAddress(wanted.from));
    for (const std::string &address : wanted.to)
        CM_TRY(mail::checkAddress(address));
    CM_TRY_ASSIGN(mail::SmtpServer server,
                  mailServerOf(setting, {wanted.server, wanted.user, config.caFile.string(), wanted.tls}, password));
    return monitor::MailSettings{wanted.name, std::move(server), wanted.from, wanted.to};
}

}  // namespace

Result<std::vector<std::unique_ptr<monitor::Receiver>>> receiversOf(const config::MonitorConfig &config,
                                                                    const config::MonitorSecrets &secrets)
{
    std::vector<std::unique_ptr<monitor::Receiver>> receivers;
    for (const config::MonitorReceiver &wanted : config.webhooks) {
        CM_TRY_ASSIGN(auto settings, webhookOf(wanted, config));
        receivers.push_back(std::make_unique<monitor::WebhookReceiver>(std::move(settings)));
    }
    for (const config::MonitorMail &wanted : config.mails) {
        CM_TRY_ASSIGN(auto settings, mailOf(wanted, config, secrets));
        receivers.push_back(std::make_unique<monitor::MailReceiver>(std::move(settings)));
    }
    return receivers;
}

}  // namespace cm::daemon
