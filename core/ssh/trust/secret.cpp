// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/trust/secret.h"

#include "core/base/descriptor.h"
#include "core/base/hash.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <sodium.h>
#include <span>
#include <sys/stat.h>

namespace cm::ssh {

Result<Secret> Secret::parse(std::string_view hex)
{
    Secret secret;
    while (!hex.empty() && (hex.back() == '\n' || hex.back() == '\r'))
        hex.remove_suffix(1);
    std::size_t length = 0;
    if (!isHex(hex, 64) ||
        sodium_hex2bin(secret.m_key.data(), secret.m_key.size(), hex.data(), hex.size(), nullptr, &length, nullptr) != 0)
        return fail(ErrorCode::Corrupt, "holds no 64 hexadecimal digits, as `cheesemongerd admin ssh-secret` makes them");
    return secret;
}

Result<Secret> Secret::read(const std::filesystem::path &file)
{
    const auto failed = [&file](ErrorCode code, std::string_view why) { return fail(code, fmt::format("{}: {}", file.string(), why)); };
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (opened.get() < 0)
        return failed(errno == ENOENT ? ErrorCode::NotFound : errno == EACCES ? ErrorCode::Forbidden : ErrorCode::Unavailable,
                      std::strerror(errno));
    struct stat info {};
    if (::fstat(opened.get(), &info) == 0 && (info.st_mode & 07) != 0)
        return failed(ErrorCode::Forbidden, "everybody can read it: run chmod 640 on it");
    std::array<char, 80> text{};
    const ssize_t got = ::read(opened.get(), text.data(), text.size());
    if (got < 0)
        return failed(ErrorCode::Unavailable, std::strerror(errno));
    auto secret = parse(std::string_view(text.data(), static_cast<std::size_t>(got)));
    sodium_memzero(text.data(), text.size());
    if (!secret)
        return failed(ErrorCode::Corrupt, secret.error().detail);
    return secret;
}

std::string Secret::generate()
{
    return toHex(randomBytes(32));
}

Secret::~Secret()
{
    sodium_memzero(m_key.data(), m_key.size());
}

std::string Secret::sign(std::string_view text) const
{
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const unsigned char *>(text.data()), text.size(), m_key.data());
    return toHex(std::as_bytes(std::span(mac)));
}

bool Secret::verifies(std::string_view text, std::string_view signature) const
{
    return equalSecrets(sign(text), signature);
}

}  // namespace cm::ssh
