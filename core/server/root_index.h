// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all projects (/simple/) in its three forms, made anew on request when a project has
// changed. Short lists are kept in memory, long ones (a million names are 45 MB) as files beside a
// gzip variant made once. Owned by the application; find() on any thread, build() on the index
// executor, whose one thread makes builders wait for each other.
#pragma once

#include "core/http/application.h"
#include "core/pypi/simple_render.h"
#include "core/registry/changes.h"
#include "core/registry/pages.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cm::server {

class RootIndex {
public:
    RootIndex(registry::Pages pages, registry::Changes &changes, std::filesystem::path cacheFolder)
        : m_pages(std::move(pages)), m_changes(changes), m_folder(std::move(cacheFolder))
    {}
    RootIndex(const RootIndex &) = delete;
    RootIndex &operator=(const RootIndex &) = delete;

    // Makes the folder, removes what a run before has left. Unavailable when that fails.
    Result<void> open();
    void markStale() { ++m_generation; }
    // The answer when one is fresh enough. A list that takes long to make is allowed to be as old as
    // a few times its making: a registry that is uploaded to all the time must not do nothing else.
    [[nodiscard]] std::optional<http::Reply> find(pypi::SimpleFormat format, const http::RequestHead &head);
    [[nodiscard]] Result<http::Reply> build(pypi::SimpleFormat format, const http::RequestHead &head);

private:
    using Moment = std::chrono::steady_clock::time_point;
    struct Body {
        std::shared_ptr<const http::Baked> baked;  // null: the files
        http::FileRange plain;
        http::FileRange gzip;
    };
    struct Slot {
        std::shared_ptr<const Body> body;
        std::uint64_t generation = 0;
        Moment built;
        std::chrono::steady_clock::duration cost{};
        std::array<std::filesystem::path, 2> previousFiles;  // a request may just be about to open them
    };

    [[nodiscard]] static http::Reply replyOf(const Body &body, const http::RequestHead &head);
    Result<std::shared_ptr<const Body>> make(pypi::SimpleFormat format);
    Result<Body> makeFiles(pypi::SimpleFormat format, const http::Response &answer, const std::string &etag);

    registry::Pages m_pages;
    registry::Changes &m_changes;
    std::filesystem::path m_folder;
    std::atomic<std::uint64_t> m_generation{1};
    std::uint64_t m_files = 0;  // of the index executor's thread
    std::mutex m_mutex;
    std::array<Slot, 3> m_slots;
};

}  // namespace cm::server
