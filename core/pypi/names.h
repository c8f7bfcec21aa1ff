// SPDX-License-Identifier: GPL-3.0-or-later
// Project names: what may be one, when two are the same (PEP 503, PEP 508) and when two look the
// same. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

namespace cm::pypi {

// Lower case, each run of "-", "_" and "." as one "-": the key of a project everywhere.
[[nodiscard]] std::string normalizeName(std::string_view name);
// The same, appended to `out`; for the renderers of long lists.
void appendNormalizedName(std::string &out, std::string_view name);
// True when `name` is what normalizeName() gives for it.
[[nodiscard]] bool isNormalizedName(std::string_view name) noexcept;
// Letters, digits, ".", "_" and "-", beginning and ending with a letter or digit.
[[nodiscard]] bool isValidName(std::string_view name) noexcept;
// One key for names that people take for each other: separators dropped, "1", "l", "i" one
// character, "0" and "o" one character, lower case.
[[nodiscard]] std::string ultranormalize(std::string_view name);
// True when an import of that name would meet a module of Python's standard library.
[[nodiscard]] bool isStdlibModule(std::string_view name);

}  // namespace cm::pypi
