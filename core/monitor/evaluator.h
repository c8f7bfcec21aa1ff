// SPDX-License-Identifier: GPL-3.0-or-later
// From the board to what is shown: findings, states, the line, replication, pools, figures for the
// history. Keeps what belief needs between looks (counts, replay positions). Owned by the monitor, one
// thread; the time is an argument.
#pragma once

#include "core/monitor/landscape.h"
#include "core/monitor/store/history.h"
#include "core/monitor/verdicts/settle.h"
#include "core/monitor/verdicts/steadiness.h"

#include <map>
#include <set>

namespace cm::monitor {

// Everything of one moment. Immutable once made, shared by whoever reads.
struct View {
    Time time{};
    Time started{};  // when the watching began that it rests on
    api::VerdictLine line;
    std::vector<api::RoleState> roles;
    std::vector<api::Node> nodes;  // worst first
    api::ReplicationView replication;
    api::PoolView pools;
    api::Topology topology;
    api::MonitorComparison comparison;
    // False until every target has had the time for two looks.
    bool settled = false;
    // Nodes that have not been looked at often enough since then to say that what was remembered of them is over.
    std::set<std::string> awaited;
};

class Evaluator {
public:
    // `before`: what was believed before that time.
    Evaluator(const Surroundings &around, Time started, std::vector<Remembered> before = {});

    // `fresh` gets the figures that are new since the last call.
    View evaluate(Snapshot board, Time now, std::vector<FigureSample> &fresh);

private:
    void followReplay(Snapshot &board);
    void followHeads(const Snapshot &board, Time now);
    std::vector<Listened> listened(const Snapshot &board) const;
    RawFindings findAll(const Snapshot &board, const ClusterJudgement &cluster, Time now);
    RawFindings judgeSteadiness(const Snapshot &board, bool blind);
    std::map<std::string, Time> samplesOf(const Snapshot &board) const;
    void addFacts(std::vector<api::Node> &nodes, const Snapshot &board, const ClusterJudgement &cluster, Time now) const;
    void takeFigures(const View &view, const std::map<std::string, Time> &samples, std::vector<FigureSample> &fresh);
    void judgeEdges(View &view) const;

    const Surroundings &m_around;
    Landscape m_landscape;
    std::vector<KnownBackend> m_backends;
    api::Topology m_topology;
    std::set<std::string> m_seldom;  // nodes that are not looked at in each interval
    Time m_started;
    Time m_blind{};  // when nobody was heard, last
    Thresholds m_limits;
    Debouncer m_debouncer;
    std::map<std::string, ReplayTrack> m_tracks;
    // Since when one web node at least has been ready without a break to serve pages, and files.
    std::optional<Time> m_pagesReady, m_filesReady;
    HealTrack m_healing;
    std::map<std::string, Steadiness> m_steadiness;
    std::map<std::string, Time> m_taken;
    std::vector<api::Node> m_last;
};

// What the databases and pools look like in full. Pure.
[[nodiscard]] api::ReplicationView replicationView(const Snapshot &board, const ClusterJudgement &cluster,
                                                   const std::vector<api::Node> &nodes, Time now);
[[nodiscard]] api::PoolView poolView(const Snapshot &board, const std::vector<KnownBackend> &backends,
                                     const std::vector<api::Node> &nodes, Time stillFresh, Time now);
// The signals of one node's facts. Pure.
[[nodiscard]] std::vector<api::Signal> signalsOf(const DatabaseInput &input, const ClusterJudgement &cluster, Time stillFresh,
                                                 const Thresholds &limits);
[[nodiscard]] std::vector<api::Signal> signalsOf(const WebInput &input, Time stillFresh, const Thresholds &limits);
[[nodiscard]] std::vector<api::Signal> signalsOf(const PoolInput &input, Time stillFresh);
[[nodiscard]] std::vector<api::Signal> signalsOf(const CertificateInput &input, Time stillFresh, Time now,
                                                 const Thresholds &limits);
[[nodiscard]] std::vector<api::Signal> signalsOf(const AgentInput &input, Time stillFresh);
[[nodiscard]] std::vector<api::Signal> signalsOf(const VolumeInput &input, const std::vector<VolumeInput> &all, Time stillFresh);
[[nodiscard]] std::vector<api::Signal> signalsOf(const MirrorInput &input, Time stillFresh, Time now);
[[nodiscard]] std::vector<api::Signal> signalsOf(const IngestInput &input, Time stillFresh);
[[nodiscard]] std::vector<api::Signal> signalsOf(const SshInput &input, Time stillFresh);
[[nodiscard]] std::vector<api::Signal> signalsOf(const EtcdInput &input, const std::vector<EtcdInput> &members, Time stillFresh);
[[nodiscard]] std::vector<api::Signal> signalsOf(const EdgeInput &input, const std::vector<MirrorInput> &mirrors, const std::vector<WebInput> &webs,
                                                 Time stillFresh, Time now);
[[nodiscard]] std::vector<api::Signal> signalsOf(const DiskInput &input, Time stillFresh, const Thresholds &limits);

}  // namespace cm::monitor
