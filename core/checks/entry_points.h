// SPDX-License-Identifier: GPL-3.0-or-later
// The syntax of entry_points.txt (entry points specification): groups in brackets, "name =
// module:attribute [extras]" below them. Pure, any thread.
#pragma once

#include <string_view>

namespace cm::checks {

[[nodiscard]] bool areValidEntryPoints(std::string_view text);

}  // namespace cm::checks
