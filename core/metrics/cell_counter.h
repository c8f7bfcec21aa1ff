// SPDX-License-Identifier: GPL-3.0-or-later
// Counts in memory until they are taken: who asked for what in which minute. Texts stand once in one store, cells are
// numbers. Owned by an aggregator, used by one thread.
#pragma once

#include "core/metrics/counts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cm::metrics {

// A table from hashes to numbers of things that stand elsewhere; whoever asks compares the things.
class NumberTable {
public:
    // The number for which `same` holds, else `next`, which is then the caller's to add.
    template <class Same>
    std::uint32_t find(std::uint64_t hash, std::uint32_t next, const Same &same)
    {
        if ((m_used + 1) * 10 > m_slots.size() * 7)
            grow();
        const auto mark = static_cast<std::uint32_t>(hash >> 32U);
        const std::size_t mask = m_slots.size() - 1;
        std::size_t at = hash & mask;
        for (; m_slots[at].number != 0; at = (at + 1) & mask) {
            if (m_slots[at].mark == mark && same(m_slots[at].number - 1))
                return m_slots[at].number - 1;
        }
        m_slots[at] = {static_cast<std::uint32_t>(hash), mark, next + 1};
        ++m_used;
        return next;
    }
    void clear();

private:
    struct Slot {
        std::uint32_t place = 0;   // the lower half of the hash
        std::uint32_t mark = 0;    // the upper half
        std::uint32_t number = 0;  // one more than it, 0: free
    };

    void grow();

    std::vector<Slot> m_slots;
    std::size_t m_used = 0;
};

class CellCounter {
public:
    explicit CellCounter(std::uint64_t seed) : m_seed(seed) {}

    // The number of a minute, a release, a client: each good until the next take().
    std::uint32_t minute(std::int64_t minute);
    std::uint32_t what(Request request, std::string_view project, std::string_view version, std::string_view fileType);
    std::uint32_t who(api::ClientClass clientClass, std::string_view installer, std::string_view python, std::string_view system);
    // `country` is two capital letters, or counted as none.
    void count(std::uint32_t minute, std::uint32_t what, std::uint32_t who, std::string_view country);
    Tally &tally(std::uint32_t minute) { return m_tallies[minute]; }
    void reason(std::uint32_t minute, std::string_view reason);

    [[nodiscard]] std::size_t size() const { return m_cells.size() + m_tallies.size() + m_reasons.size(); }
    // Which batch is under way; numbers of another are no longer good.
    [[nodiscard]] std::uint32_t batch() const { return m_batch; }
    Batch take();

private:
    struct What {
        std::uint32_t text = 0;  // where project and version stand, one behind the other
        std::uint8_t projectSize = 0;
        std::uint8_t versionSize = 0;
        std::uint8_t fileType = 0;
        Request request = Request::Download;
    };
    struct Who {
        std::uint32_t text = 0;  // where installer, Python and system stand
        std::uint8_t installerSize = 0;
        std::uint8_t pythonSize = 0;
        std::uint8_t systemSize = 0;
        api::ClientClass clientClass = api::ClientClass::Unknown;
    };
    struct CellNumbers {
        std::uint32_t minute = 0;
        std::uint32_t what = 0;
        std::uint32_t who = 0;
        std::uint32_t country = 0;
        std::uint32_t count = 0;
    };

    [[nodiscard]] Cell cellOf(const CellNumbers &numbers) const;
    [[nodiscard]] std::string_view textAt(std::size_t at, std::size_t size) const { return std::string_view(m_texts).substr(at, size); }

    const std::uint64_t m_seed;
    std::uint32_t m_batch = 1;
    std::string m_texts;
    std::vector<What> m_whats;
    std::vector<Who> m_whos;
    std::vector<CellNumbers> m_cells;
    std::vector<Tally> m_tallies;
    std::vector<ReasonTally> m_reasons;
    NumberTable m_whatTable, m_whoTable, m_cellTable, m_minuteTable, m_reasonTable;
    std::int64_t m_lastMinute = 0;
    std::uint32_t m_lastMinuteNumber = 0;
};

}  // namespace cm::metrics
