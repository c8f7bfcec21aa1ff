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
#include "core/registry/use_recorder.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace cm::registry {

// What a node would answer: whether it is right, and the answer or what is wrong with it.
struct Rehearsed {
    bool right = false;
    std::string detail;
};

class Enforcement {
public:
    // `rehearse` makes the answers of a node without sending them; called on this object's thread.
    Enforcement(catalog::Catalog &catalog, Changes &changes, UseRecorder &uses, const Clock &clock, Log &log, std::string node,
                std::function<Rehearsed(const deprecation::Entry &)> rehearse);
    ~Enforcement();

    // Reads the policy once, then follows it. An Error: it could not be read, and nothing may be served.
    Result<void> start();
    // Writes the uses that are left.
    void stop();

    [[nodiscard]] std::shared_ptr<const deprecation::Policy> policy() const;
    [[nodiscard]] const std::string &node() const { return m_node; }

private:
    void run(const std::stop_token &stop);
    void step();
    Result<void> refresh();
    Result<void> giveSigns(Time now);
    Result<void> abortWhatRefusesTooMuch(Time now);
    void complain(std::string_view what, const Error &error);

    catalog::Catalog &m_catalog;
    Changes &m_changes;
    UseRecorder &m_uses;
    const Clock &m_clock;
    Log &m_log;
    const std::string m_node;
    const std::function<Rehearsed(const deprecation::Entry &)> m_rehearse;

    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::shared_ptr<const deprecation::Policy> m_policy = std::make_shared<const deprecation::Policy>();
    // Of the thread alone.
    std::int64_t m_version = -1;
    std::map<std::int64_t, std::int64_t> m_rehearsed;  // revision by record
    std::optional<Time> m_signed;
    std::string m_complaint;
    std::jthread m_thread;
};

// One record as nodes enforce it. Corrupt when the store holds what no program wrote.
Result<deprecation::Entry> entryOf(catalog::Reader &reader, const catalog::DeprecationRow &row);

}  // namespace cm::registry
