// SPDX-License-Identifier: GPL-3.0-or-later
// What retires, as a rule over the traits of a request, and whether a request is a use of it. Pure, any thread.
#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::deprecation {

enum class Kind { Channel, Endpoint, Authentication, ClientVersion, FileType, MetadataVersion, Digest };

// "client_version"
[[nodiscard]] std::string_view kindName(Kind kind) noexcept;
[[nodiscard]] std::optional<Kind> kindNamed(std::string_view name) noexcept;

// Of one request, as far as it has been read: an empty text is not known (yet), or there is none.
struct Traits {
    std::string channel;         // "ssh upload", "https upload", "https read"
    std::string endpoint;        // "file-upload", "doc-upload"; read: "project-json", "journal", "stats"
    std::string authentication;  // "password", "token", "unscoped-token", "ssh-key", "local"
    std::string client;          // as the user agent names it: "twine"
    std::string clientVersion;
    std::string fileType;         // "bdist_egg"
    std::string metadataVersion;  // "1.0"
    std::string digest;           // the strongest that was sent: "blake2", "sha256", "md5", "none"
    friend bool operator==(const Traits &, const Traits &) = default;
};

struct Rule {
    Kind kind = Kind::Channel;
    // A channel, an endpoint, a way to prove who one is, a client's name, a file type or a digest; of a range of
    // metadata versions nothing.
    std::string value;
    // PEP 440, of a client's version or of metadata versions; empty: every version.
    std::string range;
    friend bool operator==(const Rule &, const Rule &) = default;
};

// `subject` as people write it: "ssh upload", "twine <3.0", "<1.2". InvalidInput says what would be right.
[[nodiscard]] Result<Rule> parseRule(Kind kind, std::string_view subject);
[[nodiscard]] bool matches(const Rule &rule, const Traits &traits);
// An endpoint that is read, by people and machines whom nobody knows.
[[nodiscard]] bool isRead(std::string_view endpoint) noexcept;
// What a record may be of, where the choice is a closed one.
[[nodiscard]] std::vector<Rule> closedChoices();
// A request that is a use of it, for rehearsals.
[[nodiscard]] Traits exampleOf(const Rule &rule);

}  // namespace cm::deprecation
