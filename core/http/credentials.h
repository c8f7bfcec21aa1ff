// SPDX-License-Identifier: GPL-3.0-or-later
// What an Authorization header offers (RFC 7617 Basic, RFC 6750 Bearer, and the older word "token").
// The password is kept as the bytes that came: requests-based clients send Latin-1, others UTF-8.
// Values, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cm::http {

enum class CredentialScheme { Basic, Bearer };

struct Credentials {
    CredentialScheme scheme = CredentialScheme::Basic;
    std::string user;    // Basic only
    std::string secret;  // the password, or the token
};

// Nothing for an empty header, another scheme, or base64 that does not decode.
[[nodiscard]] std::optional<Credentials> parseAuthorization(std::string_view header);
// The header's value for somebody who signs in somewhere.
[[nodiscard]] std::string basicAuthorization(std::string_view user, std::string_view password);
// Strict base64 (RFC 4648 section 4); nothing when it is none. Missing padding is tolerated.
[[nodiscard]] std::optional<std::string> decodeBase64(std::string_view text);
// A Latin-1 text as UTF-8, to try the same password the other way.
[[nodiscard]] std::string latin1ToUtf8(std::string_view text);

}  // namespace cm::http
