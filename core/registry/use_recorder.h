// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the uses that no stored file bears witness of (refusals, repeats, reads) until they are written, twice a second,
// by whoever calls flush(). Owned by the composition root; any thread, add() never waits. What does not fit, and what a
// lost answer leaves in doubt, is written as a gap: evidence has to say what it lacks.
#pragma once

#include "core/catalog/catalog.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

namespace cm::registry {

class UseRecorder {
public:
    // Told since when something is held that the store has not, on every change of that and on every try to write it;
    // nothing: the store has all. Called under a lock: quick.
    using Note = std::function<void(std::optional<Time> since, Time now)>;

    UseRecorder(catalog::Catalog &catalog, const Clock &clock, std::string node, Note note, std::size_t most = 20'000)
        : m_catalog(catalog), m_clock(clock), m_node(std::move(node)), m_note(std::move(note)), m_most(most)
    {}

    // Uses are gathered by what they were, those of people for a second at most: neither strangers nor a client that
    // never gives up must fill the store.
    void add(catalog::UseRow use);
    // Accepted reads wait for some seconds, unless `all`. On an error everything stays, for the next time.
    Result<void> flush(bool all = false);
    // A stretch in which uses are missing, or may be, of this node.
    void addGap(catalog::UseGapRow gap);
    // Says once more since when something is held.
    void remind();
    // Of uploads, of people who are known, since the start.
    [[nodiscard]] std::int64_t refusals() const { return m_refusals.load(std::memory_order_relaxed); }

private:
    using Key = std::vector<std::string>;
    using Rows = std::map<Key, catalog::UseRow>;
    struct Taken;

    void gather(catalog::UseRow use, Time now);
    void lose(const catalog::UseRow &use, std::string_view cause);
    // With what is missing for the same reason already.
    void join(catalog::UseGapRow gap);
    void hold(Time since, Time now);
    Taken take(bool all, Time now);
    void giveBack(Taken taken, bool unsure, Time now);
    void settled(Time now);
    [[nodiscard]] bool isEmpty() const { return m_known.empty() && m_strangers.empty() && m_peoplesReads.empty() && m_strangersReads.empty() && m_gaps.empty(); }

    catalog::Catalog &m_catalog;
    const Clock &m_clock;
    const std::string m_node;
    const Note m_note;
    const std::size_t m_most;
    std::mutex m_mutex;
    Rows m_known;
    Rows m_strangers;
    // Accepted. Strangers, of whom there is no end, leave people their room.
    Rows m_peoplesReads;
    Rows m_strangersReads;
    std::optional<Time> m_readsSince;
    // By what is missing.
    std::map<std::tuple<std::string, std::string, std::string, catalog::Id>, catalog::UseGapRow> m_gaps;
    std::optional<Time> m_since;    // of what is held
    std::optional<Time> m_writing;  // of what is being written
    std::atomic<std::int64_t> m_refusals{0};
};

}  // namespace cm::registry
