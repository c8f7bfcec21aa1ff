// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/agent_application.h"

#include "core/admin/routing.h"
#include "core/agent/authority.h"
#include "core/agent/mirror_folder.h"
#include "core/agent/volume.h"
#include "core/api/codec.h"

#include <fmt/format.h>

namespace cm::agent {
namespace {

namespace ep = api::endpoints::agent;

template <const auto &endpoint>
using RequestOf = typename std::remove_cvref_t<decltype(endpoint)>::Request;
template <const auto &endpoint>
using ResponseOf = typename std::remove_cvref_t<decltype(endpoint)>::Response;

template <const auto &...endpoints>
struct EndpointList {
    [[nodiscard]] static constexpr int occurrences(std::string_view name)
    {
        return ((endpoints.name == name ? 1 : 0) + ...);
    }
};
using Answered = EndpointList<ep::state, ep::drain, ep::returnWeb, ep::reloadWeb, ep::stepDown, ep::promote, ep::fence,
                              ep::unfence, ep::rejoin, ep::resumeReplay, ep::setAside, ep::dropSlot, ep::syncMirror, ep::pauseMirror,
                              ep::resumeMirror, ep::allowDeletions, ep::syncProject, ep::takeMirrorOut, ep::returnMirror, ep::heal, ep::restartBrick, ep::resolve>;
static_assert(std::apply([](const auto &...all) { return ((Answered::occurrences(all.name) == 1) && ...); },
                         api::endpoints::ofAgent),
              "every endpoint of core/api/agent.h needs exactly one handler");

double secondsOf(Time time)
{
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// What the keeper is told, by the names of its own orders.
api::Json keeperWords(const char *order, const api::AgentOrder &who)
{
    return {{"do", order}, {"by", who.by}, {"reason", who.reason}};
}

template <const auto &endpoint>
Result<ResponseOf<endpoint>> answer(Agent &agent, const RequestOf<endpoint> &request)
{
    if constexpr (endpoint.name == ep::state.name) {
        return agent.state();
    } else if constexpr (endpoint.name == ep::drain.name) {
        return agent.drain(request);
    } else if constexpr (endpoint.name == ep::returnWeb.name) {
        return agent.returnWeb();
    } else if constexpr (endpoint.name == ep::reloadWeb.name) {
        return agent.reloadWeb();
    } else if constexpr (endpoint.name == ep::syncMirror.name) {
        return syncMirror(agent.mirror(), agent.now());
    } else if constexpr (endpoint.name == ep::pauseMirror.name) {
        return pauseMirror(agent.mirror(), request, agent.now());
    } else if constexpr (endpoint.name == ep::resumeMirror.name) {
        return resumeMirror(agent.mirror());
    } else if constexpr (endpoint.name == ep::allowDeletions.name) {
        return allowDeletions(agent.mirror(), request, agent.now());
    } else if constexpr (endpoint.name == ep::syncProject.name) {
        return syncProject(agent.mirror(), request, agent.now());
    } else if constexpr (endpoint.name == ep::takeMirrorOut.name) {
        return takeMirrorOut(agent.mirror(), request, agent.now());
    } else if constexpr (endpoint.name == ep::returnMirror.name) {
        return returnMirror(agent.mirror());
    } else if constexpr (endpoint.name == ep::heal.name) {
        return healVolume(agent.volume());
    } else if constexpr (endpoint.name == ep::restartBrick.name) {
        return restartBrick(agent.volume());
    } else if constexpr (endpoint.name == ep::resolve.name) {
        return resolveSplit(agent.volume(), request.files);
    } else {
        // "agent-step-down" is the keeper's "step-down".
        constexpr std::string_view order = endpoint.name.substr(std::string_view("agent-").size());
        api::Json words = keeperWords(order.data(), request.order);
        auto &object = words.as_object();
        if constexpr (endpoint.name == ep::stepDown.name)
            object["successor"] = request.successor;
        if constexpr (endpoint.name == ep::promote.name)
            object["received"] = request.received;
        if constexpr (endpoint.name == ep::rejoin.name)
            object["copy"] = request.copy;
        if constexpr (endpoint.name == ep::setAside.name) {
            object["node"] = request.node;
            object["until"] = secondsOf(request.until);
        }
        if constexpr (endpoint.name == ep::dropSlot.name)
            object["slot"] = request.slot;
        return agent.keeperOrder(std::move(words));
    }
}

// One order at a time, and a line of the log for each, whatever came of it.
template <const auto &endpoint>
Result<ResponseOf<endpoint>> carryOut(AgentApplication::Call &call, const RequestOf<endpoint> &request)
{
    if (request.order.by.empty())
        return fail(Error{ErrorCode::InvalidInput, "an order says who has it done", {{"order.by", "is empty"}}, {}});
    const std::unique_lock lock(call.agent.orders(), std::try_to_lock);
    auto done = lock ? answer<endpoint>(call.agent, request)
                     : Result<ResponseOf<endpoint>>(fail(ErrorCode::Conflict, "another order is carried out"));
    call.log.write(done ? LogLevel::Info : LogLevel::Warning, "order",
                   {{"order", endpoint.name},
                    {"by", std::string_view(request.order.by)},
                    {"reason", std::string_view(request.order.reason)},
                    {"through", std::string_view(call.caller)},
                    {"request", std::string_view(api::toJsonText(request))},
                    {"outcome", done ? std::string_view("done") : errorCodeName(done.error().code)},
                    {"detail", done ? std::string_view(done->statement) : std::string_view(done.error().detail)}});
    return done;
}

template <const auto &endpoint>
Result<std::string> runTyped(AgentApplication::Call &call, const api::NamedValues &path, const api::NamedValues &query,
                             std::string_view body)
{
    CM_TRY_ASSIGN(const auto request, api::readRequest(endpoint, path, query, body));
    if constexpr (endpoint.changes()) {
        CM_TRY_ASSIGN(const auto done, carryOut<endpoint>(call, request));
        return api::toJsonText(done);
    } else {
        CM_TRY_ASSIGN(const auto answered, answer<endpoint>(call.agent, request));
        return api::toJsonText(answered);
    }
}

template <const auto &...endpoints>
void addRoutes(EndpointList<endpoints...>, std::vector<api::EndpointInfo> &infos, std::vector<AgentApplication::Route> &routes)
{
    (infos.push_back(endpoints), ...);
    (routes.push_back({&runTyped<endpoints>}), ...);
}

std::optional<api::Role> roleOf(const http::RequestHead &head)
{
    if (!head.peer() || head.peer()->name.empty())
        return std::nullopt;
    if (head.peer()->unit == unitOf(CertificateKind::Monitor))
        return api::Role::Operator;
    if (head.peer()->unit == unitOf(CertificateKind::Observer))
        return api::Role::Observer;
    return std::nullopt;
}

}  // namespace

AgentApplication::AgentApplication(Agent &agent, Executor &executor, Log &log)
    : m_agent(agent), m_executor(executor), m_log(log)
{
    addRoutes(Answered(), m_endpoints, m_routes);
}

http::Dispatch AgentApplication::dispatch(const http::RequestHead &head)
{
    const auto role = roleOf(head);
    if (!role)
        return admin::refusal(head, {ErrorCode::Forbidden, "your certificate is neither a monitor's nor an observer's", {}, {}});
    auto found = admin::findRoute(m_endpoints, head, admin::SignedBy::Certificate);
    if (auto *refused = std::get_if<http::Response>(&found))
        return std::move(*refused);
    auto &match = std::get<admin::RouteMatch>(found);
    const api::EndpointInfo &info = m_endpoints[match.endpoint];
    if (!info.access.allows(*role))
        return admin::refusal(head, {ErrorCode::Forbidden, fmt::format("{} is not for an observer", info.name), {}, {}});
    return http::Deferred{&m_executor, info.maxBody,
                          [this, endpoint = match.endpoint, path = std::move(match.path)](const http::RequestHead &again,
                                                                                          std::string body) {
                              return run(endpoint, path, again, body);
                          },
                          {}};
}

http::Reply AgentApplication::run(std::size_t endpoint, const api::NamedValues &path, const http::RequestHead &head,
                                  std::string_view body)
{
    Call call{m_agent, m_log, head.peer()->name};
    auto answered = m_routes[endpoint].run(call, path, head.queryParameters(), body);
    if (!answered)
        return admin::refusal(head, answered.error());
    http::Response response = http::Response::json(200, std::move(*answered));
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace cm::agent
