// SPDX-License-Identifier: GPL-3.0-or-later
// What probes bring home, as plain values: the figures as the target gave them, absent where it gave
// none. No judgement, no clock. LSNs are byte positions, ages and lags seconds, sizes bytes. Copyable,
// any thread.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::monitor {

// Why there are no facts, as far as the outside can tell.
enum class Outcome {
    Answered,
    Refused,  // the host says that nobody listens
    Silent,   // no answer in time: it, or the way there
    Denied,   // it answers, but not to us
    Failed,   // it answers nonsense, or an error of its own
};

// A target as it was last seen. `facts` and `taken` are of the last answer, the rest of the last try.
template <class Facts>
struct Watched {
    std::optional<Facts> facts;
    Time taken{};
    Outcome outcome = Outcome::Silent;
    Time tried{};
    std::string problem;
    int failures = 0;  // tries without an answer since the last one with
    Time asked{};      // when the last try began

    [[nodiscard]] bool wasTried() const { return tried != Time{}; }
    // Whether the last try brought these facts.
    [[nodiscard]] bool answers() const { return facts && outcome == Outcome::Answered; }
};

using Lsn = std::uint64_t;
// "0/3000148". Nothing for any other text.
[[nodiscard]] std::optional<Lsn> parseLsn(std::string_view text);
[[nodiscard]] std::string formatLsn(Lsn lsn);

struct WalSender {
    std::string application;
    std::string clientAddress;
    std::string state;
    std::string syncState;
    std::optional<Lsn> sent, written, flushed, replayed;
    std::optional<double> replayLag;
    std::optional<double> replyAge;
};

struct WalReceiver {
    std::string status;
    std::string senderHost;
    std::int64_t senderPort = 0;
    std::string slot;
    std::optional<double> messageAge;
};

struct SlotFacts {
    std::string name;
    bool active = false;
    std::string walStatus;
    std::optional<double> retained;
    std::optional<double> safeSize;
};

struct PostgresFacts {
    bool inRecovery = false;
    std::string systemIdentifier;
    std::optional<std::int64_t> timeline;
    std::string version;
    std::optional<Lsn> current, received, replayed;
    std::string pauseState;
    std::optional<WalReceiver> receiver;
    std::vector<WalSender> senders;
    std::vector<SlotFacts> slots;
    std::string synchronousCommit;
    std::string synchronousStandbyNames;
    std::optional<double> slotKeepBytes;
    // Its transactions are read-only unless they say otherwise.
    bool readOnly = false;
    // After which a walreceiver gives its sender up; a sender that has nothing to say says so at half of its own.
    std::optional<double> receiverTimeout;
    std::optional<double> connections, maxConnections;
    // What it has for servers that follow it, on a standby: once it is the primary.
    std::optional<std::int64_t> senderCount, maxSenders, maxSlots;
    std::vector<std::string> slotNames;
    // Of all its databases; of a primary, and up to a minute old.
    std::optional<double> databaseBytes;
    // The stamp in the heartbeat row and, on the server that writes it, the clock it was written by.
    std::optional<double> heartbeat;
    bool writesHeartbeat = false;
    std::optional<double> started;  // of the server, by its clock
    double answeredIn = 0;
};

struct HttpFacts {
    int status = 0;  // 0: there was no answer
    double seconds = 0;
    std::string problem;  // why there was none, or the reason that came with a refusal; one line
    bool late = false;    // there was none in time: whether there would have been one nobody knows

    [[nodiscard]] bool works() const { return status >= 200 && status < 400; }
    // "503: drained until …", "connection refused".
    [[nodiscard]] std::string text() const
    {
        return status == 0 ? problem : problem.empty() ? std::to_string(status) : std::to_string(status) + ": " + problem;
    }
};

// The registry takes no changes for a while, by order of somebody.
struct ReadOnlyFacts {
    Time until{};
    std::string by;
    std::string reason;
};

// What a web node has still to tell the caches in front.
struct PurgeFacts {
    std::int64_t waiting = 0;
    bool more = false;              // its journal goes on after what it counts
    std::optional<double> oldest;   // seconds, by its own clock; absent: nothing waits
    std::string problem;            // what a cache said, where nothing has succeeded since
};

// One web node: each of its faces asked in one poll. Absent: not asked (no token, no canary).
struct WebFacts {
    HttpFacts health;
    std::string version;  // of its program; empty: it does not say
    std::optional<HttpFacts> write;
    std::optional<ReadOnlyFacts> readOnly;  // as the write probe tells
    std::map<std::string, HttpFacts> channels;  // "simple", "file", "docs", "upload"
    std::optional<std::int64_t> serial;
    std::optional<PurgeFacts> purges;
    // Under way when its health was asked: uploads, and pages and files that are read.
    std::optional<std::int64_t> uploads, reads;
    // Open, those that wait for a next request included, and how many it takes at most.
    std::optional<std::int64_t> connections, mostConnections;
};

struct PoolBackendFacts {
    std::int64_t id = 0;
    std::string host;
    std::int64_t port = 0;
    std::string status, actualStatus;  // "up", "down", "waiting", "quarantine", "unknown"
    std::string role, actualRole;      // "primary", "standby", "unknown"
    std::optional<double> weight;
    std::string delay, replicationState, syncState, changed;

    // pgpool uses it.
    [[nodiscard]] bool isUp() const { return status == "up" || status == "waiting"; }
};

struct WatchdogFacts {
    std::int64_t members = 0;
    std::int64_t alive = 0;
    std::int64_t needed = 0;  // 0: not told
    std::string quorum;       // "QUORUM EXIST", "QUORUM IS ON THE EDGE", "QUORUM ABSENT", …
    std::string state;        // of this node: "LEADER", "STANDBY", …
    std::string leader;
};

struct PoolFacts {
    std::vector<PoolBackendFacts> byControl;  // PCP
    std::vector<PoolBackendFacts> bySql;      // show pool_nodes
    std::optional<WatchdogFacts> watchdog;
    std::map<std::string, std::string> settings;  // those that we judge
    std::string sqlProblem;                       // PCP answered, SQL did not
    std::string controlProblem;                   // the other way round
    double answeredIn = 0;

    // PCP is asked of the main process, SQL of a child: PCP where it answers, for it has more.
    [[nodiscard]] const std::vector<PoolBackendFacts> &backends() const { return byControl.empty() ? bySql : byControl; }
};

// A cluster as a Patroni tells of it.
struct PatroniMember {
    std::string name;
    std::string role;   // "leader", "replica", "sync_standby", "standby_leader"
    std::string state;  // "running", "streaming", "stopped", …
    std::optional<std::int64_t> timeline;
    std::optional<double> lag;  // bytes; absent: it is not known
};
struct PatroniFacts {
    std::vector<PatroniMember> members;
    bool paused = false;  // it moves nothing by itself
};

struct CertificateFacts {
    std::string serial;  // hexadecimal
    std::string subject;
    std::string issuer;
    std::vector<std::string> names;
    Time notBefore{};
    Time notAfter{};
    std::string fingerprint;  // SHA-256 of the DER form
};

// The same certificate in two places. Absent: not asked there, or not had.
struct CertificatePair {
    std::optional<CertificateFacts> presented;
    std::string presentedProblem;
    std::optional<CertificateFacts> onDisk;
    std::string diskProblem;
};

struct DiskFacts {
    double total = 0;
    double available = 0;  // to us, not to root
    double inodes = 0;
    double inodesAvailable = 0;
    bool readOnly = false;
};

}  // namespace cm::monitor
