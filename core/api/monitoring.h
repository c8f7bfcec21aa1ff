// SPDX-License-Identifier: GPL-3.0-or-later
// What a monitor knows, as the admin contract speaks of it: topology, states, replication, pools, series,
// timeline, availability. Plain values, any thread. Times are UTC, sizes bytes, durations seconds. A
// figure that nobody can know is absent, never 0, and each has the time at which it was taken.
#pragma once

#include "core/api/operations.h"

namespace cm::api {

// Words for Node::role and TopologyNode::role: "web", "postgres", "pgpool", "etcd", "gluster", "cdn", "mirror",
// "ssh", "ingest", "certificate", "disk", "agent", "monitor".

struct TopologyNode {
    std::string name;
    std::string role;
    std::string host;
    std::string site;
    // "127.0.0.1:6001"; empty for what has no port.
    std::string address;
    // Of a web node; absent for others, and where nobody told.
    std::optional<bool> tls = std::nullopt;
    friend bool operator==(const TopologyNode &, const TopologyNode &) = default;
    BOOST_DESCRIBE_CLASS(TopologyNode, (), (name, role, host, site, address, tls), (), ())
};

// `from` needs `to`. `kind`: "requests", "pools", "replicates", "watches", "runs on", "presents", "stores",
// "falls back" (from a cache to a mirror; has the fact "used" while it does), "copies" (from a mirror to what it copies).
// Facts of others are those of `from`: "lag-bytes" of what replicates, "requests-NAME" of what a cache asks of a web node.
struct TopologyEdge {
    std::string from;
    std::string to;
    std::string kind;
    Verdict verdict = Verdict::Unknown;
    // False while the monitor cannot see the edge, which is not the same as down.
    bool visible = false;
    std::string statement;
    std::vector<Signal> facts;
    friend bool operator==(const TopologyEdge &, const TopologyEdge &) = default;
    BOOST_DESCRIBE_CLASS(TopologyEdge, (), (from, to, kind, verdict, visible, statement, facts), (), ())
};

// All nodes of one role together. The worst node is never averaged away.
struct RoleState {
    std::string role;
    Verdict verdict = Verdict::Unknown;
    std::string finding;
    // "web has no spare now: only web2 works".
    std::string statement;
    std::int64_t nodes = 0;
    std::int64_t working = 0;
    std::optional<Time> since;
    friend bool operator==(const RoleState &, const RoleState &) = default;
    BOOST_DESCRIBE_CLASS(RoleState, (), (role, verdict, finding, statement, nodes, working, since), (), ())
};

struct Topology {
    std::string name;
    std::string registry;
    std::string registryUrl;
    // The monitor that answers.
    std::string monitor;
    std::vector<TopologyNode> nodes;
    std::vector<TopologyEdge> edges;
    friend bool operator==(const Topology &, const Topology &) = default;
    BOOST_DESCRIBE_CLASS(Topology, (), (name, registry, registryUrl, monitor, nodes, edges), (), ())
};

// The whole in one line: what is wrong, for whom, since when, and what is not at risk.
struct VerdictLine {
    Verdict verdict = Verdict::Unknown;
    std::string statement;
    std::string affected;
    std::string notAtRisk;
    // The node to look at first; empty when nothing is wrong.
    std::string cause;
    std::string finding;
    std::optional<Time> since;
    friend bool operator==(const VerdictLine &, const VerdictLine &) = default;
    BOOST_DESCRIBE_CLASS(VerdictLine, (), (verdict, statement, affected, notAtRisk, cause, finding, since), (), ())
};

// How a monitor itself is doing.
struct MonitorHealth {
    std::string name;
    std::string version;
    Time started;
    std::int64_t intervalMilliseconds = 0;
    std::int64_t targets = 0;
    // Probes that had not answered when their next one was due, since the start.
    std::int64_t overdue = 0;
    std::int64_t alertsWaiting = 0;
    // Empty while history is written.
    std::string storeProblem;
    friend bool operator==(const MonitorHealth &, const MonitorHealth &) = default;
    BOOST_DESCRIBE_CLASS(MonitorHealth, (),
                         (name, version, started, intervalMilliseconds, targets, overdue, alertsWaiting, storeProblem),
                         (), ())
};

struct MonitorState {
    Time time;
    VerdictLine line;
    std::vector<RoleState> roles;
    // Worst first, then by name.
    std::vector<Node> nodes;
    MonitorHealth monitor;
    // What nobody watches, each in a sentence.
    std::vector<std::string> blindSpots;
    friend bool operator==(const MonitorState &, const MonitorState &) = default;
    BOOST_DESCRIBE_CLASS(MonitorState, (), (time, line, roles, nodes, monitor, blindSpots), (), ())
};

struct Figure {
    std::optional<double> value;
    std::optional<Time> sampled;
    friend bool operator==(const Figure &, const Figure &) = default;
    BOOST_DESCRIBE_CLASS(Figure, (), (value, sampled), (), ())
};

// One PostgreSQL server by its own account.
struct DatabaseServer {
    std::string name;
    // Absent while it does not answer.
    std::optional<bool> inRecovery;
    std::optional<std::int64_t> timeline;
    std::string systemIdentifier;
    // Written on a primary, replayed on a standby: "0/3000148".
    std::string lsn;
    std::string version;
    std::string synchronousCommit;
    std::string synchronousStandbyNames;
    Figure connections;
    Figure maxConnections;
    Verdict verdict = Verdict::Unknown;
    std::string statement;
    std::optional<Time> sampled;
    friend bool operator==(const DatabaseServer &, const DatabaseServer &) = default;
    BOOST_DESCRIBE_CLASS(DatabaseServer, (),
                         (name, inRecovery, timeline, systemIdentifier, lsn, version, synchronousCommit,
                          synchronousStandbyNames, connections, maxConnections, verdict, statement, sampled),
                         (), ())
};

// One standby from both ends. `primary…` is what the primary says of it, `standby…` its own account.
struct StandbyReplication {
    std::string name;
    std::string primary;
    Verdict verdict = Verdict::Unknown;
    std::string finding;
    std::string statement;
    std::optional<Time> since;
    std::optional<Time> primarySampled;
    // Absent while the primary does not answer; false is "no row".
    std::optional<bool> primarySees;
    std::string primaryState;
    std::string syncState;
    Figure sendBytes;
    Figure writeBytes;
    Figure flushBytes;
    Figure replayBytes;
    Figure replaySeconds;
    Figure replyAgeSeconds;
    std::optional<Time> standbySampled;
    std::string receiverStatus;
    std::string senderHost;
    std::string receiveLsn;
    std::string replayLsn;
    std::string pauseState;
    Figure receiveReplayBytes;
    Figure messageAgeSeconds;
    // By the row that the primary stamps each second: both stamps are of its clock.
    Figure heartbeatSeconds;
    std::optional<std::int64_t> timeline;
    std::string slot;
    // What a promotion now would lose. Absent when nobody can know; the sentence says why.
    Figure lossBytes;
    Figure lossSeconds;
    std::string lossStatement;
    friend bool operator==(const StandbyReplication &, const StandbyReplication &) = default;
    BOOST_DESCRIBE_CLASS(StandbyReplication, (),
                         (name, primary, verdict, finding, statement, since, primarySampled, primarySees, primaryState,
                          syncState, sendBytes, writeBytes, flushBytes, replayBytes, replaySeconds, replyAgeSeconds,
                          standbySampled, receiverStatus, senderHost, receiveLsn, replayLsn, pauseState,
                          receiveReplayBytes, messageAgeSeconds, heartbeatSeconds, timeline, slot, lossBytes,
                          lossSeconds, lossStatement),
                         (), ())
};

struct ReplicationSlot {
    std::string name;
    std::string node;
    bool active = false;
    // "reserved", "extended", "unreserved", "lost"; empty when not told.
    std::string walStatus;
    Figure retainedBytes;
    // Until the slot may lose what it keeps; absent where there is no bound.
    Figure safeBytes;
    Verdict verdict = Verdict::Unknown;
    std::string statement;
    friend bool operator==(const ReplicationSlot &, const ReplicationSlot &) = default;
    BOOST_DESCRIBE_CLASS(ReplicationSlot, (),
                         (name, node, active, walStatus, retainedBytes, safeBytes, verdict, statement), (), ())
};

struct ReplicationView {
    Time time;
    Verdict verdict = Verdict::Unknown;
    std::string finding;
    std::string statement;
    // The one server that takes writes; empty when there is none, or more than one.
    std::string primary;
    std::vector<DatabaseServer> servers;
    std::vector<StandbyReplication> standbys;
    std::vector<ReplicationSlot> slots;
    // Why nobody should promote now, each in a sentence; empty: nothing speaks against it.
    std::vector<std::string> promotionBlockers;
    friend bool operator==(const ReplicationView &, const ReplicationView &) = default;
    BOOST_DESCRIBE_CLASS(ReplicationView, (),
                         (time, verdict, finding, statement, primary, servers, standbys, slots, promotionBlockers), (),
                         ())
};

// One database server as one pgpool sees it: what pgpool believes beside what it measured.
struct PoolBackend {
    std::int64_t id = 0;
    std::string host;
    std::int64_t port = 0;
    // In our topology; empty when it is not part of it.
    std::string node;
    std::string status;
    std::string actualStatus;
    std::string role;
    std::string actualRole;
    std::optional<double> weight;
    std::string delay;
    std::string replicationState;
    std::string syncState;
    std::string changed;
    // As a client of SQL sees it; empty: not asked this time.
    std::string sqlStatus;
    std::string sqlRole;
    friend bool operator==(const PoolBackend &, const PoolBackend &) = default;
    BOOST_DESCRIBE_CLASS(PoolBackend, (),
                         (id, host, port, node, status, actualStatus, role, actualRole, weight, delay,
                          replicationState, syncState, changed, sqlStatus, sqlRole),
                         (), ())
};

struct PoolSetting {
    std::string name;
    std::string value;
    Verdict verdict = Verdict::Ok;
    std::string statement;
    friend bool operator==(const PoolSetting &, const PoolSetting &) = default;
    BOOST_DESCRIBE_CLASS(PoolSetting, (), (name, value, verdict, statement), (), ())
};

struct PoolState {
    std::string name;
    Verdict verdict = Verdict::Unknown;
    std::string finding;
    std::string statement;
    std::optional<Time> sampled;
    std::vector<PoolBackend> backends;
    // "QUORUM EXIST", "QUORUM IS ON THE EDGE", "QUORUM ABSENT"; empty without a watchdog.
    std::string quorum;
    std::string watchdogState;
    std::string leader;
    std::optional<std::int64_t> members;
    std::optional<std::int64_t> alive;
    std::vector<PoolSetting> settings;
    // Why there is nothing from its control port, or from SQL; empty: there is, or it was not asked there.
    std::string controlProblem;
    std::string sqlProblem;
    friend bool operator==(const PoolState &, const PoolState &) = default;
    BOOST_DESCRIBE_CLASS(PoolState, (),
                         (name, verdict, finding, statement, sampled, backends, quorum, watchdogState, leader, members,
                          alive, settings, controlProblem, sqlProblem),
                         (), ())
};

struct PoolView {
    Time time;
    std::vector<PoolState> pools;
    // Where they do not say the same, each in a sentence.
    std::vector<std::string> disagreements;
    // What losing any one of them would mean for quorum.
    std::string quorumStatement;
    friend bool operator==(const PoolView &, const PoolView &) = default;
    BOOST_DESCRIBE_CLASS(PoolView, (), (time, pools, disagreements, quorumStatement), (), ())
};

struct ListSeries {
    // Of one node; empty: of all.
    std::string target;
    BOOST_DESCRIBE_CLASS(ListSeries, (), (target), (), ())
};

struct SeriesInfo {
    std::string target;
    std::string signal;
    std::string unit;
    std::optional<Time> newest;
    friend bool operator==(const SeriesInfo &, const SeriesInfo &) = default;
    BOOST_DESCRIBE_CLASS(SeriesInfo, (), (target, signal, unit, newest), (), ())
};

struct SeriesList {
    std::vector<SeriesInfo> series;
    friend bool operator==(const SeriesList &, const SeriesList &) = default;
    BOOST_DESCRIBE_CLASS(SeriesList, (), (series), (), ())
};

struct SeriesQuery {
    std::string target;
    std::string signal;
    // Absent: the last hour.
    std::optional<Time> from;
    std::optional<Time> until;
    // Of a bucket; 0: as fits some 300 points. Answers have at most 5,000.
    std::int64_t stepSeconds = 0;
    BOOST_DESCRIBE_CLASS(SeriesQuery, (), (target, signal, from, until, stepSeconds), (), ())
};

// One bucket; without samples `count` is 0 and the figures are absent: a gap.
struct SeriesPoint {
    Time time;
    std::int64_t count = 0;
    std::optional<double> min;
    std::optional<double> average;
    std::optional<double> max;
    std::optional<double> p95;
    std::optional<double> p99;
    friend bool operator==(const SeriesPoint &, const SeriesPoint &) = default;
    BOOST_DESCRIBE_CLASS(SeriesPoint, (), (time, count, min, average, max, p95, p99), (), ())
};

struct Series {
    std::string target;
    std::string signal;
    std::string unit;
    Time from;
    Time until;
    std::int64_t stepSeconds = 0;
    // Every bucket of the span, gaps included.
    std::vector<SeriesPoint> points;
    friend bool operator==(const Series &, const Series &) = default;
    BOOST_DESCRIBE_CLASS(Series, (), (target, signal, unit, from, until, stepSeconds, points), (), ())
};

struct ListTimeline {
    std::optional<Time> from;
    std::optional<Time> until;
    std::string node;
    // Beginning of the kind, such as "verdict." or "alert.".
    std::string kind;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListTimeline, (), (from, until, node, kind, offset, limit), (), ())
};

// Kinds: "verdict.changed", "version.changed", "alert.opened", "alert.changed", "alert.acknowledged",
// "alert.released", "alert.closed", "silence.created", "silence.ended", "delivery.failed", "monitor.started", "action.started",
// "action.step", "action.ended", "action.refused".
struct TimelineEvent {
    Id id;
    Time time;
    std::string kind;
    std::string node;
    std::string role;
    std::optional<Verdict> before;
    std::optional<Verdict> after;
    std::string finding;
    std::string statement;
    std::string actor;
    std::optional<Id> alert;
    friend bool operator==(const TimelineEvent &, const TimelineEvent &) = default;
    BOOST_DESCRIBE_CLASS(TimelineEvent, (),
                         (id, time, kind, node, role, before, after, finding, statement, actor, alert), (), ())
};

struct AvailabilityQuery {
    // Absent: the last 30 days, which is what is kept.
    std::optional<Time> from;
    std::optional<Time> until;
    BOOST_DESCRIBE_CLASS(AvailabilityQuery, (), (from, until), (), ())
};

struct Availability {
    std::string node;
    std::string role;
    // Shares of the time in which it was watched, from the first look at it on; absent when it was not. What is stopped by
    // order does not work, which is no outage.
    std::optional<double> working;
    std::optional<double> unknown;
    double watchedSeconds = 0;
    std::int64_t outages = 0;
    std::optional<double> meanRepairSeconds;
    friend bool operator==(const Availability &, const Availability &) = default;
    BOOST_DESCRIBE_CLASS(Availability, (),
                         (node, role, working, unknown, watchedSeconds, outages, meanRepairSeconds), (), ())
};

struct AvailabilityList {
    Time from;
    Time until;
    std::vector<Availability> nodes;
    // Of each role that serves, in the way of a request: whether one node of it at least could. Without a name.
    std::vector<Availability> roles;
    friend bool operator==(const AvailabilityList &, const AvailabilityList &) = default;
    BOOST_DESCRIBE_CLASS(AvailabilityList, (), (from, until, nodes, roles), (), ())
};

struct MonitorDifference {
    std::string node;
    Verdict ours = Verdict::Unknown;
    Verdict theirs = Verdict::Unknown;
    std::string statement;
    friend bool operator==(const MonitorDifference &, const MonitorDifference &) = default;
    BOOST_DESCRIBE_CLASS(MonitorDifference, (), (node, ours, theirs, statement), (), ())
};

// Another monitor of the same topology beside the one that answers.
struct PeerMonitor {
    std::string name;
    bool reachable = false;
    std::string problem;
    std::optional<Time> sampled;
    std::optional<Verdict> verdict;
    std::vector<MonitorDifference> differences;
    friend bool operator==(const PeerMonitor &, const PeerMonitor &) = default;
    BOOST_DESCRIBE_CLASS(PeerMonitor, (), (name, reachable, problem, sampled, verdict, differences), (), ())
};

struct MonitorComparison {
    std::vector<PeerMonitor> peers;
    friend bool operator==(const MonitorComparison &, const MonitorComparison &) = default;
    BOOST_DESCRIBE_CLASS(MonitorComparison, (), (peers), (), ())
};

}  // namespace cm::api
