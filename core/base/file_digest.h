// SPDX-License-Identifier: GPL-3.0-or-later
// The digest of an open file, from where it is read next to its end. Any thread; blocks on the disk.
#pragma once

#include "core/base/hash.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cm {

struct FileDigest {
    std::string hex;
    std::uint64_t size = 0;  // bytes that were read
};
// Nothing when it cannot be read: errno says why.
[[nodiscard]] std::optional<FileDigest> digestOfFile(HashKind kind, int fd);

}  // namespace cm
