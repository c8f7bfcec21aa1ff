// SPDX-License-Identifier: GPL-3.0-or-later
// The cache in front of it all judged: whether clients get through it, from whom what they get comes and how old that is, and
// its fallback both ways: unused when it should be used, used when it should not. Pure: everything, the time included, is an argument.
#pragma once

#include "core/monitor/verdicts/content.h"
#include "core/monitor/verdicts/mirrors.h"
#include "core/monitor/verdicts/parts.h"

#include <map>

namespace cm::monitor {

// One answer through the edge.
struct EdgeAnswer {
    HttpFacts answer;
    std::string servedBy;  // X-Served-By: a web node, or a mirror; empty: it does not say
    std::string cache;     // X-Cache: "HIT", "MISS", "PASS"
    std::optional<double> age;  // seconds since it was fetched
    std::optional<std::int64_t> serial;
};
// For how long, in seconds, the web nodes have had what clients do not get; 0: they get it all. Absent: nobody knows.
struct EdgeLag {
    std::optional<double> list;   // of all projects
    std::optional<double> pages;  // of projects that have changed
    std::string project;          // whose page has been old for longest
    std::string servedBy;         // from whom that came
};
// What clients get beside what the web nodes have.
struct EdgeCompared {
    std::optional<EdgeAnswer> list;  // of all projects, as clients get it: its serial is one of the whole registry; absent: no answer in time
    std::optional<std::int64_t> originSerial;  // of the web nodes in the same look
    std::string originProblem;                 // why there is none
    EdgeLag lag;
};
// Absent: not asked, for there is no canary.
struct EdgeFacts {
    std::optional<EdgeAnswer> page;  // anew where that is allowed
    std::optional<EdgeAnswer> file;  // as clients get it
};

// From counters of the edge that were told at different times. Absent: nobody knows (yet).
struct EdgeRates {
    Time taken{};  // by the edge's host
    std::optional<double> requests;  // a second
    std::map<std::string, double> sent;  // likewise, to each backend that it tells of
    std::optional<std::int64_t> objects;  // held now
    // Of the last minute and of the hour before it, of what may be cached; absent where too little was asked for a share.
    std::optional<double> hitRatio, hitRatioBefore;
    std::vector<api::AgentEdgeBackend> backends;
    std::optional<api::AgentAnswers> answers;
    std::vector<PopFacts> pops;  // of a CDN that tells them apart
    std::string problem;
    std::string source = "agent";  // who told it
};

// The last rehearsal of the fallback.
struct DrillSeen {
    Time ended{};
    bool passed = false;
    std::string statement;
    std::string by;
};

struct EdgeInput {
    std::string name;
    std::string host;
    Watched<EdgeFacts> watched;
    Watched<EdgeRates> rates;
    Watched<EdgeCompared> compared;
    std::optional<DrillSeen> drill;
};

// Everything behind an edge.
struct Behind {
    const std::vector<WebInput> &webs;
    const std::vector<MirrorInput> &mirrors;
    // Since when one web node at least has been ready without a break to serve pages, and files; absent: none is.
    std::optional<Time> pagesReady, filesReady;
};

[[nodiscard]] RawFindings judgeEdges(const std::vector<EdgeInput> &edges, const Behind &behind, Time stillFresh, Time now);

// What a web node serves: its channels of these names.
inline constexpr std::string_view pagesOf = "simple", filesOf = "file";
// Whether a web node takes work of a channel, as the monitor sees it.
[[nodiscard]] bool isHeadReady(const WebInput &web, std::string_view channel, Time stillFresh);
// After how many seconds what clients get is late, and far too late. A change is purged within one second.
struct EdgeLimits {
    double pages, list, critical;
};
[[nodiscard]] EdgeLimits edgeLimits();
// "web1", "web1, from the cache", "far, the mirror", "nobody"; empty: nobody knows.
[[nodiscard]] std::string servingNow(const EdgeInput &edge, const std::vector<MirrorInput> &mirrors);

}  // namespace cm::monitor
