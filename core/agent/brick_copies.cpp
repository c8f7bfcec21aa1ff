// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/brick_copies.h"

#include "core/agent/volume.h"
#include "core/base/descriptor.h"
#include "core/base/file_digest.h"
#include "core/blobs/blob_path.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <utility>

namespace cm::agent {
namespace {

Error problemOf(const char *doing)
{
    return {errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Unavailable, fmt::format("{}: {}", doing, std::strerror(errno)), {}, {}};
}

}  // namespace

std::vector<api::AgentCopy> BrickCopies::look(const api::AgentVolume &volume)
{
    std::vector<api::AgentCopy> copies;
    const api::AgentBrick *own = ownBrickOf(volume);
    std::map<std::string, Known> before;
    before.swap(m_known);
    if (!own || own->arbiter)
        return copies;
    for (const std::string &path : volume.splitFiles) {
        if (path.empty() || path.front() != '/')
            continue;
        if (const auto known = before.find(path); known != before.end())
            m_known.insert(*known);
        api::AgentCopy &copy = copies.emplace_back();
        copy.path = path;
        copy.wanted = blobs::digestOfBlobPath(path);
        // Nothing would come of its digest.
        if (copy.wanted.empty())
            continue;
        if (const auto read = this->read(own->path, copy); !read)
            copy.problem = read.error().detail;
    }
    return copies;
}

void SplitWatch::told(const api::AgentVolume &volume)
{
    const std::lock_guard lock(m_mutex);
    m_volume = volume;
}

std::vector<api::AgentCopy> SplitWatch::read()
{
    api::AgentVolume volume;
    {
        const std::lock_guard lock(m_mutex);
        volume = m_volume;
    }
    return m_copies.look(volume);
}

Result<void> BrickCopies::read(const std::string &brick, api::AgentCopy &copy)
{
    const Descriptor file(::open((brick + copy.path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat seen{};
    if (file.get() < 0 || ::fstat(file.get(), &seen) != 0)
        return fail(problemOf("it cannot be opened"));
    if (!S_ISREG(seen.st_mode))
        return fail(ErrorCode::Corrupt, "it is no file");
    copy.size = seen.st_size;
    const std::int64_t changed = seen.st_ctim.tv_sec * 1'000'000'000 + seen.st_ctim.tv_nsec;
    Known &known = m_known[copy.path];
    if (known.digest.empty() || known.size != seen.st_size || known.changed != changed) {
        known.digest.clear();
        auto digest = digestOfFile(HashKind::Blake2b256, file.get());
        if (!digest)
            return fail(problemOf("it cannot be read"));
        known.digest = std::move(digest->hex);
        known.size = seen.st_size;
        known.changed = changed;
    }
    copy.digest = known.digest;
    return {};
}

}  // namespace cm::agent
