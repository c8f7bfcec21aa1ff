// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/surroundings.h"

#include "app/daemon/mail_server.h"
#include "core/api/binding.h"
#include "core/api/monitor_endpoints.h"
#include "core/api/openapi.h"
#include "core/base/hash.h"
#include "core/base/loopback.h"
#include "core/host/whole_file.h"
#include "core/http/client/http_client.h"
#include "core/mail/message.h"
#include "core/server/home_page.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::daemon {
namespace {

Result<std::string> secretOf(const std::filesystem::path &file)
{
    CM_TRY_ASSIGN(std::string secret, host::readFirstLine(file));
    if (secret.empty())
        return fail(ErrorCode::InvalidInput, file.string() + " is empty");
    return secret;
}

// Of the alerts that are open, worst first, so that the first page has all that count.
deprecation::Alerts ask(const http::HttpUrl &url, const std::string &token, const std::string &ca)
{
    http::ClientOptions options = http::optionsFor(url);
    options.verify = url.tls;
    options.caFile = ca;
    http::HttpClient client(std::move(options));
    const auto request = api::bindRequest(api::endpoints::listAlerts, {});
    const std::string base = url.target == "/" ? std::string() : url.target;
    const auto answer = client.send({"GET", base + request.target, {{"Authorization", "Bearer " + token}}, {}});
    if (!answer || answer->status != 200)
        return {deprecation::Alerts::Source::Silent, 0};
    const auto json = api::parseJson(answer->body);
    const auto page = json ? api::fromJson<api::Page<api::Alert>>(*json, api::UnknownMembers::Ignore) : fail(ErrorCode::Corrupt, "no JSON");
    if (!page)
        return {deprecation::Alerts::Source::Silent, 0};
    const auto critical = std::ranges::count_if(page->items, [](const api::Alert &alert) { return alert.verdict == api::Verdict::Critical; });
    return {deprecation::Alerts::Source::Told, critical};
}

}  // namespace

Result<std::function<deprecation::Alerts()>> alertsOf(const config::ServeConfig &config)
{
    if (config.monitor.url.empty())
        return nullptr;
    CM_TRY_ASSIGN(const http::HttpUrl url, http::parseHttpUrl(config.monitor.url));
    if (!url.tls && !isLoopbackHost(url.host))
        return fail(ErrorCode::InvalidInput, "serve.monitor: its token would be sent in the open");
    CM_TRY_ASSIGN(const std::string token, secretOf(config.monitor.tokenFile));
    return [url, token, ca = config.monitor.ca.string()] { return ask(url, token, ca); };
}

Result<SendMail> sendMailOf(const config::ServeConfig &config, const Clock &clock)
{
    const config::Mail &told = config.mail;
    if (told.server.empty())
        return nullptr;
    CM_TRY(mail::checkAddress(told.from));
    CM_TRY_ASSIGN(const mail::SmtpServer server, mailServerOf("serve.mail", {told.server, told.user, told.ca.string(), told.tls},
                                                              [&] { return secretOf(told.passwordFile); }));
    return [server, from = told.from, &clock](const std::string &address, const std::string &subject, const std::string &text) -> Result<void> {
        CM_TRY(mail::checkAddress(address));
        mail::Message message;
        message.from = from;
        message.to = {address};
        message.subject = subject;
        message.body = text;
        message.messageId = mail::messageIdOf(toHex(randomBytes(12)), from);
        message.date = clock.now();
        CM_TRY_ASSIGN(const auto refused, mail::sendMail(server, from, message.to, mail::composeMessage(message), {}));
        return refused.empty() ? Result<void>() : fail(ErrorCode::InvalidInput, refused.front().reply);
    };
}

OwnTexts ownTexts(const config::ServeConfig &config, catalog::Catalog &catalog, const Clock &clock, const std::string &registryName)
{
    OwnTexts out{{"home page", server::homePage(registryName, {})},
                 {"help page for uploads", server::uploadHelpPage(registryName)},
                 {"description of the admin API", api::printJson(api::openApiDocument(CHEESEMONGER_VERSION))}};
    for (const std::string &file : config.ownTexts) {
        auto text = host::readWhole(file);
        out.emplace_back(file, text ? std::optional(std::move(*text)) : std::nullopt);
    }
    const auto told = catalog.read([&](catalog::Reader &reader) -> Result<void> {
        CM_TRY_ASSIGN(const auto mode, reader.readOnly(clock.now()));
        if (mode)
            out.emplace_back("message of the read-only mode", mode->message);
        CM_TRY_ASSIGN(const auto records, reader.deprecations());
        // What one record tells people to use must not be what another one takes away.
        for (const catalog::DeprecationRow &row : records)
            out.emplace_back(fmt::format("replacement of record {}", row.id), row.replacement + "\n" + row.command);
        return {};
    });
    if (!told)
        out.emplace_back("messages in the database", std::nullopt);
    return out;
}

}  // namespace cm::daemon
