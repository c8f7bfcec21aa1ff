// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/reserve.h"

#include "core/base/descriptor.h"
#include "core/host/disk.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <unistd.h>

namespace cm::mirror {
namespace {

// Some thousand pages and the notes about them; of a small disk a part.
constexpr std::uint64_t most = 8U << 20;
constexpr std::uint64_t partOfDisk = 16;

}  // namespace

Reserve::Reserve(const std::filesystem::path &root) : m_file(root / "mirror.reserve") {}

bool Reserve::prepare()
{
    const auto disk = host::diskAt(m_file.parent_path().string());
    if (!disk)
        return true;
    const std::uint64_t size = std::min(most, static_cast<std::uint64_t>(disk->total) / partOfDisk);
    const auto free = static_cast<std::uint64_t>(disk->available);
    if (::access(m_file.c_str(), F_OK) == 0) {
        if (free >= size / 2)
            return true;
        release();
        return false;
    }
    // Twice its size, lest it be given up again at once. What statvfs() knows nothing of, such as a quota, shows in the attempt.
    if (free < 2 * size)
        return false;
    const Descriptor file(::open(m_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const int failed = file.get() < 0 ? errno : ::posix_fallocate(file.get(), 0, static_cast<off_t>(2 * size));
    if (failed == 0 && ::ftruncate(file.get(), static_cast<off_t>(size)) == 0)
        return true;
    release();
    return failed != ENOSPC && failed != EDQUOT;
}

bool Reserve::release()
{
    return ::unlink(m_file.c_str()) == 0;
}

}  // namespace cm::mirror
