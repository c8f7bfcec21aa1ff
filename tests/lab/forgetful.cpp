// SPDX-License-Identifier: GPL-3.0-or-later
// forgetful [--strict] [--unflushed] [--labels] BACKING MOUNTPOINT: a file system over a folder that remembers how to undo what
// was not synchronised, and does so when the power is cut: bytes since the last fsync of their file,
// and names made, moved or removed since. Names become lasting with the next fsync of anything, as in
// the journal of ext4, or with --strict only with an fsync of their folder. It runs outside the host
// whose disk it is. With --labels files have attributes, as GlusterFS wants them: without, the kernel need not ask for
// them before each write. Signals: SIGRTMIN cuts the power, +1 fills the disk, +2 empties it again.
#define FUSE_USE_VERSION 31
#include "undo.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fuse.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace forgetful;

constexpr double namesKept = 60;  // seconds

std::string relative(const char *path)
{
    return path[1] != 0 ? path + 1 : ".";
}

int answer(int result)
{
    return result < 0 ? -errno : 0;
}

int handle(const fuse_file_info *file)
{
    return static_cast<int>(file->fh);
}

// libfuse tells no path where there is a handle; and /proc is that of the host, where we are not.
struct Folder {
    int fd;
    std::string path;
};

Folder *folderOf(const fuse_file_info *file)
{
    return reinterpret_cast<Folder *>(file->fh);
}

void giveToCaller(const std::string &path)
{
    const fuse_context *caller = fuse_get_context();
    (void)!::fchownat(state.root, path.c_str(), caller->uid, caller->gid, AT_SYMLINK_NOFOLLOW);
}

void obey(const sigset_t &signals)
{
    for (;;) {
        int signal = 0;
        if (::sigwait(&signals, &signal) != 0)
            continue;
        if (signal == SIGRTMIN) {
            state.mutex.lock();  // for good
            cutPower();
            ::_exit(0);
        }
        const Lock lock(state.mutex);
        if (signal == SIGRTMIN + 3)
            state.flushed = true;
        else
            state.full = signal == SIGRTMIN + 1;
    }
}

void *start(fuse_conn_info *, fuse_config *config)
{
    // Nothing is remembered above us: another mount of the same folder changes it. Of what has labels this is the only one: there
    // names are kept, which GlusterFS asks for folder by folder, yet no attributes, for libfuse takes each name of a file for
    // another file.
    config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
    if (state.labels)
        config->entry_timeout = config->negative_timeout = namesKept;
    config->use_ino = config->nullpath_ok = config->hard_remove = 1;
    (void)!::fchdir(state.root);  // attributes of files have no call with a folder's handle
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGRTMIN, SIGRTMIN + 1, SIGRTMIN + 2, SIGRTMIN + 3})
        sigaddset(&signals, number);
    std::thread(obey, signals).detach();
    return nullptr;
}

int getAttributes(const char *path, struct stat *is, fuse_file_info *file)
{
    return answer(file != nullptr ? ::fstat(handle(file), is)
                                  : ::fstatat(state.root, relative(path).c_str(), is, AT_SYMLINK_NOFOLLOW));
}

int readLink(const char *path, char *buffer, size_t size)
{
    const ssize_t got = ::readlinkat(state.root, relative(path).c_str(), buffer, size - 1);
    if (got < 0)
        return -errno;
    buffer[got] = 0;
    return 0;
}

int makeFolder(const char *path, mode_t mode)
{
    const Lock lock(state.mutex);
    const std::string name = relative(path);
    if (state.full)
        return -ENOSPC;
    if (::mkdirat(state.root, name.c_str(), mode) != 0)
        return -errno;
    giveToCaller(name);
    state.changes.push_back({Change::Made, name, {}});
    return 0;
}

int makeSymlink(const char *target, const char *path)
{
    const Lock lock(state.mutex);
    if (::symlinkat(target, state.root, relative(path).c_str()) != 0)
        return -errno;
    giveToCaller(relative(path));
    state.changes.push_back({Change::Made, relative(path), {}});
    return 0;
}

int makeLink(const char *from, const char *to)
{
    const Lock lock(state.mutex);
    if (::linkat(state.root, relative(from).c_str(), state.root, relative(to).c_str(), 0) != 0)
        return -errno;
    state.changes.push_back({Change::Made, relative(to), {}});
    return 0;
}

int removeFile(const char *path)
{
    const Lock lock(state.mutex);
    return bury(relative(path));
}

int removeFolder(const char *path)
{
    const Lock lock(state.mutex);
    struct stat is {};
    ::fstatat(state.root, relative(path).c_str(), &is, AT_SYMLINK_NOFOLLOW);
    if (::unlinkat(state.root, relative(path).c_str(), AT_REMOVEDIR) != 0)
        return -errno;
    state.changes.push_back({Change::FolderGone, relative(path), {}, is.st_mode & 07777});
    return 0;
}

int move(const char *from, const char *to, unsigned int flags)
{
    const Lock lock(state.mutex);
    const std::string source = relative(from);
    const std::string target = relative(to);
    struct stat here {};
    struct stat there {};
    if (::fstatat(state.root, source.c_str(), &here, AT_SYMLINK_NOFOLLOW) != 0)
        return -errno;
    if (::fstatat(state.root, target.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0) {
        if (flags == RENAME_NOREPLACE)
            return -EEXIST;
        if (here.st_ino == there.st_ino)
            return 0;
        if (!S_ISDIR(there.st_mode)) {
            if (S_ISDIR(here.st_mode))
                return -ENOTDIR;
            if (const int buried = bury(target); buried != 0)
                return buried;
        }
    }
    if ((flags & ~static_cast<unsigned int>(RENAME_NOREPLACE)) != 0)
        return -EINVAL;
    if (::renameat(state.root, source.c_str(), state.root, target.c_str()) != 0)
        return -errno;
    state.changes.push_back({Change::Moved, target, source});
    return 0;
}

int setMode(const char *path, mode_t mode, fuse_file_info *file)
{
    return answer(file != nullptr ? ::fchmod(handle(file), mode) : ::fchmodat(state.root, relative(path).c_str(), mode, 0));
}

int setOwner(const char *path, uid_t user, gid_t group, fuse_file_info *file)
{
    return answer(file != nullptr ? ::fchown(handle(file), user, group)
                                  : ::fchownat(state.root, relative(path).c_str(), user, group, AT_SYMLINK_NOFOLLOW));
}

int setTimes(const char *path, const timespec times[2], fuse_file_info *file)
{
    return answer(file != nullptr ? ::futimens(handle(file), times)
                                  : ::utimensat(state.root, relative(path).c_str(), times, AT_SYMLINK_NOFOLLOW));
}

int setSize(const char *path, off_t size, fuse_file_info *file)
{
    const Lock lock(state.mutex);
    const int fd = file != nullptr ? handle(file) : ::openat(state.root, relative(path).c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat is {};
    ::fstat(fd, &is);
    int result = -ENOSPC;
    if (!state.full || size <= is.st_size) {
        keep(fd, size, is.st_size);
        result = answer(::ftruncate(fd, size));
    }
    if (file == nullptr)
        ::close(fd);
    return result;
}

// Always for both: what is overwritten has to be read.
int openFile(const char *path, fuse_file_info *file)
{
    const int flags = (file->flags & O_ACCMODE) == O_RDONLY ? O_RDONLY : O_RDWR;
    const int fd = ::openat(state.root, relative(path).c_str(), flags | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if ((file->flags & O_TRUNC) != 0) {
        const Lock lock(state.mutex);
        struct stat is {};
        ::fstat(fd, &is);
        keep(fd, 0, is.st_size);
        (void)!::ftruncate(fd, 0);
    }
    file->fh = static_cast<std::uint64_t>(fd);
    return 0;
}

int createFile(const char *path, mode_t mode, fuse_file_info *file)
{
    const Lock lock(state.mutex);
    if (state.full)
        return -ENOSPC;
    const int fd = ::openat(state.root, relative(path).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    giveToCaller(relative(path));
    state.changes.push_back({Change::Made, relative(path), {}});
    file->fh = static_cast<std::uint64_t>(fd);
    return 0;
}

int readFile(const char *, char *buffer, size_t size, off_t at, fuse_file_info *file)
{
    const ssize_t got = ::pread(handle(file), buffer, size, at);
    return got < 0 ? -errno : static_cast<int>(got);
}

int writeFile(const char *, const char *buffer, size_t size, off_t at, fuse_file_info *file)
{
    const Lock lock(state.mutex);
    const off_t end = at + static_cast<off_t>(size);
    struct stat is {};
    if (state.full && ::fstat(handle(file), &is) == 0 && end > is.st_size)
        return -ENOSPC;
    keep(handle(file), at, end);
    const ssize_t put = ::pwrite(handle(file), buffer, size, at);
    return put < 0 ? -errno : static_cast<int>(put);
}

int flush(int fd)
{
    bool flushed = false;
    {
        const Lock lock(state.mutex);
        flushed = state.flushed;
    }
    return flushed ? answer(::fsync(fd)) : 0;
}

int syncFile(const char *, int, fuse_file_info *file)
{
    const int fd = handle(file);
    Dirty done{-1, 0, {}};
    {
        const Lock lock(state.mutex);
        struct stat is {};
        if (::fstat(fd, &is) != 0)
            return -errno;
        if (const auto found = state.dirty.find({is.st_dev, is.st_ino}); found != state.dirty.end()) {
            done = std::move(found->second);
            state.dirty.erase(found);
        }
        if (!state.strict)
            settleNames(nullptr);
    }
    if (done.fd >= 0)
        ::close(done.fd);
    return flush(fd);
}

int syncFolder(const char *, int, fuse_file_info *file)
{
    {
        const Lock lock(state.mutex);
        settleNames(&folderOf(file)->path);
    }
    return flush(folderOf(file)->fd);
}

int closeFile(const char *, fuse_file_info *file)
{
    ::close(handle(file));
    return 0;
}

int lockFile(const char *, fuse_file_info *file, int how)
{
    return answer(::flock(handle(file), how));
}

int openFolder(const char *path, fuse_file_info *file)
{
    const int fd = ::openat(state.root, relative(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    file->fh = reinterpret_cast<std::uint64_t>(new Folder{fd, relative(path)});
    return 0;
}

int closeFolder(const char *, fuse_file_info *file)
{
    ::close(folderOf(file)->fd);
    delete folderOf(file);
    return 0;
}

int readFolder(const char *, void *buffer, fuse_fill_dir_t fill, off_t, fuse_file_info *file, fuse_readdir_flags)
{
    const int fd = ::openat(folderOf(file)->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? nullptr : ::fdopendir(fd);
    if (folder == nullptr)
        return -errno;
    while (const dirent *entry = ::readdir(folder)) {
        struct stat is {};
        is.st_ino = entry->d_ino;
        is.st_mode = static_cast<mode_t>(entry->d_type) << 12;
        if (std::strcmp(entry->d_name, graveyard) != 0 && fill(buffer, entry->d_name, &is, 0, fuse_fill_dir_flags{}) != 0)
            break;
    }
    ::closedir(folder);
    return 0;
}

int space(const char *, struct statvfs *is)
{
    if (::fstatvfs(state.root, is) != 0)
        return -errno;
    const Lock lock(state.mutex);
    if (state.full)
        is->f_bfree = is->f_bavail = 0;
    return 0;
}

// Attributes, on which GlusterFS builds.

int setLabel(const char *path, const char *name, const char *value, size_t size, int flags)
{
    const Lock lock(state.mutex);
    keepLabel(relative(path), name);
    const int result = answer(::lsetxattr(relative(path).c_str(), name, value, size, flags));
    if (result != 0)
        state.changes.pop_back();
    return result;
}

int getLabel(const char *path, const char *name, char *value, size_t size)
{
    const ssize_t got = ::lgetxattr(relative(path).c_str(), name, value, size);
    return got < 0 ? -errno : static_cast<int>(got);
}

int listLabels(const char *path, char *list, size_t size)
{
    const ssize_t got = ::llistxattr(relative(path).c_str(), list, size);
    return got < 0 ? -errno : static_cast<int>(got);
}

int removeLabel(const char *path, const char *name)
{
    const Lock lock(state.mutex);
    keepLabel(relative(path), name);
    const int result = answer(::lremovexattr(relative(path).c_str(), name));
    if (result != 0)
        state.changes.pop_back();
    return result;
}

fuse_operations operations()
{
    fuse_operations all{};
    all.init = start;
    all.getattr = getAttributes;
    all.readlink = readLink;
    all.mkdir = makeFolder;
    all.symlink = makeSymlink;
    all.link = makeLink;
    all.unlink = removeFile;
    all.rmdir = removeFolder;
    all.rename = move;
    all.chmod = setMode;
    all.chown = setOwner;
    all.utimens = setTimes;
    all.truncate = setSize;
    all.open = openFile;
    all.create = createFile;
    all.read = readFile;
    all.write = writeFile;
    all.fsync = syncFile;
    all.release = closeFile;
    all.flock = lockFile;
    all.opendir = openFolder;
    all.readdir = readFolder;
    all.fsyncdir = syncFolder;
    all.releasedir = closeFolder;
    all.statfs = space;
    if (state.labels) {
        all.setxattr = setLabel;
        all.getxattr = getLabel;
        all.listxattr = listLabels;
        all.removexattr = removeLabel;
    }
    return all;
}

}  // namespace

int main(int argc, char **argv)
{
    int given = 1;
    for (; given < argc && std::strncmp(argv[given], "--", 2) == 0; ++given) {
        state.strict |= std::strcmp(argv[given], "--strict") == 0;
        state.flushed &= std::strcmp(argv[given], "--unflushed") != 0;
        state.labels |= std::strcmp(argv[given], "--labels") == 0;
    }
    if (argc - given != 2) {
        std::fputs("usage: forgetful [--strict] [--unflushed] [--labels] BACKING MOUNTPOINT\n", stderr);
        return 2;
    }
    state.root = ::open(argv[argc - 2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state.root < 0 || (::mkdirat(state.root, graveyard, 0700) != 0 && errno != EEXIST)) {
        std::perror(argv[argc - 2]);
        return 1;
    }
    ::umask(0);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGRTMIN, SIGRTMIN + 1, SIGRTMIN + 2, SIGRTMIN + 3})
        sigaddset(&signals, number);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // in every thread but the one that waits for them
    // To judge who may pass, the kernel would ask for the attributes of each folder on the way; the only one there is root.
    std::string options = state.labels ? "allow_other,fsname=forgetful" : "allow_other,default_permissions,fsname=forgetful";
    const fuse_operations all = operations();
    std::vector<char *> words{argv[0], const_cast<char *>("-f"), const_cast<char *>("-o"), options.data(), argv[argc - 1]};
    return fuse_main(static_cast<int>(words.size()), words.data(), &all, nullptr);
}
