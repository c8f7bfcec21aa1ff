// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/sync_group.h"

#include "core/blobs/posix/posix_error.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace cm::blobs {

namespace {

// Each fsync flushes the device. From here on one sync of the whole file system is cheaper, though
// it also writes what others have dirty; a lone upload stays below.
constexpr std::size_t wholeSyncFrom = 8;

// FUSE (a GlusterFS mount) answers syncfs with success and does nothing.
bool wholeSyncWorks(const std::string &root)
{
    struct statfs info {};
    if (::statfs(root.c_str(), &info) != 0)
        return false;
    return info.f_type == EXT4_SUPER_MAGIC || info.f_type == XFS_SUPER_MAGIC || info.f_type == BTRFS_SUPER_MAGIC;
}

// Nor does a brick of GlusterFS do anything for an fsync of a folder (posix_fsyncdir). What it does for a file lasts:
// fsync, unlike fdatasync, waits for the journal of the brick up to the file's last move, and with it for its folders.
bool filesCarryNames(const std::string &root)
{
    struct statfs info {};
    return ::statfs(root.c_str(), &info) == 0 && info.f_type == FUSE_SUPER_MAGIC;
}

}  // namespace

SyncGroup::SyncGroup(std::string root)
    : m_root(std::move(root)), m_wholeSync(wholeSyncWorks(m_root)), m_filesCarryNames(filesCarryNames(m_root))
{
}

Result<void> SyncGroup::sync(const std::vector<int> &files, const std::vector<std::string> &directories)
{
    std::unique_lock lock(m_mutex);
    if (!m_collecting)
        m_collecting = std::make_shared<Batch>();
    const std::shared_ptr<Batch> batch = m_collecting;
    batch->files.insert(batch->files.end(), files.begin(), files.end());
    batch->directories.insert(directories.begin(), directories.end());
    m_finished.wait(lock, [&] { return batch->done || !m_leading; });
    if (batch->done)
        return batch->outcome;
    // Whoever comes from now on may have made entries after our syncs: the next batch is theirs.
    m_collecting.reset();
    m_leading = true;
    lock.unlock();
    Result<void> outcome = syncAll(*batch);
    lock.lock();
    batch->outcome = outcome;
    batch->done = true;
    m_leading = false;
    m_finished.notify_all();
    return outcome;
}

Result<void> SyncGroup::syncFileSystem() const
{
    const int fd = ::open(m_root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(posixError(errno, "open directory", m_root));
    const int code = ::syncfs(fd) == 0 ? 0 : errno;
    ::close(fd);
    if (code != 0)
        return fail(posixError(code, "sync file system of", m_root));
    return {};
}

Result<void> SyncGroup::syncAll(const Batch &batch) const
{
    if (m_wholeSync && batch.files.size() + batch.directories.size() >= wholeSyncFrom)
        return syncFileSystem();
    for (const int file : batch.files) {
        if ((m_filesCarryNames ? ::fsync(file) : ::fdatasync(file)) != 0)
            return fail(posixError(errno, "sync", "a staged blob"));
    }
    for (const std::string &directory : batch.directories) {
        const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        // Gone again means that a removal emptied it: nothing of ours is in it to be kept.
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0)
            return fail(posixError(errno, "open directory", directory));
        const int code = ::fsync(fd) == 0 ? 0 : errno;
        ::close(fd);
        if (code != 0)
            return fail(posixError(code, "sync directory", directory));
    }
    return {};
}

}  // namespace cm::blobs
