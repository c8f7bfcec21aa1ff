// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/base/utf8.h"
#include "core/mirror/address.h"
#include "core/mirror/page.h"
#include "core/pypi/constants.h"
#include "core/pypi/filenames.h"
#include "core/pypi/names.h"
#include "core/pypi/text.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <set>

namespace cm::mirror {
namespace {

namespace json = boost::json;

constexpr std::size_t longestPath = 600;
constexpr std::size_t deepestPath = 10;

tl::unexpected<Error> wrong(std::string detail)
{
    return fail(ErrorCode::Corrupt, "the upstream's page is wrong: " + std::move(detail));
}

std::string textOf(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool isSaneName(std::string_view name)
{
    return !name.empty() && name.size() <= pypi::maxFilenameLength - std::string_view(".metadata").size() && name.front() != '.' &&
           isUtf8(name) && std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/' || c == '\\'; });
}

// Where upstream's addresses have "/packages/", what follows: caches in front of both then find the same.
std::string pathOf(const std::string &source, const std::string &filename, std::string_view sha256)
{
    const std::string whole = pathOfAddress(source);
    const std::size_t at = whole.find("/packages/");
    if (at != std::string::npos) {
        std::string tail = whole.substr(at + 10);
        if (isSafePath(tail, filename))
            return tail;
    }
    return pathByDigest(sha256, filename);
}

// To some disks paths that differ in case alone are one file: each such file goes where its digest and its name say.
void partCases(std::vector<PageFile> &files)
{
    std::map<std::string, std::vector<PageFile *>> byPath;
    for (PageFile &file : files)
        byPath[folded(file.path)].push_back(&file);
    for (const auto &[path, same] : byPath) {
        if (same.size() < 2)
            continue;
        for (PageFile *file : same)
            file->path = pathByDigest(hashHex(HashKind::Sha256, file->file.sha256 + "/" + file->file.filename), file->file.filename);
    }
}

std::string versionOf(const std::string &filename)
{
    if (filename.ends_with(".whl")) {
        const auto wheel = pypi::parseWheelName(filename);
        return wheel ? wheel->version : std::string();
    }
    const auto sdist = pypi::parseSdistName(filename);
    return sdist ? sdist->version : std::string();
}

Result<std::string> sha256Of(const json::object &hashes, const std::string &filename)
{
    std::string sha256 = pypi::lowered(textOf(hashes, "sha256"));
    if (!isHex(sha256, 64))
        return wrong(fmt::format("{} has no sha256, without which nothing can be verified", filename));
    return sha256;
}

Result<PageFile> readFile(const json::value &value, const std::string &base)
{
    if (!value.is_object())
        return wrong("a file is no object");
    const json::object &object = value.get_object();
    PageFile out;
    out.file.filename = textOf(object, "filename");
    if (!isSaneName(out.file.filename) || out.file.filename.ends_with(".metadata"))
        return wrong(fmt::format("'{}' is no name of a file", out.file.filename));
    const json::value *hashes = object.if_contains("hashes");
    if (!hashes || !hashes->is_object())
        return wrong(out.file.filename + " has no digests");
    CM_TRY_ASSIGN(out.file.sha256, sha256Of(hashes->get_object(), out.file.filename));
    auto source = resolveAddress(base, textOf(object, "url"));
    if (!source)
        return wrong(out.file.filename + " has no address");
    out.source = std::move(*source);
    out.path = pathOf(out.source, out.file.filename, out.file.sha256);
    out.version = versionOf(out.file.filename);
    out.file.requiresPython = textOf(object, "requires-python");
    if (const json::value *size = object.if_contains("size"); size && size->is_int64() && size->get_int64() >= 0)
        out.size = static_cast<std::uint64_t>(size->get_int64());
    if (const auto time = parseRfc3339(textOf(object, "upload-time")))
        out.file.uploadTime = *time;
    if (const json::value *yanked = object.if_contains("yanked")) {
        out.file.yanked = yanked->is_string() || (yanked->is_bool() && yanked->get_bool());
        out.file.yankedReason = textOf(object, "yanked");
    }
    for (const std::string_view key : {"core-metadata", "data-dist-info-metadata"}) {
        const json::value *metadata = object.if_contains(key);
        if (metadata && metadata->is_object() && out.file.metadataSha256.empty()) {
            CM_TRY_ASSIGN(out.file.metadataSha256, sha256Of(metadata->get_object(), out.file.filename + ".metadata"));
        }
    }
    out.file.provenanceUrl = textOf(object, "provenance");
    if (!out.file.provenanceUrl.empty() && !out.file.provenanceUrl.starts_with("https://"))
        out.file.provenanceUrl.clear();
    return out;
}

Result<void> readMeta(const json::object &root, std::string_view serialHeader, ProjectPage &page)
{
    const json::value *meta = root.if_contains("meta");
    if (!meta || !meta->is_object())
        return wrong("it has no meta");
    if (!textOf(meta->get_object(), "api-version").starts_with("1."))
        return fail(ErrorCode::Unsupported, "the upstream speaks a version of the simple API that is not 1.x: a newer program may");
    std::optional<std::int64_t> told;
    if (const json::value *serial = meta->get_object().if_contains("_last-serial")) {
        // Some mirrors write it as text.
        std::int64_t number = 0;
        const std::string text = textOf(meta->get_object(), "_last-serial");
        if (serial->is_int64())
            told = serial->get_int64();
        else if (std::from_chars(text.data(), text.data() + text.size(), number).ptr == text.data() + text.size() && !text.empty())
            told = number;
    }
    std::int64_t header = 0;
    if (!serialHeader.empty() &&
        std::from_chars(serialHeader.data(), serialHeader.data() + serialHeader.size(), header).ec == std::errc())
        told = told ? std::min(*told, header) : header;
    page.serial = told.value_or(0);
    return {};
}

}  // namespace

std::string pathByDigest(std::string_view digest, std::string_view filename)
{
    return fmt::format("{}/{}/{}/{}", digest.substr(0, 2), digest.substr(2, 2), digest.substr(4), filename);
}

std::string folded(std::string_view path)
{
    return pypi::lowered(path);
}

bool isSafePath(std::string_view path, std::string_view filename)
{
    if (path.size() > longestPath)
        return false;
    std::size_t depth = 0;
    std::string_view last;
    while (true) {
        const std::size_t slash = path.find('/');
        last = path.substr(0, slash);
        if (!isSaneName(last) || ++depth > deepestPath)
            return false;
        if (slash == std::string_view::npos)
            return last == filename;
        path.remove_prefix(slash + 1);
    }
}

Result<ProjectPage> readProjectPage(std::string_view text, std::string_view name, const std::string &url,
                                    std::string_view serialHeader)
{
    boost::system::error_code error;
    const json::value root = json::parse(text, error);
    if (error || !root.is_object())
        return wrong("it is no JSON object, or is cut off");
    const json::object &object = root.get_object();
    ProjectPage page;
    page.name = name;
    if (pypi::normalizeName(textOf(object, "name")) != name)
        return wrong(fmt::format("it is of '{}' and not of '{}'", textOf(object, "name"), name));
    CM_TRY(readMeta(object, serialHeader, page));
    if (const json::value *status = object.if_contains("project-status"); status && status->is_object()) {
        const auto known = pypi::projectStatusFromName(textOf(status->get_object(), "status"));
        page.status = known.value_or(pypi::ProjectStatus::Active);
        page.statusReason = textOf(status->get_object(), "reason");
    }
    const json::value *files = object.if_contains("files");
    if (!files || !files->is_array())
        return wrong("it has no files");
    std::set<std::string> names, paths;
    for (const json::value &file : files->get_array()) {
        CM_TRY_ASSIGN(PageFile read, readFile(file, url));
        if (!names.insert(read.file.filename).second || !paths.insert(read.path).second)
            return wrong(read.file.filename + " is there twice");
        page.files.push_back(std::move(read));
    }
    partCases(page.files);
    if (const json::value *versions = object.if_contains("versions"); versions && versions->is_array()) {
        for (const json::value &version : versions->get_array()) {
            if (version.is_string())
                page.versions.emplace_back(version.get_string());
        }
    }
    return page;
}

}  // namespace cm::mirror
