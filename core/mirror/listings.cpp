// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/listings.h"

#include "core/pypi/constants.h"
#include "core/pypi/names.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace cm::mirror {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t longestOrigin = 2000;
constexpr std::size_t mostText = std::numeric_limits<std::uint32_t>::max() / 2;

// The beginning of a name that may be anything, in whole characters.
std::string_view shown(std::string_view name)
{
    std::size_t size = std::min<std::size_t>(name.size(), 100);
    while (size > 0 && size < name.size() && (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80U)
        --size;
    return name.substr(0, size);
}

// Follows the two places that matter: meta._last-serial and each of projects.
struct Handler {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = 1000;
    static constexpr std::size_t max_string_size = 100'000;

    ProjectList list;
    bool unserialled = false;  // one is
    std::int64_t leftOut = 0;
    std::string firstLeftOut;
    int depth = 0;
    std::string top;   // key at depth 1
    std::string key;   // key at the deepest
    std::string text;  // of a key or string in pieces
    std::string name;
    std::int64_t serial = -1;
    std::int64_t ignored = 0;
    bool projects = false;

    bool on_document_begin(error_code &) { return true; }
    bool on_document_end(error_code &) { return true; }
    bool on_object_begin(error_code &)
    {
        ++depth;
        if (depth == 3 && top == "projects") {
            name.clear();
            serial = -1;
        }
        return true;
    }
    bool on_object_end(std::size_t, error_code &)
    {
        if (depth == 3 && top == "projects") {
            unserialled = unserialled || serial < 0;
            if (serial < 0)
                leaveOut("has no serial");
            else if (!list.add(name, serial))
                leaveOut("is no name of a project");
        }
        --depth;
        return true;
    }
    bool on_array_begin(error_code &)
    {
        ++depth;
        projects = projects || (depth == 2 && top == "projects");
        return true;
    }
    bool on_array_end(std::size_t, error_code &)
    {
        --depth;
        return true;
    }
    bool on_key_part(std::string_view part, std::size_t, error_code &)
    {
        text.append(part);
        return true;
    }
    bool on_key(std::string_view part, std::size_t, error_code &)
    {
        text.append(part);
        key = std::exchange(text, {});
        if (depth == 1)
            top = key;
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, error_code &)
    {
        text.append(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, error_code &)
    {
        text.append(part);
        if (depth == 3 && top == "projects" && key == "name")
            name = text;
        else if (key == "_last-serial")
            std::from_chars(text.data(), text.data() + text.size(), placeOfSerial());
        text.clear();
        return true;
    }
    // The others have nothing to do with it.
    void leaveOut(std::string_view why)
    {
        if (++leftOut == 1)
            firstLeftOut = fmt::format("'{}' {}", shown(name), why);
    }
    // Where a serial that stands here belongs.
    std::int64_t &placeOfSerial()
    {
        if (depth == 2 && top == "meta")
            return list.serial;
        return depth == 3 && top == "projects" ? serial : ignored;
    }
    bool number(std::int64_t value)
    {
        if (key == "_last-serial")
            placeOfSerial() = value;
        return true;
    }
    bool on_number_part(std::string_view, error_code &) { return true; }
    bool on_int64(std::int64_t value, std::string_view, error_code &) { return number(value); }
    bool on_uint64(std::uint64_t, std::string_view, error_code &) { return true; }
    bool on_double(double, std::string_view, error_code &) { return true; }
    bool on_bool(bool, error_code &) { return true; }
    bool on_null(error_code &) { return true; }
    bool on_comment_part(std::string_view, error_code &) { return true; }
    bool on_comment(std::string_view, error_code &) { return true; }
};

std::string text(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_int64() ? value->get_int64() : -1;
}

tl::unexpected<Error> noJournal()
{
    return fail(ErrorCode::Corrupt, "the upstream's journal is wrong or cut off");
}

}  // namespace

bool ProjectList::add(std::string_view display, std::int64_t projectSerial)
{
    if (!pypi::isValidName(display) || display.size() > pypi::maxNameLength || m_text.size() > mostText)
        return false;
    Stored stored;
    stored.serial = projectSerial;
    stored.display = static_cast<std::uint32_t>(m_text.size());
    stored.displayLength = static_cast<std::uint16_t>(display.size());
    m_text.append(display);
    stored.name = stored.display;
    stored.nameLength = stored.displayLength;
    if (!pypi::isNormalizedName(display)) {
        stored.name = static_cast<std::uint32_t>(m_text.size());
        pypi::appendNormalizedName(m_text, display);
        stored.nameLength = static_cast<std::uint16_t>(m_text.size() - stored.name);
    }
    m_entries.push_back(stored);
    return true;
}

ProjectList::Entry ProjectList::at(std::size_t index) const
{
    const Stored &stored = m_entries[index];
    const std::string_view all = m_text;
    return {all.substr(stored.name, stored.nameLength), all.substr(stored.display, stored.displayLength), stored.serial};
}

void ProjectList::sort()
{
    const std::string_view all = m_text;
    const auto nameOf = [all](const Stored &stored) { return all.substr(stored.name, stored.nameLength); };
    std::ranges::sort(m_entries, [&](const Stored &a, const Stored &b) {
        const auto order = nameOf(a).compare(nameOf(b));
        return order < 0 || (order == 0 && a.serial > b.serial);
    });
    const auto rest = std::ranges::unique(m_entries, [&](const Stored &a, const Stored &b) { return nameOf(a) == nameOf(b); });
    m_entries.erase(rest.begin(), rest.end());
}

struct IndexReader::State {
    json::basic_parser<Handler> parser{json::parse_options()};
};

IndexReader::IndexReader() : m_state(std::make_unique<State>()) {}
IndexReader::~IndexReader() = default;

Result<void> IndexReader::write(std::string_view piece)
{
    error_code error;
    const std::size_t taken = m_state->parser.write_some(true, piece.data(), piece.size(), error);
    if (error || taken != piece.size())
        return fail(ErrorCode::Corrupt, "the upstream's index is wrong: it is no JSON");
    return {};
}

Result<ProjectList> IndexReader::finish()
{
    error_code error;
    m_state->parser.write_some(false, "", 0, error);
    Handler &handler = m_state->parser.handler();
    if (error || !m_state->parser.done() || !handler.projects)
        return fail(ErrorCode::Corrupt, "the upstream's index is cut off, or has no projects");
    const bool nothingLeft = handler.list.size() == 0 && handler.leftOut > 0;
    if ((nothingLeft && handler.unserialled) || (handler.list.size() > 0 && handler.list.serial <= 0))
        return fail(ErrorCode::Unsupported, "the upstream's index has no serials (_last-serial), so nobody can tell what has changed:"
                                            " mirror from a registry that has them");
    if (nothingLeft)
        return fail(ErrorCode::Corrupt, fmt::format("the upstream's index is wrong: {}", handler.firstLeftOut));
    if (handler.leftOut == 1)
        handler.list.leftOut = fmt::format("1 entry of the upstream's index is left out, for nobody can mirror it: {}", handler.firstLeftOut);
    else if (handler.leftOut > 1)
        handler.list.leftOut = fmt::format("{} entries of the upstream's index are left out, for nobody can mirror them: {}, and others",
                                           handler.leftOut, handler.firstLeftOut);
    handler.list.sort();
    return std::move(handler.list);
}

std::string readOrigin(std::string_view body)
{
    error_code error;
    const json::value root = json::parse(body, error);
    if (error || !root.is_object() || number(root.get_object(), "format") != 1)
        return {};
    return text(root.get_object(), "identity").substr(0, longestOrigin);
}

Result<JournalPage> readJournal(std::string_view body)
{
    error_code error;
    const json::value root = json::parse(body, error);
    if (error || !root.is_object())
        return noJournal();
    const json::object &object = root.get_object();
    const json::value *meta = object.if_contains("meta");
    const json::value *changes = object.if_contains("changes");
    JournalPage page;
    page.identity = text(object, "registry");
    page.through = number(object, "through");
    if (!meta || !meta->is_object() || !changes || !changes->is_array() || page.identity.empty() || page.through < 0)
        return noJournal();
    page.serial = number(meta->get_object(), "_last-serial");
    std::int64_t last = -1;
    for (const json::value &change : changes->get_array()) {
        if (!change.is_object())
            return noJournal();
        const json::object &row = change.get_object();
        page.rows.push_back({number(row, "serial"), text(row, "name"), text(row, "version"), text(row, "action"), text(row, "time")});
        if (page.rows.back().serial <= last || !pypi::isValidName(page.rows.back().name))
            return noJournal();
        last = page.rows.back().serial;
    }
    if (page.serial < page.through || last > page.through)
        return noJournal();
    return page;
}

}  // namespace cm::mirror
