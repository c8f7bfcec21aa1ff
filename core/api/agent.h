// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent says of its host, and the fixed list of what it does there. Spoken between a monitor and
// an agent alone, over TLS in which each shows a certificate of the installation's own authority. Plain
// values, any thread. Times are UTC by the host's clock, sizes bytes.
#pragma once

#include "core/api/endpoint.h"

namespace cm::api {

struct AgentDisk {
    // In the topology.
    std::string name;
    std::string path;
    double total = 0;
    // To ordinary users, not to root.
    double available = 0;
    double inodes = 0;
    double inodesAvailable = 0;
    bool readOnly = false;
    // Why there are no figures; empty: there are.
    std::string problem;
    friend bool operator==(const AgentDisk &, const AgentDisk &) = default;
    BOOST_DESCRIBE_CLASS(AgentDisk, (),
                         (name, path, total, available, inodes, inodesAvailable, readOnly, problem), (), ())
};

// A certificate as it lies on the disk.
struct AgentCertificate {
    std::string name;
    std::string file;
    std::string serial;
    std::string subject;
    std::string issuer;
    std::vector<std::string> names;
    std::optional<Time> notBefore;
    std::optional<Time> notAfter;
    // SHA-256 of the DER form.
    std::string fingerprint;
    std::string problem;
    friend bool operator==(const AgentCertificate &, const AgentCertificate &) = default;
    BOOST_DESCRIBE_CLASS(AgentCertificate, (),
                         (name, file, serial, subject, issuer, names, notBefore, notAfter, fingerprint, problem), (), ())
};

struct AgentService {
    std::string name;
    bool running = false;
    std::optional<std::int64_t> pid;
    std::optional<Time> started;
    // When it was last found to have ended without a farewell.
    std::optional<Time> uncleanStop;
    std::string statement;
    friend bool operator==(const AgentService &, const AgentService &) = default;
    BOOST_DESCRIBE_CLASS(AgentService, (), (name, running, pid, started, uncleanStop, statement), (), ())
};

// Keeps a backend out of the pgpools until a time.
struct SetAside {
    std::string node;
    Time until;
    friend bool operator==(const SetAside &, const SetAside &) = default;
    BOOST_DESCRIBE_CLASS(SetAside, (), (node, until), (), ())
};

// The PostgreSQL server of the host, by whoever keeps it.
struct AgentDatabase {
    // "primary, synchronous", "primary, alone", "standby", "starting", "silent", "stopped"; "primary, waiting" and
    // "stopped, waiting": it has to know first whether another one is the primary, as `problem` says.
    std::string state;
    std::optional<Time> since;
    bool running = false;
    // Stopped by order, and stays so.
    bool fenced = false;
    std::string fencedBy;
    std::vector<SetAside> setAside;
    // As a primary it has committed, or may have, what no standby holds. Absent: nobody can tell.
    std::optional<bool> alone;
    // What is done to it now, such as "copy pg1"; empty: nothing.
    std::string work;
    std::optional<double> workDone;
    std::string problem;
    // Folders of what is nowhere else: it was committed there alone, or is another database's.
    std::vector<std::string> kept;
    // Bytes that are free beside its data, where a copy would lie. Absent: nobody tells.
    std::optional<double> room;
    friend bool operator==(const AgentDatabase &, const AgentDatabase &) = default;
    BOOST_DESCRIBE_CLASS(AgentDatabase, (),
                         (state, since, running, fenced, fencedBy, setAside, alone, work, workDone, problem, kept, room), (), ())
};

// One server's part of a volume, as the asked server sees it.
struct AgentBrick {
    std::string host;
    std::string path;
    bool arbiter = false;
    // Of the asked server itself.
    bool own = false;
    bool online = false;
    std::optional<std::int64_t> pid;
    // How many files wait to be healed towards other bricks, and how many of them contradict each other. Absent: nobody
    // knows, which is never none.
    std::optional<std::int64_t> unhealed;
    std::optional<std::int64_t> splitBrain;
    // Why it is not known.
    std::string problem;
    friend bool operator==(const AgentBrick &, const AgentBrick &) = default;
    BOOST_DESCRIBE_CLASS(AgentBrick, (), (host, path, arbiter, own, online, pid, unhealed, splitBrain, problem), (), ())
};

struct AgentPeer {
    // "localhost": the server itself.
    std::string host;
    bool connected = false;
    friend bool operator==(const AgentPeer &, const AgentPeer &) = default;
    BOOST_DESCRIBE_CLASS(AgentPeer, (), (host, connected), (), ())
};

// What the asked server's own brick has of a file whose copies contradict each other.
struct AgentCopy {
    // In the volume.
    std::string path;
    std::optional<std::int64_t> size;
    // BLAKE2b-256 of its bytes, and the one that they should have: by which the catalog names the file, which is its path,
    // or of what its wheel has as METADATA; empty: not known, and a path that names none.
    std::string digest;
    std::string wanted;
    // Why the digest is not known.
    std::string problem;
    [[nodiscard]] bool isRight() const { return !wanted.empty() && digest == wanted; }
    friend bool operator==(const AgentCopy &, const AgentCopy &) = default;
    BOOST_DESCRIBE_CLASS(AgentCopy, (), (path, size, digest, wanted, problem), (), ())
};

// The GlusterFS volume under the files of the registry, as the server of this host sees it.
struct AgentVolume {
    std::string name;
    bool started = false;
    // cluster.quorum-type as it is set; empty: it was not set, and follows the number of bricks.
    std::string quorum;
    bool healDaemon = false;
    std::vector<AgentPeer> peers;
    std::vector<AgentBrick> bricks;
    // Files that contradict each other, a hundred at most: paths in the volume, or "<gfid:…>".
    std::vector<std::string> splitFiles;
    std::vector<AgentCopy> copies;
    std::string problem;
    friend bool operator==(const AgentVolume &, const AgentVolume &) = default;
    BOOST_DESCRIBE_CLASS(AgentVolume, (), (name, started, quorum, healDaemon, peers, bricks, splitFiles, copies, problem), (), ())
};

struct AgentDrain {
    Time until;
    std::string by;
    std::string reason;
    friend bool operator==(const AgentDrain &, const AgentDrain &) = default;
    BOOST_DESCRIBE_CLASS(AgentDrain, (), (until, by, reason), (), ())
};

// Who has taken something out of use, since when and why, and when that ends by itself; empty: by hand, and nobody said.
struct AgentOut {
    Time since;
    std::string by;
    std::string reason;
    std::optional<Time> until;
    friend bool operator==(const AgentOut &, const AgentOut &) = default;
    BOOST_DESCRIBE_CLASS(AgentOut, (), (since, by, reason, until), (), ())
};

// The static mirror of the host: its process and its folder. How old the copy is says its own status.json.
struct AgentMirror {
    bool running = false;
    std::optional<std::int64_t> pid;
    // While no run begins, by order.
    std::optional<AgentDrain> paused;
    // While its web server says that it is not ready, by order.
    std::optional<AgentOut> out;
    std::string problem;
    friend bool operator==(const AgentMirror &, const AgentMirror &) = default;
    BOOST_DESCRIBE_CLASS(AgentMirror, (), (running, pid, paused, out, problem), (), ())
};

struct AgentEdgeBackend {
    // As the edge calls it.
    std::string name;
    // What the edge makes of its own probes; absent: it does not say.
    std::optional<bool> healthy;
    // Since the edge started: sent to it, failed there, not sent for it was held to be sick.
    std::optional<std::int64_t> requests;
    std::optional<std::int64_t> failures;
    std::optional<std::int64_t> refused;
    friend bool operator==(const AgentEdgeBackend &, const AgentEdgeBackend &) = default;
    BOOST_DESCRIBE_CLASS(AgentEdgeBackend, (), (name, healthy, requests, failures, refused), (), ())
};

// What the edge has answered in so many seconds up to `taken`.
struct AgentAnswers {
    Time taken;
    std::int64_t all = 0;
    // With 5xx.
    std::int64_t failed = 0;
    std::int64_t seconds = 0;
    friend bool operator==(const AgentAnswers &, const AgentAnswers &) = default;
    BOOST_DESCRIBE_CLASS(AgentAnswers, (), (taken, all, failed, seconds), (), ())
};

// The cache of the host. Counters since its start: rates are the work of whoever asks twice.
struct AgentEdge {
    std::optional<Time> taken;
    // Seconds; falls when it starts anew.
    std::optional<std::int64_t> uptime;
    std::optional<std::int64_t> requests;
    std::optional<std::int64_t> hits;
    std::optional<std::int64_t> misses;
    std::optional<std::int64_t> passes;
    // What it holds now.
    std::optional<std::int64_t> objects;
    std::vector<AgentEdgeBackend> backends;
    // Absent: nobody knows.
    std::optional<AgentAnswers> answers;
    std::string problem;
    friend bool operator==(const AgentEdge &, const AgentEdge &) = default;
    BOOST_DESCRIBE_CLASS(AgentEdge, (), (taken, uptime, requests, hits, misses, passes, objects, backends, answers, problem), (), ())
};

struct AgentState {
    Time time;
    std::string host;
    std::string version;
    // The agent, and the machine.
    Time started;
    std::optional<Time> booted;
    // When the machine last ended without a farewell, as far as the agent saw it.
    std::optional<Time> uncleanStop;
    std::vector<AgentDisk> disks;
    std::vector<AgentCertificate> certificates;
    std::vector<AgentService> services;
    std::optional<AgentDatabase> database;
    std::optional<AgentVolume> volume;
    // While its web node is drained.
    std::optional<AgentDrain> drain;
    std::optional<AgentMirror> mirror;
    std::optional<AgentEdge> edge;
    friend bool operator==(const AgentState &, const AgentState &) = default;
    BOOST_DESCRIBE_CLASS(AgentState, (),
                         (time, host, version, started, booted, uncleanStop, disks, certificates, services, database,
                          volume, drain, mirror, edge),
                         (), ())
};

// Who has it done, for the agent's own log, in every order.
struct AgentOrder {
    std::string by;
    std::string reason;
    BOOST_DESCRIBE_CLASS(AgentOrder, (), (by, reason), (), ())
};

struct OrderDrain {
    AgentOrder order;
    Time until;
    BOOST_DESCRIBE_CLASS(OrderDrain, (), (order, until), (), ())
};

// The primary stops so that its successor has everything, and starts again only to follow.
struct OrderStepDown {
    AgentOrder order;
    std::string successor;
    BOOST_DESCRIBE_CLASS(OrderStepDown, (), (order, successor), (), ())
};

// Refused (GuardFailed) by a server that is no standby, or has received less than `received`.
struct OrderPromote {
    AgentOrder order;
    // "0/3000148"; empty: whatever it has.
    std::string received;
    BOOST_DESCRIBE_CLASS(OrderPromote, (), (order, received), (), ())
};

struct OrderRejoin {
    AgentOrder order;
    bool copy = false;
    BOOST_DESCRIBE_CLASS(OrderRejoin, (), (order, copy), (), ())
};

struct OrderSetAside {
    AgentOrder order;
    std::string node;
    // In the past: no longer.
    Time until;
    BOOST_DESCRIBE_CLASS(OrderSetAside, (), (order, node, until), (), ())
};

struct OrderDropSlot {
    AgentOrder order;
    std::string slot;
    BOOST_DESCRIBE_CLASS(OrderDropSlot, (), (order, slot), (), ())
};

struct OrderPlain {
    AgentOrder order;
    BOOST_DESCRIBE_CLASS(OrderPlain, (), (order), (), ())
};

// Files of the volume that contradict each other get the bytes of the asked server's brick. GuardFailed unless those are of
// the digest that each file's path names, looked at once more.
struct OrderResolve {
    AgentOrder order;
    std::vector<std::string> files;
    BOOST_DESCRIBE_CLASS(OrderResolve, (), (order, files), (), ())
};

// What the mirror holds back may go in its next run. GuardFailed unless that is the set of this digest, as its status.json
// tells it.
struct OrderAllow {
    AgentOrder order;
    std::string digest;
    Time until;
    BOOST_DESCRIBE_CLASS(OrderAllow, (), (order, digest, until), (), ())
};

struct OrderProject {
    AgentOrder order;
    std::string project;
    BOOST_DESCRIBE_CLASS(OrderProject, (), (order, project), (), ())
};

struct AgentDone {
    std::string statement;
    // Where the server's WAL ended, where that matters.
    std::string lsn;
    friend bool operator==(const AgentDone &, const AgentDone &) = default;
    BOOST_DESCRIBE_CLASS(AgentDone, (), (statement, lsn), (), ())
};

// The roles are those of certificates: a monitor's is an operator's, another one's an observer's.
namespace endpoints::agent {

inline constexpr Endpoint<Nothing, AgentState> state{
    {"agent-state", Method::Get, "/agent/v1/state", access::staff, "Disks, certificates, services, database, volume, drain, mirror, edge"}};
inline constexpr Endpoint<OrderDrain, AgentDone> drain{
    {"agent-drain", Method::Post, "/agent/v1/web/drain", access::operators, "The web node says that it is not ready"}};
inline constexpr Endpoint<OrderPlain, AgentDone> returnWeb{
    {"agent-return", Method::Post, "/agent/v1/web/return", access::operators, "Ends a drain"}};
inline constexpr Endpoint<OrderPlain, AgentDone> reloadWeb{
    {"agent-reload", Method::Post, "/agent/v1/web/reload", access::operators, "The web node reads its certificate again"}};
inline constexpr Endpoint<OrderStepDown, AgentDone> stepDown{
    {"agent-step-down", Method::Post, "/agent/v1/database/step-down", access::operators,
     "A primary stops, its successor has everything"}};
inline constexpr Endpoint<OrderPromote, AgentDone> promote{
    {"agent-promote", Method::Post, "/agent/v1/database/promote", access::operators, "A standby becomes a primary"}};
inline constexpr Endpoint<OrderPlain, AgentDone> fence{
    {"agent-fence", Method::Post, "/agent/v1/database/fence", access::operators, "The server stops and stays stopped"}};
inline constexpr Endpoint<OrderPlain, AgentDone> unfence{
    {"agent-unfence", Method::Post, "/agent/v1/database/unfence", access::operators, "It may start again"}};
inline constexpr Endpoint<OrderRejoin, AgentDone> rejoin{
    {"agent-rejoin", Method::Post, "/agent/v1/database/rejoin", access::operators,
     "Begins to make it a standby of the primary; the state tells how far it is"}};
inline constexpr Endpoint<OrderPlain, AgentDone> resumeReplay{
    {"agent-resume-replay", Method::Post, "/agent/v1/database/resume-replay", access::operators,
     "A standby whose replay is paused goes on"}};
inline constexpr Endpoint<OrderSetAside, AgentDone> setAside{
    {"agent-set-aside", Method::Post, "/agent/v1/database/set-aside", access::operators,
     "Nobody attaches a node at the pgpools until a time"}};
inline constexpr Endpoint<OrderDropSlot, AgentDone> dropSlot{
    {"agent-drop-slot", Method::Post, "/agent/v1/database/drop-slot", access::operators, "Drops an inactive slot"}};

inline constexpr Endpoint<OrderPlain, AgentDone> syncMirror{
    {"agent-mirror-sync", Method::Post, "/agent/v1/mirror/sync", access::operators, "The mirror runs now; its status tells how far it is"}};
inline constexpr Endpoint<OrderDrain, AgentDone> pauseMirror{
    {"agent-mirror-pause", Method::Post, "/agent/v1/mirror/pause", access::operators, "No run of the mirror until a time"}};
inline constexpr Endpoint<OrderPlain, AgentDone> resumeMirror{
    {"agent-mirror-resume", Method::Post, "/agent/v1/mirror/resume", access::operators, "Ends a pause"}};
inline constexpr Endpoint<OrderAllow, AgentDone> allowDeletions{
    {"agent-mirror-allow-deletions", Method::Post, "/agent/v1/mirror/allow-deletions", access::operators,
     "The deletions that the mirror holds back are followed, once"}};
inline constexpr Endpoint<OrderProject, AgentDone> syncProject{
    {"agent-mirror-sync-project", Method::Post, "/agent/v1/mirror/sync-project", access::operators,
     "The mirror looks at one project anew and reads its files again"}};
inline constexpr Endpoint<OrderDrain, AgentDone> takeMirrorOut{
    {"agent-mirror-out", Method::Post, "/agent/v1/mirror/out", access::operators, "The mirror's web server says until a time that it is not ready"}};
inline constexpr Endpoint<OrderPlain, AgentDone> returnMirror{
    {"agent-mirror-return", Method::Post, "/agent/v1/mirror/return", access::operators, "It says that it is ready"}};

inline constexpr Endpoint<OrderPlain, AgentDone> heal{
    {"agent-volume-heal", Method::Post, "/agent/v1/volume/heal", access::operators, "What waits to be healed is healed now"}};
inline constexpr Endpoint<OrderPlain, AgentDone> restartBrick{
    {"agent-brick-restart", Method::Post, "/agent/v1/volume/restart-brick", access::operators, "The brick of this server starts, anew when it runs"}};
inline constexpr Endpoint<OrderResolve, AgentDone> resolve{
    {"agent-volume-resolve", Method::Post, "/agent/v1/volume/resolve", access::operators, "Files with two versions get the bytes of their digest"}};

}  // namespace endpoints::agent

namespace endpoints {

// All that `cheesemongerd agent` answers.
inline constexpr auto ofAgent =
    std::make_tuple(agent::state, agent::drain, agent::returnWeb, agent::reloadWeb, agent::stepDown, agent::promote,
                    agent::fence, agent::unfence, agent::rejoin, agent::resumeReplay, agent::setAside, agent::dropSlot,
                    agent::syncMirror, agent::pauseMirror, agent::resumeMirror, agent::allowDeletions, agent::syncProject,
                    agent::takeMirrorOut, agent::returnMirror,
                    agent::heal, agent::restartBrick, agent::resolve);

}  // namespace endpoints

}  // namespace cm::api
