// SPDX-License-Identifier: GPL-3.0-or-later
// No line twice over RELP. A sender that loses its connection sends again what was not acknowledged to it, in the
// order in which it was sent, before anything new. Some of that may be on our disk: written, and the
// acknowledgement was lost on its way, or never left because the process was killed. So the last lines of each
// stream are remembered by their digests, across restarts, and a new stream from the same address is compared with
// them: the longest beginning of it that equals the end of an ended stream is acknowledged and not written again.
//
// How long a sender takes for that says nothing: a link stalls for minutes within it, or breaks again. So what has come
// is a repetition until a line contradicts it, or the sender's farewell; a stream that breaks off before that has brought
// nothing new, and the one that had ended before it is kept for the next try.
//
// What this can tell apart: a sender that repeats (the end of a stream, line by line, nothing between) from one that
// goes on. What it cannot: a sender that begins, by chance or because its lines are all the same, with the very
// lines with which a stream from its address ended (or with some of these, and breaks off then), and whose
// acknowledgements had all arrived: those lines are dropped although they are new. At most one window of them, and only
// after a stream that was not closed properly.
// A sender whose window is larger than ours, or that comes back from another address or to another ingester, has its lines
// written twice.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cm::metrics::intake {

struct EndedStream {
    std::uint32_t stream = 0;
    std::shared_ptr<const std::vector<std::uint64_t>> digests;  // oldest first
};

// The ends of all streams. One owner, no thread of its own: whoever has the spool's lock.
class Tails {
public:
    // How many lines of a stream are remembered: the most that a sender leaves unacknowledged.
    explicit Tails(std::size_t window) : m_window(window) {}

    void open(std::uint32_t stream, std::string address);
    void add(std::uint32_t stream, std::span<const std::uint64_t> digests);
    // `stream` begins with the last `count` lines of `from`, which is forgotten.
    void resume(std::uint32_t stream, std::uint32_t from, std::size_t count);
    // Properly, by the sender: nothing of it comes again.
    void close(std::uint32_t stream) { m_tails.erase(stream); }
    // Its connection is gone; kept to be compared, of each address the last few.
    void end(std::uint32_t stream);
    void endAll();
    [[nodiscard]] bool hasEnded(std::uint32_t stream) const;
    // Whether the line is among the last ones of the stream.
    [[nodiscard]] bool recalls(std::uint32_t stream, std::uint64_t digest) const;
    [[nodiscard]] std::vector<EndedStream> endedOf(const std::string &address) const;

    [[nodiscard]] std::string snapshot(std::uint32_t nextStream) const;
    // False when it is no snapshot; everything of it has ended.
    bool restore(std::string_view snapshot, std::uint32_t &nextStream);

private:
    struct Tail {
        std::string address;
        std::vector<std::uint64_t> digests;  // up to twice the window, of which the end counts; once it has ended: none
        std::uint64_t ended = 0;             // in which order; 0: it lives
        std::shared_ptr<const std::vector<std::uint64_t>> last;  // of one that has ended, shared by all who compare with it
    };

    [[nodiscard]] std::span<const std::uint64_t> endOf(const Tail &tail) const;
    void settle(Tail &tail) const;
    void forgetOldest();

    std::size_t m_window;
    std::map<std::uint32_t, Tail> m_tails;
    std::uint64_t m_endings = 0;
};

// How much of the beginning of a new stream was there already. Each line of the ended streams and of the new one is gone
// over a bounded number of times, also where most of them are equal (the way of Knuth, Morris and Pratt). One stream,
// one thread.
class Repeats {
public:
    explicit Repeats(std::vector<EndedStream> ended);

    // The next line. False once it is decided: `from` and `count` hold then.
    bool add(std::uint64_t digest);
    // With what has come so far, since nothing more comes.
    void decide();
    [[nodiscard]] bool undecided() const { return m_matching > 0; }
    [[nodiscard]] bool recalls(std::uint64_t digest) const { return std::find(m_seen.begin(), m_seen.end(), digest) != m_seen.end(); }
    // Once decided: the next best in place of the one that was found.
    void passOver();
    [[nodiscard]] std::uint32_t from() const { return m_from; }
    [[nodiscard]] std::size_t count() const { return m_count; }
    // How often two lines were compared, up to now.
    [[nodiscard]] std::uint64_t comparisons() const { return m_comparisons; }

private:
    struct Candidate {
        EndedStream ended;
        std::size_t at = 0;       // of its next line
        std::size_t matched = 0;  // as many lines before that are the first ones of the new stream; no more fit
        bool matching = true;
    };

    bool equal(std::uint64_t one, std::uint64_t other)
    {
        ++m_comparisons;
        return one == other;
    }
    std::size_t next(std::size_t matched, std::uint64_t digest);
    void follow(Candidate &candidate, bool whole);
    void weigh(const Candidate &candidate);

    std::vector<Candidate> m_candidates;
    std::vector<std::uint64_t> m_seen;
    // Of each beginning of what was seen: how long the longest shorter one is with which it ends.
    std::vector<std::size_t> m_borders;
    std::size_t m_matching = 0;
    std::uint32_t m_from = 0;
    std::size_t m_count = 0;
    std::uint64_t m_comparisons = 0;
};

}  // namespace cm::metrics::intake
