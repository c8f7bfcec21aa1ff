// SPDX-License-Identifier: GPL-3.0-or-later
// An agent from the monitor's side: what it says, and orders to it. Each call connects anew, with the
// certificates as they lie on the disk then. Blocking within a deadline, one thread at a time. What the
// agent refuses comes back as the error it was, guards as `fields`; Unauthorized: one of the two does not take
// the other's certificate; Timeout: whether an order was carried out is not known.
#pragma once

#include "core/api/agent.h"
#include "core/api/binding.h"
#include "core/monitor/probes/probe.h"

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace cm::monitor {

struct AgentTarget {
    std::string host;
    std::uint16_t port = 0;
    std::string name;  // expected in its certificate; empty: `host`
    // The authority, and our own certificate and key, PEM.
    std::string caFile, certFile, keyFile;
};

class AgentClient {
public:
    explicit AgentClient(AgentTarget target) : m_target(std::move(target)) {}

    Result<api::AgentState> state(const ProbeTime &time);
    // One of endpoints::agent that changes something; sent once, whatever happens to the connection.
    template <const auto &endpoint>
    Result<api::AgentDone> order(const typename std::remove_cvref_t<decltype(endpoint)>::Request &request,
                                 const ProbeTime &time);

private:
    Result<std::string> ask(const api::BoundRequest &request, const ProbeTime &time);

    AgentTarget m_target;
};

template <const auto &endpoint>
Result<api::AgentDone> AgentClient::order(const typename std::remove_cvref_t<decltype(endpoint)>::Request &request,
                                          const ProbeTime &time)
{
    static_assert(endpoint.changes());
    CM_TRY_ASSIGN(const std::string answer, ask(api::bindRequest(endpoint, request), time));
    return api::fromJsonText<api::AgentDone>(answer);
}

}  // namespace cm::monitor
