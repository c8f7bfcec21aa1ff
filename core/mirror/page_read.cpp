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
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace cm::mirror {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t longestPath = 600;
constexpr std::size_t deepestPath = 10;
constexpr std::size_t longestAddress = 2000;
// Of a page. The largest of the registries that we know have some ten thousand files.
constexpr std::size_t mostText = 128U << 20;
constexpr std::size_t mostFiles = 100'000;
// Values that one file tells, or another part of the page.
constexpr std::size_t mostValues = 1000;

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
    if (source->size() > longestAddress)
        return wrong(out.file.filename + " has an address that is too long");
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

Result<void> readMeta(const json::value &meta, std::string_view serialHeader, ProjectPage &page)
{
    if (!meta.is_object())
        return wrong("it has no meta");
    if (!textOf(meta.get_object(), "api-version").starts_with("1."))
        return fail(ErrorCode::Unsupported, "the upstream speaks a version of the simple API that is not 1.x: a newer program may");
    std::optional<std::int64_t> told;
    if (const json::value *serial = meta.get_object().if_contains("_last-serial")) {
        // Some mirrors write it as text.
        std::int64_t number = 0;
        const std::string text = textOf(meta.get_object(), "_last-serial");
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

bool isOfFile(std::string_view key)
{
    for (const std::string_view known : {"filename", "hashes", "url", "requires-python", "size", "upload-time", "yanked", "core-metadata",
                                         "data-dist-info-metadata", "provenance"}) {
        if (key == known)
            return true;
    }
    return false;
}

// Builds the parts that are asked for, one at a time, and lets go of all else: of the page itself `meta`, `name` and
// `project-status`, each of `files` with the keys that are known, each of `versions`.
struct Handler {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = 100'000;
    static constexpr std::size_t max_string_size = 1U << 20;

    std::string url;
    ProjectPage page;
    json::value meta, name, status;
    bool isObject = false, hasFiles = false;
    std::optional<Error> problem;

    bool on_document_begin(error_code &)
    {
        m_stack.reset();
        return true;
    }
    bool on_document_end(error_code &) { return true; }
    bool on_object_begin(error_code &)
    {
        isObject = isObject || m_depth == 0;
        begin();
        return true;
    }
    bool on_object_end(std::size_t size, error_code &error)
    {
        return end([&] { m_stack.push_object(m_depth == m_base && isFile() ? m_keys : size); }, error);
    }
    bool on_array_begin(error_code &)
    {
        hasFiles = hasFiles || (m_depth == 1 && m_top == "files");
        m_list = m_list || (m_depth == 1 && (m_top == "files" || m_top == "versions"));
        begin();
        return true;
    }
    bool on_array_end(std::size_t size, error_code &error)
    {
        m_list = m_list && m_depth != 2;
        return end([&] { m_stack.push_array(size); }, error);
    }
    bool on_key_part(std::string_view part, std::size_t, error_code &)
    {
        m_text.append(part);
        return true;
    }
    bool on_key(std::string_view part, std::size_t, error_code &)
    {
        m_text.append(part);
        if (m_depth == 1)
            m_top = m_text;
        if (isBuilding()) {
            const bool first = m_depth == m_base + 1 && isFile();
            m_skipped = first && !isOfFile(m_text) ? std::optional(m_depth) : std::nullopt;
            if (!m_skipped) {
                m_keys += first ? 1 : 0;
                m_stack.push_key(m_text);
            }
        }
        m_text.clear();
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, error_code &)
    {
        m_text.append(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, error_code &error)
    {
        m_text.append(part);
        const bool on = scalar([this] { m_stack.push_string(m_text); }, error);
        m_text.clear();
        return on;
    }
    bool on_number_part(std::string_view, error_code &) { return true; }
    bool on_int64(std::int64_t value, std::string_view, error_code &error) { return scalar([&] { m_stack.push_int64(value); }, error); }
    bool on_uint64(std::uint64_t value, std::string_view, error_code &error) { return scalar([&] { m_stack.push_uint64(value); }, error); }
    bool on_double(double value, std::string_view, error_code &error) { return scalar([&] { m_stack.push_double(value); }, error); }
    bool on_bool(bool value, error_code &error) { return scalar([&] { m_stack.push_bool(value); }, error); }
    bool on_null(error_code &error) { return scalar([&] { m_stack.push_null(); }, error); }
    bool on_comment_part(std::string_view, error_code &) { return true; }
    bool on_comment(std::string_view, error_code &) { return true; }

private:
    static constexpr std::size_t nothing = std::size_t(-1);

    bool isBuilding() const { return m_base != nothing && !m_skipped; }
    // What is being built is one.
    bool isFile() const { return m_base == 2 && m_top == "files"; }
    // Whether a value that begins here is asked for.
    bool isWanted() const
    {
        return (m_depth == 1 && (m_top == "meta" || m_top == "name" || m_top == "project-status")) || (m_depth == 2 && m_list);
    }
    void begin()
    {
        open();
        ++m_depth;
    }
    template <class Push>
    bool end(Push push, error_code &error)
    {
        --m_depth;
        return close(push, error);
    }
    template <class Push>
    bool scalar(Push push, error_code &error)
    {
        open();
        return close(push, error);
    }
    void open()
    {
        if (m_base != nothing || !isWanted())
            return;
        m_base = m_depth;
        m_keys = m_values = 0;
    }
    template <class Push>
    bool close(Push push, error_code &error)
    {
        if (m_skipped == m_depth) {
            m_skipped.reset();
            return true;
        }
        if (!isBuilding())
            return true;
        push();
        if (++m_values > mostValues)
            return refuse({ErrorCode::Corrupt, "the upstream's page is wrong: a part of it tells more than anybody asks for", {}, {}}, error);
        if (m_depth != m_base)
            return true;
        const json::value value = m_stack.release();
        m_stack.reset();
        m_base = nothing;
        auto taken = take(value);
        return taken || refuse(std::move(taken.error()), error);
    }
    bool refuse(Error why, error_code &error)
    {
        problem = std::move(why);
        error = json::make_error_code(json::error::syntax);
        return false;
    }
    Result<void> take(const json::value &value)
    {
        if (m_depth == 1) {
            (m_top == "meta" ? meta : m_top == "name" ? name : status) = value;
            return {};
        }
        if (page.files.size() + page.versions.size() >= mostFiles)
            return fail(ErrorCode::TooLarge, fmt::format("the upstream's page has more than {} files and versions", mostFiles));
        if (m_top == "versions") {
            if (value.is_string())
                page.versions.emplace_back(value.get_string());
            return {};
        }
        CM_TRY_ASSIGN(PageFile file, readFile(value, url));
        page.files.push_back(std::move(file));
        return {};
    }

    json::value_stack m_stack;
    std::string m_top;   // the key of the page that is read
    std::string m_text;  // of a key or string in pieces
    std::size_t m_depth = 0;
    std::size_t m_base = nothing;          // the depth at which what is built stands
    std::optional<std::size_t> m_skipped;  // the depth at which a value of it stands that nobody asks for
    std::size_t m_keys = 0, m_values = 0;  // of what is built
    bool m_list = false;                   // within files or versions
};

// Two files of one name, or at one address.
std::optional<std::string_view> nameOfTwo(const std::vector<PageFile> &files)
{
    std::vector<std::pair<std::string_view, std::string_view>> names, paths;
    for (const PageFile &file : files) {
        names.emplace_back(file.file.filename, file.file.filename);
        paths.emplace_back(file.path, file.file.filename);
    }
    for (auto *list : {&names, &paths}) {
        std::ranges::sort(*list);
        const auto twice = std::ranges::adjacent_find(*list, {}, [](const auto &one) { return one.first; });
        if (twice != list->end())
            return twice->second;
    }
    return std::nullopt;
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

struct PageReader::State {
    std::string name;
    std::size_t length = 0;
    json::basic_parser<Handler> parser{json::parse_options()};
};

PageReader::PageReader(std::string name, std::string url) : m_state(std::make_unique<State>())
{
    m_state->name = std::move(name);
    m_state->parser.handler().url = std::move(url);
}

PageReader::~PageReader() = default;

Result<void> PageReader::write(std::string_view piece)
{
    m_state->length += piece.size();
    if (m_state->length > mostText)
        return fail(ErrorCode::TooLarge, fmt::format("the upstream's page is longer than {} bytes", mostText));
    error_code error;
    const std::size_t taken = m_state->parser.write_some(true, piece.data(), piece.size(), error);
    if (const auto &problem = m_state->parser.handler().problem)
        return fail(*problem);
    if (error || taken != piece.size())
        return wrong("it is no JSON object, or is cut off");
    return {};
}

Result<ProjectPage> PageReader::finish(std::string_view serialHeader)
{
    error_code error;
    m_state->parser.write_some(false, "", 0, error);
    Handler &handler = m_state->parser.handler();
    if (handler.problem)
        return fail(*handler.problem);
    if (error || !m_state->parser.done() || !handler.isObject)
        return wrong("it is no JSON object, or is cut off");
    ProjectPage &page = handler.page;
    page.name = m_state->name;
    const std::string told = handler.name.is_string() ? std::string(handler.name.get_string()) : std::string();
    if (pypi::normalizeName(told) != page.name)
        return wrong(fmt::format("it is of '{}' and not of '{}'", told, page.name));
    CM_TRY(readMeta(handler.meta, serialHeader, page));
    if (handler.status.is_object()) {
        const auto known = pypi::projectStatusFromName(textOf(handler.status.get_object(), "status"));
        page.status = known.value_or(pypi::ProjectStatus::Active);
        page.statusReason = textOf(handler.status.get_object(), "reason");
    }
    if (!handler.hasFiles)
        return wrong("it has no files");
    if (const auto twice = nameOfTwo(page.files))
        return wrong(std::string(*twice) + " is there twice");
    partCases(page.files);
    return std::move(page);
}

Result<ProjectPage> readProjectPage(std::string_view text, std::string_view name, const std::string &url, std::string_view serialHeader)
{
    PageReader reader{std::string(name), url};
    CM_TRY(reader.write(text));
    return reader.finish(serialHeader);
}

Result<ProjectPage> readOwnPage(std::string_view text, std::string_view name)
{
    return readProjectPage(text, name, fmt::format("http://mirror.invalid/simple/{}/", name), "");
}

}  // namespace cm::mirror
