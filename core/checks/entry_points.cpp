// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/entry_points.h"

#include "core/base/utf8.h"
#include "core/pypi/text.h"

#include <algorithm>
#include <set>
#include <string>

namespace cm::checks {
namespace {

// "a.b.c", each part a Python identifier; beyond ASCII anything goes.
bool isDottedName(std::string_view text)
{
    bool first = true;
    for (const char c : text) {
        const bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        const bool digit = c >= '0' && c <= '9';
        if (c == '.' ? first : !(letter || (digit && !first)))
            return false;
        first = c == '.';
    }
    return !first;
}

bool isReference(std::string_view text)
{
    if (const std::size_t bracket = text.find('['); bracket != std::string_view::npos) {
        if (!text.ends_with(']'))
            return false;
        text = pypi::stripped(text.substr(0, bracket));
    }
    const std::size_t colon = text.find(':');
    if (!isDottedName(pypi::stripped(text.substr(0, colon))))
        return false;
    return colon == std::string_view::npos || isDottedName(pypi::stripped(text.substr(colon + 1)));
}

// Scripts become files in a bin folder, so their names may not leave it.
bool isScriptGroup(std::string_view group)
{
    return group == "console_scripts" || group == "gui_scripts";
}

bool isEntry(std::string_view group, std::string_view line, std::set<std::string> &names)
{
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || group.empty())
        return false;
    const std::string_view name = pypi::stripped(line.substr(0, equals));
    if (name.empty() || name.starts_with('[') || !isReference(pypi::stripped(line.substr(equals + 1))))
        return false;
    if (isScriptGroup(group) && (name.find_first_of("/\\") != std::string_view::npos || name == "." || name == ".."))
        return false;
    return names.insert(std::string(group) + '\n' + std::string(name)).second;
}

}  // namespace

bool areValidEntryPoints(std::string_view text)
{
    if (!isUtf8(text) || text.find('\0') != std::string_view::npos)
        return false;
    std::set<std::string> names;
    std::string_view group;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = pypi::stripped(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.starts_with('#') || line.starts_with(';'))
            continue;
        if (line.starts_with('[') && line.ends_with(']')) {
            group = pypi::stripped(line.substr(1, line.size() - 2));
            if (group.empty())
                return false;
            continue;
        }
        if (!isEntry(group, line, names))
            return false;
    }
    return true;
}

}  // namespace cm::checks
