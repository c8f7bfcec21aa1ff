// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file_digest.h"

#include <cerrno>
#include <span>
#include <unistd.h>
#include <vector>

namespace cm {

std::optional<FileDigest> digestOfFile(HashKind kind, int fd)
{
    Hasher hasher(kind);
    FileDigest digest;
    std::vector<std::byte> piece(256U << 10U);
    for (;;) {
        const ssize_t got = ::read(fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            break;
        hasher.update(std::span(piece).first(static_cast<std::size_t>(got)));
        digest.size += static_cast<std::uint64_t>(got);
    }
    digest.hex = hasher.finishHex();
    return digest;
}

}  // namespace cm
