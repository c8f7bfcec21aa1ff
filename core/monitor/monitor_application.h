// SPDX-License-Identifier: GPL-3.0-or-later
// A monitor as an HTTP application: its part of the admin contract, live events, /metrics, /_health/. The
// tokens are its own, so that it knows who may act when the registry is down. Owned by the composition
// root; dispatch() on any I/O thread, without blocking.
#pragma once

#include "core/admin/routing.h"
#include "core/api/monitor_endpoints.h"
#include "core/base/executor.h"
#include "core/http/application.h"
#include "core/monitor/monitor.h"
#include "core/monitor/operations.h"

namespace cm::monitor {

// One call as its handler sees it; the caller's right to the endpoint has been checked.
struct MonitorCall {
    Monitor &monitor;
    Operations &operations;
    Operator by;
    std::string requestId;
};

class MonitorApplication final : public http::Application {
public:
    struct Route {
        // JSON text of the answer; null for the event stream.
        Result<std::string> (*run)(MonitorCall &call, const api::NamedValues &path, const api::NamedValues &query,
                                   std::string_view body);
    };

    MonitorApplication(Monitor &monitor, Operations &operations, Executor &executor, Log &log, const std::string &version);

    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head) override;

private:
    http::Reply run(std::size_t endpoint, const api::NamedValues &path, const http::RequestHead &head, std::string_view body);
    http::Response metrics() const;
    http::Response health() const;

    Monitor &m_monitor;
    Operations &m_operations;
    Executor &m_executor;
    Log &m_log;
    std::vector<api::EndpointInfo> m_endpoints;
    std::vector<Route> m_routes;
    std::string m_openApi;
};

}  // namespace cm::monitor
