// SPDX-License-Identifier: GPL-3.0-or-later
// A set of version specifiers (PEP 440) to ask whether a version lies in it. Pre-releases are versions like any other
// here: what a client calls itself is no offer of an index. A value; any thread.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::pypi {

class VersionRange {
public:
    // "<3.0", ">=1.4,!=1.6.*", "~=2.2", "==1.0"; InvalidInput for anything else, the empty text and === included.
    static Result<VersionRange> parse(std::string_view text);

    // False for what is no version.
    [[nodiscard]] bool contains(std::string_view version) const;
    // A version that lies in it; empty where none was found.
    [[nodiscard]] std::string example() const;

private:
    enum class Operator { Below, AtMost, Above, AtLeast, Equal, Unequal, Compatible, Within, NotWithin };
    struct Bound {
        Operator comparison = Operator::Equal;
        std::string version;  // of Within and NotWithin: the numbers before ".*"
    };

    static Result<Bound> parseBound(std::string_view text);
    [[nodiscard]] static bool holds(const Bound &bound, std::string_view version);

    std::vector<Bound> m_bounds;
};

}  // namespace cm::pypi
