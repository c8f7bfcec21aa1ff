// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/data_folder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cm::daemon {

namespace {

Result<int> locked(const std::filesystem::path &folder, const char *name, int how, const std::string &conflict)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const std::string path = (folder / name).string();
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(ErrorCode::Unavailable, "cannot open " + path + ": " + std::strerror(errno));
    if (::flock(fd, how | LOCK_NB) == 0)
        return fd;
    const bool held = errno == EWOULDBLOCK;
    const std::string reason = std::strerror(errno);
    ::close(fd);
    return held ? fail(ErrorCode::Conflict, conflict)
                : fail(ErrorCode::Unavailable, "cannot lock " + path + ": " + reason);
}

}  // namespace

Result<DataFolder> DataFolder::open(const std::filesystem::path &folder, bool create)
{
    if (folder.empty())
        return fail(ErrorCode::InvalidInput, "no data folder is known: give one with --data DIR");
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(folder, error);
    if (!create && !std::filesystem::is_directory(absolute, error))
        return fail(ErrorCode::NotFound, "there is no data folder " + absolute.string() +
                                             ": check --data, or start `cheesemongerd serve` once");
    const bool made = std::filesystem::create_directories(absolute, error);
    if (error || !std::filesystem::is_directory(absolute))
        return fail(ErrorCode::Unavailable,
                    "cannot make the data folder " + absolute.string() + ": " + error.message());
    // Tokens and people are nobody else's business; a folder that was there keeps its rights.
    if (made)
        std::filesystem::permissions(absolute, std::filesystem::perms::owner_all, error);
    if (::access(absolute.c_str(), R_OK | W_OK | X_OK) != 0)
        return fail(ErrorCode::Unavailable, "the data folder " + absolute.string() +
                                                " cannot be written: " + std::strerror(errno) + "; run as its owner");
    return DataFolder(absolute);
}

Result<ServeLock> ServeLock::take(const DataFolder &folder)
{
    const std::string path = folder.lockFile().string();
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(ErrorCode::Unavailable, "cannot open " + path + ": " + std::strerror(errno));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        char holder[32] = {};
        const ssize_t length = ::pread(fd, holder, sizeof holder - 1, 0);
        ::close(fd);
        const std::string who =
            length > 0 ? " (process " + std::string(holder, static_cast<std::size_t>(length)) + ")" : "";
        return fail(ErrorCode::Conflict, "another cheesemongerd serves " + folder.path().string() + " already" + who +
                                             ": stop it, or give another folder with --data");
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
        ::close(fd);
        return fail(ErrorCode::Unavailable, "cannot write " + path + ": " + std::strerror(errno));
    }
    return ServeLock(fd);
}

ServeLock::~ServeLock()
{
    // Still locked: nobody else has written his number yet.
    if (m_fd >= 0 && ::ftruncate(m_fd, 0) != 0)
        return;
}

Result<FilesLock> FilesLock::share(const std::filesystem::path &files)
{
    CM_TRY_ASSIGN(const int fd, locked(files, "serve.lock", LOCK_SH, "the packages in " + files.string() +
                                                           " are being put in order: start again when that is done"));
    return FilesLock(fd);
}

Result<FilesLock> FilesLock::own(const std::filesystem::path &files)
{
    CM_TRY_ASSIGN(const int fd, locked(files, "serve.lock", LOCK_EX, "a cheesemongerd serves the packages in " + files.string() +
                                                           ": stop it, on every node"));
    return FilesLock(fd);
}

Result<MirrorLock> MirrorLock::take(const std::filesystem::path &folder)
{
    CM_TRY_ASSIGN(const int fd, locked(folder, "mirror.lock", LOCK_EX, "another run of the mirror in " + folder.string() + " is on its way"));
    return MirrorLock(fd);
}

Result<MirrorDaemonLock> MirrorDaemonLock::take(const std::filesystem::path &folder)
{
    CM_TRY_ASSIGN(const int fd, locked(folder, "mirror.daemon.lock", LOCK_EX, "another cheesemongerd refreshes the mirror in " + folder.string() +
                                                                            " already: stop it, or make single runs with --once"));
    return MirrorDaemonLock(fd);
}

Result<SpoolLock> SpoolLock::take(const std::filesystem::path &folder)
{
    CM_TRY_ASSIGN(const int fd, locked(folder, "ingest.lock", LOCK_EX, "another cheesemongerd ingest uses the spool " + folder.string() + " already"));
    return SpoolLock(fd);
}

Result<CountsLock> CountsLock::share(const DataFolder &folder)
{
    CM_TRY_ASSIGN(const int fd, locked(folder.path(), "counts.lock", LOCK_SH, "the registry in " + folder.path().string() +
                                                                   " is on its way to another database: count there"));
    return CountsLock(fd);
}

Result<CountsLock> CountsLock::own(const DataFolder &folder)
{
    CM_TRY_ASSIGN(const int fd, locked(folder.path(), "counts.lock", LOCK_EX, "a cheesemongerd ingest counts downloads into " +
                                                                   folder.path().string() + ": stop it"));
    return CountsLock(fd);
}

FileLock::FileLock(FileLock &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}

FileLock::~FileLock()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

}  // namespace cm::daemon
