// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/spool_files.h"

#include "core/base/descriptor.h"
#include "core/metrics/intake/block.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace cm::metrics::intake {
namespace {

constexpr std::string_view magic = "cmspool1";
constexpr std::string_view ending = ".spool";

}  // namespace

tl::unexpected<Error> diskError(const std::filesystem::path &file)
{
    return fail(ErrorCode::Unavailable, fmt::format("{}: {}", file.string(), std::strerror(errno)));
}

std::string fileHeadOf(std::int64_t start, std::string_view id)
{
    std::string head(magic);
    appendLittle64(head, static_cast<std::uint64_t>(start));
    head += id;
    return head;
}

std::filesystem::path spoolFile(const std::filesystem::path &folder, std::int64_t start)
{
    return folder / fmt::format("{:016x}{}", start, ending);
}

Result<std::vector<std::int64_t>> spoolFiles(const std::filesystem::path &folder)
{
    std::vector<std::int64_t> starts;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::int64_t start = 0;
        if (name.size() != 16 + ending.size() || !name.ends_with(ending))
            continue;
        const auto [last, problem] = std::from_chars(name.data(), name.data() + 16, start, 16);
        if (problem == std::errc() && last == name.data() + 16)
            starts.push_back(start);
    }
    if (error)
        return fail(ErrorCode::Unavailable, fmt::format("{}: {}", folder.string(), error.message()));
    std::sort(starts.begin(), starts.end());
    return starts;
}

Result<std::string> idOfFile(const std::filesystem::path &file, std::int64_t start)
{
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0)
        return diskError(file);
    std::string head(fileHead, '\0');
    if (::pread(fd.get(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()))
        return fail(ErrorCode::Corrupt, fmt::format("{} is too short", file.string()));
    const std::string id = head.substr(magic.size() + 8);
    if (head != fileHeadOf(start, id))
        return fail(ErrorCode::Corrupt, fmt::format("{} is no file of a spool", file.string()));
    return id;
}

Result<void> synchroniseFolder(const std::filesystem::path &folder)
{
    const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0)
        return diskError(folder);
    return {};
}

}  // namespace cm::metrics::intake
