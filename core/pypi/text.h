// SPDX-License-Identifier: GPL-3.0-or-later
// Small text helpers of the packaging rules. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace cm::pypi {

// Without blanks at both ends.
[[nodiscard]] std::string_view stripped(std::string_view text) noexcept;
// ASCII letters in lower case.
[[nodiscard]] std::string lowered(std::string_view text);

}  // namespace cm::pypi
