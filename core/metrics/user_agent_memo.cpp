// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/user_agent_memo.h"

#include "core/metrics/cell_text.h"
#include "core/metrics/text_hash.h"

#include <utility>

namespace cm::metrics {
namespace {

// A busy index sees some ten thousand distinct user agents in an hour, of some 300 bytes.
constexpr std::size_t slotCount = 1U << 15U;
constexpr std::size_t mostEntries = slotCount / 2;
constexpr std::size_t mostBytes = 8U << 20U;
constexpr std::size_t longestKept = 2048;

}  // namespace

UserAgentMemo::UserAgentMemo(Mode mode, std::uint64_t seed) : m_mode(mode), m_seed(seed) {}

UserAgentMemo::Entry *UserAgentMemo::lookUp(Generation &generation, std::uint64_t hash, std::string_view text)
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

UserAgentMemo::Entry &UserAgentMemo::find(std::string_view userAgent)
{
    const std::uint64_t hash = hashOf(userAgent, m_seed);
    if (Entry *const young = lookUp(m_young, hash, userAgent))
        return *young;
    if (Entry *const old = lookUp(m_old, hash, userAgent)) {
        // A copy: keep() may drop the generation that it stands in.
        Entry entry = *old;
        return keep(std::move(entry));
    }
    Entry entry = read(userAgent, hash);
    if (userAgent.size() <= longestKept)
        return keep(std::move(entry));
    m_last = std::move(entry);
    return m_last;
}

UserAgentMemo::Entry &UserAgentMemo::keep(Entry entry)
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
    return m_young.entries.back();
}

UserAgentMemo::Entry UserAgentMemo::read(std::string_view userAgent, std::uint64_t hash) const
{
    const Client client = readUserAgent(userAgent, m_mode);
    Entry entry;
    entry.hash = hash;
    entry.text = userAgent;
    entry.match = client.match;
    entry.reason = client.reason;
    entry.clientClass = client.clientClass;
    const Details &details = client.details;
    if (details.installer && details.installer->name)
        entry.installer = cellText(*details.installer->name);
    if (details.python)
        entry.python = majorAndMinor(*details.python);
    if (details.system && details.system->name)
        entry.system = cellText(*details.system->name);
    return entry;
}

}  // namespace cm::metrics
