// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/posix_error.h"

#include <cerrno>
#include <fmt/format.h>
#include <system_error>

namespace cm::blobs {

Error posixError(int code, std::string_view doing, std::string_view path)
{
    Error error;
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        error.code = ErrorCode::NotFound;
        break;
    case EFBIG:
        error.code = ErrorCode::TooLarge;
        break;
    default:
        error.code = ErrorCode::Unavailable;
    }
    error.detail = fmt::format("blobs: {} {}: {}", doing, path, std::generic_category().message(code));
    return error;
}

}  // namespace cm::blobs
