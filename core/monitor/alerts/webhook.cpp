// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/webhook.h"

#include "core/monitor/verdicts/finding.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

using boost::json::array;
using boost::json::object;

}  // namespace

std::string webhookBody(const api::Alert &alert, const std::string &receiver, const LetterContext &context)
{
    const auto &[registry, externalUrl, now] = context;
    const bool over = alert.state == api::AlertState::Closed;
    const std::string_view status = over ? "resolved" : "firing";
    const double age = std::chrono::duration<double>((over && alert.closed ? *alert.closed : now) - alert.started).count();
    std::string also;
    for (const api::AlertConsequence &consequence : alert.consequences)
        also.append(also.empty() ? "" : "; ").append(consequence.statement);
    object labels{{"alertname", alert.finding}, {"severity", api::nameOf(alert.verdict)}, {"node", alert.node},
                  {"role", alert.role},         {"registry", registry}};
    object annotations{{"summary", alert.statement},
                       {"age", secondsText(std::max(age, 0.0))},
                       {"runbook", alert.runbook},
                       {"consequences", also},
                       {"consequence_count", std::to_string(alert.consequences.size())}};
    // Alertmanager's zero time stands for an end that has not come.
    object one{{"status", status},
               {"labels", labels},
               {"annotations", annotations},
               {"startsAt", formatRfc3339(alert.started)},
               {"endsAt", over && alert.closed ? formatRfc3339(*alert.closed) : "0001-01-01T00:00:00Z"},
               {"generatorURL", externalUrl},
               {"fingerprint", fmt::format("{:016x}", alert.id.value)}};
    return boost::json::serialize(object{{"version", "4"},
                                         {"groupKey", fmt::format("{{}}:{{node=\"{}\"}}", alert.node)},
                                         {"truncatedAlerts", 0},
                                         {"status", status},
                                         {"receiver", receiver},
                                         {"groupLabels", object{{"node", alert.node}}},
                                         {"commonLabels", labels},
                                         {"commonAnnotations", annotations},
                                         {"externalURL", externalUrl},
                                         {"alerts", array{one}}});
}

Result<std::string> WebhookReceiver::deliver(const std::string &letter, const std::stop_token &stop)
{
    CM_TRY_ASSIGN(const http::HttpUrl url, http::parseHttpUrl(m_settings.url));
    http::ClientOptions options = http::optionsFor(url);
    options.caFile = m_settings.caFile;
    options.connectTimeout = std::chrono::seconds(3);
    options.totalTimeout = std::chrono::seconds(10);
    http::HttpClient client(options);
    http::ClientRequest request{"POST", url.target, m_settings.headers, letter};
    request.headers.push_back({"Content-Type", "application/json"});
    CM_TRY_ASSIGN(const http::ClientAnswer answer, client.send(request, stop));
    // Whom it does not let in, what is not there (yet), and who asks too often: that may change by itself or by its
    // settings. Any other refusal is of this letter.
    constexpr std::array passing{401, 403, 404, 408, 429};
    if (answer.status >= 400 && answer.status < 500 && std::find(passing.begin(), passing.end(), answer.status) == passing.end())
        return fail(ErrorCode::InvalidInput, fmt::format("{} answers {}", url.host, answer.status));
    if (answer.status < 200 || answer.status >= 300)
        return fail(ErrorCode::Unavailable, fmt::format("{} answers {}", url.host, answer.status));
    return std::string();
}

}  // namespace cm::monitor
