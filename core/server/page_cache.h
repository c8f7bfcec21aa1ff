// SPDX-License-Identifier: GPL-3.0-or-later
// Answers about one project as prepared bytes, kept until the project changes. Bounded in bytes: the
// projects asked for longest ago go first. Owned by the application; any thread, find() takes one
// short lock of a shard. A page read before a change is never kept after it: see ticket().
#pragma once

#include "core/http/baked.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cm::server {

class PageCache {
public:
    using Page = std::shared_ptr<const http::Baked>;

    struct Figures {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t bytes = 0;
        std::uint64_t projects = 0;
    };

    explicit PageCache(std::size_t maxBytes) : m_maxShardBytes(maxBytes / shardCount) {}
    PageCache(const PageCache &) = delete;
    PageCache &operator=(const PageCache &) = delete;

    // `project` is a normalised name, `variant` the kind of page. Null when there is none.
    [[nodiscard]] Page find(std::string_view project, std::string_view variant);
    // To be taken before the page's contents are read from the store.
    [[nodiscard]] std::uint64_t ticket(std::string_view project);
    // Keeps the page unless the project may have changed since the ticket, or a page of a later serial is
    // known; pages of an earlier serial go. Tells whether it was kept.
    bool put(std::string_view project, std::string_view variant, Page page, std::int64_t serial, std::uint64_t ticket);
    void drop(std::string_view project);
    void clear();
    [[nodiscard]] Figures figures();

private:
    struct Entry {
        std::string project;
        std::int64_t serial = 0;  // of every page
        std::vector<std::pair<std::string, Page>> pages;
        std::size_t bytes = 0;
    };
    using Entries = std::list<Entry>;
    struct Shard {
        std::mutex mutex;
        Entries entries;                                                // most recently asked for first
        std::unordered_map<std::string_view, Entries::iterator> index;  // keys lie in the entries
        std::size_t bytes = 0;
        std::uint64_t drops = 0;
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
    };

    static constexpr std::size_t shardCount = 64;

    Shard &shardOf(std::string_view project) { return m_shards[std::hash<std::string_view>()(project) % shardCount]; }
    static void erase(Shard &shard, Entries::iterator entry);
    static void forgetPages(Shard &shard, Entry &entry);

    const std::size_t m_maxShardBytes;
    std::array<Shard, shardCount> m_shards;
};

}  // namespace cm::server
