// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the uses that no stored file bears witness of (refusals, repeats) until they are written, once a second, by
// whoever calls flush(). Owned by the composition root; any thread, add() never waits. What does not fit is counted as
// lost, and that count is written as well: evidence has to say what it lacks.
#pragma once

#include "core/catalog/catalog.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

namespace cm::registry {

class UseRecorder {
public:
    explicit UseRecorder(catalog::Catalog &catalog, std::size_t most = 20'000) : m_catalog(catalog), m_most(most) {}

    // Uses are gathered by what they were, those of people for a second at most: neither strangers nor a client that
    // never gives up must fill the store.
    void add(catalog::UseRow use);
    // On an error they stay, for the next time.
    Result<void> flush();

private:
    using Key = std::vector<std::string>;

    catalog::Catalog &m_catalog;
    const std::size_t m_most;
    std::mutex m_mutex;
    std::map<Key, catalog::UseRow> m_known;
    std::map<Key, catalog::UseRow> m_strangers;
    std::int64_t m_lost = 0;
};

}  // namespace cm::registry
