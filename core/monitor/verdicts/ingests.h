// SPDX-License-Identifier: GPL-3.0-or-later
// Ingesters judged: whether lines still come while clients are served, whether any were lost, and whether what came is
// counted. An open connection is no sign of life, and neither is a process that answers. Pure: everything, the time
// included, is an argument.
#pragma once

#include "core/monitor/verdicts/edges.h"
#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"

namespace cm::monitor {

// What an ingester says of itself. Lines are counted since it started.
struct IngestFacts {
    double runsFor = 0;  // seconds since it started
    std::int64_t connections = 0;
    std::int64_t received = 0, refused = 0, repeated = 0, lost = 0;  // lost: datagrams that found no room
    std::int64_t sent = 0, came = 0;  // by what senders say of themselves, where they do; and what came of that
    std::optional<double> rate;          // lines a second, lately
    std::optional<double> silentSeconds;  // since the last line; absent: none has come yet
    std::optional<double> newestAge;      // of the newest time that a line named
    // What lies in the spool and is not counted yet.
    double waitingBytes = 0, spoolLimit = 0;
    std::optional<double> waitingSeconds;  // the oldest of it; absent: nothing waits
    std::string problem;                   // why it is not counted, where something holds it up
    // Between the last look and the one a minute before it: of what came and was lost, the share that came.
    std::optional<double> arrivedShare;
    // Over about ten minutes: what came, as a share of what senders say to have sent. Above 1: some came twice.
    std::optional<double> sentShare;
};

struct IngestInput {
    std::string name;
    std::string host;
    Watched<IngestFacts> watched;
};

// `edges`: the caches whose lines they take.
[[nodiscard]] RawFindings judgeIngests(const std::vector<IngestInput> &ingests, const std::vector<EdgeInput> &edges, Time stillFresh);

}  // namespace cm::monitor
