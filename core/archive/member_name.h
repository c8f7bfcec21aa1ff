// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with the name of an archive's member, whichever tool may unpack it later. Pure.
#pragma once

#include <string_view>

namespace cm::archive {

// The message of the upload protocol, or empty when the name is fine.
[[nodiscard]] std::string_view memberNameProblem(std::string_view name) noexcept;
// True for a link target that leaves the archive's top directory, seen from the member `path`.
[[nodiscard]] bool linkLeavesArchive(std::string_view path, std::string_view target) noexcept;

}  // namespace cm::archive
