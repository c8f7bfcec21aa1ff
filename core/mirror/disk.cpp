// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/disk.h"

#include "core/base/hash.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <vector>

namespace cm::mirror {
namespace {

class Descriptor {
public:
    Descriptor(const std::filesystem::path &path, int flags) : m_fd(::open(path.c_str(), flags | O_CLOEXEC)) {}
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int get() const { return m_fd; }

private:
    int m_fd;
};

}  // namespace

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
    const Descriptor opened(path, O_RDONLY);
    if (opened.get() < 0 || ::fsync(opened.get()) != 0)
        return diskFailed(path);
    return {};
}

Result<void> syncFileSystem(const std::filesystem::path &anywhere)
{
    const Descriptor opened(anywhere, O_RDONLY | O_DIRECTORY);
    if (opened.get() < 0 || ::syncfs(opened.get()) != 0)
        return diskFailed(anywhere);
    return {};
}

Result<Measured> measureFile(const std::filesystem::path &path)
{
    const Descriptor opened(path, O_RDONLY);
    if (opened.get() < 0)
        return diskFailed(path);
    Hasher hasher(HashKind::Sha256);
    Measured measured;
    std::vector<char> piece(256 * 1024);
    for (;;) {
        const ssize_t got = ::read(opened.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return diskFailed(path);
        if (got == 0)
            break;
        hasher.update(std::string_view(piece.data(), static_cast<std::size_t>(got)));
        measured.size += static_cast<std::uint64_t>(got);
    }
    measured.sha256 = hasher.finishHex();
    return measured;
}

}  // namespace cm::mirror
