// SPDX-License-Identifier: GPL-3.0-or-later
// The members of an etcd by which Patroni votes, judged together: without a leader that most of them follow nobody may
// be primary, and Patroni takes the right to write from the one that is. Pure: everything, the time included, is an
// argument.
#pragma once

#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"

namespace cm::monitor {

// What a member says of itself (etcd's API, maintenance/status).
struct EtcdFacts {
    std::string member;  // its id
    std::string leader;  // the id of whom it follows; empty: nobody
    std::optional<std::int64_t> term;
    std::optional<double> bytes;  // of its database
    std::string version;
};

struct EtcdInput {
    std::string name;
    Watched<EtcdFacts> watched;
};

[[nodiscard]] RawFindings judgeEtcds(const std::vector<EtcdInput> &members, Time stillFresh);
// Where too few of them vote, a database without a primary, and a web node that cannot write, have their trouble from there.
void blameVotes(RawFindings &found, const std::vector<EtcdInput> &members, Time stillFresh);

}  // namespace cm::monitor
