// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/routing.h"

#include "core/http/header.h"
#include "core/http/problem.h"

#include <charconv>

namespace cm::admin {

bool sameMethod(api::Method wanted, http::Method sent)
{
    switch (wanted) {
    case api::Method::Get:
        return sent == http::Method::Get || sent == http::Method::Head;
    case api::Method::Post:
        return sent == http::Method::Post;
    case api::Method::Put:
        return sent == http::Method::Put;
    case api::Method::Delete:
        return sent == http::Method::Delete;
    }
    return false;
}

namespace {

// As the Allow header names them.
std::string_view methodsOf(api::Method method)
{
    return method == api::Method::Get ? "GET, HEAD" : api::nameOf(method);
}

}  // namespace

bool maySendCredentials(const http::RequestHead &head)
{
    return head.isTls() || head.isLoopback();
}

std::optional<std::int64_t> lastEventId(const http::RequestHead &head)
{
    const std::string_view text = http::trimmed(head.header("Last-Event-ID"));
    if (text.empty())
        return std::nullopt;
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc() && end == text.data() + text.size() ? id : -1;
}

http::Response refusal(const http::RequestHead &head, const Error &error)
{
    http::Response response = http::problem(error, head.requestId());
    if (error.code == ErrorCode::Unauthorized)
        response.set("WWW-Authenticate", "Bearer realm=\"cheesemonger\"");
    return response;
}

std::variant<RouteMatch, http::Response> findRoute(std::span<const api::EndpointInfo> endpoints,
                                                   const http::RequestHead &head, SignedBy by)
{
    // The description is no endpoint of the list, but an address like any other.
    bool known = by == SignedBy::Header && head.path() == descriptionPath;
    std::string allowed(known ? methodsOf(api::Method::Get) : "");
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const api::EndpointInfo &endpoint = endpoints[i];
        auto path = api::matchPath(endpoint.path, head.rawPath());
        if (!path)
            continue;
        known = true;
        if (!sameMethod(endpoint.method, head.method())) {
            allowed.append(allowed.empty() ? "" : ", ").append(methodsOf(endpoint.method));
            continue;
        }
        const bool anonymous = endpoint.access.anonymous;
        // Signing in carries a password in its body.
        if ((anonymous || head.hasHeader("Authorization")) && !maySendCredentials(head))
            return refusal(
                head,
                {ErrorCode::Forbidden, "credentials are not accepted over plain HTTP from another machine", {}, {}});
        // Before a body is collected for somebody who is nobody.
        if (!anonymous && by == SignedBy::Header && !head.hasHeader("Authorization"))
            return refusal(head, {ErrorCode::Unauthorized, "sign in first", {}, {}});
        return RouteMatch{i, std::move(*path)};
    }
    if (!known)
        return refusal(head,
                       {ErrorCode::NotFound,
                        by == SignedBy::Header ? "there is no such address; /admin/v1/openapi.json lists them"
                                               : "there is no such address",
                        {}, {}});
    http::Response answer = http::problem(
        {ErrorCode::Unsupported, "this address does not take that method", {}, {}}, 405, head.requestId());
    answer.set("Allow", allowed);
    return answer;
}

}  // namespace cm::admin
