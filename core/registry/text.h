// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of unknown encoding: is it ASCII, is it UTF-8, and latin-1 as UTF-8. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace cm::registry {

[[nodiscard]] bool isAscii(std::string_view bytes) noexcept;
// Strict: no surrogates, no overlong forms, nothing above U+10FFFF.
[[nodiscard]] bool isUtf8(std::string_view bytes) noexcept;
[[nodiscard]] std::string latin1ToUtf8(std::string_view bytes);
// Without blanks, tabs and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

}  // namespace cm::registry
