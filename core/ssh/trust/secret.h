// SPDX-License-Identifier: GPL-3.0-or-later
// What the web nodes and the hosts of sshd share: 32 random bytes in a file, 64 hexadecimal digits on one line, with
// which each signs what the other acts upon. A value, any thread; reading blocks on the disk. Errors: NotFound,
// Forbidden (everybody may read the file), Corrupt (it holds something else), Unavailable.
#pragma once

#include "core/base/result.h"

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace cm::ssh {

class Secret {
public:
    static Result<Secret> read(const std::filesystem::path &file);
    static Result<Secret> parse(std::string_view hex);
    // As such a file has them.
    static std::string generate();
    ~Secret();
    Secret(const Secret &) = default;
    Secret &operator=(const Secret &) = default;

    // HMAC-SHA-256 in lower-case hexadecimal. Each kind of text begins with a line of its own, so that none passes for
    // another.
    [[nodiscard]] std::string sign(std::string_view text) const;
    [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;

private:
    Secret() = default;
    std::array<unsigned char, 32> m_key{};
};

}  // namespace cm::ssh
