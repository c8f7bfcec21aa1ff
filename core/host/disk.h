// SPDX-License-Identifier: GPL-3.0-or-later
// The room on a file system, by statvfs. Blocks for as long as the file system does, which may be for ever:
// ask through LastKnown where that matters. NotFound, Internal. Any thread.
#pragma once

#include "core/base/result.h"

namespace cm::host {

struct Disk {
    double total = 0;
    double available = 0;  // to ordinary users
    double inodes = 0;
    double inodesAvailable = 0;
    bool readOnly = false;
};

[[nodiscard]] Result<Disk> diskAt(const std::string &path);

}  // namespace cm::host
