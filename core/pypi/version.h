// SPDX-License-Identifier: GPL-3.0-or-later
// Versions as PEP 440 defines them. Numbers stay digit strings, so a version of any length compares
// right and costs no more than its text. A value; any thread.
#pragma once

#include "core/base/result.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::pypi {

class Version {
public:
    // InvalidInput when `text` is no PEP 440 version. Blanks around it are allowed.
    static Result<Version> parse(std::string_view text);

    // The normalised spelling: "v1.0-ALPHA.1" is "1.0a1".
    [[nodiscard]] std::string normalised() const;
    // As normalised(), without trailing zeros of the release: "1.0.0" and "1" are both "1".
    [[nodiscard]] std::string canonical() const;
    // The normalised spelling without the local part.
    [[nodiscard]] std::string publicPart() const;
    [[nodiscard]] bool isPrerelease() const { return m_pre.has_value() || m_dev.has_value(); }
    [[nodiscard]] bool hasLocal() const { return !m_local.empty(); }

    friend std::strong_ordering operator<=>(const Version &a, const Version &b);
    friend bool operator==(const Version &a, const Version &b) { return (a <=> b) == 0; }

private:
    struct Pre {
        char letter = 'a';  // a, b or r (rc)
        std::string number;
    };

    [[nodiscard]] std::string spell(bool trimZeros, bool withLocal) const;

    std::string m_epoch = "0";
    std::vector<std::string> m_release;
    std::optional<Pre> m_pre;
    std::optional<std::string> m_post;
    std::optional<std::string> m_dev;
    std::vector<std::string> m_local;
};

// The key under which a release is found: Version::canonical(), or `text` itself when it is no
// PEP 440 version (such releases exist in imported data).
[[nodiscard]] std::string canonicalVersion(std::string_view text);
// Orders version texts; those that are no PEP 440 versions come before all that are, by their bytes.
[[nodiscard]] std::strong_ordering compareVersions(std::string_view a, std::string_view b);
[[nodiscard]] bool isValidVersion(std::string_view text);

}  // namespace cm::pypi
