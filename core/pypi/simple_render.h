// SPDX-License-Identifier: GPL-3.0-or-later
// The simple repository API as bytes: PEP 691 JSON and PEP 503 HTML, api-version 1.4 (PEP 700, 714,
// 740, 792), and which of them an Accept header asks for. Views point into storage of the caller,
// which outlives the call. Pure, any thread.
#pragma once

#include "core/base/clock.h"
#include "core/pypi/status.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cm::pypi {

struct SimpleIndexEntry {
    std::string_view name;  // as its owner writes it
    std::int64_t serial = 0;
};

struct SimpleFile {
    std::string filename;
    std::string url;
    std::string sha256;
    std::string requiresPython;  // empty: none
    std::uint64_t size = 0;      // bytes
    Time uploadTime{};  // Time{}: not known, which JSON leaves out
    bool yanked = false;
    std::string yankedReason;
    std::string metadataSha256;  // empty: there is no ".metadata" beside the file
    std::string provenanceUrl;   // empty: none
};

struct SimpleProjectPage {
    std::string name;  // normalised
    std::int64_t serial = 0;
    ProjectStatus status = ProjectStatus::Active;
    std::string statusReason;
    std::vector<std::string> versions;  // in ascending order
    std::vector<SimpleFile> files;      // not rendered when the status offers none
};

enum class SimpleFormat {
    Html,    // text/html
    V1Html,  // application/vnd.pypi.simple.v1+html: the same bytes under another type
    V1Json,
};

[[nodiscard]] std::string_view simpleContentType(SimpleFormat format) noexcept;

// The format for an Accept header and the value of ?format= (empty: none). What matches nothing
// gets text/html, as PEP 691 allows. Ties go to the order text/html, v1+html, v1+json.
[[nodiscard]] SimpleFormat negotiateSimple(std::string_view accept, std::string_view formatParameter = {});

void appendProjectJson(std::string &out, const SimpleProjectPage &page);
void appendProjectHtml(std::string &out, const SimpleProjectPage &page);
// One file of a project page, for a caller that keeps pages in pieces.
void appendFileJson(std::string &out, const SimpleFile &file);
void appendFileHtml(std::string &out, const SimpleFile &file);

// The list of projects in pieces, for one that is too long to be held: begin, each entry, end.
void appendIndexJsonBegin(std::string &out, std::int64_t serial);
void appendIndexJsonEntry(std::string &out, const SimpleIndexEntry &entry, bool first);
void appendIndexJsonEnd(std::string &out);
void appendIndexHtmlBegin(std::string &out);
void appendIndexHtmlEntry(std::string &out, const SimpleIndexEntry &entry, std::string_view projectPrefix);
void appendIndexHtmlEnd(std::string &out, std::int64_t serial);

// `serial` is that of the whole registry. `projectPrefix` goes before the normalised name in links.
void appendIndexJson(std::string &out, std::span<const SimpleIndexEntry> entries, std::int64_t serial);
void appendIndexHtml(std::string &out, std::span<const SimpleIndexEntry> entries, std::int64_t serial,
                     std::string_view projectPrefix = "/simple/");

}  // namespace cm::pypi
