// SPDX-License-Identifier: GPL-3.0-or-later
// Learns what changed at the upstream and notes it as pending, in one request when nothing did. Stops, and says so, when
// the upstream is another registry than before, when its serial fell or that of a project, or when its history is not the one that
// was followed: a restored backup must not be taken for progress. Used by the thread that runs the mirror.
#pragma once

#include "core/mirror/filters.h"
#include "core/mirror/state.h"
#include "core/mirror/upstream.h"

#include <chrono>

namespace cm::mirror {

struct FollowOptions {
    std::string upstream;         // as registryAddress() answers
    bool acceptUpstream = false;  // whatever it is now, take it as it is and look at every project
    std::chrono::hours reconcileEvery{24};  // how often all projects are compared; 0: never
};

// Which projects rows of a journal above `serial` tell of, each once, with the last word on it.
[[nodiscard]] std::vector<Change> changesIn(const std::vector<JournalRow> &rows, std::int64_t serial, const Filters &filters);
// By which a row is known again.
[[nodiscard]] std::string markOf(const JournalRow &row);

class Follower {
public:
    Follower(Upstream &upstream, State &state, const Filters &filters, const FollowOptions &options, Time now)
        : m_upstream(upstream), m_state(state), m_filters(filters), m_options(options), m_now(now)
    {}
    // Conflict for an upstream that must not be followed.
    Result<void> run(const std::stop_token &stop);
    // Beside a journal: the whole list, once in `reconcileEvery`. Whether it was compared.
    Result<bool> compareWhenDue(const std::stop_token &stop);

private:
    Result<void> chooseWay(const std::stop_token &stop);
    Result<void> byJournal(const std::stop_token &stop);
    Result<void> byChangelog(const std::stop_token &stop);
    Result<void> byIndex(const std::stop_token &stop);
    Result<void> checkIdentity(const std::string &identity);
    Result<void> checkOrigin(const std::stop_token &stop);
    Result<void> checkListed(const ProjectList &list, const std::stop_token &stop);
    Result<void> checkHistory(const std::vector<JournalRow> &rows, std::int64_t upstreamSerial);
    Result<void> move(const std::vector<JournalRow> &rows, std::int64_t through);
    Result<void> compareAll(const std::stop_token &stop);
    [[nodiscard]] bool mustStartOver() const;
    Result<void> take(const Upstream::Index &index, bool all);

    Upstream &m_upstream;
    State &m_state;
    const Filters &m_filters;
    const FollowOptions &m_options;
    const Time m_now;
    Facts m_facts;
    bool m_adopt = false;  // start over with another upstream
};

}  // namespace cm::mirror
