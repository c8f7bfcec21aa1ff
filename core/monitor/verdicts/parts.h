// SPDX-License-Identifier: GPL-3.0-or-later
// Web nodes, pgpool, certificates and disks judged by their samples, each by itself or, where views have
// to be compared, together. Pure: everything, the time included, is an argument.
#pragma once

#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"
#include "core/monitor/verdicts/replication.h"

#include <deque>

namespace cm::monitor {

// A target that does not answer: refused is down, silence is no answer, a denial is unknown. Nothing for
// one that answers or was not asked yet.
template <class Facts>
[[nodiscard]] RawFindings judgeAnswer(const std::string &node, const Watched<Facts> &watched);
[[nodiscard]] RawFindings judgeAnswer(const std::string &node, Outcome outcome, Time tried, const std::string &problem);
template <class Facts>
RawFindings judgeAnswer(const std::string &node, const Watched<Facts> &watched)
{
    return watched.wasTried() ? judgeAnswer(node, watched.outcome, watched.tried, watched.problem) : RawFindings();
}
// When a target was asked last, and when anything came back from its host, be it a refusal.
struct Listened {
    std::string node;
    std::string host;
    Time asked{};
    Time heard{};
};
// Silence proves nothing while nobody answers: of a target on whose silence no other host's answer follows it is the
// monitor that is blind, and that is one trouble, told of the monitor itself. For a monitor that watches one host alone
// silence is all there is. What was asked up to `blind`, when it last was, proves nothing later either. Answers whether
// it is blind now.
bool doubtSilence(RawFindings &found, const std::vector<Listened> &targets, const std::string &monitor, Time blind);
// The last answer is older than `missedPolls` polls and nothing says why: unknown, never ok.
[[nodiscard]] std::optional<RawFinding> judgeAge(const std::string &node, Time taken, Time now,
                                                 std::chrono::microseconds interval, const Thresholds &limits = {});

struct WebInput {
    std::string name;
    Watched<WebFacts> watched;
};
// Health, write probe, channels; serials of all nodes beside each other.
[[nodiscard]] RawFindings judgeWeb(const std::vector<WebInput> &nodes, Time stillFresh, const Thresholds &limits = {});

struct PoolInput {
    std::string name;
    bool witness = false;  // counts for quorum, serves nobody
    Watched<PoolFacts> watched;
};
// Who runs behind a pgpool's backend: its name in the topology, and whether it is primary, as we see it.
struct KnownBackend {
    std::string name;
    std::string host;
    std::int64_t port = 0;
};
[[nodiscard]] RawFindings judgePools(const std::vector<PoolInput> &pools, const std::vector<KnownBackend> &databases,
                                     Time stillFresh, const Thresholds &limits = {});
// Sentences for where fresh views differ: of one pgpool beside another, and of one by its two ways in.
[[nodiscard]] std::vector<std::string> comparePools(const std::vector<PoolInput> &pools,
                                                    const std::vector<KnownBackend> &databases, Time stillFresh);
// Adds to each split brain what tells the two apart (how many pgpools use each, timelines), and names the one to fence
// where that decides it: then it is the trouble of that one.
void weighPrimaries(RawFindings &found, const std::vector<DatabaseInput> &servers, const std::vector<PoolInput> &pools,
                    const std::vector<KnownBackend> &databases, Time stillFresh);
// Where pgpools differ about a standby that answers and streams, the one that does without it is wrong: its trouble.
void weighViews(RawFindings &found, const std::vector<DatabaseInput> &servers, const std::vector<PoolInput> &pools,
                const std::vector<KnownBackend> &databases, Time stillFresh);
// Of web nodes that cannot write: whether somebody takes writes, and where to look then.
void nameWriter(RawFindings &found, const std::vector<WebInput> &webs, const ClusterJudgement &cluster);
// What losing one of them would mean, of their watchdogs' settings.
[[nodiscard]] std::string quorumStatement(const std::vector<PoolInput> &pools);
struct JudgedSetting {
    std::string name;
    std::string value;
    Verdict verdict = Verdict::Ok;
    std::string statement;
};
// Each by its name, beside how many watchdogs there are and how many databases that pgpool knows.
[[nodiscard]] std::vector<JudgedSetting> judgeSettings(const std::map<std::string, std::string> &settings,
                                                       std::size_t watchdogs, std::size_t backends);
// The topology's name of a backend; "host:port" for one that it does not have.
[[nodiscard]] std::string backendName(const PoolBackendFacts &backend, const std::vector<KnownBackend> &databases);

[[nodiscard]] RawFindings judgeCertificate(const std::string &node, const CertificatePair &pair, Time taken, Time now,
                                           const Thresholds &limits = {});

// Free space over time, oldest first, as far as it is remembered.
struct DiskPoint {
    Time taken{};
    double available = 0;
};
// Hours until nothing is left, by the straight line through the points; absent while it does not fall
// or less than ten minutes are known.
[[nodiscard]] std::optional<double> hoursUntilFull(const std::vector<DiskPoint> &points);
[[nodiscard]] RawFindings judgeDisk(const std::string &node, const DiskFacts &facts,
                                    const std::vector<DiskPoint> &points, Time taken, const Thresholds &limits = {});

}  // namespace cm::monitor
