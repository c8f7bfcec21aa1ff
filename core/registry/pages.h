// SPDX-License-Identifier: GPL-3.0-or-later
// What index and JSON API show, as values ready to render, each read in one transaction with its
// serial. Owned by the composition root; any thread, blocks on the catalog. NotFound for what is not
// there, or deleted; the JSON API also for a quarantined project (registry.md 1.2).
#pragma once

#include "core/catalog/catalog.h"
#include "core/pypi/json_api.h"
#include "core/pypi/simple_render.h"

namespace cm::registry {

struct IndexPage {
    std::vector<catalog::ProjectIndexEntry> projects;  // without quarantined ones, by normalised name
    catalog::Serial serial = 0;

    [[nodiscard]] std::vector<pypi::SimpleIndexEntry> entries() const;  // views into `projects`
};

struct StoredFile {
    catalog::FileRow file;
    std::string project;   // normalised
    bool offered = false;  // neither project nor release is quarantined
};

// A piece of the public journal, all of one moment.
struct JournalPiece {
    std::string identity;  // of the registry: 16 hexadecimal digits, kept when its rows move elsewhere
    catalog::Serial serial = 0;   // of the registry
    catalog::Serial through = 0;  // up to where `rows` tell everything: `serial` unless there are more rows
    std::vector<catalog::JournalRow> rows;  // rising
};

class Pages {
public:
    // `baseUrl` goes before "/packages/<path>" and "/project/<name>/": empty for links from the root. `docsBaseUrl`
    // goes before "/<name>/<version>/"; empty: documentation has no address.
    Pages(catalog::Catalog &catalog, std::string baseUrl, std::string docsBaseUrl = {})
        : m_catalog(catalog), m_baseUrl(std::move(baseUrl)), m_docsBaseUrl(std::move(docsBaseUrl))
    {}

    Result<IndexPage> index();
    Result<pypi::SimpleProjectPage> simple(std::string_view normalizedProject);
    // Without a version: the latest release (no prerelease, not yanked, when there is such a one).
    Result<pypi::JsonProject> json(std::string_view normalizedProject, std::optional<std::string_view> version = {});
    // By the path below /packages/, without ".metadata".
    Result<StoredFile> fileAt(std::string_view path);
    Result<catalog::Serial> serial();
    // What changed after `since`, at most `limit` rows. A registry gets its identity when it is first asked.
    Result<JournalPiece> journal(catalog::Serial since, std::int64_t limit);

private:
    [[nodiscard]] std::string fileUrl(const catalog::FileRow &file) const;
    [[nodiscard]] pypi::JsonFile jsonFile(const catalog::ListedFile &listed) const;

    // Empty when there is none to show. Without a version: of whatever `latest` shows.
    Result<std::string> docsUrl(catalog::Reader &reader, const catalog::ProjectRow &project,
                                const catalog::ReleaseRow &shown, bool ofVersion) const;

    catalog::Catalog &m_catalog;
    std::string m_baseUrl;
    std::string m_docsBaseUrl;
};

}  // namespace cm::registry
