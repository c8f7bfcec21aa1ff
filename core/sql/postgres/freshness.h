// SPDX-License-Identifier: GPL-3.0-or-later
// The newest commit that this node has seen or made. Commits are counted in the database itself, in
// the order in which they become visible, so a reader whose count is lower looks at something older
// than was shown before. Owned by PostgresDatabase; any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace cm::sql::pg {

class Freshness {
public:
    [[nodiscard]] std::int64_t known() const { return m_known.load(); }
    void raise(std::int64_t commit)
    {
        std::int64_t known = m_known.load();
        while (known < commit && !m_known.compare_exchange_weak(known, commit)) {
        }
    }

private:
    std::atomic<std::int64_t> m_known{0};
};

}  // namespace cm::sql::pg
