// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/plan_book.h"

#include "core/base/hash.h"

#include <algorithm>

namespace cm::monitor {

std::string PlanBook::add(const api::ActionPlan &plan, Instant now)
{
    Entry entry{toHex(randomBytes(16)), now, {plan.wish, plan.basis, now + validFor}};
    std::string id = entry.id;
    const std::lock_guard lock(m_mutex);
    while (!m_entries.empty() && (m_entries.size() >= most || now - m_entries.front().made > validFor))
        m_entries.pop_front();
    m_entries.push_back(std::move(entry));
    return id;
}

std::optional<PlanBook::Made> PlanBook::find(const std::string &id, Instant now) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &entry) { return entry.id == id; });
    return found != m_entries.end() && now - found->made <= validFor ? std::optional(found->plan) : std::nullopt;
}

void PlanBook::use(const std::string &id)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_entries, [&](const Entry &entry) { return entry.id == id; });
}

}  // namespace cm::monitor
