// SPDX-License-Identifier: GPL-3.0-or-later
// What user agents were found to be, so that each is read once: the two last generations of them, a fixed number each.
// Owned by an aggregator, used by one thread.
#pragma once

#include "core/metrics/user_agent.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cm::metrics {

class UserAgentMemo {
public:
    struct Entry {
        std::uint64_t hash = 0;
        std::string text;
        Client::Match match = Client::Match::Unknown;
        std::string_view reason;
        api::ClientClass clientClass = api::ClientClass::Unknown;
        std::string installer;  // as cells have them
        std::string python;
        std::string system;
        std::uint32_t who = 0;  // the counter's number of it in batch `batch`
        std::uint32_t batch = 0;
    };

    UserAgentMemo(Mode mode, std::uint64_t seed);
    // Good until the next call.
    Entry &find(std::string_view userAgent);

private:
    struct Generation {
        std::vector<Entry> entries;
        std::vector<std::uint32_t> slots;  // one more than an entry's number, 0: free
        std::size_t bytes = 0;
    };

    static Entry *lookUp(Generation &generation, std::uint64_t hash, std::string_view text);
    Entry &keep(Entry entry);
    [[nodiscard]] Entry read(std::string_view userAgent, std::uint64_t hash) const;

    const Mode m_mode;
    const std::uint64_t m_seed;
    Generation m_young;
    Generation m_old;
    Entry m_last;  // one that is too long to be kept
};

}  // namespace cm::metrics
