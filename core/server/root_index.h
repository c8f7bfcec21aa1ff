// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all projects (/simple/) in its three forms, made anew on request when a project has
// changed. Owned by the application; find() on any thread, build() on the index executor, whose one
// thread makes builders wait for each other.
#pragma once

#include "core/http/application.h"
#include "core/pypi/simple_render.h"
#include "core/registry/changes.h"
#include "core/registry/pages.h"
#include "core/server/prepared_page.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace cm::server {

class RootIndex {
public:
    RootIndex(registry::Pages pages, registry::Changes &changes, PagePrinter &printer)
        : m_pages(std::move(pages)), m_changes(changes), m_printer(printer)
    {}
    RootIndex(const RootIndex &) = delete;
    RootIndex &operator=(const RootIndex &) = delete;

    void markStale() { ++m_generation; }
    // The answer when one is fresh enough. A list that takes long to make is allowed to be as old as
    // a few times its making: a registry that is uploaded to all the time must not do nothing else.
    [[nodiscard]] std::optional<http::Reply> find(pypi::SimpleFormat format, const http::RequestHead &head);
    [[nodiscard]] Result<http::Reply> build(pypi::SimpleFormat format, const http::RequestHead &head);

private:
    using Moment = std::chrono::steady_clock::time_point;
    struct Slot {
        Page page;
        std::uint64_t generation = 0;
        Moment built;
        std::chrono::steady_clock::duration cost{};
    };

    [[nodiscard]] Result<Page> make(pypi::SimpleFormat format);

    registry::Pages m_pages;
    registry::Changes &m_changes;
    PagePrinter &m_printer;
    std::atomic<std::uint64_t> m_generation{1};
    std::mutex m_mutex;
    std::array<Slot, 3> m_slots;
};

}  // namespace cm::server
