// SPDX-License-Identifier: GPL-3.0-or-later
// What a file system has to remember to undo whatever was not synchronised: the bytes that were
// overwritten, and the names that were made, moved or removed. One process, one state; who calls holds
// its lock.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

namespace forgetful {

inline constexpr const char *graveyard = ".forgotten";

struct Piece {
    off_t at;
    std::string bytes;
};

// What a file was when it was last synchronised.
struct Dirty {
    int fd;
    off_t size;
    std::vector<Piece> pieces;
};

struct Change {
    enum Kind { Made, Moved, Buried, FolderGone, Labelled } kind;
    std::string path;
    std::string other;  // Moved: where from; Buried: its grave; Labelled: the attribute's name
    mode_t mode = 0;
    std::optional<std::string> value = {};  // Labelled: what it was
};

struct State {
    std::mutex mutex;
    int root = -1;
    bool strict = false;
    bool labels = false;
    bool full = false;
    bool flushed = true;
    unsigned long graves = 0;
    std::map<std::pair<dev_t, ino_t>, Dirty> dirty;
    std::deque<Change> changes;
};

inline State state;

using Lock = std::lock_guard<std::mutex>;

inline std::string parentOf(const std::string &path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

inline Dirty *dirtyOf(int fd)
{
    struct stat is {};
    if (::fstat(fd, &is) != 0)
        return nullptr;
    const auto [at, isNew] = state.dirty.try_emplace({is.st_dev, is.st_ino});
    if (isNew)
        at->second = Dirty{::fcntl(fd, F_DUPFD_CLOEXEC, 0), is.st_size, {}};
    return &at->second;
}

// Keeps what lies in [from, to), as far as it was there at the last synchronisation.
inline void keep(int fd, off_t from, off_t to)
{
    Dirty *file = dirtyOf(fd);
    if (file == nullptr)
        return;
    to = std::min(to, file->size);
    if (from >= to)
        return;
    std::string bytes(static_cast<std::size_t>(to - from), '\0');
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), from);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    file->pieces.push_back({from, std::move(bytes)});
}

inline void settle(const Change &change)
{
    if (change.kind == Change::Buried)
        ::unlinkat(state.root, change.other.c_str(), 0);
}

// Names that are lasting now: all, or with --strict those in `folder`.
inline void settleNames(const std::string *folder)
{
    std::deque<Change> left;
    for (Change &change : state.changes) {
        const bool inFolder = folder != nullptr
                              && (parentOf(change.path) == *folder
                                  || (change.kind == Change::Moved && parentOf(change.other) == *folder));
        if (!state.strict || inFolder)
            settle(change);
        else
            left.push_back(std::move(change));
    }
    state.changes = std::move(left);
}

inline int bury(const std::string &path)
{
    std::string grave = std::string(graveyard) + "/" + std::to_string(++state.graves);
    if (::renameat(state.root, path.c_str(), state.root, grave.c_str()) != 0)
        return -errno;
    state.changes.push_back({Change::Buried, path, std::move(grave)});
    return 0;
}

// An attribute of a file, as it is before it changes. In order with names, as in the journal of ext4. Names of
// files are relative to the root, which is where this process stands.
inline void keepLabel(const std::string &path, const char *name)
{
    std::string value(65536, '\0');
    const ssize_t got = ::lgetxattr(path.c_str(), name, value.data(), value.size());
    if (got >= 0)
        value.resize(static_cast<std::size_t>(got));
    state.changes.push_back({Change::Labelled, path, name, 0, got >= 0 ? std::optional(std::move(value)) : std::nullopt});
}

// A folder in which another mount of the same backing has put something stays.
inline void remove(const std::string &path)
{
    if (::unlinkat(state.root, path.c_str(), 0) != 0)
        ::unlinkat(state.root, path.c_str(), AT_REMOVEDIR);
}

inline void cutPower()
{
    std::size_t bytes = 0;
    for (auto &[key, file] : state.dirty) {
        for (auto piece = file.pieces.rbegin(); piece != file.pieces.rend(); ++piece) {
            bytes += piece->bytes.size();
            (void)!::pwrite(file.fd, piece->bytes.data(), piece->bytes.size(), piece->at);
        }
        (void)!::ftruncate(file.fd, file.size);
    }
    const std::size_t files = state.dirty.size();
    const std::size_t names = state.changes.size();
    for (auto change = state.changes.rbegin(); change != state.changes.rend(); ++change) {
        switch (change->kind) {
        case Change::Made:
            remove(change->path);
            break;
        case Change::Moved:
        case Change::Buried: {
            const auto &[from, to] = change->kind == Change::Moved ? std::tie(change->path, change->other)
                                                                   : std::tie(change->other, change->path);
            ::renameat(state.root, from.c_str(), state.root, to.c_str());
            break;
        }
        case Change::Labelled:
            if (change->value)
                ::lsetxattr(change->path.c_str(), change->other.c_str(), change->value->data(), change->value->size(), 0);
            else
                ::lremovexattr(change->path.c_str(), change->other.c_str());
            break;
        case Change::FolderGone:
            ::mkdirat(state.root, change->path.c_str(), change->mode);
            break;
        }
    }
    std::fprintf(stderr, "power cut: %zu files, %zu bytes overwritten and %zu names forgotten\n", files, bytes, names);
    std::fflush(stderr);
}

}  // namespace forgetful
