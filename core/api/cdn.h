// SPDX-License-Identifier: GPL-3.0-or-later
// The caches in front of a registry: how far each was told what has changed, and orders to let go.
#pragma once

#include "core/api/types.h"

namespace cm::api {

struct CdnEdge {
    // "192.0.2.10:80", or the id of a service.
    std::string name;
    // "varnish" or "fastly".
    std::string driver;
    // Keys that wait to be purged there; with `more` the journal goes on after them.
    std::int64_t pendingKeys = 0;
    bool more = false;
    // When the oldest of them changed.
    std::optional<Time> pendingSince;
    // Up to which serial of the registry it was told.
    std::int64_t purgedSerial = 0;
    std::optional<Time> lastSuccess;
    // What it said when a purge failed last, with what to do; the trouble is over when `lastSuccess` is later.
    std::string lastError;
    std::optional<Time> lastErrorAt;
    friend bool operator==(const CdnEdge &, const CdnEdge &) = default;
    BOOST_DESCRIBE_CLASS(CdnEdge, (),
                         (name, driver, pendingKeys, more, pendingSince, purgedSerial, lastSuccess, lastError, lastErrorAt),
                         (), ())
};

// Of the node that answers: each purges by itself. The sums of its edges, and each of them.
struct CdnState {
    // As the list of nodes calls the one that answers.
    std::string node;
    // "varnish", "fastly" or "varnish, fastly"; empty: no cache is known.
    std::string driver;
    std::vector<CdnEdge> edges;
    std::int64_t pendingKeys = 0;
    std::optional<Time> pendingSince;
    // The earliest of the edges' last successes: absent while one never had any.
    std::optional<Time> lastSuccess;
    // Of the edge that failed last and has not succeeded since.
    std::string lastError;
    Time sampled;
    friend bool operator==(const CdnState &, const CdnState &) = default;
    BOOST_DESCRIBE_CLASS(CdnState, (),
                         (node, driver, edges, pendingKeys, pendingSince, lastSuccess, lastError, sampled), (), ())
};

struct PurgeCdn {
    // Surrogate keys: "project/NAME" (page, JSON and files), "simple-index" (the list of projects), "simple-pages" (that
    // list and every project's page). Either these or `everything`.
    std::vector<std::string> keys;
    bool everything = false;
    // Kept for the time when no web node answers, and asked for anew until then. Hard, nothing of it stays: refused
    // (GuardFailed "node-ready") by a node that is drained or whose database does not answer.
    bool soft = true;
    std::string reason;
    // For everything: the name of the registry.
    std::string confirm;
    BOOST_DESCRIBE_CLASS(PurgeCdn, (), (keys, everything, soft, reason, confirm), (), ())
};

}  // namespace cm::api
