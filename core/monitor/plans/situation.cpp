// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/plans/situation.h"

#include <algorithm>

namespace cm::monitor {
namespace {

template <class Inputs>
auto *named(Inputs &inputs, const std::string &name)
{
    const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const auto &input) { return input.name == name; });
    return found == inputs.end() ? nullptr : &*found;
}

}  // namespace

const Place *Situation::place(const std::string &name, std::string_view role) const
{
    const Place *found = named(places, name);
    return found && found->role == role ? found : nullptr;
}

const HostAgent *Situation::agentOn(const std::string &host) const
{
    const auto found = std::find_if(agents.begin(), agents.end(), [&](const HostAgent &agent) { return agent.host == host; });
    return found == agents.end() ? nullptr : &*found;
}

const api::AgentState *Situation::agentOf(const std::string &node, std::string_view role) const
{
    const Place *where = place(node, role);
    const HostAgent *agent = where ? agentOn(where->host) : nullptr;
    return agent && agent->state ? &*agent->state : nullptr;
}

const DatabaseInput *Situation::database(const std::string &name) const
{
    return named(databases, name);
}

const WebInput *Situation::web(const std::string &name) const
{
    return named(webs, name);
}

const MirrorInput *Situation::mirror(const std::string &name) const
{
    return named(mirrors, name);
}

const EdgeInput *Situation::edge(const std::string &name) const
{
    return named(edges, name);
}

const VolumeInput *Situation::volume(const std::string &server) const
{
    return named(volumes, server);
}

const PostgresFacts *Situation::factsOf(const std::string &name) const
{
    const DatabaseInput *input = database(name);
    return input && input->watched.answers() && input->watched.taken >= stillFresh ? &*input->watched.facts : nullptr;
}

const WalSender *Situation::senderOf(const std::string &standby) const
{
    const PostgresFacts *primary = factsOf(cluster.primary);
    const DatabaseInput *input = database(standby);
    if (!primary || !input)
        return nullptr;
    LagInput lag;
    lag.standby = standby;
    lag.primaryFacts = primary;
    lag.standbyFacts = factsOf(standby);
    lag.application = input->application;
    lag.standbyAddress = input->application.empty() ? input->address : std::string();
    return monitor::senderOf(lag);
}

Situation::Votes Situation::votesOn(const std::string &database) const
{
    Votes votes;
    votes.all = pools.size();
    for (const PoolInput &pool : pools) {
        if (!pool.watched.answers() || pool.watched.taken < freshPools())
            continue;
        for (const PoolBackendFacts &backend : pool.watched.facts->backends()) {
            if (backendName(backend, backends) != database)
                continue;
            ++votes.answer;
            votes.attached += backend.isUp() ? 1 : 0;
            votes.primary += backend.role == "primary" ? 1 : 0;
        }
    }
    return votes;
}

const PoolInput *Situation::leadingPool() const
{
    const PoolInput *found = nullptr;
    for (const PoolInput &pool : pools) {
        // Orders go to the control port.
        if (!pool.watched.answers() || pool.watched.taken < freshPools() || !pool.watched.facts->controlProblem.empty())
            continue;
        if (pool.watched.facts->watchdog && pool.watched.facts->watchdog->state == "LEADER")
            return &pool;
        if (!found)
            found = &pool;
    }
    return found;
}

bool works(const WebInput &web, Time stillFresh)
{
    const auto good = [](const HttpFacts &answer) { return answer.status >= 200 && answer.status < 400; };
    if (!web.watched.answers() || web.watched.taken < stillFresh || !good(web.watched.facts->health))
        return false;
    return !web.watched.facts->write || good(*web.watched.facts->write);
}

}  // namespace cm::monitor
