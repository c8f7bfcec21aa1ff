// SPDX-License-Identifier: GPL-3.0-or-later
// A line of a .pub file, read strictly: what OpenSSH made, of a kind that is still good. Pure, any thread.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cm::registry {

struct SshPublicKey {
    std::string type;         // "ssh-ed25519", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com", "ssh-rsa", …
    std::string data;         // base64, padded
    std::int64_t bits = 0;    // of the modulus or the curve
    std::string fingerprint;  // "SHA256:" and base64 without padding, as ssh-keygen -l prints it
    std::string comment;      // what follows the key; may be empty
};

// InvalidInput with a sentence for whoever pasted it, which never holds what was pasted: it may have been a private key.
[[nodiscard]] Result<SshPublicKey> parseSshPublicKey(std::string_view text);

}  // namespace cm::registry
