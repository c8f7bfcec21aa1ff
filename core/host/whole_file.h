// SPDX-License-Identifier: GPL-3.0-or-later
// Small files as a whole: whoever reads one meanwhile sees the old or the new, also after a crash. Blocks on
// the disk, any thread. NotFound, Forbidden, Unavailable.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace cm::host {

// At most `most` bytes of it; TooLarge.
[[nodiscard]] Result<std::string> readWhole(const std::filesystem::path &file, std::size_t most = 1U << 20);
// What stands before the first end of a line, as in files of one secret.
[[nodiscard]] Result<std::string> readFirstLine(const std::filesystem::path &file);
// By a new file beside it that is renamed; `mode` holds whatever the umask is.
[[nodiscard]] Result<void> writeWhole(const std::filesystem::path &file, std::string_view text, mode_t mode);
// That it is not there is success.
[[nodiscard]] Result<void> removeWhole(const std::filesystem::path &file);

}  // namespace cm::host
