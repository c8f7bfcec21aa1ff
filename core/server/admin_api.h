// SPDX-License-Identifier: GPL-3.0-or-later
// /admin/v1: finds the endpoint of core/api/endpoints.h, asks who calls, checks the right, reads the
// request, runs the handler on the admin executor and answers JSON or problem+json. Owned by the
// application; dispatch() on any thread, without blocking.
#pragma once

#include "core/api/binding.h"
#include "core/server/admin_call.h"
#include "core/server/live_feed.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::server {

class AdminApi {
public:
    AdminApi(const Services &services, const Options &options, LiveFeed &feed);
    AdminApi(const AdminApi &) = delete;
    AdminApi &operator=(const AdminApi &) = delete;

    [[nodiscard]] static bool owns(std::string_view path) { return path.starts_with("/admin/"); }
    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head);
    // What the HTTP server refuses, in the form of this API.
    [[nodiscard]] static http::Response refusal(const http::RequestHead &head, int status, std::string_view words);

    struct Route {
        api::EndpointInfo endpoint;
        // JSON text of the answer.
        Result<std::string> (*run)(const AdminCall &call, const api::NamedValues &path, const api::NamedValues &query,
                                   std::string_view body);
    };

private:
    http::Dispatch dispatchTo(const Route &route, api::NamedValues path, const http::RequestHead &head);
    // What takes a file.
    http::Dispatch take(const Route &route, api::NamedValues path, const http::RequestHead &head);
    // Who calls, with the right to this endpoint.
    Result<registry::Principal> admittedCaller(const Route &route, const api::NamedValues &path,
                                               const http::RequestHead &head);
    http::Reply run(const Route &route, const api::NamedValues &path, const http::RequestHead &head,
                    std::string_view body);
    http::Reply stream(const http::RequestHead &head, const registry::Principal &by);
    Result<void> admit(const api::EndpointInfo &endpoint, const registry::Principal &by, const api::NamedValues &path);
    [[nodiscard]] http::Response refusal(const http::RequestHead &head, const Error &error) const;

    const Services &m_services;
    const Options &m_options;
    LiveFeed &m_feed;
    std::vector<Route> m_routes;
    std::vector<api::EndpointInfo> m_endpoints;  // of the routes, in their order
    std::string m_openApi;
};

}  // namespace cm::server
