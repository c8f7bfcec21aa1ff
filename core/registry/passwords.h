// SPDX-License-Identifier: GPL-3.0-or-later
// Passwords as Argon2id hashes (libsodium). Both functions take some 30 ms and 19 MiB on purpose:
// call them on an executor. Any thread.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::registry {

// Unavailable when there is no memory for it; InvalidInput for fewer than 8 or more than 1024 bytes.
[[nodiscard]] Result<std::string> hashPassword(std::string_view utf8);
[[nodiscard]] bool verifyPassword(const std::string &hash, std::string_view password);
// What the person may have typed: clients send a non-ASCII password as UTF-8 or as latin-1
// (clients.md 6.1), hashes are made of UTF-8.
[[nodiscard]] std::vector<std::string> passwordSpellings(std::string_view bytes);

}  // namespace cm::registry
