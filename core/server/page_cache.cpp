// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/page_cache.h"

#include <algorithm>

namespace cm::server {
namespace {

constexpr std::size_t maxVariants = 64;

std::size_t sizeOf(const http::Baked::Variant &variant)
{
    return variant.head.size() + variant.body.size() + variant.notModified.size();
}

std::size_t sizeOf(const http::Baked &page)
{
    return sizeof(page) + sizeOf(page.identity) + (page.gzip ? sizeOf(*page.gzip) : 0);
}

}  // namespace

void PageCache::erase(Shard &shard, Entries::iterator entry)
{
    shard.bytes -= entry->bytes;
    shard.index.erase(entry->project);
    shard.entries.erase(entry);
}

PageCache::Page PageCache::find(std::string_view project, std::string_view variant)
{
    Shard &shard = shardOf(project);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(project);
    if (found != shard.index.end()) {
        for (const auto &[name, page] : found->second->pages) {
            if (name == variant) {
                shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
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

void PageCache::forgetPages(Shard &shard, Entry &entry)
{
    shard.bytes -= entry.bytes;
    entry.bytes = 0;
    entry.pages.clear();
}

bool PageCache::put(std::string_view project, std::string_view variant, Page page, std::int64_t serial,
                    std::uint64_t ticket)
{
    const std::size_t bytes = sizeOf(*page);
    Shard &shard = shardOf(project);
    const std::lock_guard lock(shard.mutex);
    if (shard.drops != ticket || bytes > m_maxShardBytes)
        return false;
    auto found = shard.index.find(project);
    if (found == shard.index.end()) {
        shard.entries.push_front({std::string(project), serial, {}, 0});
        found = shard.index.emplace(shard.entries.front().project, shard.entries.begin()).first;
    } else {
        shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
    }
    Entry &entry = *found->second;
    // Another process may have committed between two readers: what was shown once is never gone back on.
    if (serial < entry.serial)
        return false;
    if (serial > entry.serial) {
        forgetPages(shard, entry);
        entry.serial = serial;
    }
    const auto known =
        std::find_if(entry.pages.begin(), entry.pages.end(), [&](const auto &kept) { return kept.first == variant; });
    if (known != entry.pages.end())
        return true;
    // Variants name the host a client asked for: ever new ones must not grow without end.
    if (entry.pages.size() >= maxVariants) {
        const std::size_t oldest = sizeOf(*entry.pages.front().second);
        entry.bytes -= oldest;
        shard.bytes -= oldest;
        entry.pages.erase(entry.pages.begin());
    }
    entry.pages.emplace_back(variant, std::move(page));
    entry.bytes += bytes;
    shard.bytes += bytes;
    while (shard.bytes > m_maxShardBytes && shard.entries.size() > 1)
        erase(shard, std::prev(shard.entries.end()));
    if (shard.bytes > m_maxShardBytes)
        erase(shard, shard.entries.begin());
    return true;
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
        shard.index.clear();
        shard.entries.clear();
        shard.bytes = 0;
    }
}

PageCache::Figures PageCache::figures()
{
    Figures sum;
    for (Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        sum.hits += shard.hits;
        sum.misses += shard.misses;
        sum.bytes += shard.bytes;
        sum.projects += shard.entries.size();
    }
    return sum;
}

}  // namespace cm::server
