// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/simple_render.h"

#include "core/base/log.h"
#include "core/pypi/constants.h"
#include "core/pypi/names.h"

#include <algorithm>
#include <charconv>

namespace cm::pypi {
namespace {

template <class Number>
void appendNumber(std::string &out, Number number)
{
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    out.append(digits, end);
}

// Names, hashes and versions are plain nearly always, so they are looked over before they are copied.
bool isPlain(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) {
        return c > 0x1f && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != '\'';
    });
}

void appendJson(std::string &out, std::string_view text)
{
    out.push_back('"');
    if (isPlain(text))
        out.append(text);
    else
        appendJsonEscaped(out, text);
    out.push_back('"');
}

void appendHtml(std::string &out, std::string_view text)
{
    if (isPlain(text)) {
        out.append(text);
        return;
    }
    for (const char c : text) {
        switch (c) {
        case '&':
            out.append("&amp;");
            break;
        case '<':
            out.append("&lt;");
            break;
        case '>':
            out.append("&gt;");
            break;
        case '"':
            out.append("&quot;");
            break;
        case '\'':
            out.append("&#x27;");
            break;
        case '\0':
            out.append("\xEF\xBF\xBD");
            break;
        default:
            out.push_back(c);
        }
    }
}

void appendAttribute(std::string &out, std::string_view name, std::string_view value)
{
    out.append(" ").append(name).append("=\"");
    appendHtml(out, value);
    out.push_back('"');
}

void appendMeta(std::string &out, std::string_view name, std::string_view content)
{
    out.append("    <meta name=\"").append(name).append("\"");
    appendAttribute(out, "content", content);
    out.append(">\n");
}

void appendHtmlEnd(std::string &out, std::int64_t serial)
{
    out.append("  </body>\n</html>\n<!--SERIAL ");
    appendNumber(out, serial);
    out.append("-->");
}

void appendJsonMeta(std::string &out, std::int64_t serial)
{
    out.append("{\"meta\":{\"api-version\":\"").append(simpleApiVersion).append("\",\"_last-serial\":");
    appendNumber(out, serial);
    out.append("}");
}

void appendHashObject(std::string &out, std::string_view sha256)
{
    if (sha256.empty()) {
        out.append("false");
        return;
    }
    out.append("{\"sha256\":");
    appendJson(out, sha256);
    out.push_back('}');
}

}  // namespace

void appendFileJson(std::string &out, const SimpleFile &file)
{
    out.append("{\"filename\":");
    appendJson(out, file.filename);
    out.append(",\"url\":");
    appendJson(out, file.url);
    out.append(",\"hashes\":{\"sha256\":");
    appendJson(out, file.sha256);
    out.append("},\"requires-python\":");
    if (file.requiresPython.empty())
        out.append("null");
    else
        appendJson(out, file.requiresPython);
    out.append(",\"size\":");
    appendNumber(out, file.size);
    if (file.uploadTime != Time{})
        out.append(",\"upload-time\":\"").append(formatRfc3339(file.uploadTime)).append("\"");
    out.append(",\"yanked\":");
    // pip reads an empty string as "not yanked".
    if (file.yanked && !file.yankedReason.empty())
        appendJson(out, file.yankedReason);
    else
        out.append(file.yanked ? "true" : "false");
    out.append(",\"core-metadata\":");
    appendHashObject(out, file.metadataSha256);
    out.append(",\"data-dist-info-metadata\":");
    appendHashObject(out, file.metadataSha256);
    out.append(",\"provenance\":");
    if (file.provenanceUrl.empty())
        out.append("null");
    else
        appendJson(out, file.provenanceUrl);
    out.push_back('}');
}

void appendFileHtml(std::string &out, const SimpleFile &file)
{
    out.append("    <a href=\"");
    appendHtml(out, file.url);
    out.append("#sha256=").append(file.sha256).append("\"");
    if (!file.requiresPython.empty())
        appendAttribute(out, "data-requires-python", file.requiresPython);
    if (file.yanked)
        appendAttribute(out, "data-yanked", file.yankedReason);
    if (!file.metadataSha256.empty()) {
        const std::string value = "sha256=" + file.metadataSha256;
        appendAttribute(out, "data-core-metadata", value);
        appendAttribute(out, "data-dist-info-metadata", value);
    }
    if (!file.provenanceUrl.empty())
        appendAttribute(out, "data-provenance", file.provenanceUrl);
    out.push_back('>');
    appendHtml(out, file.filename);
    out.append("</a><br />\n");
}

void appendProjectJson(std::string &out, const SimpleProjectPage &page)
{
    appendJsonMeta(out, page.serial);
    out.append(",\"name\":");
    appendJson(out, page.name);
    out.append(",\"project-status\":{\"status\":\"").append(projectStatusName(page.status)).append("\"");
    if (!page.statusReason.empty()) {
        out.append(",\"reason\":");
        appendJson(out, page.statusReason);
    }
    const bool offered = offersFiles(page.status);
    out.append("},\"versions\":[");
    for (std::size_t i = 0; offered && i < page.versions.size(); ++i) {
        if (i > 0)
            out.push_back(',');
        appendJson(out, page.versions[i]);
    }
    out.append("],\"files\":[");
    for (std::size_t i = 0; offered && i < page.files.size(); ++i) {
        if (i > 0)
            out.push_back(',');
        appendFileJson(out, page.files[i]);
    }
    out.append("]}");
}

void appendProjectHtml(std::string &out, const SimpleProjectPage &page)
{
    out.append("<!DOCTYPE html>\n<html>\n  <head>\n");
    appendMeta(out, "pypi:repository-version", simpleApiVersion);
    appendMeta(out, "pypi:project-status", projectStatusName(page.status));
    if (!page.statusReason.empty())
        appendMeta(out, "pypi:project-status-reason", page.statusReason);
    out.append("    <title>Links for ");
    appendHtml(out, page.name);
    out.append("</title>\n  </head>\n  <body>\n    <h1>Links for ");
    appendHtml(out, page.name);
    out.append("</h1>\n");
    if (offersFiles(page.status)) {
        for (const SimpleFile &file : page.files)
            appendFileHtml(out, file);
    }
    appendHtmlEnd(out, page.serial);
}

void appendIndexJsonBegin(std::string &out, std::int64_t serial)
{
    appendJsonMeta(out, serial);
    out.append(",\"projects\":[");
}

void appendIndexJsonEntry(std::string &out, const SimpleIndexEntry &entry, bool first)
{
    out.append(first ? "{\"name\":" : ",{\"name\":");
    appendJson(out, entry.name);
    out.append(",\"_last-serial\":");
    appendNumber(out, entry.serial);
    out.push_back('}');
}

void appendIndexJsonEnd(std::string &out)
{
    out.append("]}");
}

void appendIndexJson(std::string &out, std::span<const SimpleIndexEntry> entries, std::int64_t serial)
{
    out.reserve(out.size() + 64 + entries.size() * 64);
    appendIndexJsonBegin(out, serial);
    bool first = true;
    for (const SimpleIndexEntry &entry : entries) {
        appendIndexJsonEntry(out, entry, first);
        first = false;
    }
    appendIndexJsonEnd(out);
}

void appendIndexHtmlBegin(std::string &out)
{
    out.append("<!DOCTYPE html>\n<html>\n  <head>\n");
    appendMeta(out, "pypi:repository-version", simpleApiVersion);
    out.append("    <title>Simple index</title>\n  </head>\n  <body>\n");
}

void appendIndexHtmlEntry(std::string &out, const SimpleIndexEntry &entry, std::string_view projectPrefix)
{
    out.append("    <a href=\"");
    appendHtml(out, projectPrefix);
    // A valid name, normalised, has nothing to escape; whatever else stands there is escaped.
    if (isPlain(entry.name))
        appendNormalizedName(out, entry.name);
    else
        appendHtml(out, normalizeName(entry.name));
    out.append("/\">");
    appendHtml(out, entry.name);
    out.append("</a>\n");
}

void appendIndexHtmlEnd(std::string &out, std::int64_t serial)
{
    appendHtmlEnd(out, serial);
}

void appendIndexHtml(std::string &out, std::span<const SimpleIndexEntry> entries, std::int64_t serial,
                     std::string_view projectPrefix)
{
    out.reserve(out.size() + 256 + entries.size() * 80);
    appendIndexHtmlBegin(out);
    for (const SimpleIndexEntry &entry : entries)
        appendIndexHtmlEntry(out, entry, projectPrefix);
    appendIndexHtmlEnd(out, serial);
}

}  // namespace cm::pypi
