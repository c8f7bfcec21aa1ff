// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/specifier.h"

#include "core/pypi/names.h"
#include "core/pypi/text.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <array>

namespace cm::pypi {
namespace {

// "===" and "~=" before the shorter operators that begin like them.
constexpr std::array<std::string_view, 8> operators{"===", "~=", "==", "!=", "<=", ">=", "<", ">"};

bool isPrefixMatch(std::string_view version)
{
    const auto parsed = Version::parse(version);
    return parsed && !parsed->hasLocal() && parsed->normalised().find("dev") == std::string::npos;
}

bool isSpecifier(std::string_view text)
{
    for (const std::string_view op : operators) {
        if (!text.starts_with(op))
            continue;
        const std::string_view version = stripped(text.substr(op.size()));
        if (op == "===")
            return !version.empty() && version.find_first_of(" \t;)") == std::string_view::npos;
        if ((op == "==" || op == "!=") && version.ends_with(".*"))
            return isPrefixMatch(version.substr(0, version.size() - 2));
        const auto parsed = Version::parse(version);
        if (!parsed)
            return false;
        if (op == "~=")
            return !parsed->hasLocal() && version.find('.') != std::string_view::npos;
        return op == "==" || op == "!=" || !parsed->hasLocal();
    }
    return false;
}

bool isNameChar(char c)
{
    return isValidName(std::string_view(&c, 1)) || c == '-' || c == '_' || c == '.';
}

// A ";" begins the marker; within a URL only after a blank, since URLs may contain it.
std::size_t findMarker(std::string_view text, bool isUrl)
{
    if (!isUrl)
        return text.find(';');
    const std::size_t blank = text.find(" ;");
    return blank == std::string_view::npos ? blank : blank + 1;
}

bool takeExtras(std::string_view &rest, std::vector<std::string> &extras)
{
    if (!rest.starts_with('['))
        return true;
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos)
        return false;
    std::string_view list = stripped(rest.substr(1, end - 1));
    rest = stripped(rest.substr(end + 1));
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view extra = stripped(list.substr(0, comma));
        if (!isValidName(extra))
            return false;
        extras.emplace_back(extra);
        if (comma + 1 == list.size())
            return false;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return true;
}

bool isMarker(std::string_view marker)
{
    const auto singles = std::ranges::count(marker, '\'');
    const auto doubles = std::ranges::count(marker, '"');
    return !stripped(marker).empty() && (singles + doubles) >= 2 &&
           std::ranges::count(marker, '(') == std::ranges::count(marker, ')');
}

}  // namespace

bool isValidSpecifierSet(std::string_view text)
{
    text = stripped(text);
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view one = stripped(text.substr(0, comma));
        if (!isSpecifier(one))
            return false;
        text.remove_prefix(std::min(comma + 1, text.size()));
        text = stripped(text);
    }
    return true;
}

Result<Requirement> parseRequirement(std::string_view text)
{
    std::string_view rest = stripped(text);
    const auto nameEnd = static_cast<std::size_t>(std::ranges::find_if_not(rest, isNameChar) - rest.begin());
    Requirement requirement;
    requirement.name = rest.substr(0, nameEnd);
    if (!isValidName(requirement.name))
        return fail(ErrorCode::InvalidInput, "expected a project name at the beginning");
    rest = stripped(rest.substr(nameEnd));
    if (!takeExtras(rest, requirement.extras))
        return fail(ErrorCode::InvalidInput, "the list of extras is not closed or holds no name");
    const bool isUrl = rest.starts_with('@');
    if (const std::size_t marker = findMarker(rest, isUrl); marker != std::string_view::npos) {
        requirement.marker = stripped(rest.substr(marker + 1));
        if (!isMarker(requirement.marker))
            return fail(ErrorCode::InvalidInput, "the marker after ';' cannot be read");
        rest = stripped(rest.substr(0, marker));
    }
    if (isUrl) {
        requirement.url = stripped(rest.substr(1));
        if (requirement.url.empty() || requirement.url.find_first_of(" \t") != std::string::npos)
            return fail(ErrorCode::InvalidInput, "expected a URL after '@'");
        return requirement;
    }
    if (rest.starts_with('(')) {
        if (!rest.ends_with(')'))
            return fail(ErrorCode::InvalidInput, "the parenthesis is not closed");
        rest = stripped(rest.substr(1, rest.size() - 2));
    }
    if (!isValidSpecifierSet(rest))
        return fail(ErrorCode::InvalidInput, "expected version specifiers, found '" + std::string(rest) + "'");
    requirement.specifier = rest;
    return requirement;
}

}  // namespace cm::pypi
