// SPDX-License-Identifier: GPL-3.0-or-later
// Where the bytes behind an address below /packages/ lie and with which headers they leave, kept
// until their project changes. Bounded in entries. Owned by the application; any thread.
#pragma once

#include "core/http/application.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cm::server {

class FileCache {
public:
    using Entry = std::shared_ptr<const http::FileRange>;

    explicit FileCache(std::size_t maxEntries) : m_maxShardEntries(maxEntries / shardCount) {}
    FileCache(const FileCache &) = delete;
    FileCache &operator=(const FileCache &) = delete;

    // `path` is what follows /packages/. Null when it is not known.
    [[nodiscard]] Entry find(std::string_view path);
    // To be taken before the file is looked up in the store.
    [[nodiscard]] std::uint64_t ticket() const { return m_drops.load(); }
    // Kept unless any project changed since the ticket.
    void put(std::string_view path, std::string_view project, Entry entry, std::uint64_t ticket);
    void drop(std::string_view project);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    struct Kept {
        std::string project;
        Entry entry;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, Kept, Hash, std::equal_to<>> entries;
    };
    static constexpr std::size_t shardCount = 32;

    Shard &shardOf(std::string_view path) { return m_shards[Hash()(path) % shardCount]; }

    // What is asked for again comes back with one query each. m_projectsMutex is held.
    void startAgain();

    const std::size_t m_maxShardEntries;
    std::atomic<std::uint64_t> m_drops{0};
    std::array<Shard, shardCount> m_shards;
    std::mutex m_projectsMutex;  // taken before a shard's
    std::unordered_multimap<std::string, std::string, Hash, std::equal_to<>> m_pathsOfProject;
};

}  // namespace cm::server
