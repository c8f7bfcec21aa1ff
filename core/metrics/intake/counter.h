// SPDX-License-Identifier: GPL-3.0-or-later
// From the spool to the counts: reads what is on disk, counts it, and adds a batch with the place that it reaches to the
// store in one transaction, so that no crash of either loses or doubles a line. A thread of its own; only it waits for
// the store, and the spool grows meanwhile. What is counted is released from the spool. Another consumer of the same
// lines is another reader with its own place (SpoolReader); the lowest of the places is what may be released then.
//
// Owned by the composition root; spool, ledger, clock and log outlive it. start() and drain() from one other thread,
// figures() from any.
#pragma once

#include "core/metrics/intake/heard.h"
#include "core/metrics/intake/spool.h"
#include "core/metrics/intake/spool_reader.h"
#include "core/metrics/line_ledger.h"
#include "core/metrics/sender_sums.h"

#include <functional>

namespace cm::metrics::intake {

struct CounterOptions {
    // A batch ends with whichever comes first.
    std::uint64_t batchLines = 100'000;
    std::size_t batchRows = 1'000;  // of LineLedger::size()
    std::chrono::milliseconds batchAge{1'000};
    // As batchRows while more is on disk already: larger batches cost less a line.
    std::size_t batchRowsBehind = 16'000;
    std::chrono::milliseconds retryFirst{100}, retryMost{5'000};
};

struct CounterFigures {
    std::int64_t storedThrough = 0;  // place in the spool
    std::uint64_t counted = 0;       // lines, since the start
    std::uint64_t batches = 0;
    std::uint64_t retries = 0;
    std::uint64_t damagedBytes = 0;       // of the spool, passed over
    std::optional<Time> storedArrival;    // when the last line that is stored came in
    std::optional<Time> newestLineTime;   // the newest minute that a stored line named
    std::optional<Time> oldestWaiting;    // when the first line came in that is not stored, or later; nothing: none waits
    std::uint64_t waitingBytes = 0;       // on disk and not stored
    Tally sums;                           // what became of the lines, since the start
    SenderStretch senders;                // what senders say to have sent since the start, and what came of that
    std::string problem;                  // why nothing is stored; empty: nothing is wrong
};

class Counter {
public:
    // `heard` says when somebody could have sent lines: a whole minute of that is told to the store as one of which it is
    // known what came, were it 0 lines, once all that lies in the spool is counted. Any thread.
    Counter(Spool &spool, LineLedger &ledger, CounterOptions options, std::function<std::optional<HeardSpan>()> heard, const Clock &clock, Log &log);
    // Stops where it is: the spool knows the rest.
    ~Counter();
    Counter(const Counter &) = delete;
    Counter &operator=(const Counter &) = delete;

    void start();
    // Counts what is on disk by now, within `limit`. True when that is all in the store.
    bool drain(std::chrono::milliseconds limit);
    [[nodiscard]] CounterFigures figures() const;

private:
    void run(const std::stop_token &stop);
    bool findPlace(const std::stop_token &stop);
    void countSome(const std::stop_token &stop);
    void count(const Block &block);
    bool isDue() const;
    void flush(const std::stop_token &stop);
    bool store(std::int64_t until, const std::stop_token &stop);
    void startOver(const Resume &place);
    std::optional<std::int64_t> heardMinute() const;
    void trouble(const Error &error, const std::stop_token &stop);
    void fine();
    void publish(const std::vector<Tally> &tallies);
    void publishWaiting();

    Spool &m_spool;
    LineLedger &m_ledger;
    const CounterOptions m_options;
    const std::function<std::optional<HeardSpan>()> m_heard;
    const Clock &m_clock;
    Log &m_log;
    const Time m_started;

    // The thread's own.
    SpoolReader m_reader;
    std::int64_t m_place = 0;  // in the store
    std::optional<std::int64_t> m_mustEnd;  // where the batch has to end, for the store has begun it
    std::uint64_t m_blocks = 0;  // in the batch: lines, or what is told of lost ones
    std::uint64_t m_lines = 0;   // in the batch
    std::int64_t m_end = 0;     // place behind the last of them
    Time m_firstArrival, m_lastArrival;
    std::chrono::steady_clock::time_point m_due;
    bool m_behind = false;
    std::chrono::milliseconds m_retryAfter{0};
    SenderSums m_senders;
    std::int64_t m_heardFrom = 0;  // the first minute that was not told; older ones are not

    mutable std::mutex m_mutex;  // of what follows
    std::condition_variable_any m_changed;
    CounterFigures m_figures;
    std::int64_t m_readThrough = 0;  // place in the spool; 0 before it is known where to begin
    std::optional<std::int64_t> m_drainTo;
    bool m_drained = false;
    std::jthread m_thread;
};

}  // namespace cm::metrics::intake
