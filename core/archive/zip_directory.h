// SPDX-License-Identifier: GPL-3.0-or-later
// A zip file's own records, read one by one instead of through a library: libraries disagree about
// crooked files, and a registry must not accept a wheel that two installers unpack differently.
// Pure reading; one thread per File.
#pragma once

#include "core/archive/archive.h"
#include "core/archive/file.h"
#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::archive {

inline constexpr std::uint16_t zipFlagEncrypted = 1U << 0;
inline constexpr std::uint16_t zipFlagUtf8 = 1U << 11;
inline constexpr std::uint16_t zipStored = 0;
inline constexpr std::uint16_t zipDeflated = 8;

struct ZipEntry {
    std::string name;  // as the central directory has it, bytes unchecked
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed = 0;  // bytes
    std::uint64_t size = 0;    // bytes
    std::uint64_t localOffset = 0;
    bool hasComment = false;
    MemberKind kind = MemberKind::File;
};

struct ZipDirectory {
    std::vector<ZipEntry> entries;
    std::uint64_t offset = 0;  // of the central directory
    // The first thing that is wrong with the directory itself, in the words of the upload protocol.
    std::string problem;
    bool longName = false;  // an entry was left out because its name is over Limits::pathBytes
};

// True when the file ends with an end-of-central-directory record.
[[nodiscard]] Result<bool> looksLikeZip(const File &file);
// Nothing when the file is no zip file. An Error only when the file cannot be read.
[[nodiscard]] Result<std::optional<ZipDirectory>> readZipDirectory(const File &file, const Limits &limits);
// Compares local headers with the directory and looks for bytes between and behind them. The first
// problem in the words of the upload protocol, or empty.
[[nodiscard]] Result<std::string> findZipProblem(const File &file, const ZipDirectory &directory);
// The unpacked bytes of an entry in pieces, in order; a failure of `piece` ends it and is the answer. Corrupt
// when they do not fit their record, which is known only at the end.
using ZipPiece = std::function<Result<void>(std::span<const std::byte>)>;
[[nodiscard]] Result<void> streamZipEntry(const File &file, const ZipEntry &entry, const ZipPiece &piece);
// All of them at once. TooLarge.
[[nodiscard]] Result<std::string> readZipEntry(const File &file, const ZipEntry &entry, std::uint64_t maxBytes);

}  // namespace cm::archive
