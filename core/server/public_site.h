// SPDX-License-Identifier: GPL-3.0-or-later
// What anybody may read: the simple repository API (PEP 503, 691), the JSON API, the files, the journal, counts of downloads. Answers
// come from prepared bytes; what is not prepared is made on an executor. Owned by the application;
// any thread.
#pragma once

#include "core/server/file_cache.h"
#include "core/server/journal_page.h"
#include "core/server/page_cache.h"
#include "core/server/read_use.h"
#include "core/server/root_index.h"
#include "core/server/services.h"

#include <string>
#include <string_view>

namespace cm::server {

class PublicSite {
public:
    PublicSite(const Services &services, const Options &options);
    PublicSite(const PublicSite &) = delete;
    PublicSite &operator=(const PublicSite &) = delete;

    Result<void> open() { return m_printer.open(); }
    void projectChanged(std::string_view normalizedName);
    [[nodiscard]] PageCache::Figures cacheFigures() { return m_cache.figures(); }

    // Whether `path` belongs here; then any method may be asked.
    [[nodiscard]] static bool owns(std::string_view path);
    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head);

private:
    http::Dispatch index(const http::RequestHead &head);
    http::Dispatch project(const http::RequestHead &head, std::string_view name);
    // The endpoints that may retire: asked as the use that the request is.
    using Answer = http::Dispatch (PublicSite::*)(const http::RequestHead &head, const ReadUse &use);
    http::Dispatch read(const http::RequestHead &head, std::string_view endpoint, std::chrono::seconds kept, Answer answer);
    http::Reply readAs(const http::RequestHead &head, std::string_view endpoint, std::chrono::seconds kept, Answer answer);
    http::Dispatch counted(ReadUse use, http::Dispatch answer);
    http::Dispatch json(const http::RequestHead &head, const ReadUse &use);
    http::Dispatch stats(const http::RequestHead &head, const ReadUse &use);
    http::Dispatch file(const http::RequestHead &head, std::string_view path);
    http::Dispatch journal(const http::RequestHead &head, const ReadUse &use);
    http::Reply buildProject(const http::RequestHead &head, const std::string &name, pypi::SimpleFormat format);
    http::Reply buildJson(const http::RequestHead &head, const std::string &name, const std::string &version,
                          registry::Pages pages, const std::string &variant, const ReadUse &use);
    http::Reply buildStats(const http::RequestHead &head, const std::string &name, const ReadUse &use);
    http::Reply findFile(const http::RequestHead &head, const std::string &path);
    http::Reply buildJournal(const http::RequestHead &head, const JournalQuestion &question, const ReadUse &use);
    [[nodiscard]] http::Response failure(const http::RequestHead &head, const Error &error) const;
    [[nodiscard]] std::string baseFor(const http::RequestHead &head) const;

    const Services &m_services;
    const Options &m_options;
    registry::Pages m_pages;  // links from the root
    PagePrinter m_printer;
    PageCache m_cache;
    FileCache m_files;
    RootIndex m_index;
    ReadGate m_gate;
};

// "https://host" as the client addressed us; empty when its Host is none.
[[nodiscard]] std::string addressedBase(const http::RequestHead &head);

}  // namespace cm::server
