// SPDX-License-Identifier: GPL-3.0-or-later
// Digests over a stream of bytes, and hexadecimal. SHA-256 and MD5 come from OpenSSL, BLAKE2b from
// libsodium (OpenSSL 3.0 ignores the digest size of BLAKE2b without saying so). One object belongs
// to one thread at a time; finish() is called once.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cm {

enum class HashKind { Sha256, Md5, Blake2b256, Blake2b512 };

class Hasher {
public:
    explicit Hasher(HashKind kind);
    ~Hasher();
    Hasher(Hasher &&) noexcept;
    Hasher &operator=(Hasher &&) noexcept;

    void update(std::span<const std::byte> bytes);
    void update(std::string_view text);
    // The digest in lower-case hexadecimal.
    [[nodiscard]] std::string finishHex();
    [[nodiscard]] std::vector<std::byte> finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

[[nodiscard]] std::string hashHex(HashKind kind, std::string_view text);
[[nodiscard]] std::string toHex(std::span<const std::byte> bytes);
// Exactly `length` lower- or upper-case hexadecimal digits.
[[nodiscard]] bool isHex(std::string_view text, std::size_t length) noexcept;
// Compares in a time that depends on the lengths alone.
[[nodiscard]] bool equalSecrets(std::string_view a, std::string_view b) noexcept;
// `count` bytes from the system's generator.
[[nodiscard]] std::vector<std::byte> randomBytes(std::size_t count);

}  // namespace cm
