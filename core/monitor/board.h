// SPDX-License-Identifier: GPL-3.0-or-later
// The newest look at every target, side by side. Owned by the monitor; probes write their own place in it,
// the evaluator takes a copy of the whole. Any thread.
#pragma once

#include "core/api/monitoring.h"
#include "core/monitor/verdicts/agents.h"
#include "core/monitor/verdicts/channels.h"
#include "core/monitor/verdicts/edges.h"
#include "core/monitor/verdicts/files.h"
#include "core/monitor/verdicts/ingests.h"
#include "core/monitor/verdicts/mirrors.h"
#include "core/monitor/verdicts/parts.h"
#include "core/monitor/verdicts/replication.h"
#include "core/monitor/verdicts/votes.h"

#include <chrono>
#include <mutex>
#include <vector>

namespace cm::monitor {

struct CertificateInput {
    std::string name;
    Watched<CertificatePair> watched;
};
struct DiskInput {
    // So far back a forecast reaches.
    static constexpr std::chrono::hours span{6};
    static constexpr std::chrono::minutes between{1};

    std::string name;
    Watched<DiskFacts> watched;
    std::vector<DiskPoint> points;  // one in each time between, of the whole span
};
struct PeerFacts {
    api::MonitorState state;
};
struct PeerInput {
    std::string name;
    Watched<PeerFacts> watched;
};

struct Snapshot {
    std::vector<DatabaseInput> databases;
    std::vector<WebInput> webs;
    std::vector<PoolInput> pools;
    std::vector<CertificateInput> certificates;
    std::vector<DiskInput> disks;
    std::vector<PeerInput> peers;
    std::vector<AgentInput> agents;
    std::vector<VolumeInput> volumes;
    std::vector<MirrorInput> mirrors;
    std::vector<EdgeInput> edges;
    std::vector<IngestInput> ingests;
    std::vector<SshInput> sshes;
    std::vector<EtcdInput> etcds;
};

class Board {
public:
    explicit Board(Snapshot empty) : m_board(std::move(empty)) {}
    [[nodiscard]] Snapshot copy() const
    {
        const std::lock_guard lock(m_mutex);
        return m_board;
    }
    template <class Change>
    void change(Change &&change)
    {
        const std::lock_guard lock(m_mutex);
        change(m_board);
    }

private:
    mutable std::mutex m_mutex;
    Snapshot m_board;
};

}  // namespace cm::monitor
