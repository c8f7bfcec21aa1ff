// SPDX-License-Identifier: GPL-3.0-or-later
// References as pages and redirects have them, against the address where they stand (RFC 3986 section 5.2). Pure, any
// thread.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace cm::mirror {

// An http or https address without a fragment, dot segments taken out. InvalidInput.
[[nodiscard]] Result<std::string> resolveAddress(std::string_view base, std::string_view reference);
// Its path, percent-decoded; empty when there is none.
[[nodiscard]] std::string pathOfAddress(std::string_view address);

}  // namespace cm::mirror
