// SPDX-License-Identifier: GPL-3.0-or-later
// Blobs of one store into another: linked where both lie on one file system, else copied.
#include "core/blobs/posix/posix_blob_store.h"
#include "core/blobs/posix/posix_error.h"

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace cm::blobs {

namespace {

constexpr std::size_t copyBytes = 256 * 1024;

// Answers of link() that leave copying.
bool cannotLink(int code)
{
    return code == EXDEV || code == EPERM || code == EMLINK || code == EOPNOTSUPP || code == EACCES || code == EEXIST;
}

bool isSameFile(const std::string &a, const std::string &b)
{
    struct stat first {};
    struct stat second {};
    return ::lstat(a.c_str(), &first) == 0 && ::lstat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev
        && first.st_ino == second.st_ino;
}

}  // namespace

Result<std::size_t> PosixBlobStore::adopt(const PosixBlobStore &other, std::span<const std::string> paths)
{
    const auto held = std::make_shared<Held>();
    std::vector<Placement> copies;
    for (const std::string &path : paths) {
        CM_TRY_ASSIGN(const std::string source, other.absolutePath(path));
        CM_TRY_ASSIGN(const std::string target, absolutePath(path));
        CM_TRY(makeFolders(path, held->folders));
        held->folders.push_back(target.substr(0, target.rfind('/')));
        const int code = ::link(source.c_str(), target.c_str()) == 0 ? 0 : errno;
        if (code == 0 || (code == EEXIST && isSameFile(source, target))) {
            CM_TRY_ASSIGN(OpenBlob linked, open(path));
            held->files.push_back(linked.fd());
            held->kept.push_back(std::move(linked));
            continue;
        }
        if (!cannotLink(code))
            return fail(posixError(code, "take over", path));
        CM_TRY_ASSIGN(auto copy, copyOf(other, path));
        copies.push_back({std::move(copy), path});
    }
    CM_TRY(m_sync.sync(held->files, held->folders, held));
    const std::size_t copied = copies.size();
    if (copied > 0)
        CM_TRY(commit(std::move(copies)));
    return copied;
}

Result<std::unique_ptr<StagedBlob>> PosixBlobStore::copyOf(const PosixBlobStore &other, std::string_view path)
{
    CM_TRY_ASSIGN(const OpenBlob source, other.open(path));
    CM_TRY_ASSIGN(auto copy, stage());
    std::vector<std::byte> buffer(copyBytes);
    for (;;) {
        const ssize_t got = ::read(source.fd(), buffer.data(), buffer.size());
        if (got < 0)
            return fail(posixError(errno, "read", path));
        if (got == 0)
            return copy;
        CM_TRY(copy->append(std::span(buffer).first(static_cast<std::size_t>(got))));
    }
}

}  // namespace cm::blobs
