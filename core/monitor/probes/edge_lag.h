// SPDX-License-Identifier: GPL-3.0-or-later
// What the web nodes have and clients do not get yet: the registry's serial beside that of the list that a cache gives, and the
// pages of projects that have changed lately beside the web nodes' own. A page is looked at because it has changed: one
// that nobody asks for is fetched anew by this very look, and one that the cache has kept is old for everybody. Pure but for what it
// remembers; owned by a probe, one thread at a time. Each look takes a few of them in turn, those that were found old now and then
// among the others, so that no change of the newest few hundred stays unseen.
#pragma once

#include "core/base/result.h"
#include "core/monitor/verdicts/edges.h"

#include <deque>

namespace cm::monitor {

// What a page is, as far as its head says.
struct PageHead {
    int status = 0;  // 0: there was no answer
    std::optional<std::int64_t> serial;
    std::string servedBy;
};

// A line of the web nodes' journal.
struct JournalChange {
    std::int64_t serial = 0;
    std::string project;  // normalised
};
struct JournalNews {
    std::int64_t serial = 0;  // of the registry
    std::vector<JournalChange> changes;
    std::int64_t through = 0;  // the last line that was told; less than `serial` where there are more
};
// Corrupt for what is no journal.
[[nodiscard]] Result<JournalNews> readJournal(std::string_view text);

class EdgeFollower {
public:
    struct Page {
        std::string project;
        std::int64_t serial = 0;  // that it must have reached
        Time since{};             // when the web nodes were first seen to have it
        std::int64_t latest = 0;  // of changes that came after that
        Time latestSince{};
        bool old = false;         // when it was last looked at
        std::string servedBy;
    };

    // The journal's address from which on it is news.
    [[nodiscard]] std::string question() const;
    // Times are those of a clock that nobody sets.
    void take(const JournalNews &news, Time now);
    // Whose pages are to be looked at now; each is compared() afterwards.
    [[nodiscard]] std::vector<Page> due() const;
    // The page as clients get it, and as a web node gives it; the second is needed where the first is not new enough.
    void compare(const std::string &project, const PageHead &got, const std::optional<PageHead> &given);
    [[nodiscard]] static bool isNew(const Page &page, const PageHead &got) { return got.status == 200 && got.serial && *got.serial >= page.serial; }
    // How late it all is. `listed`: the serial of the list that clients get; absent: nobody knows.
    [[nodiscard]] EdgeLag lag(std::optional<std::int64_t> listed, Time now);

private:
    std::optional<std::int64_t> m_known;  // up to where the journal is read
    std::deque<std::pair<Time, std::int64_t>> m_shown;  // serials of the registry that the list does not have, since when
    std::deque<Page> m_pages;  // in the order in which they are looked at
};

}  // namespace cm::monitor
