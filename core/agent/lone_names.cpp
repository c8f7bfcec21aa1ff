// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/lone_names.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>

namespace cm::agent {
namespace {

constexpr std::string_view opening = "<gfid:", closing = ">";
// Each name of a file is one, with the identity of its folder before it.
constexpr std::string_view nameAttribute = "trusted.gfid2path.";
constexpr std::size_t identitySize = 36, mostAttributes = 65'536, mostName = 4'096;

bool isIdentity(std::string_view text)
{
    return text.size() == identitySize && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

// Where a brick keeps what it knows by identity: of files another link, of folders a symbolic one.
std::string handleOf(const std::string &brick, std::string_view identity)
{
    return brick + "/.glusterfs/" + std::string(identity.substr(0, 2)) + "/" + std::string(identity.substr(2, 2)) + "/" + std::string(identity);
}

// "<identity of the folder>/<name>", for each name.
std::vector<std::string> namesOf(const std::string &handle)
{
    struct stat seen{};
    if (::lstat(handle.c_str(), &seen) != 0 || !S_ISREG(seen.st_mode))
        return {};
    std::vector<char> keys(mostAttributes);
    const ssize_t size = ::llistxattr(handle.c_str(), keys.data(), keys.size());
    std::vector<std::string> names;
    for (ssize_t at = 0; at < size;) {
        const std::string key(keys.data() + at);
        at += static_cast<ssize_t>(key.size()) + 1;
        std::array<char, mostName> value{};
        if (!key.starts_with(nameAttribute))
            continue;
        if (const ssize_t read = ::lgetxattr(handle.c_str(), key.c_str(), value.data(), value.size()); read > 0)
            names.emplace_back(value.data(), static_cast<std::size_t>(read));
    }
    return names;
}

// The path in the volume of a name that is on the brick; empty when it is not, or is not below the brick.
std::string pathOf(const std::string &brick, const std::string &name)
{
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos || !isIdentity(std::string_view(name).substr(0, slash)) || slash + 1 == name.size())
        return {};
    std::error_code failed;
    const std::string root = std::filesystem::canonical(brick, failed).string();
    const std::string folder = failed ? std::string() : std::filesystem::canonical(handleOf(brick, name.substr(0, slash)), failed).string();
    if (failed || (folder != root && !folder.starts_with(root + "/")))
        return {};
    struct stat seen{};
    if (::lstat((folder + name.substr(slash)).c_str(), &seen) != 0)
        return {};
    return folder.substr(root.size()) + name.substr(slash);
}

}  // namespace

std::vector<std::string> loneNamesIn(const std::string &brick, const std::vector<std::string> &pending)
{
    std::vector<std::string> found;
    for (const std::string &entry : pending) {
        std::string_view identity = entry;
        if (!identity.starts_with(opening) || !identity.ends_with(closing))
            continue;
        identity.remove_prefix(opening.size());
        identity.remove_suffix(closing.size());
        if (!isIdentity(identity))
            continue;
        for (const std::string &name : namesOf(handleOf(brick, identity))) {
            if (std::string path = pathOf(brick, name); !path.empty())
                found.push_back(std::move(path));
        }
    }
    return found;
}

std::vector<std::string> LoneNames::look(const std::vector<std::string> &found, Clock::time_point now)
{
    std::erase_if(m_known, [&](const auto &entry) {
        const bool over = std::find(found.begin(), found.end(), entry.first) == found.end();
        m_ended += over && entry.second.begun() ? 1 : 0;
        return over;
    });
    std::vector<std::string> due;
    for (const std::string &name : found) {
        const auto [known, isNew] = m_known.try_emplace(name);
        if (!isNew && known->second.isDue(now))
            due.push_back(name);
    }
    return due;
}

void LoneNames::tried(const std::vector<std::string> &names, Clock::time_point now)
{
    for (const std::string &name : names)
        m_known[name].tried(now);
}

bool LoneNames::waits() const
{
    return std::any_of(m_known.begin(), m_known.end(), [](const auto &entry) { return entry.second.begun(); });
}

}  // namespace cm::agent
