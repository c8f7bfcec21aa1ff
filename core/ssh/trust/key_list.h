// SPDX-License-Identifier: GPL-3.0-or-later
// Keys as a web node tells sshd's hosts of them, and as such a host keeps them for the seconds in which no node answers:
// text, a line each, signed. What is read back is fit to be printed into the options of an authorized key. Pure, any
// thread. Errors of reading: Corrupt (not signed by us, or not such a text), Conflict (the answer to another question).
#pragma once

#include "core/base/clock.h"
#include "core/ssh/trust/secret.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cm::ssh {

struct KnownKey {
    std::int64_t id = 0;
    std::string type;  // as OpenSSH names it
    std::string data;  // base64
    std::optional<Time> expires;
    friend bool operator==(const KnownKey &, const KnownKey &) = default;
};

// The answer of a node: what it knew at `at` by its own clock.
struct KeyAnswer {
    std::string nonce;
    Time at{};
    std::vector<KnownKey> keys;
};
[[nodiscard]] std::string textOf(const KeyAnswer &answer, const Secret &secret);
[[nodiscard]] Result<KeyAnswer> keyAnswerOf(std::string_view text, std::string_view nonce, const Secret &secret);

// What is left of the last answer. Its age is told by the host's own clock since it started, which no correction of the
// time moves, and from the moment at which it was asked for: it is never newer than it says.
struct KeySnapshot {
    std::string boot;                     // which start of the host that clock belongs to
    std::chrono::microseconds asked{0};  // since then
    Time at{};                            // of the node's answer
    std::vector<KnownKey> keys;
};
[[nodiscard]] std::string textOf(const KeySnapshot &snapshot, const Secret &secret);
[[nodiscard]] Result<KeySnapshot> keySnapshotOf(std::string_view text, const Secret &secret);

}  // namespace cm::ssh
