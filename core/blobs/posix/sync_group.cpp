// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/sync_group.h"

#include "core/blobs/posix/posix_error.h"

#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <map>
#include <mutex>
#include <pthread.h>
#include <set>
#include <sys/vfs.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace cm::blobs {

namespace {

using std::chrono::steady_clock;

// Each fsync flushes the device. From here on one sync of the whole file system is cheaper, though
// it also writes what others have dirty; a lone upload stays below.
constexpr std::size_t wholeSyncFrom = 8;
constexpr std::size_t mostHanging = 3;
constexpr std::chrono::seconds comeAgainIn{30};

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

SyncCall callFor(const std::string &root)
{
    return filesCarryNames(root) ? SyncCall(&::fsync) : SyncCall(&::fdatasync);
}

Error stalled(std::chrono::milliseconds patience)
{
    return {ErrorCode::Unavailable,
            fmt::format("The files of this registry take no writes: one has not ended within {} s; nothing was stored, send it again later", patience.count() / 1000),
            {},
            comeAgainIn};
}

struct Batch {
    std::vector<int> files;
    std::set<std::string> directories;
    std::vector<std::shared_ptr<void>> owners;
    Result<void> outcome;
    bool done = false;
};

}  // namespace

// Shared with threads that hang.
struct SyncGroup::State {
    State(std::string where, std::chrono::milliseconds longest, SyncCall syncFile)
        : root(std::move(where)),
          patience(longest),
          wholeSync(!syncFile && wholeSyncWorks(root)),
          file(syncFile ? std::move(syncFile) : callFor(root))
    {}

    void run(unsigned self);
    Result<void> syncAll(unsigned self, const Batch &batch);
    Result<void> syncFileSystem(unsigned self);
    // With the mutex held.
    [[nodiscard]] bool isGivenUp() const { return calls.size() >= mostHanging && !running; }
    static void end(std::shared_ptr<Batch> &batch, Error error)
    {
        if (!batch)
            return;
        batch->outcome = fail(std::move(error));
        batch->done = true;
        batch.reset();
    }
    void noteCall(unsigned self)
    {
        const std::lock_guard lock(mutex);
        calls[self] = steady_clock::now();
    }

    const std::string root;
    const std::chrono::milliseconds patience;
    const bool wholeSync;  // syncfs does here what it says
    const SyncCall file;

    std::mutex mutex;
    std::condition_variable work;
    std::condition_variable finished;
    std::shared_ptr<Batch> collecting;
    std::shared_ptr<Batch> running;  // of the newest thread
    std::map<unsigned, steady_clock::time_point> calls;  // by thread: since when it is in one
    unsigned newest = 0;  // thread; older ones end when they return
    std::thread thread;
    bool stopping = false;
};

SyncGroup::SyncGroup(std::string root, std::chrono::milliseconds patience, SyncCall file)
    : m_state(std::make_shared<State>(std::move(root), patience, std::move(file)))
{
}

SyncGroup::~SyncGroup()
{
    std::unique_lock lock(m_state->mutex);
    m_state->stopping = true;
    m_state->work.notify_all();
    std::thread last = std::move(m_state->thread);
    lock.unlock();
    // Nobody waits any more, so it is idle: one that hangs was let go before.
    if (last.joinable())
        last.join();
}

Result<void> SyncGroup::sync(const std::vector<int> &files, const std::vector<std::string> &directories, std::shared_ptr<void> owner)
{
    State &state = *m_state;
    std::shared_ptr<Batch> batch;  // goes after the lock: it may close files
    std::unique_lock lock(state.mutex);
    if (state.isGivenUp())
        return fail(stalled(state.patience));
    if (!state.collecting)
        state.collecting = std::make_shared<Batch>();
    batch = state.collecting;
    batch->files.insert(batch->files.end(), files.begin(), files.end());
    batch->directories.insert(directories.begin(), directories.end());
    batch->owners.push_back(std::move(owner));
    if (!state.thread.joinable())
        startThread();
    state.work.notify_one();
    while (!batch->done) {
        const auto call = state.calls.find(state.newest);
        const auto begun = call == state.calls.end() ? steady_clock::now() : call->second;
        if (call != state.calls.end() && steady_clock::now() - begun >= state.patience)
            giveUp();
        else
            state.finished.wait_until(lock, begun + state.patience);
    }
    return batch->outcome;
}

// The mutex is held.
void SyncGroup::startThread()
{
    const unsigned self = ++m_state->newest;
    try {
        m_state->thread = std::thread([state = m_state, self] { state->run(self); });
    } catch (const std::system_error &error) {
        m_state->end(m_state->collecting, {ErrorCode::Unavailable, fmt::format("blobs: no thread to sync with: {}", error.what()), {}, {}});
        return;
    }
    // The kernel keeps 15 characters of a thread's name.
    pthread_setname_np(m_state->thread.native_handle(), "sync");
}

// The newest thread hangs: whoever waits for it is told, and those who came after get another. The mutex is held.
void SyncGroup::giveUp()
{
    State &state = *m_state;
    state.end(state.running, stalled(state.patience));
    state.thread.detach();
    ++state.newest;
    if (state.isGivenUp())
        state.end(state.collecting, stalled(state.patience));
    else if (state.collecting)
        startThread();
    state.finished.notify_all();
}

std::chrono::milliseconds SyncGroup::waitsFor() const
{
    const std::lock_guard lock(m_state->mutex);
    auto oldest = steady_clock::duration::zero();
    for (const auto &[thread, since] : m_state->calls)
        oldest = std::max(oldest, steady_clock::now() - since);
    return std::chrono::duration_cast<std::chrono::milliseconds>(oldest);
}

bool SyncGroup::isGivenUp() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->isGivenUp();
}

void SyncGroup::State::run(unsigned self)
{
    std::unique_lock lock(mutex);
    while (self == newest) {
        work.wait(lock, [&] { return stopping || collecting; });
        if (!collecting)
            return;
        // Whoever comes from now on may have made entries after our syncs: the next batch is theirs.
        std::shared_ptr<Batch> batch = std::exchange(collecting, nullptr);
        running = batch;
        calls[self] = steady_clock::now();
        lock.unlock();
        Result<void> outcome = syncAll(self, *batch);
        lock.lock();
        calls.erase(self);
        if (self != newest) {
            lock.unlock();
            // Closes what nobody else waits for any more, which may hang as well.
            batch.reset();
            return;
        }
        batch->outcome = std::move(outcome);
        batch->done = true;
        running.reset();
        finished.notify_all();
    }
}

Result<void> SyncGroup::State::syncFileSystem(unsigned self)
{
    noteCall(self);
    const int fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(posixError(errno, "open directory", root));
    const int code = ::syncfs(fd) == 0 ? 0 : errno;
    ::close(fd);
    if (code != 0)
        return fail(posixError(code, "sync file system of", root));
    return {};
}

Result<void> SyncGroup::State::syncAll(unsigned self, const Batch &batch)
{
    if (wholeSync && batch.files.size() + batch.directories.size() >= wholeSyncFrom)
        return syncFileSystem(self);
    for (const int one : batch.files) {
        noteCall(self);
        if (file(one) != 0)
            return fail(posixError(errno, "sync", "a staged blob"));
    }
    for (const std::string &directory : batch.directories) {
        noteCall(self);
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
