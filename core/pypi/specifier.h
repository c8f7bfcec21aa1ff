// SPDX-License-Identifier: GPL-3.0-or-later
// The syntax of version specifiers (PEP 440) and of requirements (PEP 508): whether a text is one,
// and whether it points past the index. Nothing is resolved here. Pure, any thread.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::pypi {

struct Requirement {
    std::string name;
    std::vector<std::string> extras;
    std::string specifier;  // ">=1,<2", without parentheses
    std::string url;        // of a direct reference, "name @ url"
    std::string marker;     // what follows ";"
    friend bool operator==(const Requirement &, const Requirement &) = default;
};

// True for a comma-separated list such as ">=3.8,!=3.9.*"; the empty list is one too.
[[nodiscard]] bool isValidSpecifierSet(std::string_view text);
// InvalidInput with the reason when `text` is no requirement.
[[nodiscard]] Result<Requirement> parseRequirement(std::string_view text);

}  // namespace cm::pypi
