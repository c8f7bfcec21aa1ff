// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/agents.h"

#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace cm::monitor {
namespace {

namespace code = api::finding;

constexpr auto uncleanStopTold = std::chrono::hours(1);

std::string timeText(Time time)
{
    return formatRfc3339(time).substr(0, 19) + "Z";
}

class Agents {
public:
    Agents(const Landscape &landscape, Time stillFresh, Time now)
        : m_landscape(landscape), m_stillFresh(stillFresh), m_now(now)
    {}

    void judge(const AgentInput &agent)
    {
        RawFindings unanswered = judgeAnswer(agent.name, agent.watched);
        // What an agent speaks for says sooner that the whole host is gone, when it is.
        for (RawFinding &finding : unanswered)
            finding.raiseAfter = 4;
        m_out.insert(m_out.end(), unanswered.begin(), unanswered.end());
        if (!agent.watched.answers() || agent.watched.taken < m_stillFresh)
            return;
        m_agent = &agent;
        const api::AgentState &state = agent.watched.facts->state;
        judgeStops(state);
        if (state.drain && state.drain->until > m_now)
            for (const NodeInfo *web : nodesOf("web"))
                add(web->name, Verdict::Warning, code::drained,
                    fmt::format("{} is drained until {} by {}: {}", web->name, timeText(state.drain->until),
                                state.drain->by, state.drain->reason));
        if (state.database)
            judgeDatabase(*state.database);
    }

    RawFindings take() { return std::move(m_out); }

private:
    // An order is not seen twice to be believed: whoever gave it looks for it.
    void add(const std::string &node, Verdict verdict, std::string_view found, std::string statement, std::string subject = {})
    {
        m_out.push_back({node, std::string(found), verdict, std::move(statement), m_agent->watched.taken, 1, 1, {},
                         std::move(subject)});
    }

    std::vector<const NodeInfo *> nodesOf(std::string_view role) const
    {
        std::vector<const NodeInfo *> nodes;
        for (const NodeInfo &node : m_landscape.nodes) {
            if (node.host == m_agent->host && node.role == role)
                nodes.push_back(&node);
        }
        return nodes;
    }

    bool isNode(const std::string &name) const
    {
        return std::any_of(m_landscape.nodes.begin(), m_landscape.nodes.end(), [&](const NodeInfo &node) { return node.name == name; });
    }

    bool isTold(const std::optional<Time> &stop) const { return stop && m_now - *stop < uncleanStopTold; }

    void judgeStops(const api::AgentState &state)
    {
        for (const api::AgentService &service : state.services) {
            if (!isTold(service.uncleanStop))
                continue;
            add(isNode(service.name) ? service.name : m_agent->name, Verdict::Warning, code::uncleanStop,
                fmt::format("{} had ended without a farewell, found at {}, and {}", service.name, timeText(*service.uncleanStop),
                            service.running ? "runs again" : "does not run"), service.name);
        }
        if (!isTold(state.uncleanStop))
            return;
        const std::string statement = fmt::format("The machine {} ended without a farewell after {}", m_agent->host, timeText(*state.uncleanStop));
        bool told = false;
        for (const std::string_view role : {"web", "postgres", "pgpool"}) {
            for (const NodeInfo *node : nodesOf(role)) {
                add(node->name, Verdict::Warning, code::uncleanStop, statement, "machine");
                told = true;
            }
        }
        if (!told)
            add(m_agent->name, Verdict::Warning, code::uncleanStop, statement, "machine");
    }

    void judgeDatabase(const api::AgentDatabase &database)
    {
        // The server itself may be well, or be called down: what helps is what its keeper says.
        const bool waits = isWaiting(database);
        if (waits && !database.problem.empty()) {
            for (const NodeInfo *server : nodesOf("postgres")) {
                add(server->name, Verdict::Critical, code::noPrimary, fmt::format("{} takes no writes: {}", server->name, database.problem), "waits");
                m_out.back().raiseAfter = 4;  // it may be about to go on by itself
                m_out.back().remedy = fmt::format("Start the server that it waits for, or copy that one anew. If it is lost for good, promote {} to go on alone.", server->name);
            }
        }
        for (const std::string &folder : database.kept)
            add(m_agent->name, Verdict::Warning, code::diverged,
                fmt::format("On {} what is nowhere else is kept in {}: look whether it is needed, and remove it", m_agent->host, folder), folder);
        if (!database.problem.empty() && !waits) {
            add(m_agent->name, Verdict::Unknown, code::notWatched,
                database.state.empty() ? fmt::format("The keeper on {} does not answer: {}", m_agent->host, database.problem)
                                       : fmt::format("On {}: {}", m_agent->host, database.problem));
            // A keeper that is gone with its server is no trouble beside it, and of the server one hears later.
            m_out.back().raiseAfter = 4;
            if (const auto servers = nodesOf("postgres"); !servers.empty())
                m_out.back().cause = servers.front()->name;
        }
        if (database.fenced) {
            for (const NodeInfo *server : nodesOf("postgres"))
                add(server->name, Verdict::Warning, code::fenced,
                    fmt::format("{} is fenced by {}: it stays stopped", server->name, database.fencedBy.empty() ? "somebody" : database.fencedBy));
        }
        for (const api::SetAside &aside : database.setAside) {
            // Each keeper may say so of the same node; one finding is enough.
            const bool known = std::any_of(m_out.begin(), m_out.end(), [&](const RawFinding &finding) {
                return finding.code == code::setAside && finding.node == aside.node;
            });
            if (aside.until > m_now && !known)
                add(aside.node, Verdict::Warning, code::setAside,
                    fmt::format("{} is kept out of the pgpools until {}", aside.node, timeText(aside.until)));
        }
    }

    const Landscape &m_landscape;
    const Time m_stillFresh, m_now;
    const AgentInput *m_agent = nullptr;
    RawFindings m_out;
};

std::set<std::string> nodesWith(const RawFindings &found, std::string_view wanted)
{
    std::set<std::string> nodes;
    for (const RawFinding &finding : found) {
        if (finding.code == wanted)
            nodes.insert(finding.node);
    }
    return nodes;
}

}  // namespace

bool isWaiting(const api::AgentDatabase &database)
{
    return database.state.ends_with(", waiting");
}

RawFindings judgeAgents(const std::vector<AgentInput> &agents, const Landscape &landscape, Time stillFresh, Time now)
{
    Agents judge(landscape, stillFresh, now);
    for (const AgentInput &agent : agents)
        judge.judge(agent);
    return judge.take();
}

RawFindings explainByAgents(RawFindings found, const Landscape &landscape)
{
    const std::set<std::string> drained = nodesWith(found, code::drained);
    const std::set<std::string> fenced = nodesWith(found, code::fenced);
    const auto isSilence = [](const RawFinding &finding) { return finding.code == code::down || finding.code == code::noAnswer; };
    std::erase_if(found, [&](const RawFinding &finding) {
        // Of a channel it is told for itself: it is served while drained.
        const bool unhealthy = (finding.code == code::channelBroken && finding.subject.empty()) ||
                               (finding.code == code::readOnlyDatabase && finding.subject == "health");
        return (drained.contains(finding.node) && unhealthy) || (fenced.contains(finding.node) && isSilence(finding));
    });
    // Nobody is sent to one that is drained: that it is down as well wakes nobody, and is told.
    for (RawFinding &finding : found) {
        if (drained.contains(finding.node) && isSilence(finding))
            finding.verdict = Verdict::Warning;
    }
    std::map<std::string, std::string> silentAgents;  // by host
    for (const NodeInfo &node : landscape.nodes) {
        const bool silent = std::any_of(found.begin(), found.end(), [&](const RawFinding &finding) {
            return finding.node == node.name && (isSilence(finding) || finding.code == code::refused || finding.code == code::stale ||
                                                 finding.code == code::monitorBlind);
        });
        if (node.role == "agent" && silent)
            silentAgents[node.host] = node.name;
    }
    for (RawFinding &finding : found) {
        const auto node = std::find_if(landscape.nodes.begin(), landscape.nodes.end(),
                                       [&](const NodeInfo &info) { return info.name == finding.node && (info.role == "disk" || info.role == "certificate" || info.role == "gluster"); });
        const auto agent = node == landscape.nodes.end() ? silentAgents.end() : silentAgents.find(node->host);
        const bool unseen = finding.code == code::stale || finding.code == code::notWatched || isSilence(finding);
        const bool ofPort = node != landscape.nodes.end() && node->role == "certificate" && finding.code != code::notWatched;
        if (unseen && !ofPort && finding.cause.empty() && agent != silentAgents.end())
            finding.cause = agent->second;
    }
    return found;
}

}  // namespace cm::monitor
