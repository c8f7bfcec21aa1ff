// SPDX-License-Identifier: GPL-3.0-or-later
// By what a folder is known to be a mirror's: a mirror deletes in its folder, and what somebody else keeps there is none of its
// business. Before anything else is made in it; any thread.
#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace cm::mirror {

// What the mirror in that folder remembers.
[[nodiscard]] std::filesystem::path stateFile(const std::filesystem::path &root);
// Makes the folder where it is missing and marks it as a mirror's. One of a version that made no mark is known by what it has; any
// other that is not empty is refused with Conflict, and nothing in it is touched. `log` may lie in it.
Result<void> takeFolder(const std::filesystem::path &root, const std::filesystem::path &log);

}  // namespace cm::mirror
