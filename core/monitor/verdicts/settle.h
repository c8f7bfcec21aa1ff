// SPDX-License-Identifier: GPL-3.0-or-later
// From what one look finds to what is believed: a finding counts after some polls in a row, and is over
// after some without it; so is each weight of it, heavier or lighter. Owned by the evaluator, one thread; no clock of its own.
#pragma once

#include "core/monitor/verdicts/finding.h"

#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace cm::monitor {

struct Believed {
    RawFinding found;
    Time since{};     // of the first look that found it
    Time believed{};  // from when on
};

class Debouncer {
public:
    // All findings of this look. `samples` is the newest try of each node, so that a sample counts once
    // however often it is looked at; a node that is not in it counts by `now`.
    std::vector<Believed> settle(const RawFindings &found, const std::map<std::string, Time> &samples, Time now);
    // What the last look found, and is not believed yet.
    [[nodiscard]] std::vector<Believed> suspected() const;

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
    static void count(Entry &entry, Time now);

    std::map<Key, Entry> m_entries;
};

}  // namespace cm::monitor
