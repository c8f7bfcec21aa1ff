// SPDX-License-Identifier: GPL-3.0-or-later
// Static mirrors judged: whether they answer, how old they are by their own word and beside the origin, whether what they
// serve is right, and what an operator has ordered of them. A mirror that is dead and one to which nothing happens look
// alike from outside but for the time of its last check. Pure: everything, the time included, is an argument.
#pragma once

#include "core/api/agent.h"
#include "core/monitor/verdicts/agents.h"
#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"

namespace cm::monitor {

// A page of the simple index.
struct PageFacts {
    HttpFacts answer;
    std::optional<std::int64_t> serial;
    std::optional<std::int64_t> files;  // that it leads to
};

struct MirrorRun {
    Time started{};
    Time told{};
    std::int64_t done = 0, left = 0;  // projects
    double bytes = 0;
};
// What it holds back, for more would go at once than it follows without a word.
struct MirrorHeld {
    struct Project {
        std::string name;
        bool whole = false;  // all of it would go
        std::int64_t files = 0;
    };
    std::string digest;
    std::int64_t projects = 0, files = 0;
    std::vector<Project> first;
};
// What came of an order.
struct MirrorOutcome {
    std::string order;
    std::string subject;
    Time ended{};
    bool done = false;
    std::string statement;
};
// A project that it has tried to copy, and could not.
struct MirrorLack {
    std::string project;
    std::int64_t tries = 0;
    std::string error;
};
// What a mirror says of itself, in its status.json.
struct MirrorStatus {
    std::optional<Time> lastChecked;  // when it last heard what it copies
    std::int64_t serial = 0, syncedThrough = 0;
    std::int64_t projects = 0, files = 0, pending = 0, failed = 0;
    std::vector<std::string> errors;
    std::optional<double> every;  // seconds between two runs; absent: somebody else starts them
    std::optional<api::AgentDrain> paused;
    std::optional<MirrorRun> running;
    std::optional<MirrorHeld> held;
    std::vector<MirrorOutcome> outcomes;  // the newest last
    std::vector<MirrorLack> lacks;        // the oldest troubles first; without what is held back
};

struct MirrorFacts {
    HttpFacts health;
    std::optional<PageFacts> page;  // of the canary; absent: not asked
    std::optional<HttpFacts> file;
    std::optional<MirrorStatus> status;
    std::string statusProblem;
    // The origin in the same look; absent: not asked, or it did not answer.
    std::optional<PageFacts> origin;
    std::optional<std::int64_t> originSerial;
    std::string originProblem;  // why there is none
    // For how long the origin has had what the copy lacks, as far as it was watched; 0: it lacks nothing.
    std::optional<double> behindSeconds;
};

// One file of the mirror, compared with the origin's list and with its digest.
struct SampledFile {
    std::string project;
    std::string file;
    Time taken{};
    std::string problem;  // empty: as it should be
    bool empty = false;   // the page leads to nothing, and the origin's does
    bool hashed = false;  // its bytes were read
};
struct SampleFacts {
    std::int64_t checked = 0;  // since the monitor started
    std::optional<SampledFile> last;
    // Those that were wrong when they were looked at last; each is looked at again.
    std::vector<SampledFile> wrong;
};

struct MirrorInput {
    std::string name;
    std::string host;
    Watched<MirrorFacts> watched;
    Watched<SampleFacts> sampled;
};

[[nodiscard]] RawFindings judgeMirrors(const std::vector<MirrorInput> &mirrors, const std::vector<AgentInput> &agents, Time stillFresh,
                                       Time now);

// What its agent tells of it; null: there is none, or nothing lately.
[[nodiscard]] const api::AgentMirror *toldOf(const MirrorInput &mirror, const std::vector<AgentInput> &agents, Time stillFresh);
// Whether it would serve: its web server says that it is ready.
[[nodiscard]] bool isReady(const MirrorInput &mirror, Time stillFresh);
// Seconds since it last heard what it copies, and after how many it is late, and far too late. Absent: it does not say.
[[nodiscard]] std::optional<double> ageOf(const MirrorInput &mirror, Time now);
struct MirrorLimits {
    double warning = 0, critical = 0;  // age
    double behind = 0;
};
[[nodiscard]] MirrorLimits limitsOf(const MirrorInput &mirror);
// "12 projects done, 3 left".
[[nodiscard]] std::string progressText(const MirrorRun &run);

}  // namespace cm::monitor
