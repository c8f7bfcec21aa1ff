// SPDX-License-Identifier: GPL-3.0-or-later
// An answer prepared once and sent many times: a short one as bytes in memory, a long one (a million
// names are 45 MB) as a file beside its gzip variant. Immutable and shared; the files go with the
// last who holds them, requests that are about to open them included. Any thread.
#pragma once

#include "core/http/application.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

namespace cm::server {

class PreparedPage {
public:
    // The variant that the request accepts.
    [[nodiscard]] virtual http::Reply replyTo(const http::RequestHead &head) const = 0;
    // What it weighs in a cache: its bytes in memory, or a small part of those on disk.
    [[nodiscard]] virtual std::size_t weight() const = 0;
    virtual ~PreparedPage() = default;
};

using Page = std::shared_ptr<const PreparedPage>;

// Makes them. Owned by the application; prepare() on any thread, blocks on the disk for long ones.
class PagePrinter {
public:
    explicit PagePrinter(std::filesystem::path folder) : m_folder(std::move(folder)) {}

    // Makes the folder, removes what a run before has left. Unavailable when that fails.
    Result<void> open();
    // `answer` has its headers; ETag, Content-Length and Content-Encoding are added, and Vary has to
    // name Accept-Encoding where `answer` is worth compressing. Unavailable when a file cannot be written.
    [[nodiscard]] Result<Page> prepare(http::Response answer);
    [[nodiscard]] static bool isWorthGzip(std::size_t bytes) { return bytes >= 1024; }

private:
    std::filesystem::path m_folder;
    std::atomic<std::uint64_t> m_files{0};
};

}  // namespace cm::server
