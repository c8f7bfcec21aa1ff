// SPDX-License-Identifier: GPL-3.0-or-later
// Open descriptors of files that never change, least recently used first out. One per I/O thread,
// used on that thread alone; a descriptor lives until its last sender is done. What nobody asked for
// during a minute is closed, so that the space of a deleted file comes back.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cm::http {

struct OpenFile {
    OpenFile(int descriptor, std::uint64_t bytes) : fd(descriptor), size(bytes) {}
    ~OpenFile();
    OpenFile(const OpenFile &) = delete;
    OpenFile &operator=(const OpenFile &) = delete;

    const int fd;
    const std::uint64_t size;
};

// NotFound when there is no such regular file, Unavailable when it cannot be opened. Any thread; blocks on the disk.
[[nodiscard]] Result<std::shared_ptr<const OpenFile>> openFile(const std::string &path);

class FileCache {
public:
    explicit FileCache(std::size_t capacity) : m_capacity(capacity) {}

    // Null: it is not known.
    [[nodiscard]] std::shared_ptr<const OpenFile> find(const std::string &path, std::int64_t nowMs);
    void put(const std::string &path, std::shared_ptr<const OpenFile> file, std::int64_t nowMs);
    void dropUnusedSince(std::int64_t ms);

private:
    struct Entry {
        std::string path;
        std::shared_ptr<const OpenFile> file;
        std::int64_t usedMs = 0;
    };

    std::size_t m_capacity;
    std::list<Entry> m_entries;  // the last used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> m_byPath;
};

}  // namespace cm::http
