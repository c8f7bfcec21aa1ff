// SPDX-License-Identifier: GPL-3.0-or-later
// An agent as an HTTP application: endpoints::ofAgent and nothing else. Who calls is known by the certificate
// that the server has verified: its OU says whether he acts or reads. Owned by the composition root;
// dispatch() on any I/O thread, without blocking.
#pragma once

#include "core/agent/agent.h"
#include "core/api/binding.h"
#include "core/base/executor.h"
#include "core/http/application.h"

namespace cm::agent {

class AgentApplication final : public http::Application {
public:
    // A call as its handler sees it; the caller's right to it has been checked.
    struct Call {
        Agent &agent;
        Log &log;
        std::string caller;  // the name in his certificate
    };
    struct Route {
        Result<std::string> (*run)(Call &call, const api::NamedValues &path, const api::NamedValues &query, std::string_view body);
    };

    AgentApplication(Agent &agent, Executor &executor, Log &log);

    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head) override;

private:
    http::Reply run(std::size_t endpoint, const api::NamedValues &path, const http::RequestHead &head, std::string_view body);

    Agent &m_agent;
    Executor &m_executor;
    Log &m_log;
    std::vector<api::EndpointInfo> m_endpoints;
    std::vector<Route> m_routes;
};

}  // namespace cm::agent
