// SPDX-License-Identifier: GPL-3.0-or-later
// Where a blob lies: ab/cd/<rest of its BLAKE2b-256>/filename (registry.md 1.1), so that the bytes
// at a path can never change. Pure functions, any thread.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace cm::blobs {

// InvalidInput unless `blake2b256` is 64 hexadecimal digits and `filename` is one safe path segment.
Result<std::string> blobPath(std::string_view blake2b256, std::string_view filename);

// The digest of the blob that a path ends with, whatever folders are before; empty for a path that names none.
[[nodiscard]] std::string digestOfBlobPath(std::string_view path);

// A relative path of plain segments: not empty, no "." or "..", no empty or hidden segment, no
// backslash, no control characters, each segment at most 255 bytes. InvalidInput otherwise.
Result<void> checkBlobPath(std::string_view path);

}  // namespace cm::blobs
