// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/spool.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace cm::ssh {

namespace {

tl::unexpected<Error> failed(const std::filesystem::path &path)
{
    return fail(ErrorCode::Unavailable, fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

// The kernel lets go of it when the process ends.
Result<int> takePlace(const std::filesystem::path &folder, std::int64_t places)
{
    for (std::int64_t i = 0; i < places; ++i) {
        const std::filesystem::path file = folder / fmt::format("place-{}", i);
        const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return failed(file);
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        ::close(fd);
    }
    return fail(ErrorCode::RateLimited, "Too many uploads are under way; run the same command again in a minute");
}

Result<int> makeFile(const std::filesystem::path &folder)
{
    int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd >= 0 ? Result<int>(fd) : Result<int>(failed(folder));
    std::string name = (folder / "upload-XXXXXX").string();
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0)
        return failed(name);
    ::unlink(name.c_str());
    return fd;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(const std::filesystem::path &folder, std::int64_t places)
{
    struct stat info {};
    if (::stat(folder.c_str(), &info) != 0)
        return failed(folder);
    if ((info.st_mode & 077) != 0)
        return fail(ErrorCode::Unavailable, fmt::format("{}: others can read it: run chmod 700 on it", folder.string()));
    CM_TRY_ASSIGN(const int place, takePlace(folder, places));
    auto file = makeFile(folder);
    if (!file) {
        ::close(place);
        return fail(file.error());
    }
    return std::unique_ptr<Spool>(new Spool(place, *file));
}

Result<void> Spool::append(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(ErrorCode::Unavailable, fmt::format("the spool cannot be written: {}", std::strerror(errno)));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        m_size += static_cast<std::uint64_t>(written);
    }
    return {};
}

}  // namespace cm::ssh
