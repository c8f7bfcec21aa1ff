// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of error codes and HTTP status codes, used by the server that answers and by the
// clients that read. It belongs to base because the desktop links no HTTP server. Any thread.
// Source: RFC 9110 section 15, RFC 6585 (428, 429, 431).
#pragma once

#include "core/base/result.h"

#include <string_view>

namespace cm {

[[nodiscard]] int httpStatusOf(ErrorCode code) noexcept;
// The code that a bare status stands for (a problem document names its code itself). Internal for
// a status that is no failure of the table, InvalidInput for any other 4xx.
[[nodiscard]] ErrorCode errorCodeOfHttpStatus(int status) noexcept;
// "Not Found" of 404; "Unknown" for a status without a registered phrase.
[[nodiscard]] std::string_view httpReason(int status) noexcept;

}  // namespace cm
