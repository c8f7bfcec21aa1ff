// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/agent_hands.h"

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

AgentHands::AgentHands(const Surroundings &around)
{
    for (const config::TopologyAgent &agent : around.topology.agents) {
        if (auto target = agentTarget(around, agent))
            m_targets.emplace_back(agent.host, std::move(*target));
    }
}

Result<AgentClient> AgentHands::clientFor(const std::string &host) const
{
    const auto found = std::find_if(m_targets.begin(), m_targets.end(), [&](const auto &one) { return one.first == host; });
    if (found == m_targets.end())
        return fail(ErrorCode::Unavailable, fmt::format("no agent is on {}", host));
    return AgentClient(found->second);
}

std::vector<HostAgent> AgentHands::ask(const ProbeTime &time)
{
    std::vector<HostAgent> answers(m_targets.size());
    std::vector<std::jthread> asking;
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
        asking.emplace_back([&, i] {
            auto state = AgentClient(m_targets[i].second).state(time);
            answers[i].host = m_targets[i].first;
            if (state)
                answers[i].state = std::move(*state);
            else
                answers[i].problem = state.error().detail;
        });
    }
    asking.clear();
    return answers;
}

Result<api::AgentState> AgentHands::askOne(const std::string &host, const ProbeTime &time)
{
    CM_TRY_ASSIGN(AgentClient client, clientFor(host));
    return client.state(time);
}

Result<api::AgentDone> AgentHands::carryOut(const Order &order, const std::string &received, const api::AgentOrder &by,
                                            const ProbeTime &time)
{
    CM_TRY_ASSIGN(AgentClient client, clientFor(order.host));
    using Hand = Order::Hand;
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
    }
    return fail(ErrorCode::Unsupported, "no agent does that");
}

}  // namespace cm::monitor
