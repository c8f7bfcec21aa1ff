// SPDX-License-Identifier: GPL-3.0-or-later
// The cache as clients meet it: the canary's page, anew where the cache allows that to a monitor, its file through it, and
// what it says of where they came from; the list of projects and the pages that have changed lately, beside the web nodes' own. And
// its counters, as the agent of its host tells them, made into rates. Owned by the watcher, one thread at a time.
#pragma once

#include "core/monitor/probes/agent_probe.h"
#include "core/monitor/probes/edge_lag.h"
#include "core/monitor/probes/simple_page.h"

#include <deque>
#include <map>

namespace cm::monitor {

struct EdgeTarget {
    std::string host;
    std::uint16_t port = 0;
    std::string serverName;  // as clients call it; empty: `host`
    std::string canaryProject, canaryFile;
};

class EdgeProbe final : public Probe<EdgeFacts> {
public:
    explicit EdgeProbe(EdgeTarget target) : m_target(std::move(target)) {}
    Result<EdgeFacts> look(const ProbeTime &time) override;

private:
    const EdgeTarget m_target;
};

// By itself, so that web nodes that hang do not hold up what is seen of the cache.
class EdgeCompareProbe final : public Probe<EdgeCompared> {
public:
    EdgeCompareProbe(EdgeTarget target, Origin heads) : m_target(std::move(target)), m_heads(std::move(heads)) {}
    Result<EdgeCompared> look(const ProbeTime &time) override;

private:
    void comparePages(http::HttpClient &client, const ProbeTime &time);

    const EdgeTarget m_target;
    const Origin m_heads;
    EdgeFollower m_follower;
};

// Counters of one moment.
struct EdgeCounters {
    Time taken{};
    std::int64_t uptime = 0;
    std::int64_t requests = 0, hits = 0, misses = 0;
    std::map<std::string, std::int64_t> sent{};  // by backend
};
// The last hour and a minute of them; pure but for what it remembers.
class EdgeRateMeter {
public:
    // What the rates are now that this is known; older than the last one it changes nothing.
    EdgeRates take(const api::AgentEdge &edge);

private:
    std::deque<EdgeCounters> m_points;
};

class EdgeRateProbe final : public Probe<EdgeRates> {
public:
    explicit EdgeRateProbe(std::shared_ptr<AgentProbe> agent) : m_agent(std::move(agent)) {}
    Result<EdgeRates> look(const ProbeTime &) override;

private:
    std::shared_ptr<AgentProbe> m_agent;
    EdgeRateMeter m_meter;
};

// One answer of a cache.
[[nodiscard]] EdgeAnswer edgeAnswerOf(const Result<http::ClientAnswer> &answer);

}  // namespace cm::monitor
