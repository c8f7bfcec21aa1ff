// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/receivers.h"

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
    using Tls = mail::SmtpServer::Tls;
    monitor::MailSettings settings{wanted.name, {wanted.server, wanted.user, {}, Tls::Required, config.caFile.string()}, wanted.from, wanted.to};
    CM_TRY(mail::checkServer(settings.server));
    CM_TRY(mail::checkAddress(wanted.from));
    for (const std::string &address : wanted.to)
        CM_TRY(mail::checkAddress(address));
    const bool near = mail::isLoopback(wanted.server);
    if (wanted.tls == "never" || (wanted.tls.empty() && near && !wanted.server.starts_with("smtps://")))
        settings.server.tls = Tls::Never;
    if (wanted.user.empty())
        return settings;
    const auto password = secrets.mailPasswords.find(wanted.name);
    if (password == secrets.mailPasswords.end())
        return fail(ErrorCode::InvalidInput,
                    fmt::format("monitor.mail {}: the user has no password in the table [mail] of the secrets", wanted.name));
    if (settings.server.tls == Tls::Never && !near)
        return fail(ErrorCode::InvalidInput, fmt::format("monitor.mail {}: its password would be sent in the open", wanted.name));
    settings.server.password = password->second;
    return settings;
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
