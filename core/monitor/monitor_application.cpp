// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/monitor_application.h"

#include "core/api/openapi.h"
#include "core/http/credentials.h"
#include "core/monitor/monitor_handlers.h"

#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace ep = api::endpoints;

template <const auto &...endpoints>
struct EndpointList {
    [[nodiscard]] static constexpr int occurrences(std::string_view name)
    {
        return ((endpoints.name == name ? 1 : 0) + ...);
    }
};

using Answered =
    EndpointList<ep::whoAmI, ep::listNodes, ep::listAudit, ep::verifyAudit, ep::monitorState, ep::monitorTopology,
                 ep::monitorReplication, ep::monitorPools, ep::listSeries, ep::readSeries, ep::listTimeline,
                 ep::readAvailability, ep::compareMonitors, ep::exportIncident, ep::listAlerts, ep::getAlert,
                 ep::acknowledgeAlert, ep::acknowledgeAll, ep::releaseAlert, ep::previewSilence, ep::createSilence,
                 ep::listSilences, ep::endSilence, ep::listReceivers, ep::planAction, ep::pressAction,
                 ep::listActions, ep::getAction, ep::cancelAction>;
using Streamed = EndpointList<ep::events>;

static_assert(std::apply(
                  [](const auto &...all) {
                      return ((Answered::occurrences(all.name) + Streamed::occurrences(all.name) == 1) && ...);
                  },
                  ep::ofMonitor),
              "every endpoint of core/api/monitor_endpoints.h needs exactly one handler");

template <const auto &endpoint>
Result<std::string> runTyped(MonitorCall &call, const api::NamedValues &path, const api::NamedValues &query,
                             std::string_view body)
{
    CM_TRY_ASSIGN(const auto request, api::readRequest(endpoint, path, query, body));
    CM_TRY_ASSIGN(const auto answered, answer<endpoint>(call, request));
    return api::toJsonText(answered);
}

template <const auto &...endpoints>
void addRoutes(EndpointList<endpoints...>, std::vector<api::EndpointInfo> &infos, std::vector<MonitorApplication::Route> &routes)
{
    (infos.push_back(endpoints), ...);
    (routes.push_back({&runTyped<endpoints>}), ...);
}

void metric(std::string &out, std::string_view name, std::string_view help, double value)
{
    out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
}

}  // namespace

MonitorApplication::MonitorApplication(Monitor &monitor, Operations &operations, Executor &executor, Log &log,
                                       const std::string &version)
    : m_monitor(monitor),
      m_operations(operations),
      m_executor(executor),
      m_log(log),
      m_openApi(api::printJson(api::monitorOpenApiDocument(version)))
{
    addRoutes(Answered(), m_endpoints, m_routes);
    m_endpoints.push_back(ep::events);
    m_routes.push_back({nullptr});
}

http::Dispatch MonitorApplication::dispatch(const http::RequestHead &head)
{
    const bool reads = admin::sameMethod(api::Method::Get, head.method());
    if (head.path() == "/admin/v1/openapi.json" && reads)
        return http::Response::json(200, m_openApi);
    if ((head.path() == "/_health/" || head.path() == "/_health") && reads)
        return health();
    if (head.path() == "/metrics" && reads)
        return http::Deferred{&m_executor, 1024, [this](const http::RequestHead &, std::string) { return metrics(); }};
    auto found = admin::findRoute(m_endpoints, head);
    if (auto *refused = std::get_if<http::Response>(&found))
        return std::move(*refused);
    auto &match = std::get<admin::RouteMatch>(found);
    return http::Deferred{&m_executor, 1U << 20,
                          [this, endpoint = match.endpoint, path = std::move(match.path)](const http::RequestHead &again,
                                                                                          std::string body) {
                              return run(endpoint, path, again, body);
                          }};
}

http::Reply MonitorApplication::run(std::size_t endpoint, const api::NamedValues &path, const http::RequestHead &head,
                                    std::string_view body)
{
    const auto credentials = http::parseAuthorization(head.header("Authorization"));
    if (!credentials || credentials->scheme != http::CredentialScheme::Bearer)
        return admin::refusal(head, {ErrorCode::Unauthorized, "a monitor takes its own bearer tokens", {}, {}});
    auto by = m_monitor.journal().authenticate(credentials->secret, m_monitor.now());
    if (!by)
        return admin::refusal(head, by.error());
    const api::EndpointInfo &info = m_endpoints[endpoint];
    if (!info.access.allows(by->role))
        return admin::refusal(head, {ErrorCode::Forbidden,
                                     fmt::format("your role, {}, may not do this", api::nameOf(by->role)), {}, {}});
    if (!m_routes[endpoint].run) {
        http::EventStream stream;
        stream.channel = m_monitor.feed().subscribe(admin::lastEventId(head));
        return stream;
    }
    MonitorCall call{m_monitor, m_operations, std::move(*by), std::string(head.requestId())};
    auto answered = m_routes[endpoint].run(call, path, head.queryParameters(), body);
    if (!answered) {
        if (answered.error().code == ErrorCode::Internal || answered.error().code == ErrorCode::Corrupt)
            m_log.error("admin.failed", {{"path", head.path()}, {"detail", std::string_view(answered.error().detail)}});
        return admin::refusal(head, answered.error());
    }
    http::Response response = http::Response::json(200, std::move(*answered));
    response.set("Cache-Control", "no-store");
    return response;
}

http::Response MonitorApplication::health() const
{
    // Whether it concludes, not what: a monitor of a broken registry is well.
    const auto view = m_monitor.view();
    const bool concludes = view && m_monitor.now() - view->time < 10 * m_monitor.around().interval + std::chrono::seconds(5);
    http::Response answer = concludes ? http::Response::text(200, "OK\n")
                                      : http::Response::refusal(503, "The monitor has concluded nothing lately");
    answer.set("Cache-Control", "no-store");
    return answer;
}

http::Response MonitorApplication::metrics() const
{
    std::string out;
    const api::MonitorState state = m_monitor.state();
    metric(out, "cheesemonger_monitor_verdict", "0 ok, 1 warning, 2 unknown, 3 critical.",
           static_cast<double>(state.line.verdict));
    metric(out, "cheesemonger_monitor_targets", "Nodes that are watched.", static_cast<double>(state.monitor.targets));
    metric(out, "cheesemonger_monitor_overdue", "Looks that were due while the one before still ran, since the start.",
           static_cast<double>(state.monitor.overdue));
    metric(out, "cheesemonger_monitor_alerts_waiting", "Notifications that no receiver has taken yet.",
           static_cast<double>(state.monitor.alertsWaiting));
    metric(out, "cheesemonger_monitor_alerts_open", "Open alerts.", static_cast<double>(m_monitor.alerts().size()));
    out += "# HELP cheesemonger_node_verdict 0 ok, 1 warning, 2 unknown, 3 critical.\n# TYPE cheesemonger_node_verdict gauge\n";
    for (const api::Node &node : state.nodes)
        out += fmt::format("cheesemonger_node_verdict{{node=\"{}\",role=\"{}\",finding=\"{}\"}} {}\n", node.name, node.role,
                           node.finding, static_cast<int>(node.verdict));
    http::Response answer = http::Response::text(200, out);
    answer.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    answer.set("Cache-Control", "no-store");
    return answer;
}

}  // namespace cm::monitor
