// SPDX-License-Identifier: GPL-3.0-or-later
// Whether bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond
// U+10FFFF. Pure, any thread.
#pragma once

#include <string_view>

namespace cm {

[[nodiscard]] bool isUtf8(std::string_view bytes) noexcept;

}  // namespace cm
