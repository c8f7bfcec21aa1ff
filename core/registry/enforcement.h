// SPDX-License-Identifier: GPL-3.0-or-later
// What this node does of everything on its way out: the policy it judges requests by, kept in step with the catalog
// twice a second, the rehearsal of each record that it answers for, signs of life, and the end of a brown-out that
// refuses too much. Owned by the composition root; any thread. Judging needs no database: a brown-out ends on this
// node by this node's clock even when nothing else is left.
#pragma once

#include "core/base/log.h"
#include "core/catalog/catalog.h"
#include "core/deprecation/policy.h"
#include "core/registry/changes.h"
#include "core/registry/collateral.h"
#include "core/registry/use_recorder.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace cm::registry {

// What a node would answer: whether it is right, and the answer or what is wrong with it.
struct Rehearsed {
    bool right = false;
    std::string detail;
};

// What the node around it does for an Enforcement; all are called on its thread.
struct NodeParts {
    // Makes the answers of the node without sending them.
    std::function<Rehearsed(const deprecation::Entry &)> rehearse;
    // What the node has answered since its start, beside what retires.
    std::function<catalog::CollateralCounts()> totals;
    // What the recorder's note says goes to the disk.
    std::function<void()> syncNote;
    // Answers of an endpoint that is read change at this moment: caches in front let go of those that they have.
    std::function<void(const std::string &endpoint)> readsChange;
};

class Enforcement {
public:
    Enforcement(catalog::Catalog &catalog, Changes &changes, UseRecorder &uses, const Clock &clock, Log &log, std::string node, NodeParts parts);
    ~Enforcement();

    // Reads the policy once, then follows it. An Error: it could not be read, and nothing may be served.
    Result<void> start();
    // Writes the uses that are left; whether they are all written.
    bool stop();

    [[nodiscard]] std::shared_ptr<const deprecation::Policy> policy() const;
    [[nodiscard]] const std::string &node() const { return m_node; }

private:
    void run(const std::stop_token &stop);
    void step();
    Result<void> refresh();
    Result<void> giveSigns(Time now);
    Result<void> abortWhatRefusesTooMuch(Time now);
    Result<void> sumUses(Time now);
    Result<void> tellCollateral(Time now);
    Result<std::optional<catalog::CollateralRow>> earlierCollateral(std::int64_t brownOut);
    void tellCaches(Time now);
    void complain(std::string_view what, const Error &error);

    catalog::Catalog &m_catalog;
    Changes &m_changes;
    UseRecorder &m_uses;
    const Clock &m_clock;
    Log &m_log;
    const std::string m_node;
    const NodeParts m_parts;

    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::shared_ptr<const deprecation::Policy> m_policy = std::make_shared<const deprecation::Policy>();
    // Of the thread alone.
    std::int64_t m_version = -1;
    std::map<std::int64_t, std::int64_t> m_rehearsed;  // revision by record
    std::optional<Time> m_signed;
    std::optional<Time> m_summed;
    std::optional<Time> m_synced;
    CollateralLog m_collateral;
    std::map<std::int64_t, Time> m_told;           // up to when, by brown-out
    // What this node had counted before it began again within a brown-out, by brown-out; looked up once.
    std::map<std::int64_t, std::optional<catalog::CollateralRow>> m_earlier;
    std::map<std::string, std::string> m_answers;  // of endpoints that are read: what they have in common, by endpoint
    std::set<std::int64_t> m_unreadable;           // records
    std::string m_complaint;
    std::jthread m_thread;
};

// One record as nodes enforce it. Unsupported when it is of a newer program.
Result<deprecation::Entry> entryOf(catalog::Reader &reader, const catalog::DeprecationRow &row);

}  // namespace cm::registry
