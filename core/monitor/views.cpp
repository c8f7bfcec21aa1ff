// SPDX-License-Identifier: GPL-3.0-or-later
// Databases and pools in full, for those who look into them.
#include "core/monitor/evaluator.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

const api::Node *nodeNamed(const std::vector<api::Node> &nodes, const std::string &name)
{
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const api::Node &node) { return node.name == name; });
    return found == nodes.end() ? nullptr : &*found;
}

api::DatabaseServer serverOf(const DatabaseInput &input, const std::vector<api::Node> &nodes)
{
    api::DatabaseServer server;
    server.name = input.name;
    if (const api::Node *node = nodeNamed(nodes, input.name)) {
        server.verdict = node->verdict;
        server.statement = node->statement;
    }
    if (!input.watched.facts)
        return server;
    const PostgresFacts &facts = *input.watched.facts;
    if (input.watched.answers())
        server.inRecovery = facts.inRecovery;
    server.timeline = facts.timeline;
    server.systemIdentifier = facts.systemIdentifier;
    const auto position = facts.current ? facts.current : facts.replayed;
    server.lsn = position ? formatLsn(*position) : std::string();
    server.version = facts.version;
    server.synchronousCommit = facts.synchronousCommit;
    server.synchronousStandbyNames = facts.synchronousStandbyNames;
    server.connections = {facts.connections, input.watched.taken};
    server.maxConnections = {facts.maxConnections, input.watched.taken};
    server.sampled = input.watched.taken;
    return server;
}

api::Figure behind(const PostgresFacts &primary, const std::optional<Lsn> &position, Time taken)
{
    if (!primary.current || !position)
        return {std::nullopt, taken};
    return {*primary.current > *position ? static_cast<double>(*primary.current - *position) : 0.0, taken};
}

void addPrimarySide(api::StandbyReplication &out, const DatabaseInput &primary, const DatabaseInput &standby)
{
    out.primary = primary.name;
    if (!primary.watched.answers())
        return;
    const PostgresFacts &facts = *primary.watched.facts;
    const Time taken = primary.watched.taken;
    LagInput in;
    in.primaryFacts = &facts;
    in.standbyFacts = standby.watched.facts ? &*standby.watched.facts : nullptr;
    in.application = standby.application;
    in.standbyAddress = standby.application.empty() ? standby.address : std::string();
    in.slot = standby.slot;
    out.primarySampled = taken;
    const WalSender *row = senderOf(in);
    out.primarySees = row != nullptr;
    if (row) {
        out.primaryState = row->state;
        out.syncState = row->syncState;
        out.sendBytes = behind(facts, row->sent, taken);
        out.writeBytes = behind(facts, row->written, taken);
        out.flushBytes = behind(facts, row->flushed, taken);
        out.replayBytes = behind(facts, row->replayed, taken);
        out.replaySeconds = {row->replayLag, taken};
        out.replyAgeSeconds = {row->replyAge, taken};
    }
    if (const SlotFacts *slot = slotOf(in))
        out.slot = slot->name;
}

void addStandbySide(api::StandbyReplication &out, const DatabaseInput &standby)
{
    if (!standby.watched.facts)
        return;
    const PostgresFacts &facts = *standby.watched.facts;
    out.standbySampled = standby.watched.taken;
    if (facts.receiver) {
        out.receiverStatus = facts.receiver->status;
        out.senderHost = facts.receiver->senderHost.empty()
                             ? std::string()
                             : fmt::format("{}:{}", facts.receiver->senderHost, facts.receiver->senderPort);
        out.messageAgeSeconds = {facts.receiver->messageAge, standby.watched.taken};
        out.slot = out.slot.empty() ? facts.receiver->slot : out.slot;
    }
    out.receiveLsn = facts.received ? formatLsn(*facts.received) : std::string();
    out.replayLsn = facts.replayed ? formatLsn(*facts.replayed) : std::string();
    out.pauseState = facts.pauseState;
    if (facts.received && facts.replayed)
        out.receiveReplayBytes = {*facts.received > *facts.replayed ? static_cast<double>(*facts.received - *facts.replayed) : 0.0,
                                  standby.watched.taken};
    out.timeline = facts.timeline;
}

api::ReplicationSlot slotView(const SlotFacts &slot, const DatabaseInput &server)
{
    api::ReplicationSlot out;
    out.name = slot.name;
    out.node = server.name;
    out.active = slot.active;
    out.walStatus = slot.walStatus;
    out.retainedBytes = {slot.retained, server.watched.taken};
    out.safeBytes = {slot.safeSize, server.watched.taken};
    out.verdict = slot.walStatus == "lost"  ? Verdict::Critical
                  : slot.active             ? Verdict::Ok
                                            : Verdict::Warning;
    out.statement = slot.walStatus == "lost" ? "It has lost the WAL that its standby needs"
                    : slot.active            ? "In use"
                                             : "Nobody uses it, and it keeps WAL";
    return out;
}

}  // namespace

api::ReplicationView replicationView(const Snapshot &board, const ClusterJudgement &cluster,
                                     const std::vector<api::Node> &nodes, Time now)
{
    api::ReplicationView view;
    view.time = now;
    view.primary = cluster.primary;
    view.verdict = board.databases.empty() ? Verdict::Unknown : Verdict::Ok;
    view.statement = board.databases.empty() ? "No database server is watched" : "Replication works";
    for (const api::Node &node : nodes) {
        if (node.role == "postgres" && node.verdict > view.verdict) {
            view.verdict = node.verdict;
            view.finding = node.finding;
            view.statement = node.statement;
        }
    }
    // While nobody is seen writing, the one that did last.
    const DatabaseInput *primary = nullptr;
    for (const DatabaseInput &server : board.databases) {
        view.servers.push_back(serverOf(server, nodes));
        const bool writes = server.watched.facts && !server.watched.facts->inRecovery;
        if (writes && (!primary || server.name == cluster.primary))
            primary = &server;
        if (!writes || !server.watched.answers())
            continue;
        for (const SlotFacts &slot : server.watched.facts->slots)
            view.slots.push_back(slotView(slot, server));
    }
    for (const StandbyJudgement &judged : cluster.standbys) {
        const auto standby = std::find_if(board.databases.begin(), board.databases.end(),
                                          [&](const DatabaseInput &server) { return server.name == judged.name; });
        api::StandbyReplication out;
        out.name = judged.name;
        out.verdict = judged.lag.verdict;
        out.statement = judged.lag.statement;
        if (const api::Node *node = nodeNamed(nodes, judged.name)) {
            out.verdict = node->verdict;
            out.finding = node->finding;
            out.since = node->since;
            out.statement = node->statement.empty() ? judged.lag.statement : node->statement;
        }
        if (primary)
            addPrimarySide(out, *primary, *standby);
        addStandbySide(out, *standby);
        out.heartbeatSeconds = {judged.heartbeatLag, standby->watched.taken};
        out.lossBytes = {judged.lossBytes, judged.lossSampled};
        out.lossSeconds = {judged.lossSeconds, judged.lossSampled};
        out.lossStatement = judged.lossStatement;
        view.standbys.push_back(std::move(out));
    }
    return view;
}

api::PoolView poolView(const Snapshot &board, const std::vector<KnownBackend> &backends, const std::vector<api::Node> &nodes,
                       Time stillFresh, Time now)
{
    api::PoolView view;
    view.time = now;
    view.disagreements = comparePools(board.pools, backends, stillFresh);
    view.quorumStatement = quorumStatement(board.pools);
    for (const PoolInput &pool : board.pools) {
        api::PoolState state;
        state.name = pool.name;
        if (const api::Node *node = nodeNamed(nodes, pool.name)) {
            state.verdict = node->verdict;
            state.finding = node->finding;
            state.statement = node->statement;
        }
        if (pool.watched.facts) {
            const PoolFacts &facts = *pool.watched.facts;
            state.sampled = pool.watched.taken;
            state.controlProblem = facts.controlProblem;
            state.sqlProblem = facts.sqlProblem;
            for (const PoolBackendFacts &backend : facts.backends()) {
                const std::string name = backendName(backend, backends);
                const bool known = std::any_of(backends.begin(), backends.end(),
                                               [&](const KnownBackend &candidate) { return candidate.name == name; });
                state.backends.push_back({backend.id, backend.host, backend.port, known ? name : std::string(), backend.status,
                                          backend.actualStatus, backend.role, backend.actualRole, backend.weight,
                                          backend.delay, backend.replicationState, backend.syncState, backend.changed, {}, {}});
                for (const PoolBackendFacts &client : facts.bySql) {
                    if (client.host != backend.host || client.port != backend.port)
                        continue;
                    state.backends.back().sqlStatus = client.status;
                    state.backends.back().sqlRole = client.role;
                }
            }
            if (facts.watchdog) {
                state.quorum = facts.watchdog->quorum;
                state.watchdogState = facts.watchdog->state;
                state.leader = facts.watchdog->leader;
                state.members = facts.watchdog->members;
                state.alive = facts.watchdog->alive;
            }
            for (const JudgedSetting &setting : judgeSettings(facts.settings, board.pools.size(), state.backends.size()))
                state.settings.push_back({setting.name, setting.value, setting.verdict, setting.statement});
        }
        view.pools.push_back(std::move(state));
    }
    return view;
}

}  // namespace cm::monitor
