// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/disk.h"

#include "core/base/descriptor.h"
#include "core/base/file_digest.h"
#include "core/host/whole_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <unistd.h>
#include <vector>

namespace cm::mirror {
tl::unexpected<Error> diskFailed(const std::filesystem::path &path)
{
    const int error = errno;
    if (error == ENOSPC || error == EDQUOT)
        return fail(ErrorCode::Unavailable, fmt::format("{}: {}", path.string(), fullDisk));
    const ErrorCode code = error == ENOENT                      ? ErrorCode::NotFound
                           : error == EACCES || error == EPERM || error == EROFS ? ErrorCode::Forbidden
                                                                : ErrorCode::Unavailable;
    return fail(code, fmt::format("{}: {}", path.string(), std::strerror(error)));
}

Result<void> writeAll(int fd, std::string_view bytes, const std::filesystem::path &path)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return diskFailed(path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> syncPath(const std::filesystem::path &path)
{
    const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.get() < 0 || ::fsync(opened.get()) != 0)
        return diskFailed(path);
    return {};
}

Result<void> syncFileSystem(const std::filesystem::path &anywhere)
{
    const Descriptor opened(::open(anywhere.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() < 0 || ::syncfs(opened.get()) != 0)
        return diskFailed(anywhere);
    return {};
}

std::optional<std::string> wholeText(const std::filesystem::path &path)
{
    auto text = host::readWhole(path, std::numeric_limits<std::size_t>::max());
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

// A recursive iterator of the library ends where one folder is gone.
void forEachFile(const std::filesystem::path &folder, const std::function<void(const std::filesystem::path &)> &visitor)
{
    std::error_code error, unknown;
    for (std::filesystem::directory_iterator at(folder, error); !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
        if (at->symlink_status(unknown).type() == std::filesystem::file_type::directory)
            forEachFile(at->path(), visitor);
        else if (at->is_regular_file(unknown))
            visitor(at->path());
    }
}

Result<Measured> measureFile(const std::filesystem::path &path)
{
    const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.get() < 0)
        return diskFailed(path);
    auto digest = digestOfFile(HashKind::Sha256, opened.get());
    if (!digest)
        return diskFailed(path);
    return Measured{std::move(digest->hex), digest->size};
}

std::optional<std::uint64_t> sizeWhenWhole(const std::filesystem::path &path, const std::string &sha256, const std::string &metadata)
{
    const auto bytes = measureFile(path);
    if (!bytes || bytes->sha256 != sha256)
        return std::nullopt;
    if (!metadata.empty()) {
        const auto measured = measureFile(path.string() + ".metadata");
        if (!measured || measured->sha256 != metadata)
            return std::nullopt;
    }
    return bytes->size;
}

}  // namespace cm::mirror
