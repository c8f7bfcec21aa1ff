// SPDX-License-Identifier: GPL-3.0-or-later
// Replication judged from both ends: the ten rows by which lag is told from silence, then servers,
// slots and what a promotion would lose. Pure: everything, the time included, is an argument.
// Source: PostgreSQL's monitoring views; the rows are numbered as in the table of tests/unit/verdicts.
#pragma once

#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"

namespace cm::monitor {

// One standby as the judgement needs it. Facts that are not fresh are not given.
struct LagInput {
    std::string standby;
    std::string primary;
    const PostgresFacts *primaryFacts = nullptr;  // null: we cannot see the primary
    const PostgresFacts *standbyFacts = nullptr;
    std::string application;  // its name in pg_stat_replication; empty: found by address, or the only one
    std::string slot;         // that it should use; empty: not known
    std::string standbyAddress;
    int unmovedPolls = 0;  // polls in a row in which its replay position stood still with bytes to go
    std::optional<double> heartbeatLag;
};

struct LagJudgement {
    int row = 0;  // of the table; 0: neither end can be seen
    Verdict verdict = Verdict::Unknown;
    std::string code;  // empty: nothing is wrong
    std::string statement;
    int raiseAfter = 2;
    int warnAfter = 0;
    std::optional<double> bytes;    // behind; absent when nobody can know
    std::optional<double> seconds;
    bool syncInName = false;  // row 10, beside the verdict
};

// How old a standby's last message from its sender may be while they are connected: at least `least` seconds, and
// longer where a sender with nothing to say may stay silent for longer.
[[nodiscard]] double longestPause(const PostgresFacts &standby, double least);
[[nodiscard]] LagJudgement judgeLag(const LagInput &input, const Thresholds &limits = {});
// The row of pg_stat_replication that is this standby; null: none.
[[nodiscard]] const WalSender *senderOf(const LagInput &input);
// The slot on the primary that this standby uses.
[[nodiscard]] const SlotFacts *slotOf(const LagInput &input);

// How often in a row a standby's replay position was the same although there was something to replay.
struct ReplayTrack {
    std::optional<Lsn> replayed;
    Time counted{};
    int unmoved = 0;
};
[[nodiscard]] ReplayTrack follow(ReplayTrack before, const PostgresFacts &standby, const PostgresFacts *primary,
                                 Time taken);

struct DatabaseInput {
    std::string name;
    std::string address;  // as pgpool and walreceivers name it
    std::string application;
    std::string slot;
    Watched<PostgresFacts> watched;
    ReplayTrack track;
};

struct StandbyJudgement {
    std::string name;
    LagJudgement lag;
    std::optional<double> heartbeatLag;
    // What a promotion now would lose, and the older one of the two samples behind it; absent: nobody can know.
    std::optional<double> lossBytes, lossSeconds;
    std::optional<Time> lossSampled;
    std::string lossStatement;
};

struct ClusterJudgement {
    std::string primary;  // empty: none, or several
    RawFindings findings;
    std::vector<StandbyJudgement> standbys;
};

// All database servers together. `stillFresh` is the oldest time of a sample that counts.
[[nodiscard]] ClusterJudgement judgeCluster(const std::vector<DatabaseInput> &servers, Time stillFresh,
                                            const Thresholds &limits = {});

}  // namespace cm::monitor
