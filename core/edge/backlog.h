// SPDX-License-Identifier: GPL-3.0-or-later
// What one cache has still to be told, and how far it has been told: pure bookkeeping, without clock and I/O. A key
// is purged when it has changed, and again a little later: an answer that was on its way to the cache at that
// moment may be older than the purge and yet come after it. One thread at a time.
#pragma once

#include "core/base/clock.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cm::edge {

// A line of the registry's journal.
struct Change {
    std::int64_t serial = 0;
    std::string project;   // normalised
    bool removes = false;  // something that was to be seen is not any more
    Time time{};
};

struct Batch {
    std::vector<std::string> keys;
    bool soft = true;
};

class Backlog {
public:
    using Moment = std::chrono::steady_clock::time_point;

    explicit Backlog(std::int64_t serial) : m_read(serial), m_purged(serial) {}
    // Of text(). InvalidInput when it is none.
    static Result<Backlog> parse(std::string_view text, Time now);
    // What has to be kept over a restart: changes after the serial in it, and the orders, come again.
    [[nodiscard]] std::string text() const;

    void add(const Change &change);
    // The journal was read up to there.
    void readTo(std::int64_t serial);
    // By order of somebody. What may not come back, as after a removal, stays hard; another hard order is repeated softly.
    void order(const std::vector<std::string> &keys, bool soft, Time now, bool withdraws = false);
    // Hard orders from before that moment that have not reached the cache are soft from now on: who gave them looked at
    // whether the nodes could answer what they empty, and nobody has since.
    void soften(Time before);

    // What to send now: hard before soft, then in the order in which it came; nothing when nothing waits. Then either
    // done() or failed(), before the next.
    std::optional<Batch> take(std::size_t maxKeys, std::size_t maxBytes, Moment now);
    void done(Moment now);
    void failed();

    // When something is to be said again.
    [[nodiscard]] std::optional<Moment> nextRepetition() const;
    [[nodiscard]] std::int64_t read() const { return m_read; }
    // Up to where everything was purged at least once.
    [[nodiscard]] std::int64_t purged() const { return m_purged; }
    // Up to where nothing will be said again.
    [[nodiscard]] std::int64_t settled() const;
    // Keys that wait for the first time, or failed.
    [[nodiscard]] std::size_t pending() const;
    // When the oldest of them changed.
    [[nodiscard]] std::optional<Time> pendingSince() const;

private:
    struct Entry {
        std::string key;
        bool hard = false;
        bool ordered = false;
        bool withdraws = false;  // hard for good
        std::size_t round = 0;   // 0: for the first time
        std::int64_t after = 0;  // up to where everything was purged when it came
        Time since{};
    };
    using Entries = std::list<Entry>;
    struct Repetition {
        Moment opened;
        Moment due;
        std::size_t round = 0;
        std::vector<Entry> entries;
    };

    void put(Entry entry, bool first = false);
    void repeatLater(Entry entry, Moment now);
    void collectDue(Moment now);
    void advance();

    std::int64_t m_read;
    std::int64_t m_purged;
    Entries m_pending;
    std::unordered_map<std::string, Entries::iterator> m_known;  // of m_pending
    std::vector<Entry> m_taken;
    std::deque<Repetition> m_repetitions;
};

}  // namespace cm::edge
