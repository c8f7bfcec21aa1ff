// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a spool's folder: how they are called, how they begin. Used by the spool and its readers. Blocks on the
// disk; any thread.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cm::metrics::intake {

// "cmspool1", the place of the file's first byte, the id of the spool.
inline constexpr std::size_t fileHead = 8 + 8 + 32;

[[nodiscard]] std::string fileHeadOf(std::int64_t start, std::string_view id);
[[nodiscard]] std::filesystem::path spoolFile(const std::filesystem::path &folder, std::int64_t start);
// The starts of the files in the folder, rising. Unavailable.
[[nodiscard]] Result<std::vector<std::int64_t>> spoolFiles(const std::filesystem::path &folder);
// The id in the head of a file that begins at `start`; Corrupt when it is none.
[[nodiscard]] Result<std::string> idOfFile(const std::filesystem::path &file, std::int64_t start);

// Unavailable with the name of the file and the system's reason.
[[nodiscard]] tl::unexpected<Error> diskError(const std::filesystem::path &file);
[[nodiscard]] Result<void> synchroniseFolder(const std::filesystem::path &folder);

}  // namespace cm::metrics::intake
