// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/root_index.h"

#include "core/server/public_headers.h"

#include <cstdio>
#include <malloc.h>
#include <system_error>

namespace cm::server {
namespace {

constexpr std::size_t keptInMemory = 256 * 1024;
constexpr std::size_t worthGzip = 1024;
constexpr auto cheapBuild = std::chrono::milliseconds(100);
constexpr int patience = 5;

Result<void> writeFile(const std::filesystem::path &path, std::string_view bytes)
{
    std::FILE *file = std::fopen(path.c_str(), "wb");
    if (!file)
        return fail(ErrorCode::Unavailable, "cannot write " + path.string());
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    const bool closed = std::fclose(file) == 0;
    if (!written || !closed)
        return fail(ErrorCode::Unavailable, "cannot write " + path.string());
    return {};
}

}  // namespace

Result<void> RootIndex::open()
{
    std::error_code error;
    std::filesystem::remove_all(m_folder, error);
    std::filesystem::create_directories(m_folder, error);
    if (error)
        return fail(ErrorCode::Unavailable, "cannot make the folder " + m_folder.string() + ": " + error.message());
    return {};
}

http::Reply RootIndex::replyOf(const Body &body, const http::RequestHead &head)
{
    if (body.baked)
        return body.baked;
    return http::acceptsGzip(head.header("Accept-Encoding")) ? body.gzip : body.plain;
}

std::optional<http::Reply> RootIndex::find(pypi::SimpleFormat format, const http::RequestHead &head)
{
    std::shared_ptr<const Body> body;
    {
        const std::lock_guard lock(m_mutex);
        const Slot &slot = m_slots[static_cast<std::size_t>(format)];
        if (!slot.body)
            return std::nullopt;
        const bool fresh = slot.generation == m_generation.load();
        const bool dear =
            slot.cost > cheapBuild && std::chrono::steady_clock::now() - slot.built < patience * slot.cost;
        if (!fresh && !dear)
            return std::nullopt;
        body = slot.body;
    }
    return replyOf(*body, head);
}

Result<http::Reply> RootIndex::build(pypi::SimpleFormat format, const http::RequestHead &head)
{
    // Whoever waited for the executor finds what the builder before has made.
    if (auto made = find(format, head))
        return std::move(*made);
    const std::uint64_t generation = m_generation.load();
    const Moment begin = std::chrono::steady_clock::now();
    CM_TRY_ASSIGN(std::shared_ptr<const Body> body, make(format));
    const Moment end = std::chrono::steady_clock::now();
    std::array<std::filesystem::path, 2> outdated;
    {
        const std::lock_guard lock(m_mutex);
        Slot &slot = m_slots[static_cast<std::size_t>(format)];
        outdated = std::move(slot.previousFiles);
        slot.previousFiles = {};
        if (slot.body && !slot.body->baked)
            slot.previousFiles = {slot.body->plain.path, slot.body->gzip.path};
        slot.body = body;
        slot.generation = generation;
        slot.built = end;
        slot.cost = end - begin;
    }
    for (const std::filesystem::path &path : outdated) {
        std::error_code ignored;
        if (!path.empty())
            std::filesystem::remove(path, ignored);
    }
    return replyOf(*body, head);
}

Result<std::shared_ptr<const RootIndex::Body>> RootIndex::make(pypi::SimpleFormat format)
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
        answer = publicPage(pypi::simpleContentType(format), page.serial, pageCaching, "all-projects", std::move(text));
        answer.set("Vary", "Accept, Accept-Encoding");
    }
    const std::string etag = etagOf(answer.body);
    Body body;
    if (answer.body.size() <= keptInMemory) {
        std::string gzip = answer.body.size() < worthGzip ? std::string() : http::gzipCompress(answer.body);
        body.baked = http::bake(std::move(answer), etag, std::move(gzip));
    } else {
        CM_TRY_ASSIGN(body, makeFiles(format, answer, etag));
        answer = {};
        // What a million names took goes back to the system.
        ::malloc_trim(0);
    }
    return std::make_shared<const Body>(std::move(body));
}

Result<RootIndex::Body> RootIndex::makeFiles(pypi::SimpleFormat format, const http::Response &answer,
                                             const std::string &etag)
{
    const std::string name = std::to_string(++m_files) + "-" + std::to_string(static_cast<int>(format));
    Body body;
    body.plain = {(m_folder / name).string(), etag, answer.headers};
    body.gzip = {(m_folder / (name + ".gz")).string(), etag.substr(0, etag.size() - 1) + "-gz\"", answer.headers};
    body.gzip.headers.push_back({"Content-Encoding", "gzip"});
    CM_TRY(writeFile(body.plain.path, answer.body));
    CM_TRY(writeFile(body.gzip.path, http::gzipCompress(answer.body, 1)));
    return body;
}

}  // namespace cm::server
