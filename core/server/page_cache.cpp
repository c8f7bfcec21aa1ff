// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/page_cache.h"

#include <algorithm>

namespace cm::server {
namespace {

constexpr std::size_t maxVariants = 64;
// How many shards are asked for the project that nobody has wanted for longest.
constexpr std::size_t asked = 8;

}  // namespace

void PageCache::erase(Shard &shard, Entries::iterator entry)
{
    m_bytes -= entry->bytes;
    shard.index.erase(entry->project);
    shard.entries.erase(entry);
}

Page PageCache::find(std::string_view project, std::string_view variant)
{
    Shard &shard = shardOf(project);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(project);
    if (found != shard.index.end()) {
        for (const auto &[name, page] : found->second->pages) {
            if (name == variant) {
                shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
                found->second->used = m_time.load(std::memory_order_relaxed);
                ++shard.hits;
                return page;
            }
        }
    }
    ++shard.misses;
    return nullptr;
}

std::uint64_t PageCache::ticket(std::string_view project)
{
    Shard &shard = shardOf(project);
    const std::lock_guard lock(shard.mutex);
    return shard.drops;
}

void PageCache::forgetPages(Entry &entry)
{
    m_bytes -= entry.bytes;
    entry.bytes = 0;
    entry.pages.clear();
}

bool PageCache::put(std::string_view project, std::string_view variant, Page page, std::int64_t serial,
                    std::uint64_t ticket)
{
    // One page must not drive everything else out.
    if (page->weight() > m_maxBytes / 4)
        return false;
    {
        Shard &shard = shardOf(project);
        const std::lock_guard lock(shard.mutex);
        if (shard.drops != ticket || !add(shard, project, variant, std::move(page), serial))
            return false;
    }
    shrink();
    return true;
}

bool PageCache::add(Shard &shard, std::string_view project, std::string_view variant, Page page, std::int64_t serial)
{
    auto found = shard.index.find(project);
    if (found == shard.index.end()) {
        shard.entries.push_front({std::string(project), serial, 0, {}, 0});
        found = shard.index.emplace(shard.entries.front().project, shard.entries.begin()).first;
    } else {
        shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
    }
    Entry &entry = *found->second;
    entry.used = ++m_time;
    // Another process may have committed between two readers: what was shown once is never gone back on.
    if (serial < entry.serial)
        return false;
    if (serial > entry.serial) {
        forgetPages(entry);
        entry.serial = serial;
    }
    const auto known =
        std::find_if(entry.pages.begin(), entry.pages.end(), [&](const auto &kept) { return kept.first == variant; });
    if (known != entry.pages.end())
        return true;
    const std::size_t bytes = page->weight();
    // Variants name the host a client asked for: ever new ones must not grow without end.
    if (entry.pages.size() >= maxVariants) {
        const std::size_t oldest = entry.pages.front().second->weight();
        entry.bytes -= oldest;
        m_bytes -= oldest;
        entry.pages.erase(entry.pages.begin());
    }
    entry.pages.emplace_back(variant, std::move(page));
    entry.bytes += bytes;
    m_bytes += bytes;
    return true;
}

// Takes away what was asked for longest ago, or nearly: the oldest of a few shards.
void PageCache::shrink()
{
    std::size_t empty = 0;
    while (m_bytes.load() > m_maxBytes && empty < shardCount) {
        Shard *oldest = nullptr;
        std::uint64_t used = 0;
        for (std::size_t i = 0; i < asked; ++i) {
            Shard &shard = m_shards[m_next++ % shardCount];
            const std::lock_guard lock(shard.mutex);
            if (!shard.entries.empty() && (oldest == nullptr || shard.entries.back().used < used)) {
                oldest = &shard;
                used = shard.entries.back().used;
            }
        }
        if (oldest == nullptr) {
            empty += asked;
            continue;
        }
        const std::lock_guard lock(oldest->mutex);
        if (!oldest->entries.empty())
            erase(*oldest, std::prev(oldest->entries.end()));
    }
}

void PageCache::drop(std::string_view project)
{
    Shard &shard = shardOf(project);
    const std::lock_guard lock(shard.mutex);
    ++shard.drops;
    if (const auto found = shard.index.find(project); found != shard.index.end())
        erase(shard, found->second);
}

void PageCache::clear()
{
    for (Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        ++shard.drops;
        while (!shard.entries.empty())
            erase(shard, shard.entries.begin());
    }
}

PageCache::Figures PageCache::figures()
{
    Figures sum;
    sum.bytes = m_bytes.load();
    for (Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        sum.hits += shard.hits;
        sum.misses += shard.misses;
        sum.projects += shard.entries.size();
    }
    return sum;
}

}  // namespace cm::server
