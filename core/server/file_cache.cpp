// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/file_cache.h"

namespace cm::server {

FileCache::Entry FileCache::find(std::string_view path)
{
    Shard &shard = shardOf(path);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(path);
    return found == shard.entries.end() ? nullptr : found->second.entry;
}

void FileCache::put(std::string_view path, std::string_view project, Entry entry, std::uint64_t ticket)
{
    const std::lock_guard projectsLock(m_projectsMutex);
    if (m_drops.load() != ticket)
        return;
    if (m_pathsOfProject.size() >= m_maxShardEntries * shardCount)
        startAgain();
    Shard &shard = shardOf(path);
    const std::lock_guard lock(shard.mutex);
    if (shard.entries.size() >= m_maxShardEntries)
        shard.entries.clear();
    if (shard.entries.insert_or_assign(std::string(path), Kept{std::string(project), std::move(entry)}).second)
        m_pathsOfProject.emplace(project, path);
}

void FileCache::startAgain()
{
    for (Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        shard.entries.clear();
    }
    m_pathsOfProject.clear();
}

void FileCache::drop(std::string_view project)
{
    const std::lock_guard projectsLock(m_projectsMutex);
    ++m_drops;
    const auto [first, last] = m_pathsOfProject.equal_range(project);
    for (auto path = first; path != last; ++path) {
        Shard &shard = shardOf(path->second);
        const std::lock_guard lock(shard.mutex);
        shard.entries.erase(path->second);
    }
    m_pathsOfProject.erase(first, last);
}

}  // namespace cm::server
