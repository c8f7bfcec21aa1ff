// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/passwords.h"

#include "core/registry/text.h"

#include <array>
#include <sodium.h>

namespace cm::registry {

namespace {

// What OWASP recommends for Argon2id: one lane, two passes, 19 MiB.
constexpr unsigned long long passes = 2;
constexpr std::size_t memory = 19U << 20;
constexpr std::size_t minLength = 8;
constexpr std::size_t maxLength = 1024;

}  // namespace

Result<std::string> hashPassword(std::string_view utf8)
{
    if (utf8.size() < minLength || utf8.size() > maxLength) {
        return fail(Error{
            ErrorCode::InvalidInput, "a password has 8 to 1024 bytes", {{"password", "has 8 to 1024 bytes"}}, {}});
    }
    if (sodium_init() < 0)
        return fail(ErrorCode::Internal, "libsodium does not start");
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), utf8.data(), utf8.size(), passes, memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(ErrorCode::Unavailable, "not enough memory to hash a password");
    return std::string(hash.data());
}

bool verifyPassword(const std::string &hash, std::string_view password)
{
    return password.size() <= maxLength && sodium_init() >= 0 &&
           crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::vector<std::string> passwordSpellings(std::string_view bytes)
{
    if (isAscii(bytes))
        return {std::string(bytes)};
    std::vector<std::string> spellings;
    if (isUtf8(bytes))
        spellings.emplace_back(bytes);
    spellings.push_back(latin1ToUtf8(bytes));
    return spellings;
}

}  // namespace cm::registry
