// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/posix_blob_store.h"

#include "core/base/hash.h"
#include "core/blobs/posix/posix_error.h"
#include "core/blobs/posix/posix_staged_blob.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace cm::blobs {

namespace {

// A removal may take an empty folder away between our mkdir and our rename; a file system on other machines, where each
// try is a way there and back, may go on telling for a second that it is there.
constexpr int placeAttempts = 1'000;
constexpr std::chrono::hours abandonedAfter{24};
constexpr std::chrono::seconds awayFor{10};
constexpr std::chrono::seconds doubtAfter{1};  // of a look: who tries to write then may hang as well

Time modifiedTime(const struct stat &info)
{
    return Time(std::chrono::seconds(info.st_mtim.tv_sec)
                + std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(info.st_mtim.tv_nsec)));
}

std::int64_t nanoseconds(const timespec &time)
{
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// Says that somebody relies on the file from now on; answers the time that it then bears.
std::int64_t touch(int fd)
{
    struct stat info {};
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    // Two within a tick of the clock, or a clock set back, must not look like one.
    if (::fstat(fd, &info) == 0 && nanoseconds(info.st_mtim) >= nanoseconds(now)) {
        now = info.st_mtim;
        now.tv_nsec = now.tv_nsec == 999'999'999 ? 0 : now.tv_nsec + 1;
        now.tv_sec += now.tv_nsec == 0 ? 1 : 0;
    }
    const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, now};
    ::futimens(fd, times.data());
    return ::fstat(fd, &info) == 0 ? nanoseconds(info.st_mtim) : 0;
}

bool isSameFile(const std::string &path, const struct stat &info)
{
    struct stat other {};
    return ::lstat(path.c_str(), &other) == 0 && other.st_dev == info.st_dev && other.st_ino == info.st_ino;
}

std::string parentOf(const std::string &path)
{
    return path.substr(0, path.rfind('/'));
}

// Whether the volume is there and how full it is. Refers to nothing of a store's, which may be gone before it returns.
StoreHealth look(const std::string &mount, const std::string &packages)
{
    StoreHealth health;
    struct statvfs info {};
    const auto mounted = mount.empty() ? Result<void>() : checkMounted(mount);
    health.present = mounted && ::statvfs(packages.c_str(), &info) == 0;
    if (!health.present) {
        health.problem = mounted ? posixError(errno, "look at", packages).detail : mounted.error().detail;
        return health;
    }
    health.freeBytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    health.totalBytes = static_cast<std::uint64_t>(info.f_blocks) * info.f_frsize;
    return health;
}

}  // namespace

Result<void> checkMounted(const std::string &mount)
{
    struct stat here {};
    struct stat above {};
    // Else the files would go below, where no other node sees them.
    if (::stat(mount.c_str(), &here) != 0 || ::stat((mount + "/..").c_str(), &above) != 0 || here.st_dev == above.st_dev)
        return fail(ErrorCode::Unavailable, "nothing is mounted at " + mount);
    return {};
}

PosixBlobStore::PosixBlobStore(std::string root, std::string staging, StoreGround ground)
    : m_root(std::move(root)),
      m_packages(m_root + "/packages"),
      m_staging(m_root + '/' + std::move(staging)),
      m_ground(std::move(ground)),
      m_sync(m_packages, m_ground.patience, m_ground.syncFile)
{
    struct stat above {};
    if (!m_ground.mount.empty() && ::stat((m_ground.mount + "/..").c_str(), &above) == 0)
        m_below = above.st_dev;
}

Result<std::unique_ptr<PosixBlobStore>> PosixBlobStore::create(const std::string &root, const std::string &staging, StoreGround ground)
{
    if (!ground.mount.empty())
        CM_TRY(checkMounted(ground.mount));
    for (const std::string &folder : {root + "/packages", root + '/' + staging}) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error)
            return fail(ErrorCode::Unavailable, "blobs: make " + folder + ": " + error.message());
    }
    std::unique_ptr<PosixBlobStore> store(new PosixBlobStore(root, staging, std::move(ground)));
    CM_TRY(store->m_sync.sync({}, {root, parentOf(root).empty() ? "/" : parentOf(root)}));
    return store;
}

void PosixBlobStore::watch(Log &log)
{
    // Without a write: a brick that is away would have to hear later of each file that comes and goes.
    m_watch = std::make_unique<StoreWatch>([mount = m_ground.mount, packages = m_packages] { return look(mount, packages); }, m_ground.patience, log);
}

bool PosixBlobStore::isPresent() const
{
    return !m_watch || m_watch->isPresent();
}

StoreHealth PosixBlobStore::health() const
{
    StoreHealth health = m_watch ? m_watch->health() : look(m_ground.mount, m_packages);
    if (!health.present)
        return health;
    if (health.waits >= doubtAfter)
        health.problem = silentFor(health.waits);
    else if (m_sync.isGivenUp())
        health.problem = fmt::format("a write has not ended for {} s", m_sync.waitsFor().count() / 1000);
    // Tried rather than asked: a read-only remount shows only here.
    else if (const auto probe = PosixStagedBlob::create(m_staging, m_below); !probe)
        health.problem = probe.error().detail;
    else if (const auto written = (*probe)->append(std::as_bytes(std::span("probe"))); !written)
        health.problem = written.error().detail;
    health.writable = health.problem.empty();
    health.waits = std::max(health.waits, m_sync.waitsFor());
    return health;
}

Result<void> PosixBlobStore::usable(bool forWriting) const
{
    if (!isPresent())
        return fail(Error{ErrorCode::Unavailable, "The files of this registry are away; nothing was stored, send it again later", {}, awayFor});
    if (forWriting && m_sync.isGivenUp())
        return fail(Error{ErrorCode::Unavailable, "The files of this registry take no writes now; nothing was stored, send it again later", {}, awayFor});
    return {};
}

Result<std::unique_ptr<StagedBlob>> PosixBlobStore::stage()
{
    CM_TRY(usable(true));
    CM_TRY_ASSIGN(std::unique_ptr<StagedBlob> blob, PosixStagedBlob::create(m_staging, m_below));
    return blob;
}

Result<std::vector<Placed>> PosixBlobStore::commit(std::vector<Placement> placements)
{
    CM_TRY(usable(true));
    const auto held = std::make_shared<Held>();
    held->placements = std::move(placements);
    for (const Placement &placement : held->placements) {
        CM_TRY(checkBlobPath(placement.path));
        // The bytes before the name: a name without its bytes would be in the way of the next try.
        CM_TRY(static_cast<PosixStagedBlob &>(*placement.blob).writeOut());
    }
    if (const auto done = placeAll(held); !done) {
        // Where the file system stands still it would hang here as well: fsck finds what is left.
        if (done.error().retryAfter.count() == 0)
            withdraw(held->placed);
        return fail(done.error());
    }
    const std::lock_guard lock(m_mutex);
    for (const Placement &placement : held->placements) {
        // Every folder above that of the digest.
        const std::string path = m_packages + '/' + placement.path;
        for (std::string folder = parentOf(parentOf(path)); folder.size() > m_packages.size(); folder = parentOf(folder))
            m_durable.insert(folder);
    }
    return std::move(held->placed);
}

Result<void> PosixBlobStore::placeAll(const std::shared_ptr<Held> &held)
{
    for (Placement &placement : held->placements)
        CM_TRY(place(placement, *held));
    return m_sync.sync(held->files, held->folders, held);
}

void PosixBlobStore::withdraw(const std::vector<Placed> &placed)
{
    for (const Placed &one : placed) {
        if (one.stamp != 0)
            withdraw(one);
    }
}

// Out of sight first: whoever commits the same bytes from now on finds nothing and places its own. One
// who has found them before has touched them, or looks once more whether they still lie there.
void PosixBlobStore::withdraw(const Placed &placed)
{
    const std::string target = m_packages + '/' + placed.path;
    const std::string aside = m_staging + '/' + toHex(randomBytes(16));
    struct stat info {};
    // What somebody relies on already need not go out of sight for even a moment.
    if (::stat(target.c_str(), &info) != 0 || nanoseconds(info.st_mtim) != placed.stamp)
        return;
    if (::rename(target.c_str(), aside.c_str()) != 0)
        return;
    // Fails where new bytes lie at the place by now: they are the same.
    if (::stat(aside.c_str(), &info) != 0 || nanoseconds(info.st_mtim) != placed.stamp)
        (void)::link(aside.c_str(), target.c_str());
    ::unlink(aside.c_str());
    const std::string folder = parentOf(target);
    if (parentOf(folder).size() > m_packages.size())
        ::rmdir(folder.c_str());
}

Result<void> PosixBlobStore::place(Placement &placement, Held &held)
{
    const std::string target = m_packages + '/' + placement.path;
    auto &blob = static_cast<PosixStagedBlob &>(*placement.blob);
    const std::int64_t stamp = touch(blob.fd());
    const std::size_t before = held.folders.size();
    for (int attempt = 1;; ++attempt) {
        held.folders.resize(before);
        CM_TRY(makeFolders(placement.path, held.folders));
        held.folders.push_back(parentOf(target));
        const int code = blob.moveTo(target);
        if (code == 0) {
            held.files.push_back(blob.fd());
            held.placed.push_back({placement.path, stamp});
            return {};
        }
        if (code == EEXIST) {
            CM_TRY_ASSIGN(const bool settled, settle(placement, target, held));
            if (settled)
                return {};
        }
        if ((code != ENOENT && code != EEXIST) || attempt == placeAttempts) {
            Error error = posixError(code, "move to", placement.path);
            error.code = ErrorCode::Unavailable;
            return fail(std::move(error));
        }
    }
}

Result<bool> PosixBlobStore::settle(Placement &placement, const std::string &target, Held &held)
{
    auto &blob = static_cast<PosixStagedBlob &>(*placement.blob);
    const int fd = ::open(target.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return false;
    OpenBlob existing(fd, blob.size());
    struct stat info {};
    if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return fail(ErrorCode::Corrupt, "blobs: what lies at " + placement.path + " is no file");
    bool same = static_cast<std::uint64_t>(info.st_size) == blob.size();
    if (same) {
        CM_TRY_ASSIGN(same, blob.equals(fd));
    }
    if (same) {
        // Another upload's answer may rest on this very file: it stays, and is synced for ours as well.
        touch(fd);
        if (!isSameFile(target, info))
            return false;
        held.placed.push_back({placement.path, 0});
        held.files.push_back(existing.fd());
        held.kept.push_back(std::move(existing));
        return true;
    }
    CM_TRY(blob.replace(target));
    held.placed.push_back({placement.path, 0});
    held.files.push_back(blob.fd());
    return true;
}

Result<void> PosixBlobStore::makeFolders(std::string_view path, std::vector<std::string> &changed)
{
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
        const std::string folder = m_packages + '/' + std::string(path.substr(0, slash));
        if (isDurable(folder))
            continue;
        if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
            Error error = posixError(errno, "make folder", folder);
            error.code = ErrorCode::Unavailable;
            return fail(std::move(error));
        }
        // Also when it was there: whoever made it may not have synced it yet.
        changed.push_back(parentOf(folder));
    }
    return {};
}

bool PosixBlobStore::isDurable(const std::string &folder)
{
    const std::lock_guard lock(m_mutex);
    return m_durable.contains(folder);
}

Result<OpenBlob> PosixBlobStore::open(std::string_view path) const
{
    CM_TRY_ASSIGN(const std::string target, absolutePath(path));
    CM_TRY(usable(false));
    const int fd = ::open(target.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(posixError(errno, "open", path));
    OpenBlob blob(fd, 0);
    struct stat info {};
    if (::fstat(fd, &info) != 0)
        return fail(posixError(errno, "look at", path));
    if (!S_ISREG(info.st_mode))
        return fail(ErrorCode::NotFound, "blobs: no file at " + std::string(path));
    return OpenBlob(blob.release(), static_cast<std::uint64_t>(info.st_size));
}

Result<std::string> PosixBlobStore::absolutePath(std::string_view path) const
{
    CM_TRY(checkBlobPath(path));
    return m_packages + '/' + std::string(path);
}

Result<BlobInfo> PosixBlobStore::stat(std::string_view path) const
{
    CM_TRY_ASSIGN(const std::string target, absolutePath(path));
    struct stat info {};
    if (::lstat(target.c_str(), &info) != 0)
        return fail(posixError(errno, "look at", path));
    if (!S_ISREG(info.st_mode))
        return fail(ErrorCode::NotFound, "blobs: no file at " + std::string(path));
    return BlobInfo{std::string(path), static_cast<std::uint64_t>(info.st_size), modifiedTime(info)};
}

Result<void> PosixBlobStore::remove(std::string_view path)
{
    CM_TRY(stat(path));
    CM_TRY_ASSIGN(const std::string target, absolutePath(path));
    if (::unlink(target.c_str()) != 0)
        return fail(posixError(errno, "remove", path));
    // The folders above are shared and stay; this one goes when it holds nothing more.
    const std::string folder = parentOf(target);
    if (parentOf(folder).size() > m_packages.size())
        ::rmdir(folder.c_str());
    return {};
}

Result<bool> PosixBlobStore::removeIdle(std::string_view path, Time before)
{
    CM_TRY_ASSIGN(const std::string target, absolutePath(path));
    struct stat info {};
    if (::lstat(target.c_str(), &info) != 0)
        return errno == ENOENT || errno == ENOTDIR ? Result<bool>(true) : fail(posixError(errno, "look at", path));
    if (modifiedTime(info) >= before)
        return false;
    // As for an upload that is refused: whoever commits these bytes at this moment touches them, and finds out.
    withdraw(Placed{std::string(path), nanoseconds(info.st_mtim)});
    return ::lstat(target.c_str(), &info) != 0;
}

Result<void> PosixBlobStore::list(const std::function<bool(const BlobInfo &)> &visitor) const
{
    std::error_code error;
    std::filesystem::recursive_directory_iterator entry(m_packages, error);
    for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
        struct stat info {};
        // What vanished meanwhile is no longer a blob.
        if (::lstat(entry->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode))
            continue;
        const BlobInfo blob{entry->path().string().substr(m_packages.size() + 1),
                            static_cast<std::uint64_t>(info.st_size), modifiedTime(info)};
        if (!visitor(blob))
            return {};
    }
    if (error)
        return fail(ErrorCode::Unavailable, "blobs: list: " + error.message());
    return {};
}

Result<std::size_t> PosixBlobStore::sweepStaging()
{
    CM_TRY_ASSIGN(std::size_t swept, sweepFolder(m_staging, std::nullopt));
    // A node that is gone for good sweeps no more; one that lives writes to what it stages.
    const Time now = SystemClock().now();
    std::error_code error;
    std::filesystem::directory_iterator entry(m_root, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code gone;
        if (entry->path() == m_staging || !entry->path().filename().string().starts_with("tmp") ||
            !entry->is_directory(gone))
            continue;
        CM_TRY_ASSIGN(const std::size_t old, sweepFolder(entry->path().string(), now - abandonedAfter));
        swept += old;
    }
    if (error)
        return fail(ErrorCode::Unavailable, "blobs: sweep: " + error.message());
    return swept;
}

// What was not written to since `before`; without it, everything.
Result<std::size_t> PosixBlobStore::sweepFolder(const std::string &folder, std::optional<Time> before) const
{
    std::error_code error;
    std::size_t swept = 0;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        struct stat info {};
        if (before && (::lstat(entry->path().c_str(), &info) != 0 || modifiedTime(info) >= *before))
            continue;
        if (::unlink(entry->path().c_str()) == 0)
            ++swept;
        else if (errno != ENOENT)
            return fail(posixError(errno, "sweep", entry->path().string()));
    }
    if (error)
        return fail(ErrorCode::Unavailable, "blobs: sweep: " + error.message());
    return swept;
}

}  // namespace cm::blobs
