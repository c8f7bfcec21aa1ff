// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/half_made.h"

#include "core/base/clock.h"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace cm::agent {
namespace {

constexpr const char *identity = "trusted.gfid";
// More a folder of the registry does not have; looking at them all would take long.
constexpr std::size_t mostNames = 10'000;

// An empty file, or a folder; whether that is empty rmdir says.
bool isHalfMade(const std::string &path, struct stat &seen)
{
    if (::lstat(path.c_str(), &seen) != 0 || !((S_ISREG(seen.st_mode) && seen.st_size == 0) || S_ISDIR(seen.st_mode)))
        return false;
    return ::lgetxattr(path.c_str(), identity, nullptr, 0) < 0 && errno == ENODATA;
}

}  // namespace

std::vector<std::string> halfMadeIn(const std::string &brick, const std::vector<std::string> &folders, std::chrono::seconds settled)
{
    std::vector<std::string> found;
    // Not by time(), which may be behind what a file system has just noted.
    const auto latest = std::chrono::floor<std::chrono::seconds>(SystemClock().now() - settled).time_since_epoch().count();
    for (const std::string &folder : folders) {
        if (folder.empty() || folder.front() != '/')
            continue;
        const std::string within = folder == "/" ? std::string() : folder;
        struct stat seen{};
        if (::lstat((brick + within).c_str(), &seen) != 0 || !S_ISDIR(seen.st_mode))
            continue;
        std::error_code failed;
        std::size_t names = 0;
        for (std::filesystem::directory_iterator entry(brick + within, failed), none; !failed && entry != none && names < mostNames; entry.increment(failed), ++names) {
            const std::string name = entry->path().filename().string();
            if (name != ".glusterfs" && isHalfMade(entry->path().string(), seen) && seen.st_ctime <= latest)
                found.push_back(within + "/" + name);
        }
    }
    return found;
}

std::size_t removeHalfMade(const std::string &brick, const std::vector<std::string> &paths)
{
    std::size_t removed = 0;
    for (const std::string &path : paths) {
        struct stat seen{};
        const std::string there = brick + path;
        if (isHalfMade(there, seen) && (S_ISDIR(seen.st_mode) ? ::rmdir(there.c_str()) : ::unlink(there.c_str())) == 0)
            ++removed;
    }
    return removed;
}

}  // namespace cm::agent
