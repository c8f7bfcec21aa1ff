// SPDX-License-Identifier: GPL-3.0-or-later
// What user agents were found to be, so that each is read once: the two last generations of them, a fixed number each.
// `Known` is what its owner keeps of each, made from a `const Client &`. Owned by whoever gathers lines, used by one thread.
#pragma once

#include "core/metrics/text_hash.h"
#include "core/metrics/user_agent.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::metrics {

template <class Known>
class UserAgentMemo {
public:
    UserAgentMemo(Mode mode, std::uint64_t seed) : m_mode(mode), m_seed(seed) {}

    // Good until the next call.
    Known &find(std::string_view userAgent)
    {
        const std::uint64_t hash = hashOf(userAgent, m_seed);
        if (Entry *const young = lookUp(m_young, hash, userAgent))
            return young->known;
        if (Entry *const old = lookUp(m_old, hash, userAgent)) {
            // A copy: keep() may drop the generation that it stands in.
            Entry entry = *old;
            return keep(std::move(entry));
        }
        Entry entry{hash, std::string(userAgent), Known(readUserAgent(userAgent, m_mode))};
        if (userAgent.size() <= longestKept)
            return keep(std::move(entry));
        m_last = std::move(entry);
        return m_last.known;
    }

private:
    // A busy index sees some ten thousand distinct user agents in an hour, of some 300 bytes.
    static constexpr std::size_t slotCount = 1U << 15U;
    static constexpr std::size_t mostEntries = slotCount / 2;
    static constexpr std::size_t mostBytes = 8U << 20U;
    static constexpr std::size_t longestKept = 2048;

    struct Entry {
        std::uint64_t hash = 0;
        std::string text;
        Known known;
    };
    struct Generation {
        std::vector<Entry> entries;
        std::vector<std::uint32_t> slots;  // one more than an entry's number, 0: free
        std::size_t bytes = 0;
    };

    static Entry *lookUp(Generation &generation, std::uint64_t hash, std::string_view text)
    {
        if (generation.slots.empty())
            return nullptr;
        for (std::size_t at = hash & (slotCount - 1); generation.slots[at] != 0; at = (at + 1) & (slotCount - 1)) {
            Entry &entry = generation.entries[generation.slots[at] - 1];
            if (entry.hash == hash && entry.text == text)
                return &entry;
        }
        return nullptr;
    }

    Known &keep(Entry entry)
    {
        if (m_young.entries.size() == mostEntries || m_young.bytes + entry.text.size() > mostBytes)
            m_old = std::exchange(m_young, {});
        if (m_young.slots.empty())
            m_young.slots.resize(slotCount);
        std::size_t at = entry.hash & (slotCount - 1);
        while (m_young.slots[at] != 0)
            at = (at + 1) & (slotCount - 1);
        m_young.bytes += entry.text.size();
        m_young.entries.push_back(std::move(entry));
        m_young.slots[at] = static_cast<std::uint32_t>(m_young.entries.size());
        return m_young.entries.back().known;
    }

    const Mode m_mode;
    const std::uint64_t m_seed;
    Generation m_young;
    Generation m_old;
    Entry m_last{};  // one that is too long to be kept
};

}  // namespace cm::metrics
