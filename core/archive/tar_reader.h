// SPDX-License-Identifier: GPL-3.0-or-later
// Walking over a tar.gz with libarchive, which gets nothing but the tar format and the bytes of a
// GzipSource with its budget. One thread at a time.
#pragma once

#include "core/archive/archive.h"
#include "core/archive/file.h"
#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace cm::archive {

struct TarMember {
    Member member;
    std::string linkTarget;
    bool sparse = false;
};

enum class TarStep { Skip, Read, Stop };

struct TarVisitor {
    // Called for each member in order. Read asks for the bytes, which come with `content`.
    std::function<TarStep(const TarMember &)> member;
    std::function<void(std::string bytes)> content;
    std::uint64_t maxContent = 0;  // bytes; a longer member that is to be read ends the walk with TooLarge
};

struct TarWalk {
    bool isTar = false;         // the gzip stream begins with a tar header
    bool complete = false;      // read to the proper end
    bool overBudget = false;    // unpacks to more than the limits allow
    bool trailingData = false;  // something follows the end of the archive
    std::uint64_t unpacked = 0;
};

// How many bytes a gzip file of `packed` bytes may unpack to.
[[nodiscard]] std::uint64_t unpackBudget(std::uint64_t packed, const Limits &limits);
// True when the file is gzip and a tar header stands at its beginning, or it is a bare tar file.
[[nodiscard]] Result<bool> looksLikeTar(const File &file);
// An Error when the file cannot be read, `stop` was asked for, or TooLarge as said above.
[[nodiscard]] Result<TarWalk> walkTar(const File &file, std::uint64_t budget, const TarVisitor &visitor,
                                      std::stop_token stop);

}  // namespace cm::archive
