// SPDX-License-Identifier: GPL-3.0-or-later
// errno as our errors. Pure, any thread.
#pragma once

#include "core/base/result.h"

namespace cm::blobs {

// ENOENT: NotFound; EFBIG: TooLarge; all else of a store means that it cannot serve now: Unavailable.
Error posixError(int code, std::string_view doing, std::string_view path);

}  // namespace cm::blobs
