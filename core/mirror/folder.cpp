// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/folder.h"

#include "core/host/out_file.h"
#include "core/host/whole_file.h"
#include "core/mirror/mirror.h"

#include <fmt/format.h>
#include <string_view>

namespace cm::mirror {
namespace {

namespace fs = std::filesystem;

// Locks, the number of the process and the mark are files of names that begin so.
constexpr std::string_view ourPrefix = "mirror.";
constexpr std::string_view markName = "mirror.mark";
constexpr std::string_view markText = "This folder belongs to `cheesemongerd mirror`, which makes and deletes what is in it.\n";

// What may be there before a mirror is: on a file system of its own, by an order, by its own log.
bool isNobodys(const fs::path &root, const fs::path &entry, const fs::path &log)
{
    const std::string name = entry.filename().string();
    std::error_code error;
    return name == "lost+found" || name.starts_with(ourPrefix) || entry == pauseFile(root) || entry == host::outFile(root) ||
           (!log.empty() && fs::equivalent(entry, log, error));
}

}  // namespace

fs::path stateFile(const fs::path &root)
{
    return root / "state.sqlite";
}

Result<void> takeFolder(const fs::path &root, const fs::path &log)
{
    std::error_code error;
    fs::create_directories(root, error);
    if (error)
        return fail(ErrorCode::Unavailable, fmt::format("cannot make the folder {}: {}", root.string(), error.message()));
    const fs::path mark = root / markName;
    if (fs::exists(mark, error))
        return {};
    const bool isMirror = fs::exists(stateFile(root), error) && fs::is_directory(root / "web/.pages", error);
    if (!isMirror) {
        for (const auto &entry : fs::directory_iterator(root, error)) {
            if (!isNobodys(root, entry.path(), log))
                return fail(ErrorCode::Conflict,
                            fmt::format("{} is not empty (it has {}) and not known to be a mirror's, which would delete in it: give --to a folder"
                                        " of its own, which need not exist. If it is a mirror's, make an empty file {} in it",
                                        root.string(), entry.path().filename().string(), markName));
        }
        if (error)
            return fail(ErrorCode::Unavailable, fmt::format("cannot read the folder {}: {}", root.string(), error.message()));
    }
    const auto marked = host::writeWhole(mark, markText, 0644);
    // It is known without: a full disk is no reason to follow nothing.
    return isMirror ? Result<void>() : marked;
}

}  // namespace cm::mirror
