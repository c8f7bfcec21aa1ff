// SPDX-License-Identifier: GPL-3.0-or-later
// A store of counts in memory that fails as it is told to. Any thread.
#pragma once

#include "core/metrics/count_store.h"

#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace cm::metrics {

class MemoryStore final : public CountStore {
public:
    enum class Next { Fine, Unavailable, TimeoutDone, TimeoutLost, Conflict };

    Result<std::int64_t> position(const std::string &source) override
    {
        const std::lock_guard lock(m_mutex);
        return m_positions[source];
    }

    Result<void> add(const Batch &batch) override
    {
        const std::lock_guard lock(m_mutex);
        Next next = Next::Fine;
        if (!m_next.empty()) {
            next = m_next.front();
            m_next.pop_front();
        }
        if (next == Next::Unavailable)
            return fail(ErrorCode::Unavailable, "away");
        if (next == Next::TimeoutLost)
            return fail(ErrorCode::Timeout, "no answer");
        if (next == Next::Conflict || m_positions[batch.source] != batch.from)
            return fail(ErrorCode::Conflict, "somebody else");
        m_positions[batch.source] = batch.until;
        ++m_batches;
        for (const Cell &cell : batch.cells)
            m_projects[cell.project] += cell.count;
        for (const Tally &tally : batch.tallies)
            m_received += tally.received;
        for (const Tally &tally : batch.tallies) {
            if (tally.received == 0)
                m_quiet.emplace_back(tally.minute, m_received);
        }
        for (const ReasonTally &reason : batch.reasons)
            m_reasons[reason.reason] += reason.lines;
        for (const ReasonTally &reason : batch.reasons) {
            if (reason.reason == "Lost")
                m_lostMinutes[reason.minute] += reason.lines;
        }
        return next == Next::TimeoutDone ? fail(ErrorCode::Timeout, "no answer") : Result<void>();
    }

    void then(std::initializer_list<Next> next)
    {
        const std::lock_guard lock(m_mutex);
        m_next.insert(m_next.end(), next);
    }
    std::map<std::string, std::int64_t> projects()
    {
        const std::lock_guard lock(m_mutex);
        return m_projects;
    }
    std::map<std::string, std::int64_t> reasons()
    {
        const std::lock_guard lock(m_mutex);
        return m_reasons;
    }
    std::int64_t received()
    {
        const std::lock_guard lock(m_mutex);
        return m_received;
    }
    std::size_t sources()
    {
        const std::lock_guard lock(m_mutex);
        return static_cast<std::size_t>(std::count_if(m_positions.begin(), m_positions.end(), [](const auto &entry) { return entry.second > 0; }));
    }
    std::map<std::int64_t, std::int64_t> lostMinutes()
    {
        const std::lock_guard lock(m_mutex);
        return m_lostMinutes;
    }
    // The minutes that were told as known without a line of theirs, each with the lines that were counted by then.
    std::vector<std::pair<std::int64_t, std::int64_t>> quiet()
    {
        const std::lock_guard lock(m_mutex);
        return m_quiet;
    }
    std::int64_t batches()
    {
        const std::lock_guard lock(m_mutex);
        return m_batches;
    }

private:
    std::mutex m_mutex;
    std::deque<Next> m_next;
    std::map<std::string, std::int64_t> m_positions, m_projects, m_reasons;
    std::int64_t m_received = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> m_quiet;
    std::map<std::int64_t, std::int64_t> m_lostMinutes;
    std::int64_t m_batches = 0;
};

}  // namespace cm::metrics
