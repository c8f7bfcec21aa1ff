// SPDX-License-Identifier: GPL-3.0-or-later
// Facts as signals: a figure, its unit, where it comes from, when it was taken, where it becomes bad.
#include "core/monitor/evaluator.h"
#include "core/monitor/signal_list.h"

#include <algorithm>

namespace cm::monitor {

std::vector<api::Signal> signalsOf(const DatabaseInput &input, const ClusterJudgement &cluster, Time stillFresh,
                                   const Thresholds &limits)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "sql", stillFresh);
    signals.text("role", !facts ? "" : facts->inRecovery ? "standby" : "primary");
    signals.figure("answer-time", facts ? std::optional(facts->answeredIn) : std::nullopt, "seconds", limits.slowSeconds);
    const auto bound = facts && facts->maxConnections ? std::optional(limits.connectionsWarn * *facts->maxConnections) : std::nullopt;
    signals.figure("connections", facts ? facts->connections : std::nullopt, "count", bound);
    for (const StandbyJudgement &standby : cluster.standbys) {
        if (standby.name != input.name)
            continue;
        signals.figure("lag-bytes", standby.lag.bytes, "bytes", limits.lagWarnBytes, limits.lagCriticalBytes);
        signals.figure("lag-seconds", standby.lag.seconds, "seconds", limits.lagWarnSeconds, limits.lagCriticalSeconds);
        signals.figure("heartbeat-lag", standby.heartbeatLag, "seconds", limits.lagWarnSeconds, limits.lagCriticalSeconds);
        const auto age = facts && facts->receiver ? facts->receiver->messageAge : std::nullopt;
        signals.figure("message-age", age, "seconds", std::nullopt, limits.silentSeconds);
    }
    if (facts && !facts->inRecovery) {
        signals.figure("standbys", static_cast<double>(facts->senders.size()), "count");
        double retained = 0;
        for (const SlotFacts &slot : facts->slots)
            retained = std::max(retained, slot.retained.value_or(0));
        signals.figure("slot-retained", retained, "bytes");
    }
    return signals.take();
}

std::vector<api::Signal> signalsOf(const WebInput &input, Time stillFresh, const Thresholds &limits)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "http", stillFresh);
    const auto seconds = [](const HttpFacts &answer) {
        return answer.status == 0 ? std::nullopt : std::optional(answer.seconds);
    };
    signals.figure("health-time", facts ? seconds(facts->health) : std::nullopt, "seconds", limits.slowSeconds);
    if (facts && facts->write)
        signals.figure("write-time", facts->write->status < 400 ? seconds(*facts->write) : std::nullopt, "seconds",
                       limits.slowSeconds);
    if (facts) {
        if (!facts->version.empty())
            signals.text("version", facts->version);
        for (const auto &[channel, answer] : facts->channels)
            signals.figure((channel + "-time").c_str(),
                           answer.status < 400 ? seconds(answer) : std::nullopt, "seconds", limits.slowSeconds);
        if (facts->serial)
            signals.figure("serial", static_cast<double>(*facts->serial), "count");
        if (facts->purges) {
            signals.figure("purges-waiting", static_cast<double>(facts->purges->waiting), "count");
            signals.figure("purge-oldest", facts->purges->waiting > 0 ? facts->purges->oldest : std::optional(0.0), "seconds", 10);
            if (!facts->purges->problem.empty())
                signals.text("purge-error", facts->purges->problem, Verdict::Warning);
        }
    }
    return signals.take();
}

std::vector<api::Signal> signalsOf(const PoolInput &input, Time stillFresh)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "pcp", stillFresh);
    signals.figure("answer-time", facts ? std::optional(facts->answeredIn) : std::nullopt, "seconds");
    if (!facts)
        return signals.take();
    const auto up = std::count_if(facts->backends().begin(), facts->backends().end(), [](const auto &backend) {
        return backend.isUp();
    });
    signals.figure("backends-up", static_cast<double>(up), "count");
    if (facts->watchdog) {
        signals.figure("watchdogs-alive", static_cast<double>(facts->watchdog->alive), "count");
        signals.text("quorum", facts->watchdog->quorum);
        signals.text("watchdog", facts->watchdog->state);
    }
    return signals.take();
}

std::vector<api::Signal> signalsOf(const CertificateInput &input, Time stillFresh, Time now, const Thresholds &limits)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "tls", stillFresh);
    const auto add = [&](const char *left, const char *share, const std::optional<CertificateFacts> &certificate) {
        if (!certificate)
            return;
        const double seconds = std::chrono::duration<double>(certificate->notAfter - now).count();
        const double life = std::chrono::duration<double>(certificate->notAfter - certificate->notBefore).count();
        signals.figure(left, seconds, "seconds");
        signals.figure(share, life > 0 ? std::optional(seconds / life) : std::nullopt, "ratio", limits.certificateWarn,
                       limits.certificateCritical, true);
    };
    if (facts) {
        add("presented-left", "presented-life", facts->presented);
        add("file-left", "file-life", facts->onDisk);
    }
    return signals.take();
}

std::vector<api::Signal> signalsOf(const DiskInput &input, Time stillFresh, const Thresholds &limits)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "statvfs", stillFresh);
    signals.figure("available", facts ? std::optional(facts->available) : std::nullopt, "bytes");
    signals.figure("available-share", facts && facts->total > 0 ? std::optional(facts->available / facts->total) : std::nullopt,
                   "ratio", limits.diskLowWarn, limits.diskLowCritical, true);
    signals.figure("inodes-share", facts && facts->inodes > 0 ? std::optional(facts->inodesAvailable / facts->inodes) : std::nullopt,
                   "ratio", limits.diskLowWarn, limits.diskLowCritical, true);
    const auto hours = hoursUntilFull(input.points);
    signals.figure("until-full", hours ? std::optional(*hours * 3600) : std::nullopt, "seconds", limits.diskWarnHours * 3600,
                   limits.diskCriticalHours * 3600, true);
    return signals.take();
}

std::vector<api::Signal> signalsOf(const AgentInput &input, Time stillFresh)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "agent", stillFresh);
    signals.text("version", facts ? facts->state.version : "");
    if (facts && facts->state.database)
        signals.text("database", facts->state.database->state);
    return signals.take();
}

namespace {

// As many as an agent lists.
constexpr std::size_t splitFilesShown = 100;

// Each file of which this server tells that it has two versions, and which server has the right bytes: a press mends it where
// one has. How many there are beside those is told as well.
void addSplitFiles(Signals &signals, const VolumeInput &input, const std::vector<VolumeInput> &all, Time stillFresh)
{
    const api::AgentVolume &own = input.watched.facts->volume;
    std::int64_t most = 0;
    for (const api::AgentBrick &brick : own.bricks)
        most = std::max(most, brick.splitBrain.value_or(0));
    if (own.splitFiles.empty() && most == 0)
        return;
    std::vector<VolumeView> views;
    for (const VolumeInput &server : all) {
        // What it told itself stays on the screen, struck through.
        if (isFresh(server, stillFresh) || (server.name == input.name && server.watched.facts))
            views.push_back({server.name, &server.watched.facts->volume});
    }
    std::size_t shown = 0;
    for (const SplitFile &file : splitFilesOf(views)) {
        if (shown == splitFilesShown || std::find(own.splitFiles.begin(), own.splitFiles.end(), file.path) == own.splitFiles.end())
            continue;
        ++shown;
        const bool right = !file.source.empty();
        signals.text(("split-file-" + file.path).c_str(), right ? file.source + " has the right bytes" : file.why, right ? Verdict::Warning : Verdict::Critical);
    }
    if (const std::int64_t others = most - static_cast<std::int64_t>(shown); others > 0)
        signals.figure("split-unlisted", static_cast<double>(others), "count", std::nullopt, 1);
}

}  // namespace

std::vector<api::Signal> signalsOf(const VolumeInput &input, const std::vector<VolumeInput> &all, Time stillFresh)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "gluster", stillFresh);
    const api::AgentBrick *brick = brickOf(input, all, stillFresh).brick;
    const auto count = [](const std::optional<std::int64_t> &number) { return number ? std::optional(static_cast<double>(*number)) : std::nullopt; };
    signals.text("brick", !brick ? "" : brick->online ? "serves" : "down", brick && !brick->online ? Verdict::Critical : Verdict::Ok);
    signals.figure("to-heal", brick ? count(brick->unhealed) : std::nullopt, "count", 1);
    signals.figure("split-brain", brick ? count(brick->splitBrain) : std::nullopt, "count", std::nullopt, 1);
    if (!facts)
        return signals.take();
    addSplitFiles(signals, input, all, stillFresh);
    const auto connected = std::count_if(facts->volume.peers.begin(), facts->volume.peers.end(), [](const api::AgentPeer &peer) { return peer.connected; });
    signals.figure("peers", static_cast<double>(connected), "count", static_cast<double>(facts->volume.peers.size()), std::nullopt, true);
    signals.text("quorum", facts->volume.quorum.empty() ? "not set" : facts->volume.quorum);
    signals.text("healer", facts->volume.healDaemon ? "runs" : "down", facts->volume.healDaemon ? Verdict::Ok : Verdict::Warning);
    return signals.take();
}

std::vector<api::Signal> signalsOf(const EtcdInput &input, const std::vector<EtcdInput> &members, Time stillFresh)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "http", stillFresh);
    std::string leader;
    for (const EtcdInput &member : members) {
        if (facts && member.watched.facts && !facts->leader.empty() && member.watched.facts->member == facts->leader)
            leader = member.name;
    }
    const bool follows = facts && !facts->leader.empty();
    signals.text("leader", !facts ? "" : leader == input.name ? "leads" : !leader.empty() ? "follows " + leader : follows ? "follows another" : "follows nobody",
                 follows ? Verdict::Ok : Verdict::Critical);
    signals.figure("term", facts && facts->term ? std::optional(static_cast<double>(*facts->term)) : std::nullopt, "count");
    signals.figure("size", facts ? facts->bytes : std::nullopt, "bytes");
    return signals.take();
}

}  // namespace cm::monitor
