// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/posix_staged_blob.h"

#include "core/base/descriptor.h"
#include "core/base/hash.h"
#include "core/blobs/posix/posix_error.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace cm::blobs {

namespace {

constexpr std::uint64_t pushEvery = 8 * 1024 * 1024;
constexpr std::size_t compareBytes = 256 * 1024;

Error cannotStage(int code, const std::string &folder)
{
    Error error = posixError(code, "stage in", folder);
    error.code = ErrorCode::Unavailable;
    return error;
}

}  // namespace

Result<std::unique_ptr<PosixStagedBlob>> PosixStagedBlob::create(const std::string &folder, std::optional<dev_t> below)
{
    // The very folder that was looked at, whatever is unmounted meanwhile.
    const Descriptor inside(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat info {};
    if (inside.get() < 0 || (below && ::fstat(inside.get(), &info) != 0))
        return fail(cannotStage(errno, folder));
    if (below && info.st_dev == *below)
        return fail(ErrorCode::Unavailable, "blobs: " + folder + " lies below where its volume should be mounted");
    const std::string name = toHex(randomBytes(16));
    // O_TMPFILE would leave nothing behind at all, but GlusterFS mounts do not have it.
    const int fd = ::openat(inside.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return fail(cannotStage(errno, folder));
    return std::unique_ptr<PosixStagedBlob>(new PosixStagedBlob(fd, folder + '/' + name));
}

PosixStagedBlob::~PosixStagedBlob()
{
    if (m_fd >= 0)
        ::close(m_fd);
    if (!m_moved)
        ::unlink(m_path.c_str());
}

Result<void> PosixStagedBlob::append(std::span<const std::byte> bytes)
{
    if (m_failed)
        return fail(ErrorCode::Unavailable, "blobs: an earlier write of this blob failed");
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            m_failed = true;
            return fail(posixError(errno, "write", m_path));
        }
        m_size += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    // A large upload reaches the disk while it comes in, not all at once at the end.
    if (m_size - m_pushed >= pushEvery) {
        ::sync_file_range(m_fd, static_cast<off64_t>(m_pushed), static_cast<off64_t>(m_size - m_pushed),
                          SYNC_FILE_RANGE_WRITE);
        m_pushed = m_size;
    }
    return {};
}

Result<void> PosixStagedBlob::writeOut()
{
    if (m_failed)
        return fail(ErrorCode::Unavailable, "blobs: an earlier write of this blob failed");
    const unsigned how = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (::sync_file_range(m_fd, 0, 0, how) == 0)
        return {};
    // Not every mount has it; the full price then.
    if ((errno == ENOSYS || errno == EINVAL || errno == ESPIPE) && ::fdatasync(m_fd) == 0)
        return {};
    // The kernel may have dropped the pages: a second try would lie.
    m_failed = true;
    return fail(posixError(errno, "write out", m_path));
}

int PosixStagedBlob::moveTo(const std::string &target)
{
    if (::renameat2(AT_FDCWD, m_path.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
        m_moved = true;
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    // Not every mount has it; a second name is as good, and ours goes with the object.
    return ::link(m_path.c_str(), target.c_str()) == 0 ? 0 : errno;
}

Result<void> PosixStagedBlob::replace(const std::string &target)
{
    if (::fdatasync(m_fd) != 0) {
        m_failed = true;
        return fail(posixError(errno, "sync", m_path));
    }
    if (::rename(m_path.c_str(), target.c_str()) != 0)
        return fail(posixError(errno, "move to", target));
    m_moved = true;
    return {};
}

Result<bool> PosixStagedBlob::equals(int fd) const
{
    std::vector<char> mine(compareBytes);
    std::vector<char> other(compareBytes);
    for (std::uint64_t at = 0; at < m_size;) {
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(compareBytes, m_size - at));
        const ssize_t got = ::pread(m_fd, mine.data(), length, static_cast<off_t>(at));
        if (got <= 0)
            return fail(posixError(got < 0 ? errno : EIO, "read again", m_path));
        // What cannot be read there is damaged, and to be replaced.
        const auto part = static_cast<std::size_t>(got);
        if (::pread(fd, other.data(), part, static_cast<off_t>(at)) != got ||
            std::memcmp(mine.data(), other.data(), part) != 0)
            return false;
        at += part;
    }
    return true;
}

}  // namespace cm::blobs
