// SPDX-License-Identifier: GPL-3.0-or-later
// From what one look finds to what is believed: a finding counts after some polls in a row, and is over
// after some without it. Owned by the evaluator, one thread; no clock of its own.
#pragma once

#include "core/monitor/verdicts/finding.h"

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
        int seen = 0;
        int missed = 0;
        bool believed = false;
        Time believedAt{};
        bool present = false;  // in the look that is being settled
    };

    std::map<Key, Entry> m_entries;
};

}  // namespace cm::monitor
