// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/disk.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/statvfs.h>

namespace cm::host {

Result<Disk> diskAt(const std::string &path)
{
    struct statvfs facts {};
    if (::statvfs(path.c_str(), &facts) != 0)
        return fail(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Internal,
                    fmt::format("{}: {}", path, std::strerror(errno)));
    const auto unit = static_cast<double>(facts.f_frsize);
    return Disk{static_cast<double>(facts.f_blocks) * unit, static_cast<double>(facts.f_bavail) * unit,
                static_cast<double>(facts.f_files), static_cast<double>(facts.f_favail),
                (facts.f_flag & ST_RDONLY) != 0};
}

}  // namespace cm::host
