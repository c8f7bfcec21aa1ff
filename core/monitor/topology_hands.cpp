// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/topology_hands.h"

#include "core/monitor/drill.h"
#include "core/monitor/probes/pcp_client.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <thread>

namespace cm::monitor {

namespace ep = api::endpoints::agent;

std::optional<AgentTarget> agentTarget(const Surroundings &around, const config::TopologyAgent &agent)
{
    const auto colon = agent.listen.rfind(':');
    std::uint16_t port = 0;
    if (colon == std::string::npos || around.agents.cert.empty())
        return std::nullopt;
    std::from_chars(agent.listen.data() + colon + 1, agent.listen.data() + agent.listen.size(), port);
    return AgentTarget{agent.listen.substr(0, colon), port, agent.host, around.agents.ca.string(), around.agents.cert.string(),
                       around.agents.key.string()};
}

TopologyHands::TopologyHands(const Surroundings &around) : m_around(around)
{
    for (const config::TopologyAgent &agent : around.topology.agents) {
        if (auto target = agentTarget(around, agent))
            m_targets.emplace_back(agent.host, std::move(*target));
    }
}

Result<AgentClient> TopologyHands::clientFor(const std::string &host) const
{
    const auto found = std::find_if(m_targets.begin(), m_targets.end(), [&](const auto &one) { return one.first == host; });
    if (found == m_targets.end())
        return fail(ErrorCode::Unavailable, fmt::format("no agent is on {}", host));
    return AgentClient(found->second);
}

std::vector<HostAgent> TopologyHands::ask(const std::set<std::string> &hosts, const ProbeTime &time)
{
    std::vector<HostAgent> answers;
    std::vector<std::jthread> asking;
    answers.reserve(m_targets.size());
    for (const auto &[host, target] : m_targets) {
        if (!hosts.contains(host))
            continue;
        HostAgent &answer = answers.emplace_back(HostAgent{host, {}, {}});
        asking.emplace_back([&answer, &time, &target] {
            auto state = AgentClient(target).state(time);
            if (state)
                answer.state = std::move(*state);
            else
                answer.problem = state.error().detail;
        });
    }
    asking.clear();
    return answers;
}

Result<api::AgentState> TopologyHands::askOne(const std::string &host, const ProbeTime &time)
{
    CM_TRY_ASSIGN(AgentClient client, clientFor(host));
    return client.state(time);
}

Result<api::AgentDone> TopologyHands::carryOut(const Order &order, const std::string &received, const api::AgentOrder &by,
                                            const ProbeTime &time)
{
    using Hand = Order::Hand;
    switch (order.hand) {
    case Hand::PoolDetach:
    case Hand::PoolAttach:
    case Hand::PoolSwitchOver: return orderPool(order, time);
    case Hand::PatroniSwitchOver:
    case Hand::PatroniFailover:
    case Hand::PatroniCopy: return orderPatroni(order, time);
    case Hand::DrillPage:
    case Hand::DrillFile: return drill(m_around, order, time);
    default: break;
    }
    CM_TRY_ASSIGN(AgentClient client, clientFor(order.host));
    switch (order.hand) {
    case Hand::Drain: return client.order<ep::drain>({by, order.until}, time);
    case Hand::Return: return client.order<ep::returnWeb>({by}, time);
    case Hand::Reload: return client.order<ep::reloadWeb>({by}, time);
    case Hand::StepDown: return client.order<ep::stepDown>({by, order.successor}, time);
    case Hand::Promote: return client.order<ep::promote>({by, received}, time);
    case Hand::Fence: return client.order<ep::fence>({by}, time);
    case Hand::Unfence: return client.order<ep::unfence>({by}, time);
    case Hand::Rejoin: return client.order<ep::rejoin>({by, order.copy}, time);
    case Hand::ResumeReplay: return client.order<ep::resumeReplay>({by}, time);
    case Hand::SetAside: return client.order<ep::setAside>({by, order.node, order.until}, time);
    case Hand::DropSlot: return client.order<ep::dropSlot>({by, order.slot}, time);
    case Hand::SyncMirror: return client.order<ep::syncMirror>({by}, time);
    case Hand::PauseMirror: return client.order<ep::pauseMirror>({by, order.until}, time);
    case Hand::ResumeMirror: return client.order<ep::resumeMirror>({by}, time);
    case Hand::AllowDeletions: return client.order<ep::allowDeletions>({by, order.subject, order.until}, time);
    case Hand::SyncProject: return client.order<ep::syncProject>({by, order.subject}, time);
    case Hand::MirrorOut: return client.order<ep::takeMirrorOut>({by, order.until}, time);
    case Hand::MirrorReturn: return client.order<ep::returnMirror>({by}, time);
    case Hand::HealFiles: return client.order<ep::heal>({by}, time);
    case Hand::RestartBrick: return client.order<ep::restartBrick>({by}, time);
    case Hand::ResolveSplit: return client.order<ep::resolve>({by, order.files}, time);
    default: break;
    }
    return fail(ErrorCode::Unsupported, "no agent does that");
}

Result<api::AgentDone> TopologyHands::orderPool(const Order &order, const ProbeTime &time) const
{
    const auto &pools = m_around.topology.pools;
    const auto pool = std::find_if(pools.begin(), pools.end(), [&](const auto &one) { return one.name == order.host; });
    if (pool == pools.end())
        return fail(ErrorCode::Unavailable, fmt::format("there is no pgpool {}", order.host));
    PcpClient client;
    CM_TRY(client.connect(pool->address, pool->pcpPort, pool->pcpUser, m_around.secrets.pcpPassword, time));
    // Its own numbers, read over the very connection that gets the order.
    CM_TRY_ASSIGN(const auto backends, client.backends(time));
    const auto known = backendsOf(m_around);
    for (const PoolBackendFacts &backend : backends) {
        if (backendName(backend, known) != order.node)
            continue;
        if (order.hand == Order::Hand::PoolDetach)
            CM_TRY(client.detach(backend.id, time));
        else if (order.hand == Order::Hand::PoolAttach)
            CM_TRY(client.attach(backend.id, time));
        else
            CM_TRY(client.switchOver(backend.id, time));
        return api::AgentDone{fmt::format("{} has taken the order", pool->name), {}};
    }
    return fail(ErrorCode::NotFound, fmt::format("{} has no backend {}", pool->name, order.node));
}

Result<PatroniTarget> TopologyHands::patroniOf(const std::string &node) const
{
    for (const auto &database : m_around.topology.databases) {
        if (database.name == node && database.patroniPort != 0)
            return PatroniTarget{database.address, database.patroniPort, m_around.secrets.patroniUser, m_around.secrets.patroniPassword,
                                 database.patroniTls, m_around.caFile};
    }
    return fail(ErrorCode::Unavailable, fmt::format("no Patroni is on {}", node));
}

std::vector<PatroniSeen> TopologyHands::askPatronis(const ProbeTime &time)
{
    std::vector<PatroniSeen> answers;
    std::vector<std::jthread> asking;
    answers.reserve(m_around.topology.databases.size());
    for (const auto &database : m_around.topology.databases) {
        auto target = patroniOf(database.name);
        if (!target)
            continue;
        PatroniSeen &seen = answers.emplace_back(PatroniSeen{database.name, {}, {}});
        asking.emplace_back([&seen, time, target = std::move(*target)] {
            auto facts = PatroniClient(target).cluster(time);
            if (facts)
                seen.facts = std::move(*facts);
            else
                seen.problem = facts.error().detail;
        });
    }
    asking.clear();
    return answers;
}

Result<api::AgentDone> TopologyHands::orderPatroni(const Order &order, const ProbeTime &time) const
{
    CM_TRY_ASSIGN(PatroniTarget target, patroniOf(order.host));
    PatroniClient client(std::move(target));
    if (order.hand == Order::Hand::PatroniSwitchOver)
        CM_TRY(client.switchOver(order.node, order.successor, time));
    else if (order.hand == Order::Hand::PatroniFailover)
        CM_TRY(client.failover(order.successor, time));
    else
        CM_TRY(client.reinitialise(time));
    return api::AgentDone{fmt::format("Patroni on {} has done it", order.host), {}};
}

}  // namespace cm::monitor
