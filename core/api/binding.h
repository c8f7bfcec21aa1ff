// SPDX-License-Identifier: GPL-3.0-or-later
// How a request of the contract travels: bindRequest() on the caller's side, readRequest() on the
// server's. Path segments and query values are percent-encoded (RFC 3986). Pure, any thread.
#pragma once

#include "core/api/codec.h"
#include "core/api/endpoint.h"

namespace cm::api {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

struct BoundRequest {
    Method method = Method::Get;
    // Path with query, beginning with a slash.
    std::string target;
    // JSON; empty for GET and DELETE.
    std::string body;
};

// Everything but unreserved characters as %XX.
std::string percentEncode(std::string_view text);

// The values of the {names} of `pattern` in a raw path, decoded, or nothing when it does not match.
// A segment that decodes to nothing, or to bytes with NUL, matches nothing.
std::optional<NamedValues> matchPath(std::string_view pattern, std::string_view rawPath);

namespace detail {

BoundRequest bind(const EndpointInfo &endpoint, const boost::json::object &members);
// A query value as JSON of the kind that the member wants; text where it cannot be.
Json scalarFromText(const Json &example, std::string_view text);

template <class T>
Json exampleOf(const T &)
{
    if constexpr (std::same_as<T, std::int64_t> || std::same_as<T, std::optional<std::int64_t>>)
        return Json(std::int64_t{0});
    else if constexpr (std::same_as<T, bool> || std::same_as<T, std::optional<bool>>)
        return Json(false);
    else if constexpr (std::same_as<T, double> || std::same_as<T, std::optional<double>>)
        return Json(0.0);
    else
        return Json(std::string_view());
}

}  // namespace detail

template <class Request, class Response>
BoundRequest bindRequest(const Endpoint<Request, Response> &endpoint, const Request &request)
{
    return detail::bind(endpoint, toJson(request).as_object());
}

// InvalidInput with every problem, unknown members included.
template <class Request, class Response>
Result<Request> readRequest(const Endpoint<Request, Response> &endpoint, const NamedValues &path,
                            const NamedValues &query, std::string_view body)
{
    Json json = boost::json::object();
    if (endpoint.hasJsonBody()) {
        if (!body.empty()) {
            CM_TRY_ASSIGN(json, parseJson(body));
            if (!json.is_object())
                return fail(ErrorCode::InvalidInput, "the body is not a JSON object");
        }
    }
    boost::json::object &object = json.as_object();
    const auto fill = [&](const NamedValues &values) {
        for (const auto &[name, value] : values) {
            Json example("");
            boost::mp11::mp_for_each<detail::Members<Request>>([&](auto member) {
                if (detail::keyOf<decltype(member)>() == name)
                    example = detail::exampleOf(Request{}.*member.pointer);
            });
            object[name] = detail::scalarFromText(example, value);
        }
    };
    if (!endpoint.hasJsonBody())
        fill(query);
    // Last, so that the path names the subject whatever else was sent.
    fill(path);
    return fromJson<Request>(json, UnknownMembers::Refuse);
}

}  // namespace cm::api
