// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of lines as cells bear them: short, and nothing that a database cannot hold. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace cm::metrics {

inline constexpr std::size_t longestCellText = 64;
// Of a project, a version, a file.
inline constexpr std::size_t longestNameText = 255;

// Cut off at a character's end, control characters as "?". `text` is UTF-8.
[[nodiscard]] std::string cellText(std::string_view text, std::size_t most = longestCellText);
// "3.11" of "3.11.2rc1"; empty where it does not begin with two numbers of at most three digits.
[[nodiscard]] std::string majorAndMinor(std::string_view version);
// The front of a text that is no longer than `most` bytes and ends with a character.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t most);

}  // namespace cm::metrics
