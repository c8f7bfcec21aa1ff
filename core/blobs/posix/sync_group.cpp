// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/sync_group.h"

#include "core/blobs/posix/posix_error.h"

#include <fcntl.h>
#include <unistd.h>

namespace cm::blobs {

Result<void> SyncGroup::sync(const std::vector<std::string> &directories)
{
    std::unique_lock lock(m_mutex);
    if (!m_collecting)
        m_collecting = std::make_shared<Batch>();
    const std::shared_ptr<Batch> batch = m_collecting;
    batch->directories.insert(directories.begin(), directories.end());
    m_finished.wait(lock, [&] { return batch->done || !m_leading; });
    if (batch->done)
        return batch->outcome;
    // Whoever comes from now on may have made entries after our syncs: the next batch is theirs.
    m_collecting.reset();
    m_leading = true;
    lock.unlock();
    Result<void> outcome = syncAll(batch->directories);
    lock.lock();
    batch->outcome = outcome;
    batch->done = true;
    m_leading = false;
    m_finished.notify_all();
    return outcome;
}

Result<void> SyncGroup::syncAll(const std::set<std::string> &directories)
{
    for (const std::string &directory : directories) {
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
