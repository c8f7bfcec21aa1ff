// SPDX-License-Identifier: GPL-3.0-or-later
// From what one look finds to what is believed: a finding counts after some polls in a row, and is over
// after some without it; so is each weight of it, heavier or lighter. Owned by the evaluator, one thread; no clock of its own.
#pragma once

#include "core/monitor/verdicts/finding.h"

#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace cm::monitor {

struct Believed {
    RawFinding found;
    Time since{};     // of the first look that found it
    Time believed{};  // from when on
};

// What was believed by the one before this one, which ended: a monitor that was stopped, or one whose clock was set.
struct Remembered {
    std::string node;
    std::string code;
    Verdict weight = Verdict::Ok;
    Time since{};
};

class Debouncer {
public:
    // So often a node is looked at before what was remembered of it is over, or has to be believed anew: some findings need
    // a few looks to be made at all.
    static constexpr int looksToRecall = 5;

    // What is believed again when it is seen once, at no more than its weight then. Before the first look.
    void remember(std::vector<Remembered> before);
    // All findings of this look. `samples` is the newest try of each node, so that a sample counts once
    // however often it is looked at; a node that is not in it counts by `now`.
    std::vector<Believed> settle(const RawFindings &found, const std::map<std::string, Time> &samples, Time now);
    // What the last look found, and is not believed yet.
    [[nodiscard]] std::vector<Believed> suspected() const;
    // The nodes that have not been looked at often enough to say that what was remembered of them is over.
    [[nodiscard]] std::set<std::string> awaited() const;

private:
    using Key = std::tuple<std::string, std::string, std::string>;
    struct Entry {
        RawFinding last;
        Time since{};
        Time counted{};
        std::array<int, 4> sightings{};  // in a row, of each weight or a heavier one
        int lighter = 0;                 // in a row, than what is believed
        int missed = 0;
        bool believed = false;
        Verdict weight = Verdict::Ok;  // that is believed
        Time believedAt{};
        bool present = false;  // in the look that is being settled
    };

    static constexpr std::array weights{Verdict::Ok, Verdict::Warning, Verdict::Unknown, Verdict::Critical};
    void count(Entry &entry, Time now) const;
    void forget(const std::map<std::string, Time> &samples, Time now);

    struct Memory {
        Remembered was;
        Time counted{};
        int looks = 0;
    };
    std::map<Key, Entry> m_entries;
    std::vector<Memory> m_memories;
};

}  // namespace cm::monitor
