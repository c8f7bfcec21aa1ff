// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/root_index.h"

#include "core/server/public_headers.h"

namespace cm::server {
namespace {

constexpr auto cheapBuild = std::chrono::milliseconds(100);
constexpr int patience = 5;

}  // namespace

std::optional<http::Reply> RootIndex::find(pypi::SimpleFormat format, const http::RequestHead &head)
{
    Page page;
    {
        const std::lock_guard lock(m_mutex);
        const Slot &slot = m_slots[static_cast<std::size_t>(format)];
        if (!slot.page)
            return std::nullopt;
        const bool fresh = slot.generation == m_generation.load();
        const bool dear =
            slot.cost > cheapBuild && std::chrono::steady_clock::now() - slot.built < patience * slot.cost;
        if (!fresh && !dear)
            return std::nullopt;
        page = slot.page;
    }
    return page->replyTo(head);
}

Result<http::Reply> RootIndex::build(pypi::SimpleFormat format, const http::RequestHead &head)
{
    // Whoever waited for the executor finds what the builder before has made.
    if (auto made = find(format, head))
        return std::move(*made);
    const std::uint64_t generation = m_generation.load();
    const Moment begin = std::chrono::steady_clock::now();
    CM_TRY_ASSIGN(const Page page, make(format));
    const Moment end = std::chrono::steady_clock::now();
    const std::lock_guard lock(m_mutex);
    m_slots[static_cast<std::size_t>(format)] = {page, generation, end, end - begin};
    return page->replyTo(head);
}

Result<Page> RootIndex::make(pypi::SimpleFormat format)
{
    http::Response answer;
    {
        CM_TRY_ASSIGN(const registry::IndexPage page, m_pages.index());
        // A change that this list tells of may not be announced yet: no project's page may be older
        // than the list (mirrors refuse such a page).
        CM_TRY(m_changes.poll());
        std::string text;
        if (format == pypi::SimpleFormat::V1Json)
            pypi::appendIndexJson(text, page.entries(), page.serial);
        else
            pypi::appendIndexHtml(text, page.entries(), page.serial);
        answer = publicPage(pypi::simpleContentType(format), page.serial, pageCaching, "simple-index" + std::string(andSimplePages), std::move(text));
        answer.set("Vary", "Accept, Accept-Encoding");
    }
    return m_printer.prepare(std::move(answer));
}

}  // namespace cm::server
