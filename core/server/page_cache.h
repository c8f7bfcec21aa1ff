// SPDX-License-Identifier: GPL-3.0-or-later
// Answers about one project, prepared once and kept until the project changes. Bounded in weight over
// all projects: those asked for longest ago go first. Owned by the application; any thread, find()
// takes one short lock of a shard. A page read before a change is never kept after it: see ticket().
#pragma once

#include "core/server/prepared_page.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cm::server {

class PageCache {
public:
    struct Figures {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t bytes = 0;
        std::uint64_t projects = 0;
    };

    explicit PageCache(std::size_t maxBytes) : m_maxBytes(maxBytes) {}
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
        std::uint64_t used = 0;   // m_time of the last find()
        std::vector<std::pair<std::string, Page>> pages;
        std::size_t bytes = 0;
    };
    using Entries = std::list<Entry>;
    struct Shard {
        std::mutex mutex;
        Entries entries;                                                // most recently asked for first
        std::unordered_map<std::string_view, Entries::iterator> index;  // keys lie in the entries
        std::uint64_t drops = 0;
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
    };

    static constexpr std::size_t shardCount = 64;

    Shard &shardOf(std::string_view project) { return m_shards[std::hash<std::string_view>()(project) % shardCount]; }
    void erase(Shard &shard, Entries::iterator entry);
    void forgetPages(Entry &entry);
    bool add(Shard &shard, std::string_view project, std::string_view variant, Page page, std::int64_t serial);
    void shrink();

    const std::size_t m_maxBytes;
    std::atomic<std::size_t> m_bytes{0};
    std::atomic<std::uint64_t> m_time{0};  // counts what was put
    std::atomic<std::size_t> m_next{0};    // the shard that is looked at next for something old
    std::array<Shard, shardCount> m_shards;
};

}  // namespace cm::server
