// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/member_name.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <cstddef>

namespace cm::archive {
namespace {

constexpr std::string_view outside = "Filename points outside the archive";

bool isDriveLetter(std::string_view name)
{
    return name.size() >= 2 && name[1] == ':' &&
           ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z'));
}

// Walks `path` from `depth` directories down; the depth reached, or -1 once it is above the top.
int walk(std::string_view path, int depth)
{
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part == "..")
            --depth;
        else if (!part.empty() && part != ".")
            ++depth;
        if (depth < 0)
            return -1;
    }
    return depth;
}

}  // namespace

std::string_view memberNameProblem(std::string_view name) noexcept
{
    if (name.empty())
        return "Invalid character in filename";
    if (!isUtf8(name))
        return "Filename not valid UTF-8";
    const auto isBad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; };
    if (std::ranges::any_of(name, isBad))
        return "Invalid character in filename";
    if (name.front() == '/' || isDriveLetter(name))
        return outside;
    std::string_view rest = name;
    while (!rest.empty()) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        if (rest.substr(0, slash) == "..")
            return outside;
        rest.remove_prefix(std::min(slash + 1, rest.size()));
    }
    return {};
}

bool linkLeavesArchive(std::string_view path, std::string_view target) noexcept
{
    if (target.starts_with('/') || isDriveLetter(target))
        return true;
    const std::size_t slash = path.rfind('/');
    const int depth = slash == std::string_view::npos ? 0 : walk(path.substr(0, slash), 0);
    return depth < 0 || walk(target, depth) < 0;
}

}  // namespace cm::archive
