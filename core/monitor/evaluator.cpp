// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/evaluator.h"

#include "core/monitor/plans/plan.h"
#include "core/monitor/situations.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace cm::monitor {
namespace {

namespace code = api::finding;

constexpr int differPolls = 5;
constexpr int unseenPolls = 4;

template <class Inputs, class Take>
void eachWatched(const Inputs &inputs, Take take)
{
    for (const auto &input : inputs)
        take(input.name, input.watched);
}

// Calls take(name, watched) for every target of the board.
template <class Take>
void eachTarget(const Snapshot &board, Take take)
{
    eachWatched(board.webs, take);
    eachWatched(board.databases, take);
    eachWatched(board.pools, take);
    eachWatched(board.certificates, take);
    eachWatched(board.disks, take);
    eachWatched(board.peers, take);
    eachWatched(board.agents, take);
    eachWatched(board.volumes, take);
    eachWatched(board.mirrors, take);
    eachWatched(board.edges, take);
    eachWatched(board.ingests, take);
    eachWatched(board.sshes, take);
    eachWatched(board.etcds, take);
}

void append(RawFindings &out, RawFindings more)
{
    out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Whether what a cache serves comes from the mirror.
bool isUsed(const api::Node &cache)
{
    return std::any_of(cache.findings.begin(), cache.findings.end(), [](const api::NodeFinding &finding) {
        return finding.code == code::fallbackInUse || finding.code == code::fallbackUnneeded;
    });
}

// What goes over an edge, as its beginning tells it: how far a standby is behind, what a cache asks of a web node.
void addFlow(api::TopologyEdge &edge, const api::Node &from)
{
    const std::string wanted = edge.kind == "replicates" ? "lag-bytes" : edge.kind == "requests" ? "requests-" + edge.to : std::string();
    std::copy_if(from.facts.begin(), from.facts.end(), std::back_inserter(edge.facts),
                 [&](const api::Signal &fact) { return fact.name == wanted && fact.value; });
}

}  // namespace

Evaluator::Evaluator(const Surroundings &around, Time started, std::vector<Remembered> before)
    : m_around(around),
      m_landscape(landscapeOf(around)),
      m_backends(backendsOf(around)),
      m_topology(apiTopology(around)),
      m_started(started)
{
    for (const NodeInfo &node : m_landscape.nodes) {
        if (node.role == "certificate" || node.role == "monitor" || node.role == "ssh")
            m_seldom.insert(node.name);
    }
    // Bounds that are meant in time are counted in polls.
    const double perSecond = 1000.0 / static_cast<double>(around.interval.count());
    const auto polls = [&](int seconds) { return std::max(1, static_cast<int>(seconds * perSecond)); };
    m_limits.lagWarnPolls = polls(30);
    m_limits.lagCriticalPolls = polls(60);
    m_limits.slotInactivePolls = polls(60);
    m_limits.serialBehindPolls = polls(10);
    m_debouncer.remember(std::move(before));
}

void Evaluator::followReplay(Snapshot &board)
{
    const PostgresFacts *primary = nullptr;
    for (const DatabaseInput &server : board.databases) {
        if (server.watched.answers() && !server.watched.facts->inRecovery)
            primary = &*server.watched.facts;
    }
    for (DatabaseInput &server : board.databases) {
        ReplayTrack &track = m_tracks[server.name];
        if (server.watched.answers() && server.watched.facts->inRecovery)
            track = follow(track, *server.watched.facts, primary, server.watched.taken);
        server.track = track;
    }
}

void Evaluator::followHeads(const Snapshot &board, Time now)
{
    const Time stillFresh = now - m_around.freshFor();
    for (const auto &[channel, since] : {std::pair(pagesOf, &m_pagesReady), {filesOf, &m_filesReady}}) {
        const bool ready = std::any_of(board.webs.begin(), board.webs.end(), [&, name = channel](const WebInput &web) { return isHeadReady(web, name, stillFresh); });
        *since = ready ? std::optional(since->value_or(now)) : std::nullopt;
    }
}

std::map<std::string, Time> Evaluator::samplesOf(const Snapshot &board) const
{
    std::map<std::string, Time> samples;
    eachTarget(board, [&](const std::string &name, const auto &watched) { samples[name] = std::max(watched.tried, watched.taken); });
    return samples;
}

RawFindings Evaluator::findAll(const Snapshot &board, const ClusterJudgement &cluster, Time now)
{
    const Time stillFresh = now - m_around.freshFor();
    RawFindings found = cluster.findings;
    append(found, judgeWeb(board.webs, stillFresh, m_limits));
    const Time poolsFresh = now - m_around.poolFreshFor();
    weighPrimaries(found, board.databases, board.pools, m_backends, poolsFresh);
    append(found, judgePools(board.pools, m_backends, poolsFresh, m_limits));
    weighViews(found, board.databases, board.pools, m_backends, poolsFresh);
    nameWriter(found, board.webs, cluster);
    for (const CertificateInput &input : board.certificates) {
        append(found, judgeAnswer(input.name, input.watched));
        if (input.watched.answers())
            append(found, judgeCertificate(input.name, *input.watched.facts, input.watched.taken, now, m_limits));
    }
    for (const DiskInput &input : board.disks) {
        RawFindings unanswered = judgeAnswer(input.name, input.watched);
        // Agents tell of disks: what is silent is their host, of which others tell sooner.
        for (RawFinding &finding : unanswered)
            finding.raiseAfter = 4;
        append(found, std::move(unanswered));
        if (input.watched.answers())
            append(found, judgeDisk(input.name, *input.watched.facts, input.points, input.watched.taken, m_limits));
    }
    for (const PeerInput &input : board.peers)
        append(found, judgeAnswer(input.name, input.watched));
    append(found, judgeAgents(board.agents, m_landscape, stillFresh, now));
    append(found, judgeFiles(board.volumes, stillFresh, m_healing));
    append(found, judgeMirrors(board.mirrors, board.agents, stillFresh, now));
    append(found, monitor::judgeEdges(board.edges, {board.webs, board.mirrors, m_pagesReady, m_filesReady}, stillFresh, now));
    append(found, judgeIngests(board.ingests, board.edges, stillFresh));
    append(found, judgeSshes(board.sshes, now - 5 * m_around.freshFor()));
    append(found, judgeEtcds(board.etcds, stillFresh));
    blameVotes(found, board.etcds, stillFresh);
    // Looks that end in a failure are told as such; this is for those that do not come at all.
    eachTarget(board, [&](const std::string &name, const auto &watched) {
        // One that was never seen is not well while its failures are not believed yet.
        const bool unseen = !watched.facts && watched.failures < unseenPolls;
        const Time last = unseen ? Time{} : std::max(watched.tried, watched.taken);
        const bool pool = std::any_of(board.pools.begin(), board.pools.end(), [&](const PoolInput &one) { return one.name == name; });
        auto interval = std::chrono::duration_cast<std::chrono::microseconds>(pool ? m_around.poolFreshFor() : m_around.freshFor()) /
                        m_limits.missedPolls;
        if (m_seldom.contains(name))
            interval *= 5;
        if (auto stale = judgeAge(name, last, now, interval, m_limits))
            found.push_back(std::move(*stale));
    });
    const bool blind = doubtSilence(found, listened(board), m_around.name, m_blind);
    if (blind)
        m_blind = now + m_around.timeout();  // what is on its way now is lost as well
    append(found, judgeSteadiness(board, blind));
    found = explainByAgents(std::move(found), m_landscape);
    return found;
}

RawFindings Evaluator::judgeSteadiness(const Snapshot &board, bool blind)
{
    RawFindings found;
    const auto judge = [&](const std::string &name, const auto &watched) {
        Steadiness &steadiness = m_steadiness[name];
        if (blind)
            steadiness.forget();
        else if (watched.wasTried())
            steadiness.note(watched.tried, watched.outcome == Outcome::Silent);
        if (auto unsteady = steadiness.judge(name))
            found.push_back(std::move(*unsteady));
    };
    // Those that are asked themselves, and do the work: an agent is on the host of one of them.
    eachWatched(board.webs, judge);
    eachWatched(board.databases, judge);
    eachWatched(board.pools, judge);
    eachWatched(board.mirrors, judge);
    eachWatched(board.edges, judge);
    eachWatched(board.ingests, judge);
    eachWatched(board.etcds, judge);
    return found;
}

std::vector<Listened> Evaluator::listened(const Snapshot &board) const
{
    std::vector<Listened> out;
    const auto hostOf = [this](const std::string &name) {
        const auto node = std::find_if(m_landscape.nodes.begin(), m_landscape.nodes.end(),
                                       [&](const NodeInfo &info) { return info.name == name; });
        return node == m_landscape.nodes.end() ? std::string() : node->host;
    };
    std::string own;
    for (const config::TopologyMonitor &monitor : m_around.topology.monitors)
        own = monitor.name == m_around.name ? monitor.host : own;
    eachTarget(board, [&](const std::string &name, const auto &watched) {
        const std::string host = hostOf(name);
        // The way to oneself says nothing of the way to others.
        if (!watched.wasTried() || host == own)
            return;
        const bool back = watched.outcome != Outcome::Silent;
        out.push_back({name, host, watched.asked, back ? std::max(watched.tried, watched.taken) : watched.taken});
    });
    // A certificate's look always ends with facts, be it that none was presented; of disks somebody else tells.
    for (Listened &one : out) {
        for (const DiskInput &input : board.disks)
            one.heard = input.name == one.node ? Time{} : one.heard;
        for (const VolumeInput &input : board.volumes)
            one.heard = input.name == one.node ? Time{} : one.heard;
        for (const CertificateInput &input : board.certificates)
            one.heard = input.name == one.node && !(input.watched.answers() && input.watched.facts->presented) ? Time{} : one.heard;
    }
    return out;
}

View Evaluator::evaluate(Snapshot board, Time now, std::vector<FigureSample> &fresh)
{
    View view;
    view.time = now;
    view.started = m_started;
    followReplay(board);
    followHeads(board, now);
    m_healing = followHealing(std::move(m_healing), board.volumes, now - m_around.freshFor(), now);
    const Time stillFresh = now - m_around.freshFor();
    const ClusterJudgement cluster = judgeCluster(board.databases, stillFresh, m_limits);
    const std::map<std::string, Time> samples = samplesOf(board);
    RawFindings found = findAll(board, cluster, now);
    for (const PeerInput &peer : board.peers) {
        api::PeerMonitor shown{peer.name, peer.watched.answers(), peer.watched.problem, std::nullopt, std::nullopt, {}};
        if (peer.watched.answers()) {
            shown.sampled = peer.watched.facts->state.time;
            shown.verdict = peer.watched.facts->state.line.verdict;
            // With what we concluded last: what is concluded now may rest on this very comparison.
            shown.differences = compareNodes(m_last, peer.watched.facts->state.nodes);
        }
        if (!shown.differences.empty())
            found.push_back({shown.name, std::string(code::monitorsDiffer), Verdict::Warning,
                             fmt::format("{} concludes something else of {}", shown.name, shown.differences.front().node),
                             peer.watched.taken, differPolls, 2});
        view.comparison.peers.push_back(std::move(shown));
    }
    std::vector<Believed> believed = m_debouncer.settle(found, samples, now);
    believed = awaitCauses(std::move(believed), m_debouncer.suspected(), m_landscape, now);
    view.nodes = nodeStates(foldCauses(std::move(believed), m_landscape), m_landscape);
    nameMonitor(view.nodes, m_around.name);
    m_last = view.nodes;
    addFacts(view.nodes, board, cluster, now);
    view.roles = roleStates(view.nodes, m_landscape);
    view.line = verdictLine(view.nodes, view.roles);
    view.replication = replicationView(board, cluster, view.nodes, now);
    view.pools = poolView(board, m_backends, view.nodes, now - m_around.poolFreshFor(), now);
    judgeEdges(view);
    view.replication.promotionBlockers = promotionBlockers(watchedSituation(m_around, std::move(board), now));
    view.awaited = m_debouncer.awaited();
    view.settled = now - m_started >= m_around.settleFor();
    takeFigures(view, samples, fresh);
    return view;
}

void Evaluator::addFacts(std::vector<api::Node> &nodes, const Snapshot &board, const ClusterJudgement &cluster, Time now) const
{
    const Time stillFresh = now - m_around.freshFor();
    std::map<std::string, std::vector<api::Signal>> facts;
    for (const DatabaseInput &input : board.databases)
        facts[input.name] = signalsOf(input, cluster, stillFresh, m_limits);
    for (const WebInput &input : board.webs)
        facts[input.name] = signalsOf(input, stillFresh, m_limits);
    for (const PoolInput &input : board.pools)
        facts[input.name] = signalsOf(input, now - m_around.poolFreshFor());
    for (const CertificateInput &input : board.certificates)
        facts[input.name] = signalsOf(input, now - 5 * m_around.freshFor(), now, m_limits);
    for (const DiskInput &input : board.disks)
        facts[input.name] = signalsOf(input, stillFresh, m_limits);
    for (const AgentInput &input : board.agents)
        facts[input.name] = signalsOf(input, stillFresh);
    for (const VolumeInput &input : board.volumes)
        facts[input.name] = signalsOf(input, board.volumes, stillFresh);
    for (const MirrorInput &input : board.mirrors)
        facts[input.name] = signalsOf(input, stillFresh, now);
    for (const EdgeInput &input : board.edges)
        facts[input.name] = signalsOf(input, board.mirrors, board.webs, stillFresh, now);
    for (const IngestInput &input : board.ingests)
        facts[input.name] = signalsOf(input, stillFresh);
    for (const SshInput &input : board.sshes)
        facts[input.name] = signalsOf(input, now - 5 * m_around.freshFor());
    for (const EtcdInput &input : board.etcds)
        facts[input.name] = signalsOf(input, board.etcds, stillFresh);
    std::map<std::string, const StandbyJudgement *> standbys;
    for (const StandbyJudgement &standby : cluster.standbys)
        standbys[standby.name] = &standby;
    for (api::Node &node : nodes) {
        node.facts = std::move(facts[node.name]);
        if (!node.statement.empty())
            continue;
        const auto standby = standbys.find(node.name);
        node.statement = standby != standbys.end() && standby->second->lag.code.empty() ? standby->second->lag.statement
                         : node.name == cluster.primary                                 ? node.name + " takes writes"
                                                                                        : node.name + " works";
    }
}

void Evaluator::takeFigures(const View &view, const std::map<std::string, Time> &samples, std::vector<FigureSample> &fresh)
{
    for (const api::Node &node : view.nodes) {
        const auto sample = samples.find(node.name);
        if (sample == samples.end() || sample->second == Time{} || m_taken[node.name] == sample->second)
            continue;
        m_taken[node.name] = sample->second;
        fresh.push_back({node.name, "verdict", "count", static_cast<float>(static_cast<int>(node.verdict))});
        for (const api::Signal &signal : node.facts) {
            if (signal.value && !signal.stale)
                fresh.push_back({node.name, signal.name, signal.unit, static_cast<float>(*signal.value)});
        }
    }
}

void Evaluator::judgeEdges(View &view) const
{
    view.topology = m_topology;
    std::map<std::string, const api::Node *> nodes;
    for (const api::Node &node : view.nodes)
        nodes[node.name] = &node;
    for (api::TopologyEdge &edge : view.topology.edges) {
        const api::Node *from = nodes[edge.from];
        const api::Node *to = nodes[edge.to];
        if (!from || !to)
            continue;
        // An edge is seen from its beginning; of one that we do not see nobody says that it is down.
        const auto unseen = [](const api::Node &node) {
            return node.finding == code::noAnswer || node.finding == code::monitorBlind || node.finding == code::stale;
        };
        // Nor does anybody know what leads on from one that is down.
        edge.visible = !unseen(*from) && from->finding != code::down;
        addFlow(edge, *from);
        edge.verdict = edge.visible ? (from->cause == edge.to ? from->verdict : Verdict::Ok) : Verdict::Unknown;
        if (edge.kind == "replicates") {
            for (const api::StandbyReplication &standby : view.replication.standbys) {
                if (standby.name == edge.from && standby.primary == edge.to) {
                    edge.verdict = standby.verdict;
                    edge.statement = standby.statement;
                }
            }
        } else if (edge.kind == "falls back" && isUsed(*from)) {
            edge.verdict = std::max(edge.verdict, Verdict::Warning);
            edge.statement = "in use";
            edge.facts.push_back({"used", 1.0, "count", {}, Verdict::Warning, "http", view.time, false, {}, {}});
        } else if (to->finding == code::down || to->finding == code::noAnswer) {
            edge.verdict = std::max(edge.verdict, Verdict::Warning);
            edge.statement = to->statement;
        }
    }
    // Between databases only what replicates now is an edge.
    std::erase_if(view.topology.edges, [&](const api::TopologyEdge &edge) {
        return edge.kind == "replicates" &&
               std::none_of(view.replication.standbys.begin(), view.replication.standbys.end(), [&](const auto &standby) {
                   return standby.name == edge.from && standby.primary == edge.to;
               });
    });
}

}  // namespace cm::monitor
