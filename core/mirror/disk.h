// SPDX-License-Identifier: GPL-3.0-or-later
// The few calls to the disk that the tree is made with, their failures told so that somebody can act. Internal to
// core/mirror; any thread.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cm::mirror {

inline constexpr std::string_view fullDisk = "the disk is full: make room, and the next run goes on from here";

inline constexpr std::string_view noRoom = "the disk is full: make room. Until then what was withdrawn goes, and nothing new is fetched";

// What errno says of that path.
[[nodiscard]] tl::unexpected<Error> diskFailed(const std::filesystem::path &path);
Result<void> writeAll(int fd, std::string_view bytes, const std::filesystem::path &path);
// A file or a folder.
Result<void> syncPath(const std::filesystem::path &path);
Result<void> syncFileSystem(const std::filesystem::path &anywhere);
// All of a file; nothing when it cannot be read.
[[nodiscard]] std::optional<std::string> wholeText(const std::filesystem::path &path);
// SHA-256 and size of a file; NotFound.
struct Measured {
    std::string sha256;
    std::uint64_t size = 0;
};
Result<Measured> measureFile(const std::filesystem::path &path);
// The size of a published file whose bytes, and those of its metadata, have these digests; nothing when one has not.
// `metadata` empty: it has none.
[[nodiscard]] std::optional<std::uint64_t> sizeWhenWhole(const std::filesystem::path &path, const std::string &sha256,
                                                         const std::string &metadata);

}  // namespace cm::mirror
