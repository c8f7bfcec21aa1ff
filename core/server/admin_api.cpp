// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/admin_api.h"

#include "core/admin/routing.h"
#include "core/api/openapi.h"
#include "core/base/http_status.h"
#include "core/http/problem.h"
#include "core/server/admin_handlers.h"
#include "core/server/caller.h"
#include "core/server/convert.h"
#include "core/server/documentation_put.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cm::server {
namespace {

namespace ep = api::endpoints;

template <const auto &...endpoints>
struct EndpointList {
    static constexpr std::size_t count = sizeof...(endpoints);
    [[nodiscard]] static constexpr int occurrences(std::string_view name)
    {
        return ((endpoints.name == name ? 1 : 0) + ...);
    }
};

using Answered =
    EndpointList<ep::signIn, ep::signOut, ep::whoAmI, ep::registryInfo, ep::setReadOnly, ep::endReadOnly, ep::listNodes,
                 ep::cdnState, ep::purgeCdn, ep::writeProbe, ep::listProjects, ep::getProject,
                 ep::getRelease, ep::yankRelease, ep::unyankRelease, ep::quarantineProject, ep::liftQuarantine,
                 ep::setProjectStatus, ep::setProjectLimits, ep::deleteProject, ep::restoreProject, ep::deleteRelease,
                 ep::restoreRelease, ep::deleteFile, ep::restoreFile, ep::listDeleted, ep::setRole, ep::removeRole,
                 ep::listDocumentation, ep::removeDocumentation, ep::restoreDocumentation, ep::setLatestDocumentation,
                 ep::uploadPreflight, ep::listMembers, ep::readMember, ep::listUsers, ep::createUser, ep::setUserRole,
                 ep::setUserActive, ep::setUserEmail, ep::listUserProjects, ep::listTokens, ep::createToken, ep::revokeToken,
                 ep::listSshKeys, ep::addSshKey, ep::changeSshKey, ep::revokeSshKey, ep::downloadSeries, ep::downloadTrends,
                 ep::downloadShares, ep::projectDownloadSeries, ep::projectDownloadShares, ep::downloadCompleteness, ep::downloadEvidence,
                 ep::listAnnotations, ep::addAnnotation, ep::removeAnnotation,
                 ep::listDeprecations, ep::proposeDeprecation, ep::getDeprecation,
                 ep::editDeprecation, ep::deprecationEvidence, ep::planDeprecationStep,
                 ep::takeDeprecationStep, ep::confirmDeprecationStep, ep::endBrownOut,
                 ep::exemptFromDeprecation, ep::answerDeprecation, ep::draftDeprecationMessages,
                 ep::writeDeprecationMessages, ep::deprecationMentions, ep::deprecationReport,
                 ep::watchBrownOut, ep::listServingNodes, ep::forgetServingNode,
                 ep::listJournal, ep::listAudit, ep::verifyAudit>;
// Answered by a stream: no handler with an answer.
using Streamed = EndpointList<ep::events>;
// Takes a file: a sink in the place of a handler.
using Taking = EndpointList<ep::putDocumentation>;

constexpr bool everyEndpointOnce()
{
    return std::apply(
        [](const auto &...all) {
            return ((Answered::occurrences(all.name) + Streamed::occurrences(all.name) + Taking::occurrences(all.name) ==
                     1) &&
                    ...) &&
                   sizeof...(all) == Answered::count + Streamed::count + Taking::count;
        },
        ep::all);
}
static_assert(everyEndpointOnce(), "every endpoint of core/api/endpoints.h needs exactly one handler");

template <const auto &endpoint>
Result<std::string> runTyped(const AdminCall &call, const api::NamedValues &path, const api::NamedValues &query,
                             std::string_view body)
{
    CM_TRY_ASSIGN(const auto request, api::readRequest(endpoint, path, query, body));
    CM_TRY_ASSIGN(const auto answered, answer<endpoint>(call, request));
    return api::toJsonText(answered);
}

template <const auto &...endpoints>
std::vector<AdminApi::Route> routesOf(EndpointList<endpoints...>)
{
    return {AdminApi::Route{endpoints, &runTyped<endpoints>}...};
}

registry::Origin originOf(const http::RequestHead &head)
{
    return {"admin api", std::string(head.requestId()), std::string(head.remoteAddress())};
}

// The token that a request offers, if it looks like one.
Result<registry::Credentials> bearerOf(const registry::Access &access, const http::RequestHead &head)
{
    registry::Credentials credentials = credentialsOf(head);
    if (credentials.kind == registry::Credentials::Kind::Basic)
        return fail(ErrorCode::Unauthorized,
                    "the admin API takes bearer tokens: POST /admin/v1/session gives one for a password");
    if (credentials.kind == registry::Credentials::Kind::None && head.hasHeader("Authorization"))
        return fail(ErrorCode::Unauthorized, "the Authorization header holds no bearer token");
    CM_TRY(access.checkShape(credentials));
    return credentials;
}

// All that a token for some projects opens: it was made to upload, and lies where machines build. What
// concerns a project is held to the token's projects by core/registry.
constexpr bool isOpenToScoped(std::string_view endpoint)
{
    constexpr std::array open{
        ep::whoAmI.name,      ep::registryInfo.name, ep::listProjects.name,    ep::getProject.name, ep::getRelease.name,
        ep::listDocumentation.name, ep::putDocumentation.name,
        ep::listMembers.name, ep::readMember.name,   ep::uploadPreflight.name, ep::signOut.name,    ep::events.name};
    return std::find(open.begin(), open.end(), endpoint) != open.end();
}

// Other events tell of people and tokens: for those who may read the registry as a whole.
bool hearsPublicOnly(const registry::Principal &by)
{
    return by.scoped || by.role == catalog::RegistryRole::User;
}

std::string_view valueOf(const api::NamedValues &values, std::string_view name)
{
    for (const auto &[key, value] : values) {
        if (key == name)
            return value;
    }
    return {};
}

}  // namespace

AdminApi::AdminApi(const Services &services, const Options &options, LiveFeed &feed)
    : m_services(services),
      m_options(options),
      m_feed(feed),
      m_routes(routesOf(Answered())),
      m_openApi(api::printJson(api::openApiDocument(options.version)))
{
    m_routes.push_back({ep::events, nullptr});
    m_routes.push_back({ep::putDocumentation, nullptr});
    for (const Route &route : m_routes)
        m_endpoints.push_back(route.endpoint);
}

http::Dispatch AdminApi::dispatch(const http::RequestHead &head)
{
    if (head.path() == admin::descriptionPath && admin::sameMethod(api::Method::Get, head.method()))
        return http::Response::json(200, m_openApi);
    auto found = admin::findRoute(m_endpoints, head);
    if (auto *refused = std::get_if<http::Response>(&found))
        return std::move(*refused);
    auto &match = std::get<admin::RouteMatch>(found);
    return dispatchTo(m_routes[match.endpoint], std::move(match.path), head);
}

http::Dispatch AdminApi::dispatchTo(const Route &route, api::NamedValues path, const http::RequestHead &head)
{
    const bool anonymous = route.endpoint.access.anonymous;
    if (!anonymous) {
        // Here, where nothing may block, as far as the mere look of it goes.
        if (const auto looks = bearerOf(m_services.access, head); !looks)
            return refusal(head, looks.error());
    }
    if (route.endpoint.takesFile)
        return take(route, std::move(path), head);
    http::Deferred deferred;
    deferred.executor = &m_services.admin;
    deferred.maxBody = route.endpoint.maxBody;
    if (!anonymous) {
        deferred.admit = [this, &route, path](const http::RequestHead &again) -> std::optional<http::Reply> {
            const auto by = admittedCaller(route, path, again);
            return by ? std::nullopt : std::optional<http::Reply>(refusal(again, by.error()));
        };
    }
    deferred.handler = [this, &route, path = std::move(path)](const http::RequestHead &again, std::string body) {
        return run(route, path, again, body);
    };
    return deferred;
}

http::Dispatch AdminApi::take(const Route &route, api::NamedValues path, const http::RequestHead &head)
{
    if (!m_services.filesPresent())
        return refusal(head, {ErrorCode::Unavailable, std::string(uploadsAwayText), {}, std::chrono::seconds(10)});
    http::Upload upload;
    upload.executor = &m_services.uploads;
    upload.givenUp = [this] { return m_services.uploadGivenUp(); };
    upload.sink = std::make_shared<DocumentationPut>(m_services, m_options, head, std::string(valueOf(path, "project")),
                                                     std::string(valueOf(path, "version")));
    upload.admit = [this, &route, path = std::move(path)](const http::RequestHead &again) -> std::optional<http::Reply> {
        const auto by = admittedCaller(route, path, again);
        if (!by)
            return refusal(again, by.error());
        const std::uint64_t limit = m_services.settings.documentation.archiveBytes;
        if (again.contentLength().value_or(0) > limit)
            return refusal(again, {ErrorCode::TooLarge, checks::documentationTooLarge(limit).text, {}, {}});
        return std::nullopt;
    };
    return upload;
}

http::Reply AdminApi::run(const Route &route, const api::NamedValues &path, const http::RequestHead &head,
                          std::string_view body)
{
    const registry::Origin origin = originOf(head);
    AdminCall call{m_services, m_options, head, {}, origin};
    if (!route.endpoint.access.anonymous) {
        // Once more when there was a body: a right may be gone by the time that it has come.
        auto by = admittedCaller(route, path, head);
        if (!by)
            return refusal(head, by.error());
        call.by = std::move(*by);
    }
    if (!route.run)
        return stream(head, call.by);
    auto answered = route.run(call, path, head.queryParameters(), body);
    if (!answered)
        return refusal(head, answered.error());
    if (route.endpoint.changes())
        m_services.log.info("admin.change", {{"endpoint", route.endpoint.name},
                                             {"user", std::string_view(call.by.name)},
                                             {"request", head.requestId()}});
    http::Response response = http::Response::json(200, std::move(*answered));
    response.set("Cache-Control", "no-store");
    return response;
}

http::Reply AdminApi::stream(const http::RequestHead &head, const registry::Principal &by)
{
    const bool publicOnly = hearsPublicOnly(by);
    http::EventStream stream;
    stream.channel = m_feed.subscribe(
        admin::lastEventId(head), publicOnly,
        [&access = m_services.access, publicOnly, credentials = credentialsOf(head), origin = by.origin] {
            const auto now = access.authenticate(credentials, origin);
            // A store that does not answer just now has withdrawn nothing.
            return now ? hearsPublicOnly(*now) == publicOnly : now.error().code != ErrorCode::Unauthorized;
        });
    return stream;
}

Result<registry::Principal> AdminApi::admittedCaller(const Route &route, const api::NamedValues &path,
                                                     const http::RequestHead &head)
{
    CM_TRY_ASSIGN(const registry::Credentials credentials, bearerOf(m_services.access, head));
    CM_TRY_ASSIGN(registry::Principal by, m_services.access.authenticate(credentials, originOf(head)));
    CM_TRY(admit(route.endpoint, by, path));
    return by;
}

Result<void> AdminApi::admit(const api::EndpointInfo &endpoint, const registry::Principal &by,
                             const api::NamedValues &path)
{
    if (by.scoped && !isOpenToScoped(endpoint.name))
        return fail(ErrorCode::Forbidden, "a token for some projects only cannot do this; sign in instead");
    if (endpoint.changes() && by.role == catalog::RegistryRole::Observer)
        return fail(ErrorCode::Forbidden, "an observer changes nothing");
    if (endpoint.access.allows(toApi(by.role)))
        return {};
    if (endpoint.access.projectRole) {
        const std::string_view project = valueOf(path, "project");
        const std::string_view filename = valueOf(path, "filename");
        CM_TRY_ASSIGN(const std::optional<catalog::ProjectRole> role, project.empty()
                                                                          ? m_services.browser.roleOnFile(by, filename)
                                                                          : m_services.browser.roleOn(by, project));
        if (role && *role >= fromApi(*endpoint.access.projectRole))
            return {};
        // Another person of the same role may.
        const bool owners = *endpoint.access.projectRole == api::ProjectRole::Owner;
        return fail(ErrorCode::Forbidden, fmt::format("only {} of {} may do this, and you are none", owners ? "an owner" : "a maintainer or owner",
                                                      project.empty() ? "its project" : project));
    }
    return fail(ErrorCode::Forbidden, "your role, " + std::string(api::nameOf(toApi(by.role))) + ", may not do this");
}

http::Response AdminApi::refusal(const http::RequestHead &head, int status, std::string_view words)
{
    return http::problem({errorCodeOfHttpStatus(status), std::string(words), {}, {}}, status, head.requestId());
}

http::Response AdminApi::refusal(const http::RequestHead &head, const Error &error) const
{
    if (error.code == ErrorCode::Internal || error.code == ErrorCode::Corrupt)
        m_services.log.error("admin.failed", {{"path", head.path()},
                                              {"code", errorCodeName(error.code)},
                                              {"detail", std::string_view(error.detail)},
                                              {"request", head.requestId()}});
    return admin::refusal(head, error);
}

}  // namespace cm::server
