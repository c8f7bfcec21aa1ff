// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/brick_copies.h"

#include "core/agent/volume.h"
#include "core/archive/archive.h"
#include "core/base/descriptor.h"
#include "core/base/file_digest.h"
#include "core/base/hash.h"
#include "core/blobs/blob_path.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace cm::agent {
namespace {

constexpr std::string_view besideWheel = ".metadata";

// Empty: it is no metadata of a wheel.
std::string wheelBeside(std::string_view path)
{
    if (!path.ends_with(besideWheel))
        return {};
    path.remove_suffix(besideWheel.size());
    return path.ends_with(".whl") ? std::string(path) : std::string();
}

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
        for (const std::string &read : {path, wheelBeside(path)}) {
            if (const auto known = before.find(read); known != before.end())
                m_known.insert(*known);
        }
        api::AgentCopy &copy = copies.emplace_back();
        copy.path = path;
        copy.wanted = blobs::digestOfBlobPath(path);
        // Nothing would come of its digest.
        if (copy.wanted.empty()) {
            struct stat seen{};
            if (::lstat((own->path + path).c_str(), &seen) == 0 && S_ISDIR(seen.st_mode))
                copy.problem = "it is a folder";
            continue;
        }
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
    CM_TRY_ASSIGN(const Known *own, known(brick, copy.path));
    copy.size = own->size;
    copy.digest = own->digest;
    // Its path names the digest of the wheel.
    if (const std::string wheel = wheelBeside(copy.path); !wheel.empty()) {
        copy.wanted.clear();
        CM_TRY_ASSIGN(copy.wanted, metadataIn(brick, wheel));
    }
    return {};
}

Result<BrickCopies::Known *> BrickCopies::known(const std::string &brick, const std::string &path)
{
    const Descriptor file(::open((brick + path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat seen{};
    if (file.get() < 0 || ::fstat(file.get(), &seen) != 0)
        return fail(problemOf("it cannot be opened"));
    if (!S_ISREG(seen.st_mode))
        return fail(ErrorCode::Corrupt, "it is no file");
    const std::int64_t changed = seen.st_ctim.tv_sec * 1'000'000'000 + seen.st_ctim.tv_nsec;
    Known &known = m_known[path];
    if (known.digest.empty() || known.size != seen.st_size || known.changed != changed) {
        known = {seen.st_size, changed, {}, {}};
        auto digest = digestOfFile(HashKind::Blake2b256, file.get());
        if (!digest)
            return fail(problemOf("it cannot be read"));
        known.digest = std::move(digest->hex);
    }
    return &known;
}

// The digest of what the wheel has as METADATA.
Result<std::string> BrickCopies::metadataIn(const std::string &brick, const std::string &wheel)
{
    auto read = known(brick, wheel);
    if (!read)
        return fail(read.error().code, "the wheel beside it is of no use: " + read.error().detail);
    Known &found = **read;
    if (found.digest != blobs::digestOfBlobPath(wheel))
        return fail(ErrorCode::Corrupt, "the wheel beside it has not the bytes of its digest");
    if (found.metadata.empty()) {
        const auto inside = archive::inspect(brick + wheel, wheel.substr(wheel.rfind('/') + 1), archive::Content::Wheel);
        if (!inside || !inside->metadata)
            return fail(ErrorCode::Corrupt, "the wheel beside it has no METADATA that can be read");
        found.metadata = hashHex(HashKind::Blake2b256, *inside->metadata);
    }
    return found.metadata;
}

}  // namespace cm::agent
