// SPDX-License-Identifier: GPL-3.0-or-later
// What the hosts of sshd say to a web node, signed, in the Authorization header: who has come with which key and what
// is sent, or what sshd asks about keys. A statement holds for a minute before and after its time, so that clocks may
// differ and a request may be repeated through a failover; what it names is all that it opens. Pure, any thread.
// Reading answers Unauthorized with the reason, for the log and the one who asks.
#pragma once

#include "core/base/clock.h"
#include "core/ssh/trust/secret.h"

#include <cstdint>
#include <optional>

namespace cm::ssh {

inline constexpr std::string_view scheme = "Cheesemonger-Ssh";
inline constexpr std::chrono::seconds statementLife{60};

// One request of a person's key.
struct Statement {
    std::int64_t keyId = 0;
    std::string remoteAddress;  // of the client, as sshd saw it
    Time at{};
    std::string action;   // ":action" of the form, or "status"
    std::string project;  // trimmed; empty when there is none, as the next three
    std::string version;
    std::string filename;
    std::string sha256;  // of the file
    friend bool operator==(const Statement &, const Statement &) = default;
};

// A question of the host itself.
struct Question {
    enum class About { Key, Keys, Ready };
    About about = About::Keys;
    std::string fingerprint;  // of About::Key
    std::string nonce;        // 32 hexadecimal digits, which the answer repeats
    Time at{};
    friend bool operator==(const Question &, const Question &) = default;
};

// The value of the Authorization header, scheme included.
[[nodiscard]] std::string headerOf(const Statement &statement, const Secret &secret);
[[nodiscard]] std::string headerOf(const Question &question, const Secret &secret);
// Whether a header begins with the scheme: what follows may be anything.
[[nodiscard]] bool isSshHeader(std::string_view header) noexcept;
[[nodiscard]] Result<Statement> statementOf(std::string_view header, const Secret &secret, Time now);
[[nodiscard]] Result<Question> questionOf(std::string_view header, const Secret &secret, Time now);

}  // namespace cm::ssh
