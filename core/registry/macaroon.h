// SPDX-License-Identifier: GPL-3.0-or-later
// API tokens in PyPI's form: "pypi-" and the URL-safe base64 of a version 2 macaroon whose caveats
// are JSON (registry.md 1.6). Anybody may narrow a token by adding caveats, nobody can widen it. Pure
// functions, any thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::registry {

struct Macaroon {
    std::string location;
    std::string identifier;
    std::vector<std::string> caveats;
    std::string signature;  // 32 bytes
};

[[nodiscard]] std::string encodeToken(const Macaroon &macaroon);
// InvalidInput with a reason fit for the uploader.
[[nodiscard]] Result<Macaroon> decodeToken(std::string_view token);
[[nodiscard]] Macaroon makeMacaroon(std::string_view key, std::string location, std::string identifier,
                                    std::vector<std::string> caveats);
[[nodiscard]] bool hasValidSignature(const Macaroon &macaroon, std::string_view key);

[[nodiscard]] std::string expiryCaveat(Time expires, Time notBefore);
[[nodiscard]] std::string projectsCaveat(const std::vector<std::string> &normalizedNames);
[[nodiscard]] std::string userCaveat(std::int64_t userId);

// What is left after all caveats of a token have been taken together.
struct Grant {
    bool scoped = false;
    std::vector<std::string> projects;  // normalised; the common part of all lists
    std::optional<Time> until;          // the earliest end of all
};
// InvalidInput with a reason, such as "token is expired".
[[nodiscard]] Result<Grant> judgeCaveats(const Macaroon &macaroon, Time now, std::int64_t userId);

}  // namespace cm::registry
